/**
 * ECVRF-EDWARDS25519-SHA512 of RFC 9381: a key's holder maps an input to an output that is fixed by the key and looks
 * random to everybody else, and proves it. Keys are Ed25519 keys. The chain uses the suite ELL2, whose way from an
 * input to the curve takes the same time for every input; TAI, which tries until it hits, is there for proofs of others.
 *
 * Strict where the RFC leaves a choice: points must be canonical (RFC 8032, 5.1.3), the proof's s below the order,
 * and a key of small order is refused (RFC 9381, 5.4.5), so that an output is unique whoever made the key.
 *
 * No Node in here: a browser runs it. Where there is a quicker group (ecvrf-native.ts), the same steps run on it: `#ecvrf` is
 * whichever fits. The hash takes microseconds of a proof's milliseconds, so that it needs no OpenSSL.
 *
 * Proof, 80 bytes: the point Gamma (32) | c (16) | s (32), integers little-endian.
 */
import { mulAddUnsafe } from '@noble/curves/abstract/curve.js'
import { ed25519, ed25519_hasher } from '@noble/curves/ed25519.js'
import { sha512 as sha512Of } from '@noble/hashes/sha2.js'
import { concatBytes } from '#bytes'
import { readLittleEndian, toLittleEndian } from './big-integers.ts'
import { decodedOrNone } from './decoded.ts'

const { Point } = ed25519
const { Fn } = Point
export type EdPoint = InstanceType<typeof Point>

export const ECVRF_PROOF_BYTES = 80
const POINT_BYTES = 32
const CHALLENGE_BYTES = 16
const SCALAR_BYTES = 32

const DOMAIN = { encode: 0x01, challenge: 0x02, output: 0x03, back: 0x00 } as const

const sha512 = (...parts: readonly Uint8Array[]): Uint8Array => sha512Of(concatBytes(...parts))

const readPoint = (bytes: Uint8Array): EdPoint | undefined => decodedOrNone(() => Point.fromBytes(bytes))

interface Suite {
  readonly id: number
  /** Never of small order but for inputs nobody can find. The salt is the public key. */
  readonly encodeToCurve: (publicKey: Uint8Array, input: Uint8Array) => EdPoint
}

const ELL2 = 0x04
const ELL2_TAG = concatBytes(
  new TextEncoder().encode('ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_'),
  Uint8Array.of(ELL2),
)
const TAI = 0x03
/** One try in two hits: that none of them does happens once in 2^256. */
const MAX_TRIES = 256

/** 5.4.1.1 */
const tryAndIncrement = (publicKey: Uint8Array, input: Uint8Array): EdPoint => {
  for (let i = 0; i < MAX_TRIES; i++) {
    const digest = sha512(Uint8Array.of(TAI, DOMAIN.encode), publicKey, input, Uint8Array.of(i, DOMAIN.back))
    const point = readPoint(digest.subarray(0, POINT_BYTES))?.clearCofactor()
    if (point !== undefined && !point.is0()) return point
  }
  throw new RangeError('no point of the curve for this input: once in 2^256')
}

const SUITES = {
  ELL2: {
    id: ELL2,
    // 5.4.1.2
    encodeToCurve: (publicKey, input) =>
      ed25519_hasher.encodeToCurve(concatBytes(publicKey, input), { DST: ELL2_TAG }),
  },
  TAI: { id: TAI, encodeToCurve: tryAndIncrement },
} satisfies Record<string, Suite>
export type EcvrfSuite = keyof typeof SUITES

/** 5.4.3. The points are encoded. */
const challengeOf = (suite: Suite, publicKey: Uint8Array, encoded: readonly Uint8Array[]): bigint => {
  const digest = sha512(
    Uint8Array.of(suite.id, DOMAIN.challenge),
    publicKey,
    ...encoded,
    Uint8Array.of(DOMAIN.back),
  )
  return readLittleEndian(digest.subarray(0, CHALLENGE_BYTES))
}

/** 5.2, from Gamma. */
const outputOf = (suite: Suite, gamma: EdPoint): Uint8Array =>
  sha512(Uint8Array.of(suite.id, DOMAIN.output), gamma.clearCofactor().toBytes(), Uint8Array.of(DOMAIN.back))

interface Proof {
  readonly gamma: EdPoint
  readonly challenge: bigint
  readonly s: bigint
}

/** Why a proof is not accepted. */
export type EcvrfRefusal =
  /** The public key is not 32 bytes of a canonical point. */
  | 'bad_key'
  /** Its holder could prove several outputs of one input. RFC 9381, 5.4.5. */
  | 'small_order_key'
  /** Not 80 bytes of a canonical point and integers in range. */
  | 'bad_proof'
  /** Of another key, input or suite. */
  | 'wrong_proof'

export type EcvrfResult =
  /** 64 bytes. */
  { readonly ok: true; readonly output: Uint8Array } | { readonly ok: false; readonly refusal: EcvrfRefusal }

const readKey = (publicKey: Uint8Array): EdPoint | 'bad_key' | 'small_order_key' => {
  const point = publicKey.length === POINT_BYTES ? readPoint(publicKey) : undefined
  if (point === undefined) return 'bad_key'
  return point.isSmallOrder() ? 'small_order_key' : point
}

