/**
 * What the chain derives from verifiable random functions (ecvrf.ts): the input a leader proves, the randomness
 * that accumulates, the nonce of an epoch, and who leads a view.
 *
 *   alpha       = "vex/vrf/v1" | chain | nonce_e | e | v            no parent, no content: nothing to grind
 *   eta_h       = H("vex/nonce/v1" | eta_(h-1) | beta_h)            beta = the proof's output
 *   nonce_(e+1) = H("vex/epoch/v1" | chain | e + 1 | eta at the block that fixes it)
 *   r           = H("vex/leader/v1" | chain | nonce_e | e | v) as a big-endian integer
 *   t           = r T >> 256, T = the total power; the leader is the first i with power_0 + … + power_i > t
 *
 * `chain` is a length byte and the chain id; numbers are u64, big-endian. The bias of t is at most T 2^-256.
 */
import { concatBytes } from '#bytes'
import { ecvrfProve, ecvrfVerify } from '#ecvrf'
import { ecvrfKeyProblem } from './ecvrf.ts'
import { TAGS, tagPrefix, taggedHash } from './hash.ts'
import { u64Bytes } from '../types/big-endian.ts'
import type { Address, Hash } from '../types/primitives.ts'

const chainBytes = (chainId: string): Uint8Array => {
  const text = new TextEncoder().encode(chainId)
  return Uint8Array.of(text.length, ...text)
}

export interface ViewPlace {
  readonly chainId: string
  /** The epoch's. */
  readonly nonce: Hash
  readonly epoch: bigint
  readonly view: bigint
}

export const vrfInput = ({ chainId, nonce, epoch, view }: ViewPlace): Uint8Array =>
  concatBytes(tagPrefix(TAGS.vrf), chainBytes(chainId), nonce, u64Bytes(epoch), u64Bytes(view))

export const nextEta = (eta: Hash, output: Uint8Array): Hash => taggedHash(TAGS.eta, eta, output)

export const epochNonce = (chainId: string, epoch: bigint, eta: Hash): Hash =>
  taggedHash(TAGS.epochNonce, chainBytes(chainId), u64Bytes(epoch), eta)

/** r, as a number below 2^256. */
export const leaderDraw = ({ chainId, nonce, epoch, view }: ViewPlace): bigint => {
  const digest = taggedHash(TAGS.leader, chainBytes(chainId), nonce, u64Bytes(epoch), u64Bytes(view))
  return digest.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

const possessionInput = (chainId: string, operator: Address, publicKey: Uint8Array): Uint8Array =>
  concatBytes(tagPrefix(TAGS.vrfPossession), chainBytes(chainId), operator, publicKey)

const KEY_PROBLEMS = {
  bad_key: 'the VRF key is not a canonical point of edwards25519',
  small_order_key: 'the VRF key is of small order: it has more than one output',
} as const

/** What is wrong with a VRF key, in words, or nothing. */
export const vrfKeyProblem = (publicKey: Uint8Array): string | undefined => {
  const problem = ecvrfKeyProblem(publicKey)
  return problem === undefined ? undefined : KEY_PROBLEMS[problem]
}

/** Binds a VRF key to the validator that registers it. */
export const vrfProvePossession = (
  secretKey: Uint8Array,
  publicKey: Uint8Array,
  chainId: string,
  operator: Address,
): Uint8Array => ecvrfProve(secretKey, possessionInput(chainId, operator, publicKey))

/** False also for a key that is none or of small order. */
export const vrfVerifyPossession = (
  publicKey: Uint8Array,
  chainId: string,
  operator: Address,
  proof: Uint8Array,
): boolean => ecvrfVerify(publicKey, possessionInput(chainId, operator, publicKey), proof).ok
