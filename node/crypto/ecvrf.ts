/**
 * ECVRF-EDWARDS25519-SHA512-ELL2 of RFC 9381: a key's holder maps an input to an output that is fixed by the key
 * and looks random to everybody else, and proves it. Keys are Ed25519 keys.
 *
 * Strict where the RFC leaves a choice: points must be canonical (RFC 8032, 5.1.3), the proof's s below the order,
 * and a key of small order is refused (RFC 9381, 5.4.5), so that an output is unique whoever made the key.
 *
 * Proof, 80 bytes: the point Gamma (32) | c (16) | s (32), integers little-endian.
 */
import { mulAddUnsafe } from '@noble/curves/abstract/curve.js'
import { ed25519, ed25519_hasher } from '@noble/curves/ed25519.js'
import { hash } from 'node:crypto'
import { readLittleEndian, toLittleEndian } from './big-integers.ts'
import { decodedOrNone } from './decoded.ts'
import { publicKeyOf } from './ed25519.ts'

const { Point } = ed25519
const { Fn } = Point
type EdPoint = InstanceType<typeof Point>

export const ECVRF_PROOF_BYTES = 80
const POINT_BYTES = 32
const CHALLENGE_BYTES = 16
const SCALAR_BYTES = 32

const SUITE = 0x04
const DOMAIN = { challenge: 0x02, output: 0x03, back: 0x00 } as const
const ENCODE_TAG = Buffer.concat([
  Buffer.from('ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_', 'ascii'),
  Uint8Array.of(SUITE),
])

const sha512 = (...parts: readonly Uint8Array[]): Uint8Array => hash('sha512', Buffer.concat(parts), 'buffer')

const readPoint = (bytes: Uint8Array): EdPoint | undefined => decodedOrNone(() => Point.fromBytes(bytes))

/** 5.4.1.2, with the public key as salt. Never of small order but for inputs nobody can find. */
const encodeToCurve = (publicKey: Uint8Array, input: Uint8Array): EdPoint =>
  ed25519_hasher.encodeToCurve(Buffer.concat([publicKey, input]), { DST: ENCODE_TAG })

/** 5.4.3 */
const challengeOf = (publicKey: Uint8Array, points: readonly EdPoint[]): bigint => {
  const encoded = points.map(point => point.toBytes())
  const digest = sha512(
    Uint8Array.of(SUITE, DOMAIN.challenge),
    publicKey,
    ...encoded,
    Uint8Array.of(DOMAIN.back),
  )
  return readLittleEndian(digest.subarray(0, CHALLENGE_BYTES))
}

/** 5.2, from Gamma. */
const outputOf = (gamma: EdPoint): Uint8Array =>
  sha512(Uint8Array.of(SUITE, DOMAIN.output), gamma.clearCofactor().toBytes(), Uint8Array.of(DOMAIN.back))

interface Proof {
  readonly gamma: EdPoint
  readonly challenge: bigint
  readonly s: bigint
}

/** 5.4.4 */
const decodeProof = (proof: Uint8Array): Proof | undefined => {
  if (proof.length !== ECVRF_PROOF_BYTES) return undefined
  const gamma = readPoint(proof.subarray(0, POINT_BYTES))
  const challenge = readLittleEndian(proof.subarray(POINT_BYTES, POINT_BYTES + CHALLENGE_BYTES))
  const s = readLittleEndian(proof.subarray(POINT_BYTES + CHALLENGE_BYTES))
  return gamma === undefined || s >= Fn.ORDER ? undefined : { gamma, challenge, s }
}

/** The 80-byte proof for `input`. Deterministic. The secret key is 32 bytes, as ed25519.ts has it. */
export const ecvrfProve = (secretKey: Uint8Array, input: Uint8Array): Uint8Array => {
  const publicKey = publicKeyOf(secretKey)
  const { scalar: x, prefix } = ed25519.utils.getExtendedPublicKey(secretKey)
  const h = encodeToCurve(publicKey, input)
  const gamma = h.multiply(x)
  const k = Fn.create(readLittleEndian(sha512(prefix, h.toBytes())))
  const challenge = challengeOf(publicKey, [h, gamma, Point.BASE.multiply(k), h.multiply(k)])
  const s = Fn.add(k, Fn.mul(challenge, x))
  return new Uint8Array(
    Buffer.concat([
      gamma.toBytes(),
      toLittleEndian(challenge, CHALLENGE_BYTES),
      toLittleEndian(s, SCALAR_BYTES),
    ]),
  )
}

/** 5.2: the 64-byte output of a proof that is known to be good. `undefined` for bytes that are no proof at all. */
export const ecvrfProofToHash = (proof: Uint8Array): Uint8Array | undefined => {
  const decoded = decodeProof(proof)
  return decoded === undefined ? undefined : outputOf(decoded.gamma)
}

/** The 64-byte output if the proof is `publicKey`'s for `input`; `undefined` for whatever is malformed or wrong. */
export const ecvrfVerify = (
  publicKey: Uint8Array,
  input: Uint8Array,
  proof: Uint8Array,
): Uint8Array | undefined => {
  const y = publicKey.length === POINT_BYTES ? readPoint(publicKey) : undefined
  const decoded = decodeProof(proof)
  if (y === undefined || y.isSmallOrder() || decoded === undefined) return undefined
  const { gamma, challenge, s } = decoded
  const h = encodeToCurve(publicKey, input)
  const u = mulAddUnsafe(Point, [Point.BASE, y.negate()], [s, challenge])
  const v = mulAddUnsafe(Point, [h, gamma.negate()], [s, challenge])
  return challengeOf(publicKey, [h, gamma, u, v]) === challenge ? outputOf(gamma) : undefined
}
