import * as fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decodeRevert, encodeArguments } from '../../../node/abi/values.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { compileText, contract } from './compile-text.ts'
import { account, built, type CompiledSource, Sandbox, shown } from './sandbox.ts'

const AT = account(9)
const OTHER = account(8)
const RUNS = { numRuns: 60 }
const integer = (bits: number, signed = false): fc.Arbitrary<bigint> =>
  fc.bigInt(
    signed
      ? { min: -(1n << BigInt(bits - 1)), max: (1n << BigInt(bits - 1)) - 1n }
      : { min: 0n, max: (1n << BigInt(bits)) - 1n },
  )
const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const bytes = fc.uint8Array({ maxLength: 40 }).map(value => `0x${toHex(value)}`)
const address = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(shown)
const order = fc.record({
  maker: address,
  price: fc.record({ amount: integer(64), decimals: fc.nat(255) }),
  memo: text,
  tags: fc.array(fc.nat(65_535), { maxLength: 5 }),
})
const plain = (value: unknown): unknown => (typeof value === 'number' ? BigInt(value) : value)

let code: CompiledSource
let chain: Sandbox
beforeAll(async () => {
  code = await built('test/fixtures/contracts/every-type.ts')
})
beforeEach(() => {
  chain = new Sandbox()
  chain.deploy(AT, code)
  chain.deploy(OTHER, code)
})
const call = (method: string, ...args: unknown[]): unknown => chain.call(AT, method, args)
const failure = (method: string, ...args: unknown[]): string => {
  try {
    return `returned ${String(call(method, ...args))}`
  } catch (error) {
    return (error as Error).message
  }
}

describe('a value of type', () => {
  it.each<[string, fc.Arbitrary<unknown>]>([
    ['bool', fc.boolean()],
    ['u8', integer(8)],
    ['u16', integer(16)],
    ['u32', integer(32)],
    ['u64', integer(64)],
    ['u128', integer(128)],
    ['i8', integer(8, true)],
    ['i16', integer(16, true)],
    ['i32', integer(32, true)],
    ['i64', integer(64, true)],
    ['string', text],
    ['address', address],
    ['bytes', bytes],
    ['nested', fc.array(fc.array(text, { maxLength: 3 }), { maxLength: 4 })],
    ['order', order],
  ])('%s goes through a contract unchanged', (method, values) => {
    fc.assert(
      fc.property(values, value => {
        expect(plain(call(method, value))).toEqual(value)
      }),
      RUNS,
    )
  })

  it('stays apart from its neighbours in a list of arguments', () => {
    fc.assert(
      fc.property(fc.array(order, { maxLength: 3 }), orders => {
        expect(call('many', true, 1n << 100n, orders, -1)).toEqual(orders)
      }),
      RUNS,
    )
  })
})

describe('arguments', () => {
  const raw = (method: string, hex: string): string => {
    const outcome = chain.callRaw(AT, method, Buffer.from(hex, 'hex'))
    return outcome.kind === 'reverted' ? decodeRevert(outcome.data) : outcome.kind
  }

  it.each([
    ['u64', '00000000000000', 'too short'],
    ['u64', '', 'too short'],
    ['u64', '000000000000000000', 'too long'],
    ['address', '00'.repeat(31), 'too short'],
    ['bool', '02', 'a bool must be 0 or 1'],
    ['bytes', '0201', 'too short'],
    ['bytes', '8000', 'a length is not canonical'],
    ['bytes', '808080808001', 'a length is not canonical'],
    ['bytes', 'ffffffff0f', 'too short'],
    ['nested', 'ffffffff0f', 'too short'],
    ['string', '01ff', 'text is not UTF-8'],
    ['string', '02c080', 'text is not UTF-8'],
    ['string', '03e08080', 'text is not UTF-8'],
    ['string', '03eda080', 'text is not UTF-8'],
    ['string', '04f4908080', 'text is not UTF-8'],
    ['string', '02e282', 'text is not UTF-8'],
    ['string', '04f09f9880', 'returned'],
    ['here', '00', 'too long'],
  ])('of %s that are %s: %s', (method, hex, message) => {
    const expected = message === 'returned' ? message : `${method}: bad arguments: ${message}`
    expect(raw(method, hex)).toBe(expected)
  })

  it('of no other form are accepted: whatever decodes is what was encoded', () => {
    const abi = chain.abiOf(AT)
    const valid = encodeArguments(abi, 'order', [
      { maker: shown(AT), price: { amount: 5, decimals: 2 }, memo: 'hé', tags: [1, 2] },
    ])
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), (at, byte) => {
        const mutated = Uint8Array.from(valid)
        mutated[at] = byte
        const outcome = chain.callRaw(AT, 'order', mutated)
        if (outcome.kind === 'returned') expect(toHex(outcome.data)).toBe(toHex(mutated))
        else
          expect(outcome.kind === 'reverted' && decodeRevert(outcome.data)).toMatch(/^order: bad arguments: /)
      }),
      { numRuns: 300 },
    )
  })
})

