/**
 * SLIP-0010 for Ed25519: from a seed to the keys of accounts.
 *
 *   master   I = HMAC-SHA512("ed25519 seed", seed)
 *   child i  I = HMAC-SHA512(chain code, 0x00 | key | u32 big-endian of i + 2^31)
 *   key = the left half of I, chain code = the right half
 *
 * Ed25519 knows hardened children alone: every number of a path has its `'`. Account i of a wallet is
 * `m/44'/7759224'/i'`. Vex has no number of its own in SLIP-0044; 7759224 spells "vex" in ASCII. Runs in browsers.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'

export const COIN_TYPE = 0x766578
const HARDENED = 2 ** 31
const MAX_DEPTH = 10
const [MIN_SEED_BYTES, MAX_SEED_BYTES] = [16, 64]

export class DerivationError extends Error {
  override readonly name = 'DerivationError'
  readonly code = 'bad_path'
}

export interface KeyNode {
  /** An Ed25519 seed, 32 bytes. */
  readonly secretKey: Uint8Array
  readonly chainCode: Uint8Array
}

const toNode = (digest: Uint8Array): KeyNode => ({
  secretKey: digest.subarray(0, 32),
  chainCode: digest.subarray(32),
})

const masterNode = (seed: Uint8Array): KeyNode => {
  if (seed.length < MIN_SEED_BYTES || seed.length > MAX_SEED_BYTES)
    throw new DerivationError(
      `a seed has ${MIN_SEED_BYTES} to ${MAX_SEED_BYTES} bytes, this one ${seed.length}`,
    )
  return toNode(hmac(sha512, new TextEncoder().encode('ed25519 seed'), seed))
}

const childNode = ({ secretKey, chainCode }: KeyNode, index: number): KeyNode => {
  const data = new Uint8Array(1 + 32 + 4)
  data.set(secretKey, 1)
  new DataView(data.buffer).setUint32(33, index + HARDENED)
  const child = toNode(hmac(sha512, chainCode, data))
  data.fill(0)
  return child
}

/** `m/44'/7759224'/0'` as numbers. Throws a {@link DerivationError}, for children that are not hardened too. */
export const parsePath = (path: string): readonly number[] => {
  const parts = path.split('/')
  if (parts[0] !== 'm' || parts.length > MAX_DEPTH + 1 || path.length > 200)
    throw new DerivationError(`expected a path such as ${accountPath(0)}`)
  return parts.slice(1).map(part => {
    const index = /^(0|[1-9]\d{0,9})'$/.test(part) ? Number(part.slice(0, -1)) : Number.NaN
    if (index < HARDENED) return index
    throw new DerivationError(
      `every number of a path is below 2^31 and hardened, written with a ' behind it, as in ${accountPath(0)}`,
    )
  })
}

export const deriveNode = (seed: Uint8Array, path: string): KeyNode =>
  parsePath(path).reduce((node, index) => {
    const child = childNode(node, index)
    node.secretKey.fill(0)
    node.chainCode.fill(0)
    return child
  }, masterNode(seed))

export const accountPath = (index: number): string => `m/44'/${COIN_TYPE}'/${index}'`
