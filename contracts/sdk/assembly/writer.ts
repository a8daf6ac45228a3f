/**
 * Appends BCS values to a growing buffer (https://github.com/diem/bcs):
 * `const writer = new Writer(); encode(writer, order); const hash = sha256(writer.toBytes())`.
 */
@final
export class Writer {
  private buffer: ArrayBuffer
  private used: i32 = 0

  constructor(capacity: i32 = 64) {
    this.buffer = new ArrayBuffer(capacity)
  }

  /** Where the bytes lie; valid until the next write. */
  get pointer(): usize {
    return changetype<usize>(this.buffer)
  }
  get length(): i32 {
    return this.used
  }

  /** Forgets the content and keeps the buffer. */
  clear(): this {
    this.used = 0
    return this
  }

  /** Room for `size` more bytes; returns where they go. */
  reserve(size: i32): usize {
    const start = this.used
    const end = start + size
    if (end > this.buffer.byteLength) {
      const grown = new ArrayBuffer(end * 2)
      memory.copy(changetype<usize>(grown), this.pointer, start)
      this.buffer = grown
    }
    this.used = end
    return this.pointer + start
  }

  /** Takes back the last `size` bytes. */
  drop(size: i32): void {
    this.used -= size
  }

  u8(value: u8): void {
    store<u8>(this.reserve(1), value)
  }

  /** A length as ULEB128. */
  count(value: u32): void {
    while (value >= 0x80) {
      this.u8(<u8>(value | 0x80))
      value >>= 7
    }
    this.u8(<u8>value)
  }

  /** `len` bytes as they are. */
  raw(ptr: usize, len: i32): void {
    memory.copy(this.reserve(len), ptr, len)
  }

  bytes(value: Uint8Array): void {
    this.count(value.length)
    this.raw(value.dataStart, value.length)
  }

  /** UTF-8 with its length in bytes; a lone surrogate becomes U+FFFD. */
  string(value: string): void {
    this.count(String.UTF8.byteLength(value))
    this.text(value)
  }

  /** UTF-8 alone. */
  text(value: string): void {
    const len = String.UTF8.byteLength(value)
    String.UTF8.encodeUnsafe(
      changetype<usize>(value),
      value.length,
      this.reserve(len),
      false,
      String.UTF8.ErrorMode.REPLACE,
    )
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    const copy = new Uint8Array(this.used)
    memory.copy(copy.dataStart, this.pointer, this.used)
    return copy
  }
}
