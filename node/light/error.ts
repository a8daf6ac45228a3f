/** Why a light client does not believe something. */
import type { FinalHeader } from '../types/hand-over.ts'

export type LightClientErrorCode =
  /** Of another chain than the client follows. */
  | 'wrong_chain'
  /** A set of validators that nobody has agreed on. */
  | 'wrong_set'
  /** The client is in another epoch: it needs the hand-overs between. */
  | 'wrong_epoch'
  /** Its certificate is not one of more than two thirds of the power for this block. */
  | 'not_final'
  /** Two final blocks of one height: `evidence` holds both. */
  | 'fork'
  /** What was trusted is too old: its validators may have taken their stakes back. Start from a newer checkpoint. */
  | 'expired_trust'
  /** A block later than this device's clock. */
  | 'from_the_future'
  /** A proof does not lead from the key to the header's state root. */
  | 'proof_refused'

export class LightClientError extends Error {
  override readonly name = 'LightClientError'
  readonly code: LightClientErrorCode
  /** Of a fork: what convicts whoever voted for both. */
  readonly evidence: readonly [FinalHeader, FinalHeader] | undefined
  constructor(
    code: LightClientErrorCode,
    message: string,
    options: ErrorOptions & { evidence?: readonly [FinalHeader, FinalHeader] } = {},
  ) {
    super(message, options)
    this.code = code
    this.evidence = options.evidence
  }
}