describe('storage', () => {
  it('keeps every type, and a field never meets another', () => {
    call('keep', [1, 1n << 100n], 'a', '0x0102', true, -5)
    expect([call('kept'), call('name', 'a'), call('flag', true)]).toEqual([[1n, 1n << 100n], '0x0102', -5])
    expect([call('name', 'b'), call('flag', false), call('hasFlag', false)]).toEqual(['0x', 0, false])
    expect([call('dropFlag', true), call('dropFlag', true), call('flag', true)]).toEqual([true, false, 0])
  })

  it('of a struct that was never written reads as its zero', () => {
    expect(call('placed', 1)).toEqual({
      maker: shown(account(0)),
      price: { amount: 0n, decimals: 0 },
      memo: '',
      tags: [],
    })
  })

  it('has keys of one slot byte and the BCS of the key', () => {
    call('keep', [], 'ab', '0x07', true, 1)
    const { storage } = chain.contracts.get(toHex(AT)) ?? { storage: new Map() }
    expect([...storage].map(([key, value]) => [key, toHex(value as Uint8Array)])).toEqual([
      ['01', '00'],
      ['02026162', '0107'],
      ['0301', '0100'],
    ])
  })
})

describe('an event', () => {
  const placed = { maker: shown(AT), price: { amount: 5n, decimals: 2 }, memo: 'gold', tags: [1] }

  it('carries its name and indexed fields as topics, the others as data', () => {
    call('place', 1, placed)
    expect(chain.decodedEvents()).toEqual([
      { name: 'Placed', fields: { memo: 'gold', order: placed, many: [placed, placed] } },
    ])
    expect(chain.events[0]?.topics.map(topic => Buffer.from(topic).toString())).toEqual([
      'Placed',
      '\u0004gold',
    ])
  })

  it('refuses an indexed field that is longer than a topic', () => {
    const memo = (length: number): object => ({ ...placed, memo: 'x'.repeat(length) })
    expect(failure('place', 1, memo(64))).toBe('reverted: an indexed event field is longer than 64 bytes')
    expect(failure('place', 1, memo(63))).toBe('returned 5')
  })
})

