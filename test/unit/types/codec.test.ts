import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bool,
  byteString,
  byteView,
  type Codec,
  CodecError,
  createCodec,
  fixedBytes,
  list,
  nameOf,
  option,
  struct,
  text,
  u128,
  u16,
  u256,
  u32,
  u64,
  u8,
  union,
  versionByte,
} from '../../../node/types/codec.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof CodecError) return error.code
    return (error as Error).name
  }
  return 'no error'
}
const decodeCode = <T>(codec: Codec<T>, hex: string) => codeOf(() => codec.decode(fromHex(hex)))

const pair = createCodec(struct('Pair', { a: u16, b: byteString(4) }), 16)
const textCodec = createCodec(text(5), 16)
const listCodec = createCodec(list(u8, 3), 16)
const optionCodec = createCodec(option(u8), 16)
const nameCodec = createCodec(nameOf('Colour', ['red', 'green']), 16)

type Shape = { kind: 'dot' } | { kind: 'line'; length: number }
const shape = createCodec(
  union<Shape>('Shape', { dot: struct('Dot', {}), line: struct('Line', { length: u8 }) }),
  16,
)

describe('encoding values as they come', () => {
  const collect = <T>(codec: Codec<T>, values: readonly T[]): string[] => {
    const collector = codec.collect()
    for (const value of values) collector.add(value)
    return collector.finish().map(toHex)
  }

  test('gives what encoding each gives, however long they are together', () => {
    const codec = createCodec(byteString(60_000), 70_000)
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 30_000, maxLength: 50_000 })),
          { maxLength: 6 },
        ),
        values => {
          expect(collect(codec, values)).toEqual(values.map(value => toHex(codec.encode(value))))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('leaves out one that cannot be encoded, and goes on afterwards', () => {
    const codec = createCodec(struct('Pair', { a: byteString(100), b: u8 }), 5)
    const good = { a: Uint8Array.of(1, 2, 3), b: 4 }
    const collector = codec.collect()
    collector.add(good)
    expect(codeOf(() => collector.add({ a: Uint8Array.of(1, 2, 3, 4), b: 5 }))).toBe('too_large')
    expect(codeOf(() => collector.add({ a: Uint8Array.of(1), b: 256 }))).toBe('TypeError')
    collector.add(good)
    expect(collector.finish().map(toHex)).toEqual(['0301020304', '0301020304'])
  })

  test('keeps nothing of a collection in the next, and changes nothing in the one before', () => {
    const codec = createCodec(byteString(2_000))
    const first = codec.collect()
    for (const fill of [1, 2]) first.add(new Uint8Array(1_000).fill(fill))
    const [one, two] = first.finish()
    expect(collect(codec, [Uint8Array.of(7)])).toEqual(['0107'])
    expect(collect(codec, [])).toEqual([])
    expect([one?.subarray(2), two?.subarray(2)]).toEqual([1, 2].map(fill => new Uint8Array(1_000).fill(fill)))
  })

  test('two collections of one codec do not meet, whether it had one before or not', () => {
    for (const before of [[], [9], [9]]) {
      const [one, other] = [listCodec.collect(), listCodec.collect()]
      one.add([1])
      other.add([2, 3])
      one.add([4])
      expect(one.finish().map(toHex)).toEqual(['0101', '0104'])
      expect(other.finish().map(toHex)).toEqual(['020203'])
      expect(collect(listCodec, [before])).toEqual([toHex(listCodec.encode(before))])
    }
  })
})

