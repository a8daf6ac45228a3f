/** A cursor over WebAssembly bytes. Every read is bounded by `end`; a bad read is a ProfileError with its offset. */
import { ProfileError } from './profile.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class Reader {
  readonly bytes: Uint8Array
  position: number
  /** One past the last byte this reader may touch: the end of the module, section or body. */
  end: number

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes
    this.position = position
    this.end = end
  }

  u8(): number {
    if (this.position >= this.end) {
      throw new ProfileError('unexpected_end', 'the bytes end too early', { offset: this.position })
    }
    return this.bytes[this.position++] as number
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    const first = this.u8()
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.u8()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    const last = this.u8()
    if (last > 0x0f) throw this.error('malformed', 'an unsigned number takes more than 32 bits', -1)
    return (value | (last << 28)) >>> 0
  }

  /** Signed LEB128 of at most 32 bits. */
  s32(): number {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value << (25 - shift)) >> (25 - shift)
    }
    const last = this.u8()
    const fits = last < 0x80 && ((last & 0x78) === 0 || (last & 0x78) === 0x78)
    if (!fits) throw this.error('malformed', 'a signed number takes more than 32 bits', -1)
    return value | (last << 28)
  }

  /** Signed LEB128 of at most 64 bits; the value itself is not needed. */
  skipS64(): void {
    for (let count = 1; count < 10; count++) if (this.u8() < 0x80) return
    const last = this.u8()
    if (last !== 0 && last !== 0x7f) {
      throw this.error('malformed', 'a signed number takes more than 64 bits', -1)
    }
  }

  skip(length: number): void {
    if (length > this.end - this.position) {
      throw new ProfileError('unexpected_end', `${length} more bytes are announced than there are`, {
        offset: this.position,
      })
    }
    this.position += length
  }

  take(length: number): Uint8Array {
    const start = this.position
    this.skip(length)
    return this.bytes.subarray(start, this.position)
  }

  name(maxBytes: number, what: string): string {
    const length = this.count(maxBytes, `bytes in ${what}`)
    const offset = this.position
    try {
      return utf8.decode(this.take(length))
    } catch (error) {
      if (error instanceof ProfileError) throw error
      throw new ProfileError('malformed', `${what} is not UTF-8`, { offset })
    }
  }

  /** The length of a vector, refused above `limit` before anything is read or allocated for it. */
  count(limit: number, what: string): number {
    const offset = this.position
    const count = this.u32()
    if (count > limit) {
      throw new ProfileError('limit', `${count} ${what}, the limit is ${limit}`, { offset })
    }
    return count
  }

  /** An error at the current position, or a few bytes from it. */
  error(code: ProfileError['code'], reason: string, delta = 0, advice?: string): ProfileError {
    return new ProfileError(code, reason, { offset: this.position + delta, advice })
  }
}
