/**
 * The name of a signed transaction where both ends are likely to hold it (network/compact-block.ts).
 *
 *   short id = the first 16 bytes of SHA-256(u8 length of tag | tag | signature of the transaction)
 *
 * It is of the signature: a transaction's own id does not cover it, and no two transactions share a valid one. It is of
 * nothing else, so that a pool can be indexed by it. With 16 bytes, two that are alike take 2^64 hashes to find, and are
 * worth one question to whoever finds them.
 */
import { sha256Key, tagPrefix, TAGS } from '../crypto/hash.ts'
import { SIGNATURE_BYTES } from './primitives.ts'

export const SHORT_ID_BYTES = 16

const PREFIX = tagPrefix(TAGS.shortId)
const input = new Uint8Array(PREFIX.length + SIGNATURE_BYTES)
input.set(PREFIX)

/** In latin1. None of bytes that are too short for a transaction. A microsecond: the input is made in one place, again and again. */
export const shortIdOf = (transaction: Uint8Array): string | undefined => {
  const start = transaction.length - SIGNATURE_BYTES
  if (start < 0) return undefined
  input.set(transaction.subarray(start), PREFIX.length)
  return sha256Key(input).slice(0, SHORT_ID_BYTES)
}
