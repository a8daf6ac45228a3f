/**
 * One transaction's running state: the overlay, and beside it the lists that a reverted call must also
 * undo. `checkpoint` and `revertTo` cover all of them at once.
 */
import type { Vm } from '../../vm/execution.ts'
import type { Overlay } from '../state/overlay.ts'
import { type Address, type Hash, type Height, type TimeMs, toHex } from '../types/primitives.ts'
import type { ContractEvent } from '../types/receipt.ts'
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
  readonly draws: number
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
  readonly events: ContractEvent[] = []
  readonly created: Address[] = []
  readonly storageDeltas: StorageDelta[] = []
  /** Contracts that drew a random number, in hex, one entry a draw; beside it how many each drew. */
  readonly #draws: string[] = []
  readonly #drawn = new Map<string, number>()
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
    onTrace?: ((contract: Address, message: string) => void) | undefined
    tracer?: Tracer | undefined
  }) {
    this.vm = options.vm
    this.block = options.block
    this.state = options.state
    this.origin = options.origin
    this.onTrace = options.onTrace
    this.tracer = options.tracer
  }

  checkpoint(): Mark {
    return {
      state: this.state.checkpoint(),
      events: this.events.length,
      created: this.created.length,
      storage: this.storageDeltas.length,
      draws: this.#draws.length,
    }
  }

  revertTo(mark: Mark): void {
    this.state.revertTo(mark.state)
    this.events.length = mark.events
    this.created.length = mark.created
    this.storageDeltas.length = mark.storage
    for (const name of this.#draws.splice(mark.draws)) this.#drawn.set(name, this.#drawsOf(name) - 1)
  }

  #drawsOf(name: string): number {
    return this.#drawn.get(name) ?? 0
  }

  /** Notes that `contract` draws a random number, and says how many it drew before. */
  draw(contract: Address): number {
    const name = toHex(contract)
    const before = this.#drawsOf(name)
    this.#draws.push(name)
    this.#drawn.set(name, before + 1)
    return before
  }
}
