/**
 * One transaction's running state: the overlay, and beside it the lists that a reverted call must also
 * undo. `checkpoint` and `revertTo` cover all of them at once.
 */
import type { Vm } from '../../vm/execution.ts'
import type { Overlay } from '../state/overlay.ts'
import type { Address, Height, TimeMs } from '../types/primitives.ts'
import type { ContractEvent } from '../types/receipt.ts'

export interface BlockContext {
  readonly chainId: string
  readonly height: Height
  readonly timeMs: TimeMs
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
  readonly events: ContractEvent[] = []
  readonly created: Address[] = []
  readonly storageDeltas: StorageDelta[] = []
  /** Contracts whose code is running, outermost first. */
  readonly callStack: Address[] = []
  readonly onTrace: ((contract: Address, message: string) => void) | undefined

  constructor(options: {
    vm: Vm
    block: BlockContext
    state: Overlay
    origin: Address
    onTrace?: ((contract: Address, message: string) => void) | undefined
  }) {
    this.vm = options.vm
    this.block = options.block
    this.state = options.state
    this.origin = options.origin
    this.onTrace = options.onTrace
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
}
