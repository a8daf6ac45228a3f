import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AbiError } from '../../../node/abi/error.ts'
import { type Abi, parseAbi } from '../../../node/abi/types.ts'
import {
  decodeArguments,
  decodeError,
  decodeEvent,
  decodeReturn,
  decodeRevert,
  encodeArguments,
  encodeNamedArguments,
  encodeTopic,
} from '../../../node/abi/values.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { fromHex, toAddress, toHex } from '../../../node/types/primitives.ts'

const TYPES = 'bool string address bytes Order option<u16> vec<i8> vec<option<vec<Order>>> '
  .concat('u8 u16 u32 u64 u128 u256 i8 i16 i32 i64')
  .split(' ')
const method = (name: string, types: readonly string[], returns = 'void'): Abi['methods'][number] => ({
  name,
  kind: 'call',
  payable: false,
  reentrant: false,
  params: types.map((type, i) => ({ name: `p${i}`, type })),
  returns,
})
/** `m0` takes and returns the first of TYPES, and so on; `pair` takes an address and an amount. */
const ABI = parseAbi({
  name: 'Test',
  version: 1,
  methods: [
    ...TYPES.map((type, i) => method(`m${i}`, [type], type)),
    method('pair', ['address', 'u64']),
    method('none', []),
  ],
  events: [
    {
      name: 'Moved',
      fields: [
        { name: 'amount', type: 'u64', indexed: false },
        { name: 'to', type: 'address', indexed: true },
        { name: 'note', type: 'string', indexed: false },
      ],
    },
  ],
  errors: [
    { name: 'Short', fields: [{ name: 'has', type: 'u16' }] },
    { name: 'Closed', fields: [] },
  ],
  structs: [
    {
      name: 'Order',
      fields: [
        { name: 'maker', type: 'address' },
        { name: 'price', type: 'u128' },
      ],
    },
  ],
})
const methodOf = (type: string): string => `m${TYPES.indexOf(type)}`
const encode = (type: string, value: unknown): string => toHex(encodeArguments(ABI, methodOf(type), [value]))
const decode = (type: string, hex: string): unknown => decodeReturn(ABI, methodOf(type), fromHex(hex))
const problemOf = (run: () => unknown): string => {
  try {
    return `accepted ${String(run())}`
  } catch (error) {
    if (error instanceof AbiError) return `${error.code}: ${error.message}`
    throw error
  }
}

const integer = (bits: number, signed: boolean): fc.Arbitrary<number | bigint> => {
  const half = 1n << BigInt(bits - 1)
  const range = signed ? { min: -half, max: half - 1n } : { min: 0n, max: 2n * half - 1n }
  return fc.bigInt(range).map(value => (bits < 64 ? Number(value) : value))
}
const address = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytes => formatAddress(toAddress(bytes)))
const order = fc.record({ maker: address, price: integer(128, false) }, { noNullPrototype: true })
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  string: fc.string({ unit: 'binary' }).filter(text => text.isWellFormed()),
  address,
  bytes: fc.uint8Array().map(bytes => `0x${toHex(bytes)}`),
  Order: order,
  'option<u16>': fc.option(fc.nat(65_535), { nil: undefined }),
  'vec<i8>': fc.array(integer(8, true)),
  'vec<option<vec<Order>>>': fc.array(fc.option(fc.array(order, { maxLength: 3 }), { nil: undefined }), {
    maxLength: 4,
  }),
}
const ALICE = formatAddress(toAddress(new Uint8Array(32).fill(7)))
const ALICE_HEX = '07'.repeat(32)

