/** Why a node could not catch up from its peers. */
export type SyncErrorCode =
  /** Nobody is connected. */
  | 'no_peers'
  /** Peers keep later blocks only: a snapshot leads further. */
  | 'pruned'
  /** No peer gave what is needed, though some say that they have it. */
  | 'unavailable'
  /** What the validators have signed does not stand on this node's blocks, or is signed twice. */
  | 'fork'
  /** The peers' chain does not hold the block that the user trusts. */
  | 'wrong_checkpoint'
  /** No peer has a snapshot that holds. */
  | 'no_snapshot'
  /** The caller's signal. */
  | 'aborted'

export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly code: SyncErrorCode
  constructor(code: SyncErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
