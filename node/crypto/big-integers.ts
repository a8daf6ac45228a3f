/** Unsigned integers of fixed width as bytes. */

export const readBigEndian = (bytes: Uint8Array): bigint =>
  bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

export const readLittleEndian = (bytes: Uint8Array): bigint => readBigEndian(Uint8Array.from(bytes).reverse())

/** The caller knows that the value fits. */
export const toBigEndian = (value: bigint, length: number): Uint8Array =>
  new Uint8Array(Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex'))

export const toLittleEndian = (value: bigint, length: number): Uint8Array =>
  toBigEndian(value, length).reverse()
