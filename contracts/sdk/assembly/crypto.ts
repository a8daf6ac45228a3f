/**
 * Hashes, signatures, pairings, proofs. What is malformed verifies as false or comes back as null; no input ends
 * the call.
 */
import * as env from './env'
import { Writer } from './writer'

/** 32 bytes. Cost: about 2,000 gas and 3 for each byte. */
export function sha256(data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32)
  env.sha256(data.dataStart, data.length, digest.dataStart)
  return digest
}

/** 64 bytes. Cost: about 2,400 gas and 4 for each byte. */
export function sha512(data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(64)
  env.sha512(data.dataStart, data.length, digest.dataStart)
  return digest
}

/** 32 bytes, as Ethereum hashes. Cost: about 10,400 gas and 50 for each byte. */
export function keccak256(data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32)
  env.keccak256(data.dataStart, data.length, digest.dataStart)
  return digest
}

/** 32 bytes. Cost: about 5,400 gas and 32 for each byte. */
export function blake3(data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32)
  env.blake3(data.dataStart, data.length, digest.dataStart)
  return digest
}

/**
 * Whether the 64-byte signature of the message is by the 32-byte key, by the rules of the chain's own transactions.
 * Cost: about 250,000 gas and 4 for each byte of the message.
 */
export function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): bool {
  if (key.length != 32 || signature.length != 64) return false
  return env.ed25519_verify(key.dataStart, message.dataStart, message.length, signature.dataStart) == 1
}

/**
 * The 64-byte public key (x | y) whose ECDSA signature (r | s) of the 32-byte hash this is, or null. `recovery` is 0
 * or 1: Ethereum's v less 27. Only the low of the two possible s counts, so that nobody can make a second signature
 * out of a first. Cost: about 3 million gas.
 */
export function recoverSecp256k1(hash: Uint8Array, signature: Uint8Array, recovery: i32): Uint8Array | null {
  if (hash.length != 32 || signature.length != 64) return null
  const key = new Uint8Array(64)
  return env.secp256k1_recover(hash.dataStart, signature.dataStart, recovery, key.dataStart) == 1 ? key : null
}

/**
 * Whether the 96-byte signature is the sum of all the keys' (48 bytes each, 1 to 256) signatures of one message.
 * Anyone can make up a key that cancels another's: let only keys in that have proven possession (a signature of the
 * key itself, verified alone). Cost: about 2.5 million gas, 150,000 for each key and 20 for each byte of the message.
 */
export function verifyBls12381(keys: Array<Uint8Array>, message: Uint8Array, signature: Uint8Array): bool {
  const all = new Writer(48 * keys.length)
  for (let i = 0, n = keys.length; i < n; i++) {
    if (keys[i].length != 48) return false
    all.raw(keys[i].dataStart, 48)
  }
  if (signature.length != 96) return false
  return (
    env.bls12_381_aggregate_verify(
      all.pointer,
      keys.length,
      message.dataStart,
      message.length,
      signature.dataStart,
    ) == 1
  )
}

/**
 * Whether the product of the pairings is one. Pairs follow one another, at most 256: a point of G1 (48 bytes) and
 * one of G2 (96 bytes), compressed. Cost: about 22 million gas and 12 million for each pair.
 */
export function pairingBls12381(pairs: Uint8Array): bool {
  return pairs.length % 144 == 0 && env.bls12_381_pairing(pairs.dataStart, pairs.length / 144) == 1
}

/** The sum of two points of 64 bytes, encoded as in EIP-196, or null. Cost: about 30,500 gas. */
export function addBn254(a: Uint8Array, b: Uint8Array): Uint8Array | null {
  if (a.length != 64 || b.length != 64) return null
  const sum = new Uint8Array(64)
  return env.bn254_add(a.dataStart, b.dataStart, sum.dataStart) == 1 ? sum : null
}

/** The point times a big-endian scalar of 32 bytes, encoded as in EIP-196, or null. Cost: about 3 million gas. */
export function multiplyBn254(point: Uint8Array, scalar: Uint8Array): Uint8Array | null {
  if (point.length != 64 || scalar.length != 32) return null
  const product = new Uint8Array(64)
  return env.bn254_mul(point.dataStart, scalar.dataStart, product.dataStart) == 1 ? product : null
}

/**
 * Whether the product of the pairings is one. Pairs of 192 bytes follow one another, encoded as in EIP-197, at most
 * 256: what verifies a Groth16 proof. Cost: about 18 million gas and 11 million for each pair.
 */
export function pairingBn254(pairs: Uint8Array): bool {
  return pairs.length % 192 == 0 && env.bn254_pairing(pairs.dataStart, pairs.length / 192) == 1
}

/**
 * The 64-byte output that the key's holder proves for the input (RFC 9381, ECVRF-EDWARDS25519-SHA512-ELL2; an 80-byte
 * proof), or null. Cost: about 5 million gas and 4 for each byte of the input.
 */
export function verifyEcvrf(key: Uint8Array, input: Uint8Array, proof: Uint8Array): Uint8Array | null {
  if (key.length != 32 || proof.length != 80) return null
  const output = new Uint8Array(64)
  return env.ecvrf_verify(key.dataStart, proof.dataStart, input.dataStart, input.length, output.dataStart) == 1
    ? output
    : null
}
