/**
 * Recovery of the key that made an ECDSA signature on secp256k1 (SEC 1, 4.1.6), for contracts that check
 * signatures of other chains.
 *
 * Answers only where all of this holds: r and s are from 1 to the order less 1; s is at most half of the order,
 * so that nobody can make a second signature out of a first; `recovery` is 0 or 1, the parity of the nonce
 * point's y (2 and 3, an x above the order, do not occur for anybody who did not look for them).
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { readBigEndian } from './big-integers.ts'
import { decodedOrNone } from './decoded.ts'

const { Point } = secp256k1
const { Fn } = Point
const HALF_ORDER = Fn.ORDER / 2n

/** `digest` of 32 bytes, `signature` r | s. The key is x | y; all big-endian. */
export const secp256k1Recover = (
  digest: Uint8Array,
  signature: Uint8Array,
  recovery: number,
): Uint8Array | undefined => {
  const r = readBigEndian(signature.subarray(0, 32))
  const s = readBigEndian(signature.subarray(32))
  if (r === 0n || r >= Fn.ORDER || s === 0n || s > HALF_ORDER) return undefined
  if (recovery !== 0 && recovery !== 1) return undefined
  const nonce = decodedOrNone(() =>
    Point.fromBytes(Uint8Array.of(2 + recovery, ...signature.subarray(0, 32))),
  )
  if (nonce === undefined) return undefined
  const inverse = Fn.inv(r)
  const z = Fn.create(readBigEndian(digest))
  const key = Point.BASE.mulAddUnsafe(Fn.neg(Fn.mul(z, inverse)), nonce, Fn.mul(s, inverse))
  return key.is0() ? undefined : key.toBytes(false).subarray(1)
}
