/**
 * Ed25519 verification without Node: about ten times slower than ed25519.ts and equal to it in every answer.
 *
 * The library's own `verify` multiplies by the cofactor; rule 6 of ed25519-policy.ts does not, so the
 * equation is written out here on the library's points.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { passesByteRules } from './ed25519-policy.ts'

const { Point } = ed25519

const littleEndian = (bytes: Uint8Array): bigint => {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}

const decodePoint = (bytes: Uint8Array): InstanceType<typeof Point> | undefined => {
  try {
    return Point.fromBytes(bytes)
  } catch {
    return undefined
  }
}

/** By the policy of ed25519-policy.ts. Answers `false` for whatever is malformed. */
export const verifyPortable = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean => {
  if (!passesByteRules(publicKey, signature)) return false
  const a = decodePoint(publicKey)
  if (a === undefined) return false
  const r = signature.subarray(0, 32)
  const challenge = sha512.create().update(r).update(publicKey).update(message).digest()
  const h = Point.Fn.create(littleEndian(challenge))
  const s = littleEndian(signature.subarray(32))
  const expected = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(h)).toBytes()
  return expected.every((byte, i) => byte === r[i])
}
