/** What could lose money without a word is refused where it is written, with what to write instead. */
import { describe, expect, it } from 'vitest'
import { ANSWER, compileText, messagesOf } from './compile-text.ts'
import { account, Sandbox } from './sandbox.ts'

const COLLECTIONS = 'Value, Mapping, OrderedMap, OrderedSet, Vector'
const FUNCTIONS = 'at, balanceOf, blockTimeMs, caller, mulDiv, pay, require, value, wrappingAdd, wrappingMul'
const CASTS = 'toI8, toI16, toI32, toI64, toU8, toU16, toU32, toU64'
const IMPORTS = `Address, Call, Deploy, u128, u256, ${COLLECTIONS}, ${FUNCTIONS}, ${CASTS}`
/** Its body starts in line 3. */
const contract = (body: string, after = ''): string =>
  `import { ${IMPORTS} } from 'vex'\n@contract export class Main {\n${body}\n}\n${after}`

type Case = readonly [what: string, source: string, message: string]

const outside = (name: string): string =>
  `${name} is for the outside, where amounts come in: put what is to wrap around into a function of its own that is @unchecked, and call it here`
const pure = (name: string): string => `${name} is @unchecked, which is for arithmetic alone`
const reaches = (name: string, called: string): string =>
  `${pure(name)}, and ${called} reads storage or handles money: call it outside, and pass what it gives as an argument`

describe('an @unchecked function is refused', () => {
  it.each<Case>([
    [
      'that is called from outside',
      contract('@unchecked @call f(by: u64): u64 { return by + 1 }'),
      `main.ts:3:1: ${outside('f')}`,
    ],
    [
      'that is a view, wherever its mark stands',
      contract('@view\n@unchecked\nf(n: u64): u64 { return n * 31 }'),
      `main.ts:4:1: ${outside('f')}`,
    ],
    [
      'that runs at deployment',
      contract(`@unchecked @init start(n: u64): void {}\n${ANSWER}`),
      `main.ts:3:1: ${outside('start')}`,
    ],
    [
      'that runs in an upgrade',
      contract(`@migrate @unchecked move(): void {}\n${ANSWER}`),
      `main.ts:3:10: ${outside('move')}`,
    ],
    [
      'that reads storage',
      contract(
        `total: Value<u64>\n@unchecked private f(by: u64): u64 { return this.total.get() + by }\n${ANSWER}`,
      ),
      `main.ts:4:45: ${pure('f')}: read this.total outside, and pass what it holds as an argument`,
    ],
    [
      'that reads storage of a contract that it was given',
      contract(
        `total: Value<u64>\n${ANSWER}`,
        '@unchecked function f(c: Main): u64 { return c.total.get() + 1 }',
      ),
      `main.ts:6:46: ${pure('f')}: read c.total outside, and pass what it holds as an argument`,
    ],
    [
      'that calls what reads storage',
      contract(
        `total: Value<u64>\n@unchecked private f(): u64 { return this.g() + 1 }\nprivate g(): u64 { return h(this) }\n${ANSWER}`,
        'function h(c: Main): u64 { return c.total.get() }',
      ),
      `main.ts:4:38: ${reaches('f', 'g')}`,
    ],
    [
      'that asks a getter, which reads storage',
      contract(
        `total: Value<u64>\nprivate get g(): u64 { return this.total.get() }\n@unchecked private f(): u64 { return this.g + 1 }\n${ANSWER}`,
      ),
      `main.ts:5:38: ${reaches('f', 'g')}`,
    ],
    [
      'that asks what came with the call',
      contract(ANSWER, '@unchecked function f(): u64 { return value() * 2 }'),
      `main.ts:5:39: ${pure('f')}: ask value() outside, and pass what it gives as an argument`,
    ],
    [
      'that asks for a balance under another name',
      `import { balanceOf as held, Address } from 'vex'\n@contract export class Main {\n${ANSWER}\n}\n@unchecked function f(who: Address): u64 { return held(who) + 1 }`,
      `main.ts:5:51: ${pure('f')}: ask balanceOf() outside, and pass what it gives as an argument`,
    ],
    [
      'that pays',
      contract(`@unchecked private f(n: u64): void { pay(caller(), n + 1) }\n${ANSWER}`),
      `main.ts:3:38: ${pure('f')}: use pay outside, with what it returns`,
    ],
    [
      'that calls another contract',
      contract(
        `@unchecked private f(a: Address, n: u64): void { new Call(a, 'g').arg<u64>(n + 1).send<void>() }\n${ANSWER}`,
      ),
      `main.ts:3:50: ${pure('f')}: use Call outside, with what it returns`,
    ],
  ])('%s', async (_, source, message) => {
    expect(await messagesOf(source)).toEqual([message])
  })

  it('in a file beside the contract, where it calls a file beside that', async () => {
    const files = {
      'main.ts': `import { f } from './one'\n@contract export class Main { @view x(): u64 { return f() } }`,
      'one.ts': `import { held as g } from './two'\n@unchecked export function f(): u64 { return g() + 1 }`,
      'two.ts': `import { balanceOf, self } from 'vex'\nexport function held(): u64 { return balanceOf(self()) }`,
    }
    expect(await messagesOf(files)).toEqual([`one.ts:2:46: ${reaches('f', 'held')}`])
  })
})