describe('checked arithmetic', () => {
  const MAX = { 8: 255n, 16: 65_535n, 64: (1n << 64n) - 1n, 128: (1n << 128n) - 1n }
  const OVERFLOWS = {
    '+': 'addition overflows',
    '-': 'subtraction goes below zero',
    '*': 'multiplication overflows',
  }
  const exact = {
    '+': (a: bigint, b: bigint) => a + b,
    '-': (a: bigint, b: bigint) => a - b,
    '*': (a: bigint, b: bigint) => a * b,
  }

  it.each([
    ['add', '+', 64],
    ['sub', '-', 64],
    ['mul', '*', 64],
    ['addSmall', '+', 8],
    ['mulSmall', '*', 16],
    ['addWide', '+', 128],
    ['subWide', '-', 128],
    ['mulWide', '*', 128],
  ] as const)('%s (%s, %i bits) is exact or ends the call', (method, operator, bits) => {
    const max = MAX[bits]
    const size = fc.nat(bits).chain(n => fc.bigInt(0n, (1n << BigInt(n)) - 1n))
    const edge = fc.constantFrom(0n, 1n, max, max - 1n, 1n << BigInt(bits / 2))
    const operand = fc.oneof(size, edge)
    fc.assert(
      fc.property(operand, operand, (a, b) => {
        const result = exact[operator](a, b)
        const expected =
          result < 0n || result > max ? `reverted: ${OVERFLOWS[operator]}` : `returned ${result}`
        expect(failure(method, a, b)).toBe(expected)
      }),
      { numRuns: 150 },
    )
  })

  it('divides and compares 128-bit numbers', () => {
    const operand = fc.nat(128).chain(n => fc.bigInt(0n, (1n << BigInt(n)) - 1n))
    fc.assert(
      fc.property(operand, operand, (a, b) => {
        expect(failure('divWide', a, b)).toBe(b === 0n ? 'reverted: division by zero' : `returned ${a / b}`)
        expect(call('less', a, b)).toBe(a < b)
      }),
      { numRuns: 150 },
    )
  })

  it('scales by a fraction through the full product', () => {
    fc.assert(
      fc.property(
        integer(64),
        integer(64),
        integer(64).filter(n => n > 0n),
        (a, b, divisor) => {
          const result = (a * b) / divisor
          expect(failure('scale', a, b, divisor)).toBe(
            result > MAX[64] ? 'reverted: number does not fit 64 bits' : `returned ${result}`,
          )
        },
      ),
      RUNS,
    )
  })
})

describe('the context', () => {
  it('is what the host says', () => {
    chain.balances.set(toHex(AT), 70n)
    expect(call('here')).toBe('vex-test 55 1700000000000')
    expect(call('who')).toEqual([shown(AT), shown(account(1))])
    expect(call('held')).toBe(70n)
    expect(call('digest', '0x616263')).toBe(
      '0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    expect(call('hex', shown(account(0xab)))).toBe('ab'.repeat(32))
    expect(chain.call(AT, 'deposit', [], { value: 3n })).toBe(3n)
  })
})

describe('a call to another contract', () => {
  const placed = { maker: shown(AT), price: { amount: 5n, decimals: 2 }, memo: 'gold', tags: [1] }

  it('passes arguments, units and the result', () => {
    chain.balances.set(toHex(AT), 100n)
    expect(call('depositAt', shown(OTHER), 40)).toBe(40n)
    expect(chain.balances.get(toHex(OTHER))).toBe(40n)
    expect(call('placeAt', shown(OTHER), placed)).toBe(5n)
    expect(call('placedAt', shown(OTHER))).toEqual(placed)
  })

  it('that reverts makes the caller revert with the same reason', () => {
    expect(failure('placeAt', shown(OTHER), { ...placed, memo: 'x'.repeat(64) })).toBe(
      'reverted: an indexed event field is longer than 64 bytes',
    )
  })

  it('that fails makes the caller revert with why', () => {
    expect(failure('placeAt', shown(account(7)), placed)).toBe(
      'reverted: the called contract failed: no contract there',
    )
  })
})

describe('a number of 128 bits', () => {
  it('comes from any integer that is not negative', async () => {
    chain.deploy(
      AT,
      await compileText({
        'main.ts': contract(`@view five(): u128 { return u128.from(5) }
          @view small(n: u8): u128 { return u128.from(n) }
          @view wide(n: u64): u128 { return u128.from(n) }
          @view signed(n: i64): u128 { return u128.from(n) }`),
      }),
    )
    const MAX = (1n << 64n) - 1n
    expect([call('five'), call('small', 255), call('wide', MAX), call('signed', 7)]).toEqual([
      5n,
      255n,
      MAX,
      7n,
    ])
    expect(failure('signed', -1)).toBe('reverted: a u128 is not negative')
  })
})

describe('memory', () => {
  it('that is used up ends the call with a word about it', async () => {
    chain.deploy(
      AT,
      await compileText({
        'main.ts': contract(
          '@view fill(size: i32): i32 { let n = 0; while (true) n += new Uint8Array(size).length; return n }',
        ),
      }),
    )
    expect(failure('fill', 60_000)).toMatch(/^aborted: out of memory \(/)
    expect(failure('fill', 1 << 24)).toMatch(/^aborted: out of memory \(/)
  })
})
