/**
 * Products of pairings on BLS12-381, for contracts that check proofs. Points are compressed as the chain's own
 * keys (G1, 48 bytes) and signatures (G2, 96 bytes) are: the encoding of draft-irtf-cfrg-pairing-friendly-curves,
 * appendix C. Each must be canonical, on its curve and in its group of prime order; infinity is allowed.
 */
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { BLS_PUBLIC_KEY_BYTES } from '../types/validator.ts'
import { decodedOrNone } from './decoded.ts'

const { Fp12 } = bls12_381.fields
const G1 = bls12_381.G1.Point
const G2 = bls12_381.G2.Point

/** Whether the product of e(G1, G2) over all pairs (144 bytes each) is one; `undefined` if a point is refused. */
export const blsPairing = (pairs: readonly Uint8Array[]): boolean | undefined => {
  const points: { g1: InstanceType<typeof G1>; g2: InstanceType<typeof G2> }[] = []
  for (const pair of pairs) {
    const point = decodedOrNone(() => ({
      g1: G1.fromBytes(pair.subarray(0, BLS_PUBLIC_KEY_BYTES)),
      g2: G2.fromBytes(pair.subarray(BLS_PUBLIC_KEY_BYTES)),
    }))
    if (point === undefined) return undefined
    // Infinity on either side contributes one.
    if (!point.g1.is0() && !point.g2.is0()) points.push(point)
  }
  return points.length === 0 || Fp12.eql(bls12_381.pairingBatch(points), Fp12.ONE)
}
