/**
 * BCS (Binary Canonical Serialization) as Vex uses it.
 *
 * A codec is declared beside its type and gives:
 * - exact length: input that is too long or too short is refused;
 * - canonical input: every type here reads one form of each value, so that what was decoded encodes to the same bytes again;
 * - a size limit, checked before anything is read, and limits on what is inside, checked before it is.
 *
 * Integers of 64 bits and more are `bigint`. Byte strings are copied out of the input.
 */
import { utf8Length } from '#bytes'
import { BcsReader, BcsWriter } from './bcs.ts'

export type CodecErrorCode = 'too_large' | 'truncated' | 'trailing_bytes' | 'malformed'

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
  /** For values that are kept and dropped together. */
  collect(): Collector<T>
  /** Decodes the whole of `bytes`; anything else throws a {@link CodecError}. */
  decode(bytes: Uint8Array): T
}

/** Values encoded as they come, one after the other, so that nobody has to keep them. */
export interface Collector<T> {
  /** Throws a {@link CodecError} for one that is too large; it is not among them then. */
  add(value: T): void
  /** All of them, in one buffer that stays as long as one of them does. */
  finish(): Uint8Array[]
}

export const DEFAULT_MAX_BYTES = 1 << 20

/** How a value is read and written. Reading throws a RangeError where the input ends early, a TypeError where it is not this. */
export interface BcsType<T> {
  readonly name: string
  read(reader: BcsReader): T
  write(value: T, writer: BcsWriter): void
}
export type ValueOf<B> = B extends BcsType<infer T> ? T : never

/** Enough for most blocks, which few codecs write. */
const KEPT_WRITER_BYTES = 256 * 1024

/** `maxBytes` bounds the encoded size in both directions. */
export const createCodec = <T>(type: BcsType<T>, maxBytes = DEFAULT_MAX_BYTES): Codec<T> => {
  // Reused: encoding is synchronous and a codec never encodes inside itself.
  let kept = new BcsWriter()
  /** For the next collection. */
  let spare: BcsWriter | undefined
  /** All of it or nothing. */
  const write = (value: T, writer: BcsWriter): void => {
    const start = writer.position
    try {
      type.write(value, writer)
      const length = writer.position - start
      if (length > maxBytes)
        throw new CodecError('too_large', `${type.name} would take ${length} bytes; the limit is ${maxBytes}`)
    } catch (error) {
      writer.rewind(start)
      throw error
    }
  }
  return {
    name: type.name,
    maxBytes,
    encode(value) {
      kept.rewind(0)
      try {
        write(value, kept)
        return kept.written()
      } finally {
        if (kept.capacity > KEPT_WRITER_BYTES) kept = new BcsWriter()
      }
    },
    collect() {
      const writer = spare ?? new BcsWriter()
      spare = undefined
      const ends: number[] = []
      return {
        add(value) {
          write(value, writer)
          ends.push(writer.position)
        },
        finish() {
          const all = writer.written()
          writer.rewind(0)
          if (writer.capacity <= KEPT_WRITER_BYTES) spare = writer
          return ends.map((end, i) => all.subarray(ends[i - 1] ?? 0, end))
        },
      }
    },
    decode(bytes) {
      if (bytes.length > maxBytes) {
        throw new CodecError('too_large', `${type.name} is ${bytes.length} bytes; the limit is ${maxBytes}`)
      }
      const reader = new BcsReader(bytes)
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
      return value
    },
  }
}

const smallUint = (bits: 8 | 16 | 32): BcsType<number> => {
  const name = `u${bits}` as const
  const max = 2 ** bits - 1
  return {
    name,
    read: reader => reader[name](),
    write: (value, writer) => {
      if (!Number.isInteger(value) || value < 0 || value > max)
        throw new TypeError(`${name} must be a whole number between 0 and ${max}, not ${String(value)}`)
      writer[name](value)
    },
  }
}