const cut = (type: string, to: string, what: string): string =>
  `a cast to ${type} cuts bits off an amount: write ${to}(${what}), which ends the call if it does not fit`
const wraps = (name: string): string =>
  `${name} loses money where an amount does not fit: write + - *, which end the call`
const STRUCT = '@struct export class Order { constructor(public amount: u64, public size: u32) {} }'

describe('what changes an amount without a word is refused', () => {
  it.each<Case>([
    [
      'a cast of what came with the call',
      contract('@payable @call f(): u32 { return <u32>value() }'),
      `main.ts:3:34: ${cut('u32', 'toU32', 'value()')}`,
    ],
    [
      'the same, written as a call',
      contract('@payable @call f(): u32 { return u32(value()) }'),
      `main.ts:3:34: ${cut('u32', 'toU32', 'value()')}`,
    ],
    [
      'a cast of what is stored',
      contract('held: Mapping<Address, u64>\n@view f(): u16 { return (this.held.get(caller())) as u16 }'),
      `main.ts:4:25: ${cut('u16', 'toU16', 'this.held.get(caller())')}`,
    ],
    [
      'a cast of a parameter, whatever its type is called',
      contract('@call f(sum: Amount): i32 { return <i32>sum }', 'type Amount = u64'),
      `main.ts:3:36: ${cut('i32', 'toI32', 'sum')}`,
    ],
    [
      'a cast of a parameter of a function within',
      contract('@view f(n: u64): i8 { return cutOff(n) }', 'function cutOff(n: u64): i8 { return <i8>n }'),
      `main.ts:5:38: ${cut('i8', 'toI8', 'n')}`,
    ],
    [
      'a cast of a parameter of an arrow function',
      contract('@view f(list: u64[]): u32[] { return list.map<u32>((n: u64): u32 => <u32>n) }'),
      `main.ts:3:69: ${cut('u32', 'toU32', 'n')}`,
    ],
    [
      'a cast of a variable that holds one',
      contract(
        'total: Value<u64>\n@view f(): u8 { const all = this.total.get()\n const same = all\n return <u8>same }',
      ),
      `main.ts:6:9: ${cut('u8', 'toU8', 'same')}`,
    ],
    [
      'a cast of what was added up in a variable',
      contract(
        'held: Vector<u64>\n@view f(): u32 { let sum: u64 = 0\n for (let i = 0; i < 9; i++) sum += this.held.get(i)\n return <u32>sum }',
      ),
      `main.ts:6:9: ${cut('u32', 'toU32', 'sum')}`,
    ],
    [
      'a cast of a sum',
      contract('total: Value<u64>\n@view f(n: u64): u32 { return <u32>(this.total.get() + n) }'),
      `main.ts:4:31: ${cut('u32', 'toU32', 'this.total.get() + n')}`,
    ],
    [
      'a cast of a quotient that may be large',
      contract('@view f(n: u64): u32 { return <u32>(n / 1000) }'),
      `main.ts:3:31: ${cut('u32', 'toU32', 'n / 1000')}`,
    ],
    [
      'a cast of a remainder that may be large',
      contract('@view f(n: u64): u8 { return <u8>(n % 1000) }'),
      `main.ts:3:30: ${cut('u8', 'toU8', 'n % 1000')}`,
    ],
    [
      'a cast of a remainder that may be below zero',
      contract('@view f(n: i64): u8 { return <u8>(n % 10) }'),
      `main.ts:3:30: ${cut('u8', 'toU8', 'n % 10')}`,
    ],
    [
      'a cast of the remainder of a division by an amount',
      contract('total: Value<u64>\n@view f(n: u64): u32 { return <u32>(n % this.total.get()) }'),
      `main.ts:4:31: ${cut('u32', 'toU32', 'n % this.total.get()')}`,
    ],
    [
      'a cast of one of two',
      contract('@view f(n: u64): u32 { return <u32>(n > 5 ? n : 0) }'),
      `main.ts:3:31: ${cut('u32', 'toU32', 'n > 5 ? n : 0')}`,
    ],
    [
      'a cast of the larger',
      contract('@view f(n: u64): u32 { return <u32>max(n, 9) }'),
      `main.ts:3:31: ${cut('u32', 'toU32', 'max(n, 9)')}`,
    ],
    [
      'a cast of a field',
      contract(
        'orders: Mapping<u64, Order>\n@view f(): u32 { const o = this.orders.get(1)\n return <u32>o.amount + <u32>o.size }',
        STRUCT,
      ),
      `main.ts:5:9: ${cut('u32', 'toU32', 'o.amount')}`,
    ],
    [
      'a cast of a field in its own class',
      contract(ANSWER, 'class Order { constructor(public n: u64) {}\n f(): u32 { return <u32>this.n } }'),
      `main.ts:6:20: ${cut('u32', 'toU32', 'this.n')}`,
    ],
    [
      'a cast of an element',
      contract('@view f(list: u64[]): u8 { return <u8>list[0] }'),
      `main.ts:3:35: ${cut('u8', 'toU8', 'list[0]')}`,
    ],
    [
      'a cast of an element of a page',
      contract('all: OrderedSet<u64>\n@view f(): u8 { const page = this.all.first(5)\n return <u8>page[0] }'),
      `main.ts:5:9: ${cut('u8', 'toU8', 'page[0]')}`,
    ],
    [
      'a cast of a value of an ordered map',
      contract(
        'all: OrderedMap<u32, u64>\n@view f(): u8 { const e = this.all.first(1)[0]\n return <u8>e.key + <u8>e.value }',
      ),
      `main.ts:5:21: ${cut('u8', 'toU8', 'e.value')}`,
    ],
    [
      'a cast of what a function of the author gives',
      contract(
        'total: Value<u64>\n@view f(): u32 { return <u32>this.g() }\nprivate g(): u64 { return this.total.get() * 2 }',
      ),
      `main.ts:4:25: ${cut('u32', 'toU32', 'this.g()')}`,
    ],
    [
      'a cast of what another contract gives',
      contract("@call f(a: Address): u32 { return <u32>new Call(a, 'g').send<u64>() }"),
      `main.ts:3:35: ${cut('u32', 'toU32', "new Call(a, 'g').send<u64>()")}`,
    ],
    [
      'a cast of a share',
      contract('@view f(n: u64): u32 { return <u32>mulDiv(n, 3, 1000) }'),
      `main.ts:3:31: ${cut('u32', 'toU32', 'mulDiv(n, 3, 1000)')}`,
    ],
    [
      'a cast of what was wide',
      contract(
        'total: Value<u128>\n@view f(n: u64): u32 { return <u32>this.total.get().plus(u128.from(n)).toU64() }',
      ),
      `main.ts:4:31: ${cut('u32', 'toU32', 'this.total.get().plus(u128.from(n)).toU64()')}`,
    ],
    [
      'the low half of what is wide',
      contract('total: Value<u128>\n@view f(): u64 { return this.total.get().low }'),
      'main.ts:4:25: this.total.get().low keeps 64 bits of an amount: write this.total.get().toU64(), which ends the call if it does not fit',
    ],
    [
      'a cast that may turn what is below zero into a large amount',
      contract('total: Value<u64>\n@call f(by: i64): void { this.total.set(<u64>by) }'),
      'main.ts:4:41: a cast to u64 makes a large number of an amount below zero: write toU64(by), which ends the call if it does not fit',
    ],
    [
      'a cast that may turn a large amount into what is below zero',
      contract('@view f(n: u64): i64 { return <i64>n }'),
      'main.ts:3:31: a cast to i64 makes a large amount a number below zero: write toI64(n), which ends the call if it does not fit',
    ],
    [
      'floating point',
      contract('@view f(n: u64): u64 { return <u64>(<f64>n * 1.5) }'),
      'main.ts:3:37: a cast to f64 keeps 53 bits of an amount: write mulDiv(a, b, c) for shares and prices, which is exact',
    ],
    [
      'wrapping around an amount',
      contract(
        'total: Value<u64>\n@call f(n: u32): void { this.total.set(wrappingAdd<u64>(this.total.get(), n)) }',
      ),
      `main.ts:4:57: ${wraps('wrappingAdd')}`,
    ],
    [
      "an addition of the compiler's own, which wraps around",
      contract('@view f(n: u64): u64 { return add<u64>(n, 1) }'),
      `main.ts:3:40: ${wraps('add')}`,
    ],
    [
      'the same of a type',
      contract('@view f(n: u64): u64 { return u64.mul(n, 3) }'),
      `main.ts:3:39: ${wraps('u64.mul')}`,
    ],
  ])('%s', async (_, source, message) => {
    expect(await messagesOf(source)).toEqual([message])
  })

  it('in every place of every file at once', async () => {
    const found = await messagesOf({
      'main.ts': `import { f } from './other'\nimport { Value } from 'vex'\n@contract export class Main {\ntotal: Value<u64>\n@view g(n: u64): u32 { return <u32>n + <u32>this.total.get() + f(n) }\n}`,
      'other.ts': 'export function f(n: u64): u32 { return <u32>n }',
    })
    expect(found.map(message => message.split(': ', 1)[0])).toEqual([
      'main.ts:5:31',
      'main.ts:5:40',
      'other.ts:1:41',
    ])
  })

  it('what another contract gives that is called by its class', async () => {
    const found = await messagesOf({
      'main.ts': `import { at, Address } from 'vex'\nimport { Other } from './other'\n@contract export class Main {\n@call f(a: Address): u32 { return <u32>at<Other>(a).total() }\n}`,
      'other.ts': `import { Value } from 'vex'\n@contract export class Other { sum: Value<u64>\n@view total(): u64 { return this.sum.get() } }`,
    })
    expect(found).toEqual([`main.ts:4:35: ${cut('u32', 'toU32', 'at<Other>(a).total()')}`])
  })
})

