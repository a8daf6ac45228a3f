/**
 * BCS (Binary Canonical Serialization) as Vex uses it: the one wrapper around `@mysten/bcs`.
 *
 * A codec is declared beside its type and gives three things the library alone does not:
 * - exact length: input that is too long or too short is refused. The library's own reader reads past the
 *   end of a view into the buffer behind it, and takes minutes over a length that never ends: see
 *   {@link BoundedReader};
 * - canonical input: what was decoded must encode to the same bytes again;
 * - a size limit, checked before anything is read.
 *
 * Integers of 64 bits and more are `bigint`. Byte strings are copied out of the input.
 *
 * Source: https://github.com/diem/bcs (format).
 */
import { compareBytes, utf8Length } from '#bytes'
import { type BcsType, BcsReader, BcsType as BcsTypeClass, BcsWriter, bcs } from '@mysten/bcs'

export type CodecErrorCode = 'too_large' | 'truncated' | 'trailing_bytes' | 'not_canonical' | 'malformed'

export class CodecError extends Error {
  override readonly name = 'CodecError'
  readonly code: CodecErrorCode
  constructor(code: CodecErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export interface Codec<T> {
  readonly name: string
  readonly maxBytes: number
  encode(value: T): Uint8Array
  /** Decodes the whole of `bytes`; anything else throws a {@link CodecError}. */
  decode(bytes: Uint8Array): T
}

export const DEFAULT_MAX_BYTES = 1 << 20

/** BCS lengths and tags are at most this; five bytes of LEB128 hold it. */
const MAX_LENGTH = 2 ** 31 - 1
const MAX_LENGTH_BYTES = 5

/** Reads within its input only, and in time that follows what it returns. */
class BoundedReader extends BcsReader {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    super(bytes)
    this.#bytes = bytes
  }

  get position(): number {
    return this['bytePosition']
  }

  override readBytes(count: number): Uint8Array {
    if (this.position + count > this.#bytes.length) throw new RangeError('the input ends early')
    return super.readBytes(count)
  }

  override readULEB(): number {
    let value = 0
    for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
      const byte = this.read8()
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte >= 0x80) continue
      if (byte === 0 && i > 0) throw new TypeError('a length has more bytes than it needs')
      if (value > MAX_LENGTH) break
      return value
    }
    throw new TypeError(`a length is above ${MAX_LENGTH}`)
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => compareBytes(a, b) === 0

const KEPT_WRITER_BYTES = 64 * 1024

/** May grow beyond the limit by one value, so that the codec and not the library says what is too large. */
const createWriter = (maxBytes: number) =>
  new BcsWriter({ initialSize: Math.min(maxBytes, 512), maxSize: 2 * maxBytes + 1024 })

/** `maxBytes` bounds the encoded size in both directions. */
export const createCodec = <T, I>(type: BcsType<T, I>, maxBytes = DEFAULT_MAX_BYTES): Codec<T> => {
  // Reused: encoding is synchronous and a codec never encodes inside itself.
  let writer = createWriter(maxBytes)
  const encode = (value: T): Uint8Array => {
    writer['bytePosition'] = 0
    type.write(value as unknown as I, writer)
    const bytes = writer.toBytes()
    if (bytes.length > KEPT_WRITER_BYTES) writer = createWriter(maxBytes)
    if (bytes.length > maxBytes) {
      throw new CodecError(
        'too_large',
        `${type.name} would take ${bytes.length} bytes; the limit is ${maxBytes}`,
      )
    }
    return bytes
  }
  return {
    name: type.name,
    maxBytes,
    encode,
    decode(bytes) {
      if (bytes.length > maxBytes) {
        throw new CodecError('too_large', `${type.name} is ${bytes.length} bytes; the limit is ${maxBytes}`)
      }
      const reader = new BoundedReader(bytes)
      let value: T
      try {
        value = type.read(reader)
      } catch (error) {
        if (error instanceof RangeError) {
          throw new CodecError('truncated', `${type.name} ends early: ${bytes.length} bytes are not enough`)
        }
        const reason = error instanceof Error ? error.message : String(error)
        throw new CodecError('malformed', `${type.name} is malformed near byte ${reader.position}: ${reason}`)
      }
      const end = reader.position
      if (end < bytes.length)
        throw new CodecError(
          'trailing_bytes',
          `${type.name} ends at byte ${end} but ${bytes.length} were given`,
        )
      if (!sameBytes(encode(value), bytes))
        throw new CodecError('not_canonical', `${type.name} is not in canonical form`)
      return value
    },
  }
}

const bigUint = (bits: 64 | 128 | 256): BcsType<bigint, bigint> => {
  const max = (1n << BigInt(bits)) - 1n
  const words = bits / 32
  return new BcsTypeClass<bigint, bigint>({
    name: `u${bits}`,
    read: reader => {
      let value = 0n
      for (let i = 0; i < words; i++) value |= BigInt(reader.read32()) << BigInt(32 * i)
      return value
    },
    write: (value, writer) => {
      for (let i = 0; i < words; i++) writer.write32(Number((value >> BigInt(32 * i)) & 0xffff_ffffn))
    },
    serializedSize: () => bits / 8,
    validate: value => {
      if (typeof value !== 'bigint' || value < 0n || value > max) {
        throw new RangeError(`u${bits} must be a bigint between 0 and ${max}, not ${String(value)}`)
      }
    },
  })
}

export const u8 = bcs.u8()
export const u16 = bcs.u16()
export const u32 = bcs.u32()
export const u64 = bigUint(64)
export const u128 = bigUint(128)
export const u256 = bigUint(256)
export const bool = bcs.bool()
export const string = bcs.string()

/** Exactly `size` bytes, without a length prefix. */
export const fixedBytes = (size: number): BcsType<Uint8Array, Uint8Array> =>
  new BcsTypeClass<Uint8Array, Uint8Array>({
    name: `bytes${size}`,
    read: reader => reader.readBytes(size).slice(),
    write: (value, writer) => {
      if (value.length !== size) throw new RangeError(`expected ${size} bytes, got ${value.length}`)
      writer.writeBytes(value)
    },
    serializedSize: () => size,
  })

/** A length-prefixed byte string of at most `max` bytes. */
export const byteString = (max: number): BcsType<Uint8Array, Uint8Array> => {
  const check = (length: number): number => {
    if (length > max) throw new TypeError(`byte string of ${length} bytes; the limit is ${max}`)
    return length
  }
  return new BcsTypeClass<Uint8Array, Uint8Array>({
    name: `bytes<=${max}`,
    read: reader => reader.readBytes(check(reader.readULEB())).slice(),
    write: (value, writer) => {
      writer.writeULEB(check(value.length))
      writer.writeBytes(value)
    },
  })
}

/** A UTF-8 string of at most `max` bytes. */
export const text = (max: number): BcsType<string, string> => {
  const check = (value: string) => {
    const length = utf8Length(value)
    if (length > max) throw new TypeError(`text of ${length} bytes; the limit is ${max}`)
    return value
  }
  return string.transform({ name: `text<=${max}`, input: check, output: check })
}

/** A vector of at most `max` elements; the limit is checked before any element is read. */
export const list = <T, I>(element: BcsType<T, I>, max: number): BcsType<T[], I[]> =>
  new BcsTypeClass<T[], I[]>({
    name: `vector<${element.name}>`,
    read: reader => {
      const length = reader.readULEB()
      if (length > max) throw new TypeError(`vector of ${length} elements; the limit is ${max}`)
      return Array.from({ length }, () => element.read(reader))
    },
    write: (values, writer) => {
      if (values.length > max)
        throw new RangeError(`vector of ${values.length} elements; the limit is ${max}`)
      writer.writeULEB(values.length)
      for (const value of values) element.write(value, writer)
    },
  })

/** `undefined` on our side, a BCS option on the wire. */
export const option = <T, I>(inner: BcsType<T, I>): BcsType<T | undefined, I | undefined> =>
  new BcsTypeClass<T | undefined, I | undefined>({
    name: `option<${inner.name}>`,
    read: reader => {
      const flag = reader.read8()
      if (flag > 1) throw new TypeError(`option flag must be 0 or 1, not ${flag}`)
      return flag === 1 ? inner.read(reader) : undefined
    },
    write: (value, writer) => {
      writer.write8(value === undefined ? 0 : 1)
      if (value !== undefined) inner.write(value, writer)
    },
  })

type Variants = Record<string, BcsType<never, never> | BcsType<unknown, unknown>>
/** A tagged union `{kind, ...fields}`; the tag's number is its position in `variants`, so never reorder it. */
export const union = <T extends { kind: string }>(
  name: string,
  variants: {
    [K in T['kind']]: BcsType<Omit<Extract<T, { kind: K }>, 'kind'>, Omit<Extract<T, { kind: K }>, 'kind'>>
  },
): BcsType<T, T> => {
  const entries = Object.entries(variants as Variants)
  return new BcsTypeClass<T, T>({
    name,
    read: reader => {
      const index = reader.readULEB()
      const entry = entries[index]
      if (entry === undefined) throw new TypeError(`unknown ${name} number ${index}`)
      return { kind: entry[0], ...(entry[1].read(reader) as object) } as unknown as T
    },
    write: (value, writer) => {
      const index = entries.findIndex(([kind]) => kind === value.kind)
      const entry = entries[index]
      if (entry === undefined) throw new TypeError(`unknown ${name} ${value.kind}`)
      writer.writeULEB(index)
      ;(entry[1] as BcsType<unknown, unknown>).write(value, writer)
    },
  })
}

/** One of a fixed list of names, one byte on the wire; the number is the position in the list. */
export const nameOf = <const N extends string>(name: string, names: readonly N[]): BcsType<N, N> =>
  new BcsTypeClass<N, N>({
    name,
    read: reader => {
      const index = reader.read8()
      const found = names[index]
      if (found === undefined) throw new TypeError(`unknown ${name} number ${index}`)
      return found
    },
    write: (value, writer) => {
      const index = names.indexOf(value)
      if (index < 0) throw new TypeError(`unknown ${name} ${value}`)
      writer.write8(index)
    },
    serializedSize: () => 1,
  })

/** A format's version, one byte: any other than `version` is refused by name. */
export const versionByte = <const V extends number>(what: string, version: V): BcsType<V, V> =>
  new BcsTypeClass<V, V>({
    name: 'version',
    read: reader => {
      const found = reader.read8()
      if (found !== version) {
        throw new TypeError(`${what} version ${found} is not known; this node knows version ${version}`)
      }
      return version
    },
    write: (value, writer) => {
      if (value !== version) throw new RangeError(`${what} version must be ${version}`)
      writer.write8(version)
    },
    serializedSize: () => 1,
  })

export const struct = bcs.struct.bind(bcs)
