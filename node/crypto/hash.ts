/**
 * SHA-256 with a domain tag: `SHA-256(u8 length of tag | tag | data…)`.
 *
 * The length byte makes (tag, data) unambiguous, so that no hash made for one purpose is ever valid for
 * another. Every tag of the chain stands in {@link TAGS}; changing one is a hard fork.
 */
import { concatBytes } from '#bytes'
import { sha256Bytes, sha256Latin1, sha256PartsLatin1, sha256Parts } from '#sha256'
import { type Hash, toHash } from '../types/primitives.ts'

export const TAGS = {
  transaction: 'vex/tx/v1',
  header: 'vex/header/v1',
  genesis: 'vex/genesis/v1',
  shortId: 'vex/short-id/v2',
  validators: 'vex/validators/v1',
  vote: 'vex/vote/v1',
  possession: 'vex/possession/v1',
  peer: 'vex/peer/v1',
  sentry: 'vex/sentry/v1',
  accountAddress: 'vex/address/v1',
  contractAddress: 'vex/contract/v1',
  code: 'vex/code/v1',
  vrf: 'vex/vrf/v1',
  vrfPossession: 'vex/vrf-possession/v1',
  eta: 'vex/nonce/v1',
  epochNonce: 'vex/epoch/v1',
  leader: 'vex/leader/v1',
  signer: 'vex/signer/v1',
  validatorStatement: 'vex/validator-statement/v1',
  blockRandomness: 'vex/block-randomness/v1',
  contractRandomness: 'vex/contract-randomness/v1',
} as const

export type Tag = (typeof TAGS)[keyof typeof TAGS]

const prefixes = new Map<string, Uint8Array>(
  Object.values(TAGS).map(tag => [
    tag,
    concatBytes(Uint8Array.of(tag.length), new TextEncoder().encode(tag)),
  ]),
)

/** The bytes that stand before the data of every hash (and BLS message) with this tag. */
export const tagPrefix = (tag: Tag): Uint8Array => {
  const prefix = prefixes.get(tag)
  if (prefix === undefined) throw new RangeError(`unknown hash tag ${tag}`)
  return prefix
}

export const taggedHash = (tag: Tag, ...parts: readonly Uint8Array[]): Hash =>
  toHash(sha256Parts([tagPrefix(tag), ...parts]))

/** For Map keys: one of 32 characters. */
export const sha256Key = (data: Uint8Array): string => sha256Latin1(data)

/** As {@link sha256Key}, of the parts one after another. */
export const sha256KeyOfParts = (parts: readonly Uint8Array[]): string => sha256PartsLatin1(parts)

export const sha256 = (data: Uint8Array): Hash => toHash(sha256Bytes(data))
