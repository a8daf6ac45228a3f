/** The chain as it is read: on the thread that executes it, or beside it. */
import type { StateReader } from '../state/view.ts'
import type { Genesis } from '../types/genesis.ts'
import type { Head } from './chain.ts'
import type { BlockStore } from './store.ts'

export interface ChainView {
  readonly genesis: Genesis
  /** The last final block. */
  readonly head: Head
  readonly store: BlockStore
  /** Committed values. */
  readonly state: Pick<StateReader, 'get' | 'first'>
}