describe('a value', () => {
  it.each(TYPES)('of type %s comes back as it went', type => {
    const [, sign = 'u', bits = '0'] = /^([ui])(\d+)$/.exec(type) ?? []
    const values = VALUES[type] ?? integer(Number(bits), sign === 'i')
    fc.assert(
      fc.property(values, value => {
        expect(decode(type, encode(type, value))).toEqual(value)
      }),
    )
  })

  it.each<[type: string, value: unknown, hex: string]>([
    ['bool', true, '01'],
    ['u8', 255, 'ff'],
    ['u16', '513', '0102'],
    ['u32', 1n, '01000000'],
    ['u64', '18446744073709551615', 'ff'.repeat(8)],
    ['u128', 1, `01${'00'.repeat(15)}`],
    ['i8', -1, 'ff'],
    ['i16', '-2', 'feff'],
    ['i32', -2_147_483_648, '00000080'],
    ['i64', -1n, 'ff'.repeat(8)],
    ['string', 'hé', '0368c3a9'],
    ['address', ALICE, ALICE_HEX],
    ['address', new Uint8Array(32).fill(7), ALICE_HEX],
    ['bytes', '0x0102', '020102'],
    ['bytes', Uint8Array.of(1, 2), '020102'],
    ['option<u16>', null, '00'],
    ['option<u16>', 2, '010200'],
    ['vec<i8>', [1, -1], '0201ff'],
    ['Order', { price: 1, maker: ALICE }, `${ALICE_HEX}01${'00'.repeat(15)}`],
  ])('of type %s, %s, has these bytes', (type, value, hex) => {
    expect(encode(type, value)).toBe(hex)
  })

  it.each<[type: string, value: unknown, reason: string]>([
    ['bool', 1, 'expected true or false; bool wanted, 1 given'],
    ['u8', 256, 'must be between 0 and 255; u8 wanted, 256 given'],
    ['u8', -1, 'must be between 0 and 255; u8 wanted, -1 given'],
    ['i8', '128', 'must be between -128 and 127; i8 wanted, "128" given'],
    ['u64', 1n << 64n, 'must be between 0 and 18446744073709551615; u64 wanted, 18446744073709551616 given'],
    ['u64', 1.5, 'expected a whole number (a string of digits if it is large); u64 wanted, 1.5 given'],
    ['u64', '1e3', 'expected a whole number (a string of digits if it is large); u64 wanted, "1e3" given'],
    ['u64', '', 'expected a whole number (a string of digits if it is large); u64 wanted, "" given'],
    [
      'u64',
      2 ** 53,
      'a number this large is not exact in JSON: write it as a string; u64 wanted, 9007199254740992 given',
    ],
    ['string', 5, 'expected a string; string wanted, 5 given'],
    ['string', '\ud800', 'half of a surrogate pair is not text; string wanted, "\\ud800" given'],
    [
      'address',
      'abc',
      '"abc" is not a Vex address: it does not begin with vex1; address wanted, "abc" given',
    ],
    [
      'address',
      new Uint8Array(31),
      'expected an address that starts with vex1; address wanted, 31 bytes given',
    ],
    ['bytes', 'ff', 'expected hex digits that start with 0x; bytes wanted, "ff" given'],
    ['bytes', '0xf', 'expected hex digits that start with 0x; bytes wanted, "0xf" given'],
    ['vec<i8>', 'x', 'expected a list; vec<i8> wanted, "x" given'],
    ['Order', [], 'expected an object; Order wanted, [] given'],
    [
      'Order',
      { maker: ALICE, price: 1, x: 1 },
      `there is no field "x"; Order wanted, ${JSON.stringify({ maker: ALICE, price: 1, x: 1 }).slice(0, 60)}… given`,
    ],
    ['bool', undefined, 'expected true or false; bool wanted, undefined given'],
  ])('of type %s is refused: %s', (type, value, reason) => {
    expect(problemOf(() => encode(type, value))).toBe(
      `bad_value: ${methodOf(type)}, argument 1 (p0): ${reason}`,
    )
  })

  it('that is wrong deep inside is named by its path', () => {
    expect(problemOf(() => encode('vec<option<vec<Order>>>', [null, [{ maker: ALICE, price: 'x' }]]))).toBe(
      'bad_value: m7, argument 1 (p0)[1][0].price: expected a whole number (a string of digits if it is large); u128 wanted, "x" given',
    )
    expect(problemOf(() => encode('vec<option<vec<Order>>>', [null, [{ maker: ALICE }]]))).toMatch(
      /^bad_value: m7, argument 1 \(p0\)\[1\]\[0\]: the field price is missing; Order wanted/,
    )
  })
})

describe('arguments', () => {
  it('stand one after the other', () => {
    const bytes = encodeArguments(ABI, 'pair', [ALICE, 5])
    expect(toHex(bytes)).toBe(`${ALICE_HEX}0500000000000000`)
    expect(decodeArguments(ABI, 'pair', bytes)).toEqual([ALICE, 5n])
    expect(encodeArguments(ABI, 'none', [])).toHaveLength(0)
  })

  it('must be as many as the method takes', () => {
    expect(problemOf(() => encodeArguments(ABI, 'pair', [ALICE]))).toBe(
      'bad_value: pair(p0: address, p1: u64) takes 2 arguments, 1 given',
    )
  })

  it('may not take more than a call may carry', () => {
    expect(problemOf(() => encode('string', 'x'.repeat(40_000)))).toMatch(/^bad_value: m1: .*limit is 32768/)
  })
})

describe('what a contract gives', () => {
  it.each([
    ['u64', '00', 'bad_data: the result of m11: u64 ends early'],
    ['u8', '0000', 'bad_data: the result of m8: u8 ends at byte 1 but 2 were given'],
    ['bool', '02', 'bad_data: the result of m0: '],
    ['string', '01ff', 'bad_data: the result of m1: string is malformed near byte 2'],
    ['option<u16>', '02', 'bad_data: the result of m5: '],
    ['vec<i8>', 'ffffffff0f', 'bad_data: the result of m6: '],
  ])('as %s is read strictly: %s', (type, hex, problem) => {
    expect(problemOf(() => decode(type, hex)).slice(0, problem.length)).toBe(problem)
  })

  it('from a void method is nothing', () => {
    expect(decodeReturn(ABI, 'none', new Uint8Array())).toBeUndefined()
    expect(problemOf(() => decodeReturn(ABI, 'none', Uint8Array.of(1)))).toBe(
      'bad_data: the result of none: 1 bytes from a method that returns nothing',
    )
  })
})