describe('decoding takes exactly the bytes of one value', () => {
  test('the whole input', () => {
    expect(pair.decode(fromHex('01000299aa'))).toEqual({ a: 1, b: fromHex('99aa') })
    expect(toHex(pair.encode({ a: 1, b: fromHex('99aa') }))).toBe('01000299aa')
  })

  test.each(['', '01', '0100', '010002', '01000299'])('input that ends early is truncated: %j', hex => {
    expect(decodeCode(pair, hex)).toBe('truncated')
  })

  test('input that goes on has trailing bytes', () => {
    expect(decodeCode(pair, '01000299aa00')).toBe('trailing_bytes')
  })

  test('input above the limit is refused before it is read', () => {
    expect(decodeCode(pair, '00'.repeat(17))).toBe('too_large')
  })

  test('a value whose bytes would pass the limit is not encoded', () => {
    const small = createCodec(byteString(100), 10)
    expect(codeOf(() => small.encode(new Uint8Array(9)))).toBe('no error')
    expect(codeOf(() => small.encode(new Uint8Array(10)))).toBe('too_large')
  })

  test.each([1, 2, 3, 4])(
    'a view of %d bytes into a larger buffer never lends bytes from behind it',
    length => {
      const whole = Buffer.concat([Buffer.alloc(3, 0xee), fromHex('01000299aa'), Buffer.alloc(20, 0xee)])
      expect(codeOf(() => pair.decode(whole.subarray(3, 3 + length)))).toBe('truncated')
      expect(pair.decode(whole.subarray(3, 8))).toEqual({ a: 1, b: fromHex('99aa') })
    },
  )

  test('what was decoded does not change with the input', () => {
    const bytes = fromHex('01000299aa')
    const value = pair.decode(bytes)
    bytes.fill(0)
    expect(toHex(value.b)).toBe('99aa')
  })
})

test('an encoding that failed half-way leaves nothing behind in the next, and results are not shared', () => {
  const codec = createCodec(list(byteString(2), 3), 64)
  const first = codec.encode([fromHex('aabb')])
  expect(codeOf(() => codec.encode([fromHex('ccdd'), new Uint8Array(3)]))).toBe('TypeError')
  expect(toHex(codec.encode([]))).toBe('00')
  expect(toHex(first)).toBe('0102aabb')
})

test('a byte string is a copy, of any length, and a view is where it was read', () => {
  for (const length of [0, 1, 64, 65, 300]) {
    const decodedThenOverwritten = (type: ReturnType<typeof byteString>): Uint8Array => {
      const codec = createCodec(type, 400)
      const bytes = codec.encode(new Uint8Array(length).fill(7))
      const read = codec.decode(bytes)
      expect(read).toEqual(new Uint8Array(length).fill(7))
      bytes.fill(8)
      return read
    }
    expect(decodedThenOverwritten(byteString(300))).toEqual(new Uint8Array(length).fill(7))
    expect(decodedThenOverwritten(byteView(300))).toEqual(new Uint8Array(length).fill(8))
  }
})

describe('there is one encoding of each value', () => {
  test('a length with a superfluous byte is refused', () => {
    expect(listCodec.decode(fromHex('0105'))).toEqual([5])
    expect(decodeCode(listCodec, '810005')).toBe('malformed')
    expect(decodeCode(listCodec, '81800005')).toBe('malformed')
  })

  test('a boolean is 0 or 1', () => {
    const codec = createCodec(bool, 1)
    expect([codec.decode(fromHex('00')), codec.decode(fromHex('01'))]).toEqual([false, true])
    expect(decodeCode(codec, '02')).toBe('malformed')
  })

  test('an option flag is 0 or 1', () => {
    expect(optionCodec.decode(fromHex('00'))).toBeUndefined()
    expect(optionCodec.decode(fromHex('0107'))).toBe(7)
    expect(decodeCode(optionCodec, '020700')).toBe('malformed')
  })

  test('text is UTF-8, measured in bytes', () => {
    expect(textCodec.decode(fromHex('05e282ac6161'))).toBe('€aa')
    // A mark of byte order is a character like others.
    expect(textCodec.decode(fromHex('04efbbbf61'))).toBe('\ufeffa')
    expect(toHex(textCodec.encode('\ufeffa'))).toBe('04efbbbf61')
    expect(decodeCode(textCodec, '02c328')).toBe('malformed')
    expect(decodeCode(textCodec, '03eda080')).toBe('malformed')
    expect(codeOf(() => textCodec.encode('€€'))).toBe('TypeError')
  })
})

