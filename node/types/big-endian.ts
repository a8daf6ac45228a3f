/**
 * Numbers in keys, big-endian, so that keys sort as they do. Byte by byte: the `buffer` that a DataView wants would move a
 * short key out of V8's heap (in-heap.ts).
 */

/** Modulo 2^32. */
export const putU32 = (bytes: Uint8Array, value: number, at: number): void => {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** Modulo 2^64. */
export const putU64 = (bytes: Uint8Array, value: bigint, at: number): void => {
  putU32(bytes, Number(BigInt.asUintN(32, value >> 32n)), at)
  putU32(bytes, Number(BigInt.asUintN(32, value)), at + 4)
}

export const u64Bytes = (value: bigint): Uint8Array => {
  const bytes = new Uint8Array(8)
  putU64(bytes, value, 0)
  return bytes
}

export const getU32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) * 2 ** 24 +
  (((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))

export const getU64 = (bytes: Uint8Array, at: number): bigint =>
  (BigInt(getU32(bytes, at)) << 32n) | BigInt(getU32(bytes, at + 4))
