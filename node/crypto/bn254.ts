/**
 * bn254 (alt_bn128) for zero-knowledge proofs that contracts check, with the encodings and refusals of EIP-196
 * and EIP-197. What those call a failed call is `undefined` here.
 *
 * A coordinate is 32 bytes big-endian and below the field's prime. A point of G1 is x | y; of G2 each coordinate
 * is its imaginary part, then its real part. All zero is the point at infinity. A point of G1 must be on the
 * curve, one of G2 in its group of prime order too.
 */
import { bn254 } from '@noble/curves/bn254.js'
import { readBigEndian, toBigEndian } from './big-integers.ts'
import { decodedOrNone } from './decoded.ts'

const { Fp, Fp2, Fp12 } = bn254.fields
const G1 = bn254.G1.Point
const G2 = bn254.G2.Point
type G1Point = InstanceType<typeof G1>
type G2Point = InstanceType<typeof G2>

const COORDINATE = 32
const G1_BYTES = 2 * COORDINATE

const coordinates = (bytes: Uint8Array): bigint[] =>
  Array.from({ length: bytes.length / COORDINATE }, (_, i) =>
    readBigEndian(bytes.subarray(i * COORDINATE, (i + 1) * COORDINATE)),
  )

const readG1 = (bytes: Uint8Array): G1Point | undefined =>
  decodedOrNone(() => {
    const [x = 0n, y = 0n] = coordinates(bytes)
    const point = G1.fromAffine({ x, y })
    point.assertValidity()
    return point
  })

const readG2 = (bytes: Uint8Array): G2Point | undefined => {
  const parts = coordinates(bytes)
  if (parts.some(part => part >= Fp.ORDER)) return undefined
  const [xImaginary = 0n, xReal = 0n, yImaginary = 0n, yReal = 0n] = parts
  return decodedOrNone(() => {
    const point = G2.fromAffine({
      x: Fp2.fromBigTuple([xReal, xImaginary]),
      y: Fp2.fromBigTuple([yReal, yImaginary]),
    })
    point.assertValidity()
    return point
  })
}

const encodeG1 = (point: G1Point): Uint8Array => {
  const { x, y } = point.toAffine()
  return Uint8Array.from([...toBigEndian(x, COORDINATE), ...toBigEndian(y, COORDINATE)])
}

export const bn254Add = (a: Uint8Array, b: Uint8Array): Uint8Array | undefined => {
  const left = readG1(a)
  const right = readG1(b)
  return left === undefined || right === undefined ? undefined : encodeG1(left.add(right))
}

/** The scalar is 32 bytes big-endian, of any value. */
export const bn254Multiply = (point: Uint8Array, scalar: Uint8Array): Uint8Array | undefined => {
  const factor = readG1(point)
  if (factor === undefined) return undefined
  return encodeG1(factor.multiplyUnsafe(readBigEndian(scalar) % G1.Fn.ORDER))
}

/** Whether the product of e(G1, G2) over all pairs (192 bytes each) is one. */
export const bn254Pairing = (pairs: readonly Uint8Array[]): boolean | undefined => {
  const points: { g1: G1Point; g2: G2Point }[] = []
  for (const pair of pairs) {
    const g1 = readG1(pair.subarray(0, G1_BYTES))
    const g2 = readG2(pair.subarray(G1_BYTES))
    if (g1 === undefined || g2 === undefined) return undefined
    // Infinity on either side contributes one.
    if (!g1.is0() && !g2.is0()) points.push({ g1, g2 })
  }
  return points.length === 0 || Fp12.eql(bn254.pairingBatch(points), Fp12.ONE)
}