describe('limits hold before anything is allocated', () => {
  test.each(['04', 'ffffffff0f', 'ffffffff07'])('a list that claims too many elements: %s', hex => {
    expect(decodeCode(listCodec, `${hex}010203040506`)).toBe('malformed')
  })

  test('a length that never ends is refused at once', () => {
    const codec = createCodec(list(u8, 3), 4 * 1024 * 1024)
    expect(codeOf(() => codec.decode(new Uint8Array(4 * 1024 * 1024).fill(0xff)))).toBe('malformed')
    expect(decodeCode(listCodec, '8080808010')).toBe('malformed')
    expect(decodeCode(listCodec, 'ffff')).toBe('truncated')
  }, 1000)

  test('a length has up to five bytes', () => {
    const codec = createCodec(list(struct('Nothing', {}), 2 ** 31), 16)
    const length = (hex: string) => codeOf(() => codec.decode(fromHex(hex)))
    expect(codec.decode(fromHex('808001')).length).toBe(16_384)
    expect(length('8080808008')).toBe('malformed')
  })

  test('a byte string, a text, a list above its limit is refused in both directions', () => {
    expect(decodeCode(pair, '0000050102030405')).toBe('malformed')
    expect(decodeCode(textCodec, '06616161616161')).toBe('malformed')
    expect(codeOf(() => pair.encode({ a: 0, b: new Uint8Array(5) }))).toBe('TypeError')
    expect(codeOf(() => textCodec.encode('aaaaaa'))).toBe('TypeError')
    expect(codeOf(() => listCodec.encode([1, 2, 3, 4]))).toBe('RangeError')
  })

  test('fixed bytes have exactly their size', () => {
    const codec = createCodec(fixedBytes(2), 16)
    expect(codeOf(() => codec.encode(new Uint8Array(1)))).toBe('RangeError')
    expect(codeOf(() => codec.encode(new Uint8Array(3)))).toBe('RangeError')
    expect(decodeCode(codec, '01')).toBe('truncated')
    expect(decodeCode(codec, '010203')).toBe('trailing_bytes')
  })
})

describe('names, unions and versions refuse what they do not know', () => {
  test('names', () => {
    expect(nameCodec.decode(fromHex('01'))).toBe('green')
    expect(decodeCode(nameCodec, '0200')).toBe('malformed')
    expect(codeOf(() => nameCodec.encode('blue' as never))).toBe('TypeError')
  })

  test('unions', () => {
    expect(shape.decode(fromHex('0109'))).toEqual({ kind: 'line', length: 9 })
    expect(toHex(shape.encode({ kind: 'dot' }))).toBe('00')
    expect(decodeCode(shape, '0200')).toBe('malformed')
    expect(codeOf(() => shape.encode({ kind: 'circle' } as never))).toBe('TypeError')
  })

  test('a version that is not known is named', () => {
    const codec = createCodec(struct('Thing', { version: versionByte('thing', 1), a: u8 }), 16)
    expect(codec.decode(fromHex('0105'))).toEqual({ version: 1, a: 5 })
    expect(() => codec.decode(fromHex('0205'))).toThrow(
      /thing version 2 is not known; this node knows version 1/,
    )
    expect(codeOf(() => codec.encode({ version: 2 as never, a: 0 }))).toBe('RangeError')
  })
})

describe('wide integers are bigint', () => {
  test.each([
    ['u64', u64, 8],
    ['u128', u128, 16],
    ['u256', u256, 32],
  ] as const)('%s: little-endian, every value, nothing outside', (_, type, size) => {
    const codec = createCodec(type, size)
    const max = (1n << BigInt(8 * size)) - 1n
    expect(toHex(codec.encode(1n))).toBe(`01${'00'.repeat(size - 1)}`)
    expect(toHex(codec.encode(max))).toBe('ff'.repeat(size))
    fc.assert(
      fc.property(fc.bigInt(0n, max), value => {
        expect(codec.decode(codec.encode(value))).toBe(value)
      }),
    )
    for (const bad of [-1n, max + 1n, 1 as never]) expect(codeOf(() => codec.encode(bad))).toBe('RangeError')
    expect(decodeCode(codec, '00'.repeat(size - 1))).toBe('truncated')
  })

  test('u32 refuses what does not fit', () => {
    const codec = createCodec(u32, 4)
    for (const bad of [-1, 2 ** 32]) expect(codeOf(() => codec.encode(bad))).not.toBe('no error')
  })
})

test('any bytes decode to a value that encodes to those bytes, or throw a CodecError', () => {
  const codec = createCodec(
    struct('Mix', { a: option(text(3)), b: list(struct('In', { c: u64, d: bool }), 2), e: byteString(2) }),
    64,
  )
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 1, 2, 3, 0x61, 0x80, 0xff), { maxLength: 24 }), numbers => {
      const bytes = Uint8Array.from(numbers)
      try {
        expect(toHex(codec.encode(codec.decode(bytes)))).toBe(toHex(bytes))
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError)
      }
    }),
    { numRuns: 2000 },
  )
})
