/** u128 and u256 of the SDK against BigInt. */
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../../node/types/primitives.ts'
import { account, built, Sandbox } from './sandbox.ts'

const AT = account(9)
const chain = new Sandbox()
beforeAll(async () => chain.deploy(AT, await built('test/fixtures/contracts/shelf.ts')))

const call = (method: string, ...args: unknown[]): unknown => chain.call(AT, method, args)
const outcome = (method: string, ...args: unknown[]): unknown => {
  try {
    return call(method, ...args)
  } catch (error) {
    return (error as Error).message
  }
}

const highest = (bits: number): bigint => (1n << BigInt(bits)) - 1n
/** Numbers of every length, those beside a power of two, and those whose limbs are all zeros and ones. */
const number = (bits: number): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.nat(bits).chain(n => fc.bigInt(0n, highest(n))),
    fc
      .tuple(fc.nat(bits - 1), fc.constantFrom(-1n, 0n, 1n))
      .map(([n, by]) => BigInt.asUintN(bits, (1n << BigInt(n)) + by)),
    fc
      .array(fc.constantFrom(0n, 1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_fffen, 0xffff_ffffn), {
        maxLength: bits / 32,
      })
      .map(limbs => limbs.reduce<bigint>((sum, limb) => (sum << 32n) | limb, 0n)),
  )
const wide = number(256)
const half = number(128)
const MANY = { numRuns: 400 }
const FEW = { numRuns: 100 }

describe('a number of 256 bits', () => {
  const MAX = highest(256)
  it.each<[string, (a: bigint, b: bigint) => bigint, string]>([
    ['plus', (a, b) => a + b, 'addition overflows'],
    ['minus', (a, b) => a - b, 'subtraction goes below zero'],
    ['times', (a, b) => a * b, 'multiplication overflows'],
  ])('%s is exact or ends the call', (method, exact, message) => {
    fc.assert(
      fc.property(wide, wide, (a, b) => {
        const result = exact(a, b)
        expect(outcome(method, a, b)).toBe(result < 0n || result > MAX ? `reverted: ${message}` : result)
      }),
      MANY,
    )
  })

  it('is divided with a remainder', () => {
    fc.assert(
      fc.property(wide, wide, (a, b) => {
        const expected = b === 0n ? Array(2).fill('reverted: division by zero') : [a / b, a % b]
        expect([outcome('dividedBy', a, b), outcome('modulo', a, b)]).toEqual(expected)
      }),
      MANY,
    )
  })

  it('is compared', () => {
    fc.assert(
      fc.property(wide, fc.option(wide), (a, other) => {
        const b = other ?? a
        expect(call('compare', a, b)).toBe(a < b ? -1 : a === b ? 0 : 1)
      }),
      FEW,
    )
  })

  it('is an argument, a stored value and a result', () => {
    fc.assert(
      fc.property(wide, a => {
        expect(call('hold', a)).toBe(a)
      }),
      FEW,
    )
  })

  it('becomes narrower only if it fits, and is made of narrower ones', () => {
    fc.assert(
      fc.property(wide, half, fc.bigInt(-(1n << 63n), highest(63)), (a, b, c) => {
        expect(outcome('narrow', a)).toBe(a > highest(64) ? 'reverted: number does not fit 64 bits' : a)
        expect(outcome('halve', a)).toBe(a > highest(128) ? 'reverted: number does not fit 128 bits' : a)
        expect(outcome('widen', b, c)).toBe(c < 0n ? 'reverted: a u256 is not negative' : b + c)
      }),
      FEW,
    )
  })

  it('is the product of two of 128', () => {
    fc.assert(
      fc.property(half, half, (a, b) => {
        expect(call('product', a, b)).toBe(a * b)
      }),
      FEW,
    )
  })

  it('has its bytes highest first for the world outside', () => {
    const bytes = (length: number): fc.Arbitrary<string> =>
      fc.uint8Array({ minLength: length, maxLength: length }).map(value => `0x${toHex(value)}`)
    fc.assert(
      fc.property(bytes(32), bytes(16), (long, short) => {
        expect([call('fromBigEndian', long), call('bigEndian', BigInt(long))]).toEqual([BigInt(long), long])
        expect([call('fromBigEndian128', short), call('bigEndian128', BigInt(short))]).toEqual([
          BigInt(short),
          short,
        ])
      }),
      FEW,
    )
    expect(outcome('fromBigEndian', '0x00')).toBe('reverted: a u256 takes 32 bytes')
  })
})

describe('a number of 128 bits', () => {
  it('has remainders and an order', () => {
    fc.assert(
      fc.property(half, half, (a, b) => {
        expect(outcome('modulo128', a, b)).toBe(b === 0n ? 'reverted: division by zero' : a % b)
        expect(call('compare128', a, b)).toBe(a < b ? -1 : a === b ? 0 : 1)
      }),
      MANY,
    )
  })

  it('has a root, rounded down', () => {
    const square = fc.bigInt(0n, highest(64)).map(n => n * n)
    const near = fc.tuple(square, fc.constantFrom(-1n, 0n, 1n)).map(([n, by]) => BigInt.asUintN(128, n + by))
    fc.assert(
      fc.property(fc.oneof(half, near), n => {
        const root = call('root', n) as bigint
        expect(root * root <= n && (root + 1n) * (root + 1n) > n).toBe(true)
      }),
      MANY,
    )
    expect([call('root', 0), call('root', highest(128))]).toEqual([0n, highest(64)])
  })

  it('is scaled by a fraction through the full product', () => {
    fc.assert(
      fc.property(half, half, half, (a, b, c) => {
        const expected =
          c === 0n
            ? 'reverted: division by zero'
            : (a * b) / c > highest(128)
              ? 'reverted: number does not fit 128 bits'
              : (a * b) / c
        expect(outcome('scale', a, b, c)).toBe(expected)
      }),
      MANY,
    )
  })
})

describe('what wraps around by name', () => {
  it('is taken modulo the type', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), (a, b) => {
        expect(call('wrapped', a, b)).toEqual([(a + b) & 255, (a - b) & 255, (a * b) & 255])
      }),
      FEW,
    )
  })
})
