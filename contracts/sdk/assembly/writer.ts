/**
 * Appends BCS values to a growing buffer (https://github.com/diem/bcs):
 * `const writer = new Writer(); encode(writer, order); const hash = sha256(writer.toBytes())`.
 */
@final
export class Writer {
  private buffer: ArrayBuffer
  private used: i32 = 0

  /** With room for `capacity` bytes; it grows when it has to. Cost: about 330 gas. */
  constructor(capacity: i32 = 64) {
    this.buffer = new ArrayBuffer(capacity)
  }

  /** Where the bytes lie; valid until the next write. Cost: about 10 gas. */
  get pointer(): usize {
    return changetype<usize>(this.buffer)
  }
  /** How many bytes were written. Cost: about 10 gas. */
  get length(): i32 {
    return this.used
  }

  /** Forgets the content and keeps the buffer. Cost: about 10 gas. */
  clear(): this {
    this.used = 0
    return this
  }

  /** Room for `size` more bytes; returns where they go. Cost: about 70 gas, and 200 where the buffer has to grow. */
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

  /** Takes back the last `size` bytes. Cost: about 20 gas. */
  drop(size: i32): void {
    this.used -= size
  }

  /** One byte. Cost: about 75 gas. */
  u8(value: u8): void {
    store<u8>(this.reserve(1), value)
  }

  /** A length as ULEB128. Cost: about 90 gas for each seven bits. */
  count(value: u32): void {
    while (value >= 0x80) {
      this.u8(<u8>(value | 0x80))
      value >>= 7
    }
    this.u8(<u8>value)
  }

  /** `len` bytes of the memory as they are. Cost: about 90 gas. */
  raw(ptr: usize, len: i32): void {
    memory.copy(this.reserve(len), ptr, len)
  }

  /** Bytes with their length before them. Cost: about 220 gas. */
  bytes(value: Uint8Array): void {
    this.count(value.length)
    this.raw(value.dataStart, value.length)
  }

  /** UTF-8 with its length in bytes; a lone surrogate becomes U+FFFD. Cost: about 60 gas for each byte. */
  string(value: string): void {
    const len = String.UTF8.byteLength(value)
    this.count(len)
    this.putText(value, len)
  }

  /** UTF-8 alone. Cost: about 60 gas for each byte. */
  text(value: string): void {
    this.putText(value, String.UTF8.byteLength(value))
  }

  private putText(value: string, len: i32): void {
    String.UTF8.encodeUnsafe(
      changetype<usize>(value),
      value.length,
      this.reserve(len),
      false,
      String.UTF8.ErrorMode.REPLACE,
    )
  }

  /** A copy of what was written. Cost: about 400 gas. */
  toBytes(): Uint8Array {
    const copy = new Uint8Array(this.used)
    memory.copy(copy.dataStart, this.pointer, this.used)
    return copy
  }
}