describe('an event', () => {
  const topics = [Buffer.from('Moved'), fromHex(ALICE_HEX)]
  const data = fromHex('0500000000000000026869')

  it('comes back with its fields in the order of their declaration', () => {
    const { name, fields } = decodeEvent(ABI, { topics, data })
    expect([name, Object.entries(fields)]).toEqual([
      'Moved',
      [
        ['amount', 5n],
        ['to', ALICE],
        ['note', 'hi'],
      ],
    ])
  })

  it('can be looked up by an indexed field', () => {
    expect(toHex(encodeTopic(ABI, 'Moved', 'to', ALICE))).toBe(ALICE_HEX)
    expect(problemOf(() => encodeTopic(ABI, 'Moved', 'amount', 5))).toBe(
      'unknown_event: the contract Test has no event Moved indexed by amount',
    )
  })

  it('that the ABI does not describe is refused', () => {
    const refused = (event: { topics: Uint8Array[]; data: Uint8Array }): string =>
      problemOf(() => decodeEvent(ABI, event))
    expect(refused({ topics: [Buffer.from('Gone')], data })).toBe(
      'unknown_event: the contract Test has no event "Gone"',
    )
    expect(refused({ topics: [], data })).toBe('unknown_event: the contract Test has no event ""')
    expect(refused({ topics: topics.slice(0, 1), data })).toBe(
      'bad_data: event Moved: 1 topics where the ABI asks for 2',
    )
    expect(refused({ topics, data: data.subarray(1) })).toMatch(/^bad_data: event Moved: /)
    expect(refused({ topics: [topics[0] as Buffer, new Uint8Array(3)], data })).toMatch(
      /^bad_data: event Moved, to: /,
    )
  })
})

describe('the reason of a revert', () => {
  it.each([
    ['', 'the contract gave no reason'],
    ['00026869', 'hi'],
    ['0002686900', '0x0002686900'],
    ['0001ff', '0x0001ff'],
    ['00', '0x00'],
    ['01abcd', '0x01abcd'],
    // A typed error, of which no ABI is needed to tell its name.
    ['010553686f72740700', 'Short'],
    ['0103612062', '0x0103612062'],
    ['01', '0x01'],
  ])('%s reads: %s', (hex, message) => {
    expect(decodeRevert(fromHex(hex))).toBe(message)
  })
})

describe('the typed error of a revert', () => {
  it.each([
    ['010553686f72740700', { name: 'Short', fields: { has: 7 } }],
    ['0106436c6f736564', { name: 'Closed', fields: {} }],
    ['of text', undefined, '00026869'],
    ['without a name', undefined, '01'],
    ['that ends in its name', undefined, '010553686f'],
    ['of another name', undefined, '01034f6464'],
    ['of this name with other fields', undefined, '010553686f7274070000'],
  ])('%s', (hex, expected, data = hex) => {
    expect(decodeError(ABI, fromHex(data))).toEqual(expected)
  })
})

describe('arguments by name', () => {
  it('are those by position, in any order', () => {
    expect(encodeNamedArguments(ABI, 'pair', { p1: 5n, p0: ALICE })).toEqual(
      encodeArguments(ABI, 'pair', [ALICE, 5n]),
    )
  })

  it('may leave out an option', () => {
    const option = methodOf('option<u16>')
    expect(encodeNamedArguments(ABI, option, {})).toEqual(encodeArguments(ABI, option, [null]))
  })

  it.each<[unknown, string]>([
    [{ p0: ALICE, p1: -1 }, 'p1: must be between 0 and 18446744073709551615; u64 wanted, -1 given'],
    [
      { p0: 'vex2', p1: 1 },
      'p0: "vex2" is not a Vex address: it does not begin with vex1; address wanted, "vex2" given',
    ],
    [{ p0: ALICE }, 'the argument p1 is missing. It is pair(p0: address, p1: u64)'],
    [{ p0: ALICE, p1: undefined }, 'the argument p1 is missing. It is pair(p0: address, p1: u64)'],
    [{ p0: ALICE, p1: 1, to: 1 }, 'there is no argument "to". It is pair(p0: address, p1: u64)'],
    [[ALICE, 1], 'expected the arguments as an object by their names. It is pair(p0: address, p1: u64)'],
    [null, 'expected the arguments as an object by their names. It is pair(p0: address, p1: u64)'],
  ])('%j are refused', (given, problem) => {
    expect(problemOf(() => encodeNamedArguments(ABI, 'pair', given))).toBe(`bad_value: pair: ${problem}`)
  })
})