const checkBigUint = (value: bigint, bits: 64 | 128 | 256): void => {
  if (typeof value !== 'bigint' || value < 0n || value !== BigInt.asUintN(bits, value)) {
    const max = (1n << BigInt(bits)) - 1n
    throw new RangeError(`u${bits} must be a bigint between 0 and ${max}, not ${String(value)}`)
  }
}

const wideUint = (bits: 128 | 256): BcsType<bigint> => ({
  name: `u${bits}`,
  read: reader => {
    let value = 0n
    for (let at = 0n; at < bits; at += 64n) value |= reader.u64() << at
    return value
  },
  write: (value, writer) => {
    checkBigUint(value, bits)
    for (let at = 0n; at < bits; at += 64n) writer.u64(BigInt.asUintN(64, value >> at))
  },
})

export const u8 = smallUint(8)
export const u16 = smallUint(16)
export const u32 = smallUint(32)
export const u64: BcsType<bigint> = {
  name: 'u64',
  read: reader => reader.u64(),
  write: (value, writer) => {
    checkBigUint(value, 64)
    writer.u64(value)
  },
}
export const u128 = wideUint(128)
export const u256 = wideUint(256)

export const bool: BcsType<boolean> = {
  name: 'bool',
  read: reader => {
    const byte = reader.u8()
    if (byte > 1) throw new TypeError(`a bool is 0 or 1, not ${byte}`)
    return byte === 1
  },
  write: (value, writer) => {
    if (typeof value !== 'boolean') throw new TypeError(`a bool is true or false, not ${typeof value}`)
    writer.u8(value ? 1 : 0)
  },
}

export const string: BcsType<string> = {
  name: 'string',
  read: reader => reader.text(reader.length()),
  write: (value, writer) => {
    if (typeof value !== 'string') throw new TypeError(`a string is asked for, not ${typeof value}`)
    writer.text(value)
  },
}

/** Exactly `size` bytes, without a length prefix. */
export const fixedBytes = (size: number): BcsType<Uint8Array> => ({
  name: `bytes${size}`,
  read: reader => reader.bytes(size),
  write: (value, writer) => {
    if (value.length !== size) throw new RangeError(`expected ${size} bytes, got ${value.length}`)
    writer.bytes(value)
  },
})

/** A length-prefixed byte string of at most `max` bytes. */
export const byteString = (max: number): BcsType<Uint8Array> =>
  lengthPrefixed(max, (reader, length) => reader.bytes(length))

/** The same, left where it was read: for parts that live and die with the whole, which nobody writes to. */
export const byteView = (max: number): BcsType<Uint8Array> =>
  lengthPrefixed(max, (reader, length) => reader.view(length))

const lengthPrefixed = (
  max: number,
  take: (reader: BcsReader, length: number) => Uint8Array,
): BcsType<Uint8Array> => {
  const check = (length: number): number => {
    if (length > max) throw new TypeError(`byte string of ${length} bytes; the limit is ${max}`)
    return length
  }
  return {
    name: `bytes<=${max}`,
    read: reader => take(reader, check(reader.length())),
    write: (value, writer) => {
      writer.length(check(value.length))
      writer.bytes(value)
    },
  }
}

/** A UTF-8 string of at most `max` bytes. */
export const text = (max: number): BcsType<string> => {
  const check = (length: number): number => {
    if (length > max) throw new TypeError(`text of ${length} bytes; the limit is ${max}`)
    return length
  }
  return {
    name: `text<=${max}`,
    read: reader => reader.text(check(reader.length())),
    write: (value, writer) => {
      check(utf8Length(value))
      string.write(value, writer)
    },
  }
}

/** A vector of at most `max` elements; the limit is checked before any element is read. */
export const list = <T>(element: BcsType<T>, max: number): BcsType<T[]> => ({
  name: `vector<${element.name}>`,
  read: reader => {
    const length = reader.length()
    if (length > max) throw new TypeError(`vector of ${length} elements; the limit is ${max}`)
    const values: T[] = []
    for (let i = 0; i < length; i++) values.push(element.read(reader))
    return values
  },
  write: (values, writer) => {
    if (values.length > max) throw new RangeError(`vector of ${values.length} elements; the limit is ${max}`)
    writer.length(values.length)
    for (const value of values) element.write(value, writer)
  },
})

