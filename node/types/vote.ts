/**
 * Votes and certificates of the Simplex machine (consensus/machine.ts).
 *
 * The signed message is `tag | BCS{kind, chainId, epoch, view, hash?}`: one encoding for every kind, so that
 * no vote is ever valid as another.
 */
import { concatBytes } from '#bytes'
import { LIMITS } from '../params.ts'
import { TAGS, tagPrefix } from '../crypto/hash.ts'
import { byteString, createCodec, fixedBytes, nameOf, option, struct, text, u16, u64 } from './codec.ts'
import { type Hash, hashType } from './primitives.ts'
import { BLS_SIGNATURE_BYTES } from './validator.ts'

/** Positions are on the wire: append only. */
export const VOTE_KINDS = ['notarize', 'nullify', 'finalize'] as const
export type VoteKind = (typeof VOTE_KINDS)[number]

export interface VoteStatement {
  kind: VoteKind
  epoch: bigint
  view: bigint
  /** The block's hash; absent in a nullify. */
  hash: Hash | undefined
}

export interface Vote extends VoteStatement {
  /** The signer's position in the epoch's validator set. */
  signer: number
  /** 96 bytes, compressed G2. */
  signature: Uint8Array
}

export interface Certificate extends VoteStatement {
  /** Bit i (least significant first within a byte) is validator i; no bit beyond the set. */
  signers: Uint8Array
  /** The aggregate of the signers' signatures, 96 bytes. */
  signature: Uint8Array
}

const statementFields = {
  kind: nameOf('VoteKind', VOTE_KINDS),
  epoch: u64,
  view: u64,
  hash: option(hashType),
}

export const voteStatementType = struct('VoteStatement', statementFields)

const signedCodec = createCodec<VoteStatement & { chainId: string }>(
  struct('SignedVote', { ...statementFields, chainId: text(LIMITS.chainIdBytes) }),
)

export const voteMessage = (chainId: string, { kind, epoch, view, hash }: VoteStatement): Uint8Array =>
  concatBytes(tagPrefix(TAGS.vote), signedCodec.encode({ chainId, kind, epoch, view, hash }))

export const voteType = struct('Vote', {
  ...statementFields,
  signer: u16,
  signature: fixedBytes(BLS_SIGNATURE_BYTES),
})
export const voteCodec = createCodec<Vote>(voteType, 512)

export const certificateType = struct('Certificate', {
  ...statementFields,
  signers: byteString(LIMITS.validators / 8),
  signature: fixedBytes(BLS_SIGNATURE_BYTES),
})
export const certificateCodec = createCodec<Certificate>(certificateType, 512)
