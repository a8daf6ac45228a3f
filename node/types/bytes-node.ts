/**
 * Work on bytes by Node's Buffer, several times faster than the same in JavaScript. A bundle for browsers takes
 * bytes-portable.ts in its place (`#bytes` in package.json); a test holds the two against each other.
 */
const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** What `toString('latin1')` calls, of any bytes: the Buffer around them would cost more than the text. */
const { latin1Slice } = Buffer.prototype as unknown as {
  readonly latin1Slice: (this: Uint8Array, from: number, to: number) => string
}

export const bytesToHex = (bytes: Uint8Array): string => view(bytes).toString('hex')
/** Of an even number of hex digits. */
export const hexToBytes = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'))
export const bytesToLatin1 = (bytes: Uint8Array): string => latin1Slice.call(bytes, 0, bytes.length)
/** Below, at or above zero, as the bytes of `a` sort before, with or after those of `b`. */
export const compareBytes = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b)
export const utf8Length = (text: string): number => Buffer.byteLength(text)
export const concatBytes = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)
