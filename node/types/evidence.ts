/**
 * What proves that a validator voted both ways, and the one table of what is such a proof.
 *
 * Of one epoch, one view and one signer:
 *
 *   |      | N(B) | N(B')   | L | F(B)    | F(B')   |
 *   | N(B) | –    | slashed | – | –       | –       |
 *   | L    | –    | –       | – | slashed | slashed |
 *   | F(B) | –    | –       |   | –       | slashed |
 *
 * N with L is what an honest validator does when a view takes too long; N(B) with F(B') when others notarised
 * another block than it did. Votes of different views or epochs never conflict, those of other chains do not
 * verify, and a signature that is repeated says nothing new.
 *
 * Two certificates that conflict in the same way convict everyone who stands in both: more than a third of the power.
 */
import { compareBytes } from '#bytes'
import { createCodec, struct, union } from './codec.ts'
import { bytesEqual } from './primitives.ts'
import {
  type Certificate,
  certificateType,
  type Vote,
  VOTE_KINDS,
  type VoteStatement,
  voteType,
} from './vote.ts'

export type Conflict = 'two_notarize' | 'two_finalize' | 'nullify_and_finalize'

/** Signatures are not looked at, nor whose they are. */
export const conflictOf = (a: VoteStatement, b: VoteStatement): Conflict | undefined => {
  if (a.epoch !== b.epoch || a.view !== b.view) return undefined
  if (a.kind !== b.kind)
    return a.kind === 'notarize' || b.kind === 'notarize' ? undefined : 'nullify_and_finalize'
  if (a.kind === 'nullify' || a.hash === undefined || b.hash === undefined || bytesEqual(a.hash, b.hash))
    return undefined
  return a.kind === 'notarize' ? 'two_notarize' : 'two_finalize'
}

export type Evidence =
  | { kind: 'votes'; first: Vote; second: Vote }
  | { kind: 'certificates'; first: Certificate; second: Certificate }

/** Positions are on the wire: append only. */
export const evidenceType = union<Evidence>('Evidence', {
  votes: struct('ConflictingVotes', { first: voteType, second: voteType }),
  certificates: struct('ConflictingCertificates', {
    first: certificateType,
    second: certificateType,
  }),
})

export const EVIDENCE_BYTES = 1024
export const evidenceCodec = createCodec<Evidence>(evidenceType, EVIDENCE_BYTES)

const isBefore = (a: VoteStatement, b: VoteStatement): boolean =>
  a.kind === b.kind
    ? compareBytes(a.hash ?? new Uint8Array(0), b.hash ?? new Uint8Array(0)) < 0
    : VOTE_KINDS.indexOf(a.kind) < VOTE_KINDS.indexOf(b.kind)

/** In the one order in which a pair is evidence. `undefined` if they do not conflict, or have different signers. */
export const voteEvidence = (a: Vote, b: Vote): Evidence | undefined => {
  if (a.signer !== b.signer || conflictOf(a, b) === undefined) return undefined
  return isBefore(a, b) ? { kind: 'votes', first: a, second: b } : { kind: 'votes', first: b, second: a }
}

export const certificateEvidence = (a: Certificate, b: Certificate): Evidence | undefined => {
  if (conflictOf(a, b) === undefined) return undefined
  return isBefore(a, b)
    ? { kind: 'certificates', first: a, second: b }
    : { kind: 'certificates', first: b, second: a }
}

/**
 * Positions, in their epoch's set, of those whom it convicts once its signatures are verified. Empty if it is
 * no evidence, or stands in the wrong order.
 */
export const convictedBy = ({ kind, first, second }: Evidence): number[] => {
  if (conflictOf(first, second) === undefined || !isBefore(first, second)) return []
  if (kind === 'votes') return first.signer === second.signer ? [first.signer] : []
  const convicted: number[] = []
  for (let i = 0; i < 8 * Math.min(first.signers.length, second.signers.length); i++)
    if ((((first.signers[i >> 3] ?? 0) & (second.signers[i >> 3] ?? 0)) >> (i & 7)) & 1) convicted.push(i)
  return convicted
}
