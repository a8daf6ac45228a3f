/** Faults of this node's consensus: thrown, never part of the protocol. */
export type ConsensusErrorCode =
  /** The log is damaged where it was already durable: the votes it held are unknown, so nothing may be signed. */
  | 'log_corrupt'
  /** The log belongs to another chain, epoch or vote key. */
  | 'log_foreign'
  | 'disk_full'
  | 'io'
  /** Two certificates that cannot both exist unless a third of the power is faulty. */
  | 'conflict'
  /** A certified block is invalid on this node: its state or its software differs from the others'. */
  | 'diverged'
  /** The application broke its contract (ports.ts) or threw. */
  | 'application'
  | 'stopped'

export class ConsensusError extends Error {
  override readonly name = 'ConsensusError'
  readonly code: ConsensusErrorCode
  constructor(code: ConsensusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
