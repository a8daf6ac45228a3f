/**
 * Work on bytes by Node's Buffer, several times faster than the same in JavaScript. A bundle for browsers takes
 * bytes-portable.ts in its place (`#bytes` in package.json); a test holds the two against each other.
 */
import { IN_HEAP_BYTES } from './in-heap.ts'

/** Outside V8's heap. */
const scratch = new Uint8Array(new ArrayBuffer(IN_HEAP_BYTES))

const view = (bytes: Uint8Array): Buffer =>
  bytes.length <= IN_HEAP_BYTES
    ? Buffer.from(bytes)
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** What `toString('latin1')` calls, of any bytes: the Buffer around them would cost more than the text. */
const { latin1Slice } = Buffer.prototype as unknown as {
  readonly latin1Slice: (this: Uint8Array, from: number, to: number) => string
}

export const bytesToHex = (bytes: Uint8Array): string => view(bytes).toString('hex')
/** Of an even number of hex digits. */
export const hexToBytes = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'))

export const partToLatin1 = (bytes: Uint8Array, from: number, to: number): string => {
  if (bytes.length > IN_HEAP_BYTES) return latin1Slice.call(bytes, from, to)
  scratch.set(bytes)
  return latin1Slice.call(scratch, from, to)
}
export const bytesToLatin1 = (bytes: Uint8Array): string => partToLatin1(bytes, 0, bytes.length)

/** Below, at or above zero, as the bytes of `a` sort before, with or after those of `b`. */
export const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  const length = Math.min(a.length, b.length)
  if (length > IN_HEAP_BYTES) return Buffer.compare(a, b)
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return Math.sign(difference)
  }
  return Math.sign(a.length - b.length)
}
export const utf8Length = (text: string): number => Buffer.byteLength(text)
export const concatBytes = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)