it.each<[what: string, source: string]>([
  [
    'an @unchecked method that computes, and what it calls to compute',
    contract(
      '@view f(n: u64): u64 { return this.g(n) }\n@unchecked private g(n: u64): u64 { return this.h(n) * 31 }\nprivate h(n: u64): u64 { return n ^ 5 }',
    ),
  ],
  [
    'an @unchecked method whose field is called as one of the contract',
    contract(
      'total: Value<u64>\n@view f(n: u64): u64 { return new Hash(n).next() }',
      'class Hash { constructor(public total: u64) {}\n @unchecked next(): u64 { return this.total * 31 } }',
    ),
  ],
  [
    'casts in an @unchecked function, and in functions inside it',
    contract(
      '@view f(n: u64): u32 { return g(n) }',
      '@unchecked function g(n: u64): u32 { return <u32>n + <u32>[n].map<u64>((k: u64): u64 => <u64><u32>k)[0] }',
    ),
  ],
  [
    'a cast of what an @unchecked function gives',
    contract(
      '@view f(n: u64): u32 { return <u32>hash(n) }',
      '@unchecked function hash(n: u64): u64 { return n * 31 }',
    ),
  ],
  [
    'casts of what is masked, shifted or mixed',
    contract(
      '@view f(n: u64): u32 { return <u32>(n & 0xff) + <u32>(n >> 40) + <u32>(n ^ 5) + <u32>rotl<u64>(n, 7) }',
    ),
  ],
  [
    'casts of what a literal bounds',
    contract(
      '@view f(n: u64): u8 { return <u8>(n % 256) + <u8>(n % SIDES) + <u8>(48 + n % 10) + <u8>min(n, 200) + <u8>(n / 0x100_0000_0000_0000) }',
      'const SIDES: u64 = 6',
    ),
  ],
  [
    'casts of what a smaller number bounds',
    contract(
      '@view f(n: u64, m: u16): u32 { return <u32>min<u64>(n, m) + <u32>(n % m) + <u32>(<u64>m * 9) }',
    ),
  ],
  [
    'a cast of a variable that was bounded in place',
    contract('@view f(n: u64): u8 { let k = n\n k %= 10\n return <u8>k }'),
  ],
  [
    'a cast of a loop counter',
    contract(
      '@view f(n: u64): u32 { let s: u32 = 0\n for (let i: u64 = 0; i < n; i++) s += <u32>i\n return s }',
    ),
  ],
  [
    'a cast that cuts nothing off',
    contract('@view f(n: u32, m: i64): u64 { return <u64>n + <u64><u8>(m & 7) }'),
  ],
  ['a cast of a small field', contract('most: Value<u32>\n@view f(): u8 { return <u8>this.most.get() }')],
  ['a cast of a number of its own', contract('@view f(): u8 { let n: u64 = 5; return <u8>n }')],
  ['a cast of a time', contract('@view f(): u32 { return <u32>(blockTimeMs() / 1000) }')],
  [
    'a cast to i64 of what has a place there',
    contract('@view f(n: u64): i64 { return <i64>(n % 1000) - <i64>(n >> 1) }'),
  ],
  [
    'both halves of what is wide',
    contract('total: Value<u128>\n@view f(): u64 { const t = this.total.get()\n return t.low ^ t.high }'),
  ],
  [
    'floating point of small numbers',
    contract('@view f(n: u64): u64 { return <u64>(<f64>(n % 1_000_000) * 1.5) }'),
  ],
  ['a condition', contract('@view f(n: u64): bool { return <bool>n }')],
  ['wrapping a hash', contract('@view f(n: u32): u32 { return wrappingMul<u32>(n, 31) }')],
  [
    'a function of its own with the name of one of the compiler',
    contract(
      '@view f(n: u64): u64 { return add(n, 1) }',
      'function add(a: u64, b: u64): u64 { return a + b }',
    ),
  ],
  ['a parameter with the name of one of the SDK', contract('@view f(value: u32): u8 { return <u8>value }')],
  [
    'casts that end the call',
    contract(
      '@view f(n: u64, m: i64): u32 { return toU32(n) + toU8(m) + toU16(u128.from(n)) + <u32>toI32(u256.from(n)) }',
    ),
  ],
])('the compiler accepts %s', async (_, source) => {
  expect(await messagesOf(source)).toEqual(['compiled'])
})

