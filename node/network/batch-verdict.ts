/**
 * What gossip is told of a batch, from what the pool said of each transaction in it.
 *
 * Whoever forwards a batch answers for all of it: peers punish the last who passed on what is invalid. So nothing is
 * accepted that another honest node could reject. Some refusals come before the signature is looked at (submission.ts),
 * for reasons that hold here and now and not at the next node: the block height, the base fee, that the same id waits or is
 * final already (an id does not cover the signature). For those the signature has to be verified before the batch is
 * passed on; with nothing new in it, it is not passed on at all.
 */
import type { MempoolRefusalCode } from '../mempool/refusals.ts'

type RefusedCode = MempoolRefusalCode | 'malformed' | 'too_large' | 'already_final' | 'disk_low' | 'stopping'

/**
 * `invalid`: on every node of this chain, at any time, by its bytes alone. `unverified`: refused before the signature was
 * looked at. `refused`: well signed, and not taken now.
 */
export type RefusalClass = 'invalid' | 'unverified' | 'refused'

export const REFUSAL_CLASSES = {
  malformed: 'invalid',
  too_large: 'invalid',
  wrong_chain: 'invalid',
  bad_signature: 'invalid',
  gas_limit_too_low: 'invalid',
  gas_limit_too_high: 'invalid',
  tip_above_max_fee: 'invalid',
  fee_below_base: 'unverified',
  expired: 'unverified',
  expiry_too_far: 'unverified',
  duplicate: 'unverified',
  already_final: 'unverified',
  disk_low: 'unverified',
  stopping: 'unverified',
  nonce_too_low: 'refused',
  nonce_too_high: 'refused',
  insufficient_balance: 'refused',
  replacement_underpriced: 'refused',
  account_full: 'refused',
  pool_full: 'refused',
} as const satisfies Readonly<Record<RefusedCode, RefusalClass>>

/** As api/backend.ts has it (SubmitResult). */
export type AdmissionResult =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly code: RefusedCode }

export type BatchVerdict =
  /** At least one was news. */
  | { readonly kind: 'accept' }
  /** No news: known, or not affordable now. */
  | { readonly kind: 'ignore' }
  /** Something is invalid. What the pool took of the rest is for this node to publish. */
  | { readonly kind: 'reject' }
  /** To be accepted if these, by their places, are well signed; else rejected. */
  | { readonly kind: 'verify'; readonly indexes: readonly number[] }

export const batchVerdict = (results: readonly AdmissionResult[]): BatchVerdict => {
  const classes = results.map(result => (result.accepted ? 'news' : REFUSAL_CLASSES[result.code]))
  if (classes.includes('invalid')) return { kind: 'reject' }
  if (!classes.includes('news')) return { kind: 'ignore' }
  const indexes = [...classes.keys()].filter(index => classes[index] === 'unverified')
  return indexes.length === 0 ? { kind: 'accept' } : { kind: 'verify', indexes }
}
