/**
 * A switch that stops parts of a contract:
 *
 *     private readonly pause: Pause
 *     @call transfer(to: Address, amount: u64): void { this.pause.whenRunning(); … }
 *     @call stop(): void { this.owner.only(); this.pause.pause() }
 *
 * `pause` and `resume` ask nobody: who may call them is for the contract to check.
 */
import { Address } from './address'
import { caller } from './context'
import { revert } from './errors'
import { emit, Indexed } from './events'
import { deleteAt, hasAt, mark, startKey } from './storage'

/** The contract was paused. */
@event
export class Paused {
  constructor(public by: Indexed<Address>) {}
}

/** The contract goes on. */
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

/**
 * A switch that stops what asks `whenRunning`. As a field: `private readonly paused: Pause`. `pause` and `resume` ask
 * nobody: who may call them is for the contract to check. Its events are Paused and Resumed, its errors IsPaused and
 * NotPaused.
 */
@final
export class Pause {
  constructor(private readonly slot: u8) {}

  /** Whether the contract is paused. Cost: about 10,200 gas. */
  isPaused(): bool {
    return hasAt(startKey(this.slot))
  }
  /** Ends the call with IsPaused if the contract is paused. Cost: about 10,200 gas. */
  whenRunning(): void {
    if (this.isPaused()) revert(new IsPaused())
  }

  /** Stops the contract; ends the call with IsPaused if it is paused already. Cost: about 136,400 gas. */
  pause(): void {
    this.whenRunning()
    mark(startKey(this.slot))
    emit(new Paused(caller()))
  }
  /** Lets the contract go on; ends the call with NotPaused if it is not paused. Cost: about 116,300 gas. */
  resume(): void {
    if (!deleteAt(startKey(this.slot))) revert(new NotPaused())
    emit(new Resumed(caller()))
  }
}
