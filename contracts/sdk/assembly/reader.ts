/**
 * Reads BCS values and refuses everything that is not the one canonical form: too few bytes, a bool that
 * is not 0 or 1, a length with superfluous bytes, text that is not UTF-8. Ends the call with
 * "bad <subject>: <what is wrong>", for arguments "<method>: bad arguments: <what is wrong>".
 *
 * `const reader = Reader.of(bytes); const order = decode<Order>(reader); reader.end()`
 */
import { revert } from './errors'
import { isUtf8 } from './utf8'

/**
 * Reads BCS values and refuses everything that is not their one canonical form, with "bad bytes: too short" or the
 * like: `const reader = Reader.of(bytes); const order = decode<Order>(reader); reader.end()`.
 */
@final
export class Reader {
  private readonly stop: usize

  /** Of `length` bytes at `at`. `subject` says in an error what was read ("stored value"), `method` for whom. */
  constructor(
    private at: usize,
    length: i32,
    private readonly subject: string,
    private readonly method: string = '',
  ) {
    this.stop = at + length
  }

  /** Of `bytes`, which must not change before everything is read. Cost: about 210 gas. */
  static of(bytes: Uint8Array, subject: string = 'bytes'): Reader {
    return new Reader(bytes.dataStart, bytes.length, subject)
  }

  private refuse(problem: string): void {
    const whose = this.method.length > 0 ? this.method + ': ' : ''
    revert(whose + 'bad ' + this.subject + ': ' + problem)
  }

  /** Steps over `size` bytes and returns where they start. Cost: about 50 gas. */
  take(size: u32): usize {
    const start = this.at
    if (size > <u32>(this.stop - start)) this.refuse('too short')
    this.at = start + size
    return start
  }

  /** One byte, 0 or 1. Cost: about 60 gas. */
  bool(): bool {
    const byte = load<u8>(this.take(1))
    if (byte > 1) this.refuse('a bool must be 0 or 1')
    return byte != 0
  }

  /**
   * A ULEB128 length. Every element takes at least a byte, so that more than what is left is refused.
   * Cost: about 125 gas.
   */
  count(): u32 {
    let value: u64 = 0
    for (let shift: u64 = 0; shift < 35; shift += 7) {
      const byte = load<u8>(this.take(1))
      value |= (<u64>(byte & 0x7f)) << shift
      if (byte < 0x80) {
        if (byte == 0 && shift > 0) this.refuse('a length is not canonical')
        if (value > <u64>(this.stop - this.at)) this.refuse('too short')
        return <u32>value
      }
    }
    this.refuse('a length is not canonical')
    return 0
  }

  /** Bytes with their length before them. Cost: about 550 gas. */
  bytes(): Uint8Array {
    const len = this.count()
    const value = new Uint8Array(len)
    memory.copy(value.dataStart, this.take(len), len)
    return value
  }

  /** Text with its length before it. Cost: about 85 gas for each byte. */
  string(): string {
    const len = this.count()
    const start = this.take(len)
    if (!isUtf8(start, len)) this.refuse('text is not UTF-8')
    return String.UTF8.decodeUnsafe(start, len)
  }

  /** Ends the call unless everything was read. Cost: about 35 gas. */
  end(): void {
    if (this.at != this.stop) this.refuse('too long')
  }
}
