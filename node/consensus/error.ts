/** Faults of this node's consensus: thrown, never part of the protocol. */
import type { Evidence } from '../types/evidence.ts'

export type ConsensusErrorCode =
  /** The log is damaged where it was already durable: the votes it held are unknown, so nothing may be signed. */
  | 'log_corrupt'
  /** The log belongs to another chain or vote key. */
  | 'log_foreign'
  /** The log is older than what the signer's floor says was signed. */
  | 'log_stale'
  /** Another process signs with this node's key. */
  | 'key_in_use'
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
  /** Of a `conflict`: to be handed out before stopping. Its signatures are verified. */
  readonly evidence: Evidence | undefined
  constructor(code: ConsensusErrorCode, message: string, options?: ErrorOptions & { evidence?: Evidence }) {
    super(message, options)
    this.code = code
    this.evidence = options?.evidence
  }
}