describe('numbers in another type', () => {
  const TYPES = ['u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64'] as const
  const rangeOf = (type: string): { min: bigint; max: bigint } => {
    const size = 1n << BigInt(type.slice(1))
    return type.startsWith('u') ? { min: 0n, max: size - 1n } : { min: -size / 2n, max: size / 2n - 1n }
  }
  const castTo = (type: string): string => `to${type[0]?.toUpperCase()}${type.slice(1)}`

  it.each(TYPES)('are the same in %s, or end the call', async to => {
    const at = account(9)
    const chain = new Sandbox()
    const methods = [...TYPES, 'u128', 'u256'].map(
      from => `@view of${from}(n: ${from}): ${to} { return ${castTo(to)}(n) }`,
    )
    chain.deploy(at, await compileText({ 'main.ts': contract(methods.join('\n')) }))
    const target = rangeOf(to)
    for (const from of [...TYPES, 'u128', 'u256']) {
      const source = rangeOf(from)
      const edges = [target.min, target.max, source.min, source.max, 0n].flatMap(n => [n - 1n, n, n + 1n])
      for (const n of edges.filter(each => each >= source.min && each <= source.max)) {
        const call = (): bigint => BigInt(chain.call(at, `of${from}`, [n]) as number | bigint)
        if (n >= target.min && n <= target.max) expect(call()).toBe(n)
        else if (n > (1n << 64n) - 1n) expect(call).toThrow('reverted: number does not fit 64 bits')
        else expect(call).toThrow(`reverted: the number does not fit ${to}`)
      }
    }
  })
})
