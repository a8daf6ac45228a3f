/**
 * A switch that stops parts of a contract:
 *
 *     private readonly pause: Pause
 *     @call transfer(to: Address, amount: u64): void { this.pause.whenRunning(); … }
 *     @call stop(): void { this.owner.only(); this.pause.pause() }
 *
 * `pause` and `resume` ask nobody: who may call them is for the contract to check. Cost: `isPaused` and `whenRunning`
 * about 10,000 gas, `pause` 135,000, `resume` 115,000.
 */
import { Address } from './address'
import { caller } from './context'
import { revert } from './errors'
import { emit, Indexed } from './events'
import { deleteAt, hasAt, mark, startKey } from './storage'

@event
export class Paused {
  constructor(public by: Indexed<Address>) {}
}

@event
export class Resumed {
  constructor(public by: Indexed<Address>) {}
}

/** The contract is paused. */
@error
export class IsPaused {}

/** The contract is not paused. */
@error
export class NotPaused {}

@final
export class Pause {
  constructor(private readonly slot: u8) {}

  isPaused(): bool {
    return hasAt(startKey(this.slot))
  }
  /** Ends the call with IsPaused if the contract is paused. */
  whenRunning(): void {
    if (this.isPaused()) revert(new IsPaused())
  }

  /** Ends the call with IsPaused if it is paused already. */
  pause(): void {
    this.whenRunning()
    mark(startKey(this.slot))
    emit(new Paused(caller()))
  }
  /** Ends the call with NotPaused if it is not paused. */
  resume(): void {
    if (!deleteAt(startKey(this.slot))) revert(new NotPaused())
    emit(new Resumed(caller()))
  }
}