/** What is wrong with a public key before it is registered, or nothing. */
export const ecvrfKeyProblem = (publicKey: Uint8Array): 'bad_key' | 'small_order_key' | undefined => {
  const key = readKey(publicKey)
  return typeof key === 'string' ? key : undefined
}

/** 5.4.4 */
const decodeProof = (proof: Uint8Array): Proof | undefined => {
  if (proof.length !== ECVRF_PROOF_BYTES) return undefined
  const gamma = readPoint(proof.subarray(0, POINT_BYTES))
  const challenge = readLittleEndian(proof.subarray(POINT_BYTES, POINT_BYTES + CHALLENGE_BYTES))
  const s = readLittleEndian(proof.subarray(POINT_BYTES + CHALLENGE_BYTES))
  return gamma === undefined || s >= Fn.ORDER ? undefined : { gamma, challenge, s }
}

/** A secret key, RFC 8032, 5.1.5. */
export interface ExpandedKey {
  /** Below the order of the group. */
  readonly scalar: bigint
  /** 32 bytes. */
  readonly prefix: Uint8Array
  readonly publicKey: Uint8Array
}

/** Where the time goes. Points come back encoded, 32 bytes each. */
export interface EcvrfGroup {
  /** `secretKey`: 32 bytes. */
  expand(secretKey: Uint8Array): ExpandedKey
  /** xH, kB and kH, for a B that generates the group. */
  prove(h: EdPoint, x: bigint, k: bigint): readonly [Uint8Array, Uint8Array, Uint8Array]
  /** sB - cY and sH - cG. */
  verify(points: { y: EdPoint; h: EdPoint; gamma: EdPoint }, s: bigint, c: bigint): readonly Uint8Array[]
}

/** By noble: proofs take 2.5 ms, and a BASE's table 40 once. */
export const PORTABLE_GROUP: EcvrfGroup = {
  expand(secretKey) {
    const { scalar, prefix, pointBytes } = ed25519.utils.getExtendedPublicKey(secretKey)
    return { scalar, prefix, publicKey: pointBytes }
  },
  prove: (h, x, k) => [h.multiply(x).toBytes(), Point.BASE.multiply(k).toBytes(), h.multiply(k).toBytes()],
  verify: ({ y, h, gamma }, s, c) => [
    mulAddUnsafe(Point, [Point.BASE, y.negate()], [s, c]).toBytes(),
    mulAddUnsafe(Point, [h, gamma.negate()], [s, c]).toBytes(),
  ],
}

export const createEcvrf = (group: EcvrfGroup) => ({
  /** The 80-byte proof for `input`. Deterministic. The secret key is 32 bytes, as ed25519.ts has it. */
  ecvrfProve: (secretKey: Uint8Array, input: Uint8Array, suiteName: EcvrfSuite = 'ELL2'): Uint8Array => {
    const suite = SUITES[suiteName]
    const { scalar: x, prefix, publicKey } = group.expand(secretKey)
    const h = suite.encodeToCurve(publicKey, input)
    const encodedH = h.toBytes()
    const k = Fn.create(readLittleEndian(sha512(prefix, encodedH)))
    const [gamma, kB, kH] = group.prove(h, x, k)
    const challenge = challengeOf(suite, publicKey, [encodedH, gamma, kB, kH])
    const s = Fn.add(k, Fn.mul(challenge, x))
    return new Uint8Array(
      concatBytes(gamma, toLittleEndian(challenge, CHALLENGE_BYTES), toLittleEndian(s, SCALAR_BYTES)),
    )
  },

  /** 5.3. Never throws. */
  ecvrfVerify: (
    publicKey: Uint8Array,
    input: Uint8Array,
    proof: Uint8Array,
    suiteName: EcvrfSuite = 'ELL2',
  ): EcvrfResult => {
    const suite = SUITES[suiteName]
    const y = readKey(publicKey)
    if (typeof y === 'string') return { ok: false, refusal: y }
    const decoded = decodeProof(proof)
    if (decoded === undefined) return { ok: false, refusal: 'bad_proof' }
    const { gamma, challenge, s } = decoded
    const h = suite.encodeToCurve(publicKey, input)
    const found = group.verify({ y, h, gamma }, s, challenge)
    return challengeOf(suite, publicKey, [h.toBytes(), gamma.toBytes(), ...found]) === challenge
      ? { ok: true, output: outputOf(suite, gamma) }
      : { ok: false, refusal: 'wrong_proof' }
  },
})

export const { ecvrfProve, ecvrfVerify } = createEcvrf(PORTABLE_GROUP)

/** 5.2: the 64-byte output of a proof that is known to be good. `undefined` for bytes that are no proof at all. */
export const ecvrfProofToHash = (
  proof: Uint8Array,
  suiteName: EcvrfSuite = 'ELL2',
): Uint8Array | undefined => {
  const decoded = decodeProof(proof)
  return decoded === undefined ? undefined : outputOf(SUITES[suiteName], decoded.gamma)
}
