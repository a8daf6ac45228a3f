/** Appends WebAssembly to one growing buffer. */
const utf8 = new TextEncoder()

export class Writer {
  private bytes: Uint8Array<ArrayBuffer>
  length = 0

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity)
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }

  u8(byte: number): void {
    if (this.length === this.bytes.length) this.reserve(1)
    this.bytes[this.length++] = byte
  }

  /** An opcode (a plain byte) and one LEB128 operand. */
  op(code: number, operand: number): void {
    this.u8(code)
    this.u32(operand)
  }

  u32(value: number): void {
    let rest = value >>> 0
    while (rest >= 0x80) {
      this.u8((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.u8(rest)
  }

  /** Signed LEB128; `value` is a 32-bit integer, which serves i32.const and small i64.const alike. */
  s32(value: number): void {
    let rest = value | 0
    while (rest < -64 || rest > 63) {
      this.u8((rest & 0x7f) | 0x80)
      rest >>= 7
    }
    this.u8(rest & 0x7f)
  }

  raw(bytes: ArrayLike<number>): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Copies source[start, end). */
  copy(source: Uint8Array, start: number, end: number): void {
    const count = end - start
    this.reserve(count)
    if (count > 32) {
      this.bytes.set(source.subarray(start, end), this.length)
      this.length += count
      return
    }
    for (let i = start; i < end; i++) this.bytes[this.length++] = source[i] as number
  }

  name(text: string): void {
    const bytes = utf8.encode(text)
    this.u32(bytes.length)
    this.raw(bytes)
  }

  /** Starts something that is preceded by its length; returns the mark for {@link closeSized}. */
  openSized(): number {
    this.reserve(SIZE_BYTES)
    this.length += SIZE_BYTES
    return this.length
  }

  /** Fills in the length, in a fixed number of bytes (a LEB128 may be padded), so that nothing has to move. */
  closeSized(mark: number): void {
    const size = this.length - mark
    for (let i = 0; i < SIZE_BYTES; i++) {
      const more = i < SIZE_BYTES - 1 ? 0x80 : 0
      this.bytes[mark - SIZE_BYTES + i] = ((size >>> (7 * i)) & 0x7f) | more
    }
  }

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length)
  }
}

/** 28 bits hold any length within the profile's limits. */
const SIZE_BYTES = 4
