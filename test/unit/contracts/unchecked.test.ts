import { describe, expect, it } from 'vitest'
import { ANSWER, compileText, messagesOf } from './compile-text.ts'
import { account, Sandbox } from './sandbox.ts'

const contract = (body: string, after = ''): string =>
  `import { Value, Mapping, Vector, Address, Call, balanceOf, caller, pay, self, toI32, toU8, toU16, toU32, value, wrappingAdd, wrappingMul, u128 } from 'vex'\n@contract export class Main {\n${body}\n}\n${after}`

const pure = (name: string): string => `${name} is @unchecked, which is for arithmetic alone`
const cut = (type: string, to: string, what: string): string =>
  `a cast to ${type} cuts bits off an amount: write ${to}(${what}), which ends the call if it does not fit`
const wraps = (name: string): string =>
  `${name} loses money where an amount does not fit: write + - *, which end the call`

describe('unchecked arithmetic on money is refused before anything is compiled', () => {
  it.each<[what: string, source: string, message: string]>([
    [
      'in a method that reads storage',
      contract('total: Value<u64>\n@unchecked @call f(by: u64): u64 { return this.total.get() + by }'),
      `main.ts:4:43: ${pure('f')}: read this.total outside, and pass what it holds as an argument`,
    ],
    [
      'in a method that asks what came with the call',
      contract('@unchecked @payable @call f(): u64 { return value() * 2 }'),
      `main.ts:3:45: ${pure('f')}: ask value() outside, and pass what it gives as an argument`,
    ],
    [
      'in a function that asks for a balance under another name',
      `import { balanceOf as held, Address } from 'vex'\n@contract export class Main {\n${ANSWER}\n}\n@unchecked function f(who: Address): u64 { return held(who) + 1 }`,
      `main.ts:5:51: ${pure('f')}: ask held() outside, and pass what it gives as an argument`,
    ],
    [
      'in a method that pays',
      contract('@unchecked @call f(n: u64): void { pay(caller(), n + 1) }'),
      `main.ts:3:36: ${pure('f')}: use pay outside, with what it returns`,
    ],
    [
      'in a method that calls another contract',
      contract(
        "@unchecked @call f(a: Address, n: u64): void { new Call(a, 'g').arg<u64>(n + 1).send<void>() }",
      ),
      `main.ts:3:48: ${pure('f')}: use Call outside, with what it returns`,
    ],
    [
      'by a cast of what came with the call',
      contract('@payable @call f(): u32 { return <u32>value() }'),
      `main.ts:3:34: ${cut('u32', 'toU32', 'value()')}`,
    ],
    [
      'by a cast of what is stored',
      contract('held: Mapping<Address, u64>\n@view f(): u16 { return (this.held.get(caller())) as u16 }'),
      `main.ts:4:25: ${cut('u16', 'toU16', '(this.held.get(caller()))')}`,
    ],
    [
      'by a cast of a parameter, whatever it is called',
      contract('@call f(sum: Amount): i32 { return <i32>sum }', 'type Amount = u64'),
      `main.ts:3:36: ${cut('i32', 'toI32', 'sum')}`,
    ],
    [
      'by a cast of a variable that holds one',
      contract(
        'total: Value<u64>\n@view f(): u8 { const all = this.total.get()\n const same = all\n return <u8>same }',
      ),
      `main.ts:6:9: ${cut('u8', 'toU8', 'same')}`,
    ],
    [
      'by wrapping around an amount',
      contract(
        'total: Value<u64>\n@call f(n: u32): void { this.total.set(wrappingAdd<u64>(this.total.get(), n)) }',
      ),
      `main.ts:4:57: ${wraps('wrappingAdd')}`,
    ],
  ])('%s', async (_, source, message) => {
    expect(await messagesOf(source)).toEqual([message])
  })

  it('in every place of a file at once', async () => {
    const found = await messagesOf(
      contract('total: Value<u64>\n@view f(n: u64): u32 { return <u32>n + <u32>this.total.get() }'),
    )
    expect(found).toHaveLength(2)
  })
})

it.each<[what: string, source: string]>([
  [
    'an @unchecked method that computes, and one that calls others',
    contract(
      'total: Value<u64>\n@unchecked @view f(n: u64): u64 { return this.g(n * 31) }\nprivate g(n: u64): u64 { return this.total.get() + n }',
    ),
  ],
  [
    'a cast of what was computed from an amount',
    contract('@call f(n: u64): u32 { return <u32>(n % 10) + <u32>(n >> 32) + <u32>(n & 0xff) }'),
  ],
  ['a cast that cuts nothing off', contract('@call f(n: u32): u64 { return <u64>n }')],
  ['a cast of a small field', contract('most: Value<u32>\n@view f(): u8 { return <u8>this.most.get() }')],
  ['a cast inside an @unchecked function', contract('@unchecked @view f(n: u64): u32 { return <u32>n }')],
  ['a cast of a number of its own', contract('@view f(): u8 { let n: u64 = 5; return <u8>n }')],
  ['wrapping a hash', contract('@view f(n: u32): u32 { return wrappingMul<u32>(n, 31) }')],
  ['the element of a list', contract('@view f(list: u64[]): u8 { return <u8>list[0] }')],
])('the compiler accepts %s', async (_, source) => {
  expect(await messagesOf(source)).toEqual(['compiled'])
})

describe('numbers in fewer bits', () => {
  it.each([
    ['u8', 255n, 256n],
    ['u16', 65_535n, 65_536n],
    ['u32', (1n << 32n) - 1n, 1n << 32n],
  ])('end the call where they do not fit %s', async (type, most, more) => {
    const at = account(9)
    const chain = new Sandbox()
    const name = `toU${type.slice(1)}`
    chain.deploy(
      at,
      await compileText({ 'main.ts': contract(`@view f(n: u64): ${type} { return ${name}(n) }`) }),
    )
    expect(BigInt(chain.call(at, 'f', [most]) as number | bigint)).toBe(most)
    expect(() => chain.call(at, 'f', [more])).toThrow(`reverted: the number does not fit ${type}`)
  })

  it('end the call where they do not fit i32, on both sides', async () => {
    const at = account(9)
    const chain = new Sandbox()
    chain.deploy(at, await compileText({ 'main.ts': contract('@view f(n: i64): i32 { return toI32(n) }') }))
    for (const fits of [-(2n ** 31n), -1n, 2n ** 31n - 1n])
      expect(BigInt(chain.call(at, 'f', [fits]) as number | bigint)).toBe(fits)
    for (const not of [-(2n ** 31n) - 1n, 2n ** 31n])
      expect(() => chain.call(at, 'f', [not])).toThrow('reverted: the number does not fit i32')
  })
})

it('the errors of require are made only where its condition does not hold', async () => {
  const at = account(9)
  const chain = new Sandbox()
  const body = `@view f(n: u64): u64 { require(n > 5, text(n)); return gasLeft() }
@view g(n: u64): u64 { if (!(n > 5)) revert(text(n)); return gasLeft() }`
  const source = `import { require, revert, gasLeft } from 'vex'
@contract export class Main {
${body}
}
function text(n: u64): string { let all = ''; for (let i: u64 = 0; i < 50; i++) all += n.toString(); return all }`
  chain.deploy(at, await compileText({ 'main.ts': source }))
  expect(chain.call(at, 'f', [9n])).toBe(chain.call(at, 'g', [9n]))
  expect(() => chain.call(at, 'f', [3n])).toThrow(`reverted: ${'3'.repeat(50)}`)
})
