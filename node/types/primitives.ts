/** Branded byte strings and integers, so that a hash is never passed where an address is meant. */
import { newBytes } from './in-heap.ts'
import { bytesToHex, bytesToLatin1, compareBytes, hexToBytes, partToLatin1 } from '#bytes'
import { type BcsType, fixedBytes, u64 } from './codec.ts'

declare const brand: unique symbol
type Branded<T, Name extends string> = T & { readonly [brand]: Name }

/** 32 bytes: a domain-separated SHA-256 (see crypto/hash.ts). */
export type Hash = Branded<Uint8Array, 'Hash'>
/** 32 bytes: the hash of a public key or of a contract's origin; shown as bech32m `vex1…`. */
export type Address = Branded<Uint8Array, 'Address'>
/** Amounts are in the smallest unit: 1 VEX = 10^9 units. The whole supply stays below 2^63. */
export type Amount = bigint
export type Gas = bigint
export type Height = bigint
/** Milliseconds since 1970-01-01T00:00Z. */
export type TimeMs = bigint

export const HASH_BYTES = 32
export const ADDRESS_BYTES = 32
export const PUBLIC_KEY_BYTES = 32
export const SIGNATURE_BYTES = 64

const checkLength = (bytes: Uint8Array, what: string): Uint8Array => {
  if (bytes.length !== 32) throw new RangeError(`${what} must be 32 bytes, got ${bytes.length}`)
  return bytes
}
export const toHash = (bytes: Uint8Array): Hash => checkLength(bytes, 'a hash') as Hash
export const toAddress = (bytes: Uint8Array): Address => checkLength(bytes, 'an address') as Address

export const ZERO_HASH = toHash(new Uint8Array(32))
export const MAX_U64 = (1n << 64n) - 1n

export const hashType = fixedBytes(HASH_BYTES) as unknown as BcsType<Hash>
export const addressType = fixedBytes(ADDRESS_BYTES) as unknown as BcsType<Address>
export const amountType = u64

export const toHex = (bytes: Uint8Array): string => bytesToHex(bytes)

/** Strict: an even number of hex digits, an optional `0x`, nothing else. */
export const fromHex = (hex: string): Uint8Array => {
  const digits = hex.startsWith('0x') ? hex.slice(2) : hex
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
    throw new TypeError('not a hex string: expected an even number of the digits 0-9 a-f')
  }
  return hexToBytes(digits)
}

export const bytesEqual = (a: Uint8Array, b: Uint8Array): boolean => compareBytes(a, b) === 0

/** One character a byte: the key of a Map that stands for these bytes. Sorts as the bytes do. */
export const toLatin1 = (bytes: Uint8Array): string => bytesToLatin1(bytes)

/** Of the bytes from `from` up to `to`, which there are. */
export const sliceToLatin1 = (bytes: Uint8Array, from: number, to: number): string =>
  partToLatin1(bytes, from, to)

export const fromLatin1 = (text: string): Uint8Array => {
  const bytes = newBytes(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
