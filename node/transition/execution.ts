/**
 * One transaction's running state: the overlay, and beside it the lists that a reverted call must also
 * undo. `checkpoint` and `revertTo` cover all of them at once.
 */
import type { Vm } from '../../vm/execution.ts'
import type { Overlay } from '../state/overlay.ts'
import { type AccountPlace, accountPlace } from './accounts.ts'
import type { Address, Hash, Height, TimeMs } from '../types/primitives.ts'
import type { ContractEvent } from '../types/receipt.ts'
import { BlockDraws } from './randomness.ts'
import type { EpochPlace } from './staking/context.ts'
import type { Tracer } from './trace.ts'

export interface BlockContext {
  readonly chainId: string
  readonly height: Height
  readonly timeMs: TimeMs
  /** See randomness.ts. */
  readonly randomness: Hash
  /** Absent where nobody votes: in a contract author's tests. */
  readonly staking?: EpochPlace | undefined
}

interface Mark {
  readonly state: number
  readonly events: number
  readonly created: number
  readonly storage: number
}

export interface StorageDelta {
  readonly contract: Address
  readonly bytes: bigint
}

export class Execution {
  readonly vm: Vm
  readonly block: BlockContext
  readonly state: Overlay
  /** Who signed: pays deposits, gets freed ones back. */
  readonly origin: Address
  /** Of the same. */
  readonly payer: AccountPlace
  readonly events: ContractEvent[] = []
  readonly created: Address[] = []
  readonly storageDeltas: StorageDelta[] = []
  /** True where a later action of the same transaction can undo what runs. See randomness.ts. */
  isBatch = false
  readonly #blockDraws: BlockDraws
  #drawn: { readonly contract: Address; count: number } | undefined
  /** Contracts whose code is running, outermost first. */
  readonly callStack: Address[] = []
  readonly onTrace: ((contract: Address, message: string) => void) | undefined
  /** Notes what happens, for people; it changes nothing of it. */
  readonly tracer: Tracer | undefined

  constructor(options: {
    vm: Vm
    block: BlockContext
    state: Overlay
    origin: Address
    draws?: BlockDraws | undefined
    onTrace?: ((contract: Address, message: string) => void) | undefined
    tracer?: Tracer | undefined
  }) {
    this.vm = options.vm
    this.block = options.block
    this.state = options.state
    this.origin = options.origin
    this.payer = accountPlace(options.origin)
    this.#blockDraws = options.draws ?? new BlockDraws()
    this.onTrace = options.onTrace
    this.tracer = options.tracer
  }

  checkpoint(): Mark {
    return {
      state: this.state.checkpoint(),
      events: this.events.length,
      created: this.created.length,
      storage: this.storageDeltas.length,
    }
  }

  revertTo(mark: Mark): void {
    this.state.revertTo(mark.state)
    this.events.length = mark.events
    this.created.length = mark.created
    this.storageDeltas.length = mark.storage
  }

  /** True for a contract that nothing but its own failure can undo: see randomness.ts. */
  get mayDraw(): boolean {
    return !this.isBatch && this.callStack.length === 1
  }

  /** Notes that `contract`, the only one of the transaction that may, draws; says how many it drew in the block before. */
  draw(contract: Address): number {
    this.#drawn ??= { contract, count: 0 }
    return this.#blockDraws.of(contract) + this.#drawn.count++
  }

  /** The transaction succeeded: its numbers are not drawn again in this block. */
  keepDraws(): void {
    if (this.#drawn !== undefined) this.#blockDraws.add(this.#drawn.contract, this.#drawn.count)
  }
}
