/**
 * Executing blocks, as the rest of the node asks for it. It happens in a thread of its own
 * (block-worker.ts), which alone writes the state; the main thread answers clients meanwhile.
 */
import type { Head, Timing } from '../chain/chain.ts'
import type { BlockPlace } from '../chain/environment.ts'
import type { Address, Hash, Height } from '../types/primitives.ts'
import type { NamedTransaction } from '../types/transaction.ts'
import type { Certificate } from '../types/vote.ts'

/** Executed, and not final. */
export interface UnfinishedBlock extends Head {
  readonly bytes: Uint8Array
  /** Of its transactions, one after another. */
  readonly ids: Uint8Array
  readonly timing: Timing
}

export interface CommittedBlock extends Head {
  readonly transactions: number
  readonly timing: Timing
  /** Whose nonce, balance or contract the block changed. */
  readonly changedAccounts: readonly Address[]
}

export interface BuildOptions {
  readonly parentHash: Hash
  readonly place: BlockPlace
  readonly vrfProof: Uint8Array
  /** Their signatures have been checked. In order. */
  readonly candidates: readonly NamedTransaction[]
}

export type CheckResult =
  | { readonly kind: 'valid'; readonly block: UnfinishedBlock }
  | { readonly kind: 'invalid'; readonly message: string }
  /** Its parent is not known here. */
  | { readonly kind: 'missing'; readonly message: string }

/** Any method rejects when the thread has met a fault of the node: nothing may be built on what it says then. */
export interface BlockExecutor {
  /** The last final block. */
  readonly head: Head
  /** Of the highest block executed here, final or not. */
  readonly executedHeight: Height
  /** A block built or checked here, above the head. */
  unfinished(hash: Hash): UnfinishedBlock | undefined
  /** Whether the transaction with an id, in latin1, is in `hash` or in a block between it and the head. */
  isInUnfinished(hash: Hash): (id: string) => boolean
  build(options: BuildOptions): Promise<UnfinishedBlock>
  /**
   * The caller has checked the signatures of the block's transactions. `final`: the hash of the block if a certificate has
   * proved it final (chain/epochs.ts).
   */
  check(bytes: Uint8Array, final?: Hash): Promise<CheckResult>
  /** Makes an executed child of the head final; it is on disk when this resolves. */
  commit(hash: Hash, certificate: Certificate | undefined): Promise<CommittedBlock>
  /**
   * Plays a step of a rehearsal (rehearsal.ts), or lets go what it took: nothing of this chain is touched, and what goes wrong
   * in it is no fault.
   */
  rehearse(what: 'play' | 'end'): Promise<void>
  /** The thread has ended when it resolves; only then may the database be closed. */
  close(): Promise<void>
}
