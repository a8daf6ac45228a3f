/**
 * The verifying half of bls.ts without native code, for light clients in browsers: the same rules, the same answers
 * (tested against each other), about twenty times slower. Checked keys are remembered, as there: to check one takes 2 ms.
 */
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { LruMap } from '../types/lru-map.ts'
import { toLatin1 } from '../types/primitives.ts'
import { BLS_PUBLIC_KEY_BYTES, BLS_SIGNATURE_BYTES } from '../types/validator.ts'
import type { VerifyAggregate } from '../types/validator-set.ts'
import { decodedOrNone } from './decoded.ts'
import { possessionMessage } from './possession.ts'

const G1 = bls12_381.G1.Point
const G2 = bls12_381.G2.Point
const { Fp12 } = bls12_381.fields
type PublicKey = InstanceType<typeof G1>
type Signature = InstanceType<typeof G2>

/** The chain's ciphersuite. */
const BLS_TAG = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_'

/** Above any validator set, so that the keys of two epochs stay. */
const REMEMBERED_KEYS = 1024
const checkedKeys = new LruMap<string, PublicKey>(REMEMBERED_KEYS)

/** In the prime-order group and not infinity, as every key and signature has to be. */
const readPublicKey = (bytes: Uint8Array): PublicKey | undefined => {
  if (bytes.length !== BLS_PUBLIC_KEY_BYTES) return undefined
  const name = toLatin1(bytes)
  const known = checkedKeys.get(name)
  if (known !== undefined) return known
  const point = decodedOrNone(() => G1.fromBytes(bytes))
  if (point === undefined || point.is0() || !point.isTorsionFree()) return undefined
  checkedKeys.set(name, point)
  return point
}

const readSignature = (bytes: Uint8Array): Signature | undefined => {
  if (bytes.length !== BLS_SIGNATURE_BYTES) return undefined
  const point = decodedOrNone(() => G2.fromBytes(bytes))
  return point === undefined || point.is0() || !point.isTorsionFree() ? undefined : point
}

export interface PortableBls {
  readonly isValidPublicKey: (publicKey: Uint8Array) => boolean
  /** About 20 ms. */
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
  readonly verifyPossession: (publicKey: Uint8Array, proof: Uint8Array) => boolean
  /** One message, keys that have all proven possession: bls.ts. */
  readonly verifyAggregate: VerifyAggregate
}

/** `tag` separates ciphersuites: other ones are for published cases. None of the functions throws. */
export const createPortableBls = (tag = BLS_TAG): PortableBls => {
  const holds = (key: PublicKey, message: Uint8Array, signature: Signature): boolean => {
    if (key.is0()) return false
    const hashed = bls12_381.G2.hashToCurve(message, { DST: tag })
    // e(key, H(message)) = e(generator, signature)
    const product = bls12_381.pairingBatch([
      { g1: key, g2: hashed },
      { g1: G1.BASE.negate(), g2: signature },
    ])
    return Fp12.eql(product, Fp12.ONE)
  }
  const verifyAggregate: PortableBls['verifyAggregate'] = (publicKeys, message, signature) => {
    const decoded = readSignature(signature)
    if (decoded === undefined || publicKeys.length === 0) return false
    let sum = G1.ZERO
    for (const bytes of publicKeys) {
      const key = readPublicKey(bytes)
      if (key === undefined) return false
      sum = sum.add(key)
    }
    return holds(sum, message, decoded)
  }
  return {
    isValidPublicKey: publicKey => readPublicKey(publicKey) !== undefined,
    verify: (publicKey, message, signature) => verifyAggregate([publicKey], message, signature),
    verifyPossession: (publicKey, proof) => verifyAggregate([publicKey], possessionMessage(publicKey), proof),
    verifyAggregate,
  }
}

export const portableBls: PortableBls = createPortableBls()
