/** Integers that change their type without a cast keep their value or end the call, against BigInt on the real VM. */
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { compileText, contract, messagesOf } from './compile-text.ts'
import { account, Sandbox } from './sandbox.ts'

const TYPES = ['u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64'] as const
type TypeName = (typeof TYPES)[number]

const bitsOf = (type: TypeName): number => Number(type.slice(1))
const isSigned = (type: TypeName): boolean => type.startsWith('i')
const rangeOf = (type: TypeName): [min: bigint, max: bigint] => {
  const size = 1n << BigInt(bitsOf(type))
  return isSigned(type) ? [-size / 2n, size / 2n - 1n] : [0n, size - 1n]
}
/** Any, and those around the borders of every type. */
const numberOf = (type: TypeName): fc.Arbitrary<bigint> => {
  const [min, max] = rangeOf(type)
  const borders = TYPES.flatMap(other => rangeOf(other)).flatMap(n => [n - 1n, n, n + 1n])
  return fc.oneof(fc.bigInt(min, max), fc.constantFrom(...borders.filter(n => n >= min && n <= max)))
}

/** Ways to give an integer to a place of another type. */
const FORMS: Readonly<Record<string, (from: TypeName, to: TypeName) => string>> = {
  assigned: (from, to) =>
    `@view assigned${to}(n: ${from}): ${to} { let out: ${to} = 0; out = n; return out }`,
  returned: (from, to) => `@view returned${to}(n: ${from}): ${to} { return n }`,
  passed: (from, to) => `@view passed${to}(n: ${from}): ${to} { return same<${to}>(n) }`,
  stored: (from, to) => `@call stored${to}(n: ${from}): ${to} { this.${to}.set(n); return this.${to}.get() }`,
  listed: (from, to) =>
    `@view listed${to}(n: ${from}): ${to} { const list: ${to}[] = [0, n]; return list[1] }`,
}

describe.each(TYPES)('%s', from => {
  const chain = new Sandbox()
  const AT = account(9)
  const targets = TYPES.filter(to => to !== from && bitsOf(to) >= bitsOf(from))
  beforeAll(async () => {
    const members = targets.flatMap(to => [
      `private readonly ${to}: Value<${to}>`,
      ...Object.values(FORMS).map(write => write(from, to)),
      `@view cut${to}(n: u64): ${to} { return <${from}>(n ^ 0) }`,
      `@view cast${to}(n: ${from}): ${to} { return as${to}(n) }`,
    ])
    const functions = targets.map(
      to => `@unchecked function as${to}(n: ${from}): ${to} { const other: ${to} = n; return other }`,
    )
    const same = 'function same<T>(n: T): T { return n }'
    chain.deploy(
      AT,
      await compileText({ 'main.ts': contract(members.join('\n'), [same, ...functions].join('\n')) }),
    )
  })
  const outcome = (method: string, n: bigint): unknown => {
    try {
      return BigInt(chain.call(AT, method, [n]) as bigint | number)
    } catch (error) {
      return (error as Error).message
    }
  }

  it('becomes what it is in another type, or ends the call', () => {
    fc.assert(
      fc.property(numberOf(from), n => {
        for (const to of targets) {
          const [min, max] = rangeOf(to)
          const misfit = `reverted: ${n < 0n ? 'a number below zero' : 'the number'} does not fit ${to}`
          const expected = n < min || n > max ? misfit : n
          for (const form of Object.keys(FORMS))
            expect(outcome(form + to, n), `${n} ${form} as ${to}`).toBe(expected)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('is read as what a cast has made of it', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 64n) - 1n), wide => {
        const n = isSigned(from) ? BigInt.asIntN(bitsOf(from), wide) : BigInt.asUintN(bitsOf(from), wide)
        for (const to of targets) {
          const [min, max] = rangeOf(to)
          const isFit = n >= min && n <= max
          const found = outcome(`cut${to}`, wide)
          if (isFit) expect(found).toBe(n)
          else expect(found).toContain(`does not fit ${to}`)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('wraps around where @unchecked says so', () => {
    fc.assert(
      fc.property(numberOf(from), n => {
        for (const to of targets) {
          const wrapped = isSigned(to) ? BigInt.asIntN(bitsOf(to), n) : BigInt.asUintN(bitsOf(to), n)
          expect(outcome(`cast${to}`, n)).toBe(wrapped)
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('a conversion', () => {
  it('within a sum is checked', async () => {
    const chain = new Sandbox()
    const text = contract('@view add(a: u64, b: i64): u64 { return a + b }')
    chain.deploy(account(9), await compileText({ 'main.ts': text }))
    expect(chain.call(account(9), 'add', [5n, 3n])).toBe(8n)
    expect(() => chain.call(account(9), 'add', [5n, -3n])).toThrow('a number below zero does not fit u64')
  })

  it('of a constant that does not fit is told before anything runs', async () => {
    const text = contract('@view lost(): u64 { const debt: i64 = -1; return debt }')
    expect(await messagesOf(text)).toEqual([expect.stringMatching(/main\.ts:3:.*-1 does not fit u64/)])
  })
})