/** `undefined` on our side, a BCS option on the wire. */
export const option = <T>(inner: BcsType<T>): BcsType<T | undefined> => ({
  name: `option<${inner.name}>`,
  read: reader => {
    const flag = reader.u8()
    if (flag > 1) throw new TypeError(`option flag must be 0 or 1, not ${flag}`)
    return flag === 1 ? inner.read(reader) : undefined
  },
  write: (value, writer) => {
    writer.u8(value === undefined ? 0 : 1)
    if (value !== undefined) inner.write(value, writer)
  },
})

type Fields = Readonly<Record<string, BcsType<unknown>>>
type Struct<F extends Fields> = { -readonly [K in keyof F]: ValueOf<F[K]> }

/** Fields one after another, in the order of `fields`. */
export const struct = <F extends Fields>(name: string, fields: F): BcsType<Struct<F>> => {
  const names = Object.keys(fields)
  const types = Object.values(fields)
  return {
    name,
    read: reader => {
      const value: Record<string, unknown> = {}
      for (let i = 0; i < names.length; i++)
        value[names[i] as string] = (types[i] as BcsType<unknown>).read(reader)
      return value as Struct<F>
    },
    write: (value, writer) => {
      if (typeof value !== 'object' || value === null)
        throw new TypeError(`${name} is asked for, not ${typeof value}`)
      for (let i = 0; i < names.length; i++)
        (types[i] as BcsType<unknown>).write(value[names[i] as string], writer)
    },
  }
}

/** A tagged union `{kind, ...fields}`; the tag's number is its position in `variants`, so never reorder it. */
export const union = <T extends { kind: string }>(
  name: string,
  variants: { [K in T['kind']]: BcsType<Omit<Extract<T, { kind: K }>, 'kind'>> },
): BcsType<T> => {
  const kinds = Object.keys(variants)
  const types: BcsType<object>[] = Object.values(variants)
  return {
    name,
    read: reader => {
      const index = reader.length()
      const type = types[index]
      if (type === undefined) throw new TypeError(`unknown ${name} number ${index}`)
      return { kind: kinds[index], ...type.read(reader) } as unknown as T
    },
    write: (value, writer) => {
      const index = kinds.indexOf(value.kind)
      const type = types[index]
      if (type === undefined) throw new TypeError(`unknown ${name} ${value.kind}`)
      writer.length(index)
      type.write(value, writer)
    },
  }
}

/** One of a fixed list of names, one byte on the wire; the number is the position in the list. */
export const nameOf = <const N extends string>(name: string, names: readonly N[]): BcsType<N> => ({
  name,
  read: reader => {
    const index = reader.u8()
    const found = names[index]
    if (found === undefined) throw new TypeError(`unknown ${name} number ${index}`)
    return found
  },
  write: (value, writer) => {
    const index = names.indexOf(value)
    if (index < 0) throw new TypeError(`unknown ${name} ${value}`)
    writer.u8(index)
  },
})

/** A format's version, one byte: any other than `version` is refused by name. */
export const versionByte = <const V extends number>(what: string, version: V): BcsType<V> => ({
  name: 'version',
  read: reader => {
    const found = reader.u8()
    if (found !== version) {
      throw new TypeError(`${what} version ${found} is not known; this node knows version ${version}`)
    }
    return version
  },
  write: (value, writer) => {
    if (value !== version) throw new RangeError(`${what} version must be ${version}`)
    writer.u8(version)
  },
})

/** The same on the wire, with a look at each value on its way out and in: `check` throws a TypeError, or returns it. */
export const checked = <T>(type: BcsType<T>, check: (value: T) => T, name = type.name): BcsType<T> => ({
  name,
  read: reader => check(type.read(reader)),
  write: (value, writer) => type.write(check(value), writer),
})
