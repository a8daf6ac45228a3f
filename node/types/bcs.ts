/**
 * Bytes in and out, as BCS has them: little-endian integers, LEB128 lengths, UTF-8. The types above it stand in codec.ts.
 *
 * Own code, where `@mysten/bcs` did the same: reading and writing transactions, accounts and receipts was a third of what
 * a transfer takes. The library is the reference that tests hold this against (test/unit/types/bcs-reference.test.ts).
 *
 * Reads never leave the input, and take time that follows what they return. There is one form of every value that is read:
 * a length of more bytes than it needs is refused, and so is what is no UTF-8.
 *
 * Source: https://github.com/diem/bcs (format).
 */

import { IN_HEAP_BYTES, newBytes } from './in-heap.ts'

/** BCS lengths and tags are at most this; five bytes of LEB128 hold it. */
const MAX_LENGTH = 2 ** 31 - 1
const MAX_LENGTH_BYTES = 5

/** Text up to this is read a character at a time, which is quicker than to ask the engine's decoder. */
const SHORT_TEXT_BYTES = 48

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** A Buffer's `slice` is a view, a Uint8Array's a copy. */
const plain = (bytes: Uint8Array): Uint8Array =>
  bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Whoever reads on past the end gets a RangeError; a TypeError is for what is not BCS. */
export class BcsReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = plain(bytes)
  }

  /** How many bytes are read. */
  get position(): number {
    return this.#at
  }

  /** Moves on by `count` bytes; where they begin. */
  #take(count: number): number {
    const start = this.#at
    if (start + count > this.#bytes.length) throw new RangeError('the input ends early')
    this.#at = start + count
    return start
  }

  u8(): number {
    return this.#bytes[this.#take(1)] as number
  }

  u16(): number {
    const at = this.#take(2)
    return (this.#bytes[at] as number) | ((this.#bytes[at + 1] as number) << 8)
  }

  u32(): number {
    const at = this.#take(4)
    const bytes = this.#bytes
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)
    return low + (bytes[at + 3] as number) * 2 ** 24
  }

  u64(): bigint {
    const low = this.u32()
    const high = this.u32()
    // A double holds it exactly: one conversion in place of three.
    return high < 2 ** 21 ? BigInt(low + high * 2 ** 32) : (BigInt(high) << 32n) | BigInt(low)
  }

  /** A LEB128 number in as few bytes as it takes. */
  length(): number {
    let value = 0
    for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
      const byte = this.u8()
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte >= 0x80) continue
      if (byte === 0 && i > 0) throw new TypeError('a length has more bytes than it needs')
      if (value > MAX_LENGTH) break
      return value
    }
    throw new TypeError(`a length is above ${MAX_LENGTH}`)
  }

  /** A copy. */
  bytes(count: number): Uint8Array {
    const at = this.#take(count)
    if (count <= IN_HEAP_BYTES) return this.#bytes.slice(at, at + count)
    const bytes = newBytes(count)
    bytes.set(this.#bytes.subarray(at, at + count))
    return bytes
  }

  /** Where they lie: good as long as the input is, and keeps all of it. */
  view(count: number): Uint8Array {
    const at = this.#take(count)
    return this.#bytes.subarray(at, at + count)
  }

  text(byteLength: number): string {
    const at = this.#take(byteLength)
    const bytes = this.#bytes
    if (byteLength <= SHORT_TEXT_BYTES) {
      let text = ''
      let i = at
      for (; i < at + byteLength; i++) {
        const byte = bytes[i] as number
        if (byte >= 0x80) break
        text += String.fromCharCode(byte)
      }
      if (i === at + byteLength) return text
    }
    return decoder.decode(bytes.subarray(at, at + byteLength))
  }
}

/** Grows as it is written to. */
export class BcsWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #at = 0

  constructor(initialBytes = 256) {
    this.#bytes = new Uint8Array(initialBytes)
  }

  get position(): number {
    return this.#at
  }

  /** What it takes in memory. */
  get capacity(): number {
    return this.#bytes.length
  }

  /** Forgets what was written from there on, and keeps the memory. */
  rewind(position: number): void {
    this.#at = position
  }

  /** A copy of what was written. */
  written(): Uint8Array {
    const bytes = newBytes(this.#at)
    bytes.set(this.#bytes.subarray(0, this.#at))
    return bytes
  }

  /** Room for `count` bytes; where they go. */
  #take(count: number): number {
    const start = this.#at
    this.#at = start + count
    if (this.#at > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at))
      larger.set(this.#bytes.subarray(0, start))
      this.#bytes = larger
    }
    return start
  }

  u8(value: number): void {
    // Taken first: the bytes may be others after it.
    const at = this.#take(1)
    this.#bytes[at] = value
  }

  u16(value: number): void {
    const at = this.#take(2)
    this.#bytes[at] = value
    this.#bytes[at + 1] = value >>> 8
  }

  u32(value: number): void {
    const at = this.#take(4)
    const bytes = this.#bytes
    bytes[at] = value
    bytes[at + 1] = value >>> 8
    bytes[at + 2] = value >>> 16
    bytes[at + 3] = value >>> 24
  }

  u64(value: bigint): void {
    if (value <= Number.MAX_SAFE_INTEGER) {
      const exact = Number(value)
      this.u32(exact % 2 ** 32)
      this.u32(Math.floor(exact / 2 ** 32))
    } else {
      this.u32(Number(value & 0xffff_ffffn))
      this.u32(Number(value >> 32n))
    }
  }

  length(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.u8(rest)
  }

  bytes(value: Uint8Array): void {
    const at = this.#take(value.length)
    this.#bytes.set(value, at)
  }

  /** With its length in front. */
  text(value: string): void {
    const at = this.#at
    this.length(value.length)
    const start = this.#take(value.length)
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i)
      if (unit >= 0x80) {
        this.#at = at
        return this.#wideText(value)
      }
      this.#bytes[start + i] = unit
    }
  }

  #wideText(value: string): void {
    const encoded = encoder.encode(value)
    this.length(encoded.length)
    this.bytes(encoded)
  }
}
