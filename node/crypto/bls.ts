/**
 * BLS12-381 signatures for votes: public keys in G1 (48 bytes), signatures in G2 (96 bytes), both
 * compressed; ciphersuite BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_ of draft-irtf-cfrg-bls-signature-05,
 * by supranational's blst.
 *
 * Rules
 * - A public key is valid if it decodes, is not the point at infinity and lies in the prime-order group.
 *   Every function checks that; a checked key is remembered, because the check costs as much as it guards.
 * - A signature must decode and lie in the prime-order group. The point at infinity verifies for nobody.
 * - Aggregates over one message are sound only if every key in them has proven possession. The proof is a
 *   signature over `tag "vex/possession/v1" | public key`: no vote begins with that tag, so no proof is a
 *   vote. (The draft separates the two by a second ciphersuite, which blst's binding cannot select.)
 *
 * The verifying functions answer `false` for whatever is malformed and never throw.
 */
import {
  PublicKey,
  SecretKey,
  Signature,
  aggregateSerializedSignatures,
  fastAggregateVerify,
  verify,
} from '@chainsafe/blst'
import { LruMap } from '../types/lru-map.ts'
import { toLatin1 } from '../types/primitives.ts'
import { BLS_PUBLIC_KEY_BYTES, BLS_SIGNATURE_BYTES } from '../types/validator.ts'
import { possessionMessage } from './possession.ts'

export const BLS_SECRET_KEY_BYTES = 32
const MIN_SEED_BYTES = 32
/** Above any validator set, so that the keys of two epochs stay. */
const REMEMBERED_KEYS = 1024

export type BlsErrorCode = 'bad_secret_key' | 'bad_seed' | 'bad_signature' | 'nothing_to_aggregate'

export class BlsError extends Error {
  override readonly name = 'BlsError'
  readonly code: BlsErrorCode
  constructor(code: BlsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const checkedKeys = new LruMap<string, PublicKey>(REMEMBERED_KEYS)

const decodePublicKey = (bytes: Uint8Array): PublicKey | undefined => {
  if (bytes.length !== BLS_PUBLIC_KEY_BYTES) return undefined
  try {
    return PublicKey.fromBytes(bytes, true)
  } catch {
    return undefined
  }
}

const readPublicKey = (bytes: Uint8Array): PublicKey | undefined => {
  const name = toLatin1(bytes)
  const known = checkedKeys.get(name)
  if (known !== undefined) return known
  const key = decodePublicKey(bytes)
  if (key !== undefined) checkedKeys.set(name, key)
  return key
}

/** Decodes and checks the group; refuses infinity. */
const readSignature = (bytes: Uint8Array): Signature | undefined => {
  if (bytes.length !== BLS_SIGNATURE_BYTES) return undefined
  try {
    return Signature.fromBytes(bytes, true, true)
  } catch {
    return undefined
  }
}

const readSecretKey = (bytes: Uint8Array): SecretKey => {
  if (bytes.length !== BLS_SECRET_KEY_BYTES) {
    throw new BlsError(
      'bad_secret_key',
      `a BLS secret key is ${BLS_SECRET_KEY_BYTES} bytes, not ${bytes.length}`,
    )
  }
  try {
    return SecretKey.fromBytes(bytes)
  } catch (cause) {
    throw new BlsError('bad_secret_key', 'a BLS secret key must be above 0 and below the group order', {
      cause,
    })
  }
}

/** KeyGen of the draft: any 32 or more secret bytes give a secret key of 32 bytes. */
export const blsSecretKeyFromSeed = (seed: Uint8Array): Uint8Array => {
  if (seed.length < MIN_SEED_BYTES) {
    throw new BlsError('bad_seed', `a BLS seed needs at least ${MIN_SEED_BYTES} bytes, not ${seed.length}`)
  }
  return SecretKey.fromKeygen(seed).toBytes()
}

export const blsPublicKeyOf = (secretKey: Uint8Array): Uint8Array =>
  readSecretKey(secretKey).toPublicKey().toBytes()

export const isValidBlsPublicKey = (publicKey: Uint8Array): boolean => readPublicKey(publicKey) !== undefined

export const blsSign = (secretKey: Uint8Array, message: Uint8Array): Uint8Array =>
  readSecretKey(secretKey).sign(message).toBytes()

/** Two pairings, about 1 ms. */
export const blsVerify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const key = readPublicKey(publicKey)
  const decoded = readSignature(signature)
  return key !== undefined && decoded !== undefined && verify(message, key, decoded)
}

/** The sum of signatures over one message. Throws a {@link BlsError} if one does not decode. */
export const blsAggregate = (signatures: readonly Uint8Array[]): Uint8Array => {
  if (signatures.length === 0) {
    throw new BlsError('nothing_to_aggregate', 'an aggregate needs at least one signature')
  }
  const wrong = signatures.findIndex(s => s.length !== BLS_SIGNATURE_BYTES)
  if (wrong >= 0) {
    throw new BlsError(
      'bad_signature',
      `signature ${wrong} of the aggregate is ${signatures[wrong]?.length} bytes, not ${BLS_SIGNATURE_BYTES}`,
    )
  }
  try {
    return aggregateSerializedSignatures([...signatures], true).toBytes()
  } catch (cause) {
    throw new BlsError('bad_signature', 'a signature of the aggregate is not a point of the group', { cause })
  }
}

const verifyAggregate = (
  read: (publicKey: Uint8Array) => PublicKey | undefined,
  publicKeys: readonly Uint8Array[],
  message: Uint8Array,
  signature: Uint8Array,
): boolean => {
  if (publicKeys.length === 0) return false
  const keys: PublicKey[] = []
  for (const bytes of publicKeys) {
    const key = read(bytes)
    if (key === undefined) return false
    keys.push(key)
  }
  const decoded = readSignature(signature)
  return decoded !== undefined && fastAggregateVerify(message, keys, decoded)
}

/** One message, many keys that have all proven possession: two pairings and an addition a key. */
export const blsVerifyAggregate = (
  publicKeys: readonly Uint8Array[],
  message: Uint8Array,
  signature: Uint8Array,
): boolean => verifyAggregate(readPublicKey, publicKeys, message, signature)

/** The same answer for keys of strangers, who are not to push the validators' out of memory. */
export const blsVerifyStrangers = (
  publicKeys: readonly Uint8Array[],
  message: Uint8Array,
  signature: Uint8Array,
): boolean => verifyAggregate(decodePublicKey, publicKeys, message, signature)

export const blsProvePossession = (secretKey: Uint8Array): Uint8Array =>
  blsSign(secretKey, possessionMessage(blsPublicKeyOf(secretKey)))

export const blsVerifyPossession = (publicKey: Uint8Array, proof: Uint8Array): boolean =>
  blsVerify(publicKey, possessionMessage(publicKey), proof)
