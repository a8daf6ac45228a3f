/** Unsigned integers of fixed width as bytes. */
import { bytesToHex, hexToBytes } from '#bytes'

export const readBigEndian = (bytes: Uint8Array): bigint =>
  bytes.length === 0 ? 0n : BigInt(`0x${bytesToHex(bytes)}`)

export const readLittleEndian = (bytes: Uint8Array): bigint => readBigEndian(Uint8Array.from(bytes).reverse())

/** The caller knows that the value fits. */
export const toBigEndian = (value: bigint, length: number): Uint8Array =>
  hexToBytes(value.toString(16).padStart(2 * length, '0'))

export const toLittleEndian = (value: bigint, length: number): Uint8Array =>
  toBigEndian(value, length).reverse()
