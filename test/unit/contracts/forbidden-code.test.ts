import { describe, expect, it } from 'vitest'
import { ANSWER, contract, messagesOf } from './compile-text.ts'

const outer = (name: string): string =>
  `${name} is of the function around, which a function inside another cannot use: write a loop, or pass ${name} as an argument`
const forgotten = (name: string): string =>
  `what is changed in ${name} would be forgotten after the call: keep it in a storage field, or change a copy`
const NO_THROW = "there are no exceptions: end the call with revert('…')"
const NO_TRY = 'there is no try: what fails undoes the whole call; only attempt() of a Call goes on'
const NUMBER = 'number has no fixed size: write u64 or what you mean, f64 for floating point'

describe('the compiler refuses', () => {
  it.each<[what: string, source: string, message: string]>([
    [
      'a function that uses a parameter of the one around',
      contract('@call f(k: u64): void { const g = (): u64 => k; g() }'),
      `main.ts:3:46: ${outer('k')}`,
    ],
    [
      'a function that uses a variable of the one around',
      contract(
        '@view f(xs: u64[]): u64 {\n  let sum: u64 = 0\n  xs.forEach(x => { sum += x })\n  return sum\n}',
      ),
      `main.ts:5:21: ${outer('sum')}`,
    ],
    [
      'a function that uses the contract',
      contract('n: Value<u64>\n@view f(xs: u64[]): bool { return xs.some(x => x == this.n.get()) }'),
      'main.ts:4:53: this is of the method around, which a function inside another cannot use: write a loop',
    ],
    [
      'a closure in a function of the module',
      contract(ANSWER, 'function f(a: i32): i32 { return [1].findIndex((x: i32): bool => x == a) }'),
      `main.ts:5:71: ${outer('a')}`,
    ],
    ['try', contract('@call f(): void { try { } catch (e) { } finally { } }'), `main.ts:3:19: ${NO_TRY}`],
    ['throw', contract("@call f(): void { throw new Error('x') }"), `main.ts:3:19: ${NO_THROW}`],
    [
      'a number without a size',
      contract('@view f(): u64 { let x: number = 5; return <u64>x }'),
      `main.ts:3:25: ${NUMBER}`,
    ],
    [
      'numbers without a size',
      contract('@view f(): u64 { const x = [1] as Array<number>; return 1 }'),
      `main.ts:3:41: ${NUMBER}`,
    ],
    [
      'a list of the module that grows',
      contract('@call f(n: u64): void { SEEN.push(n) }', 'const SEEN: u64[] = []'),
      `main.ts:3:25: ${forgotten('SEEN')}`,
    ],
    [
      'a list of the module that is written to',
      contract('@call f(n: u64): void { LAST[0] += n }', 'const LAST: u64[] = [0]'),
      `main.ts:3:25: ${forgotten('LAST')}`,
    ],
    [
      'an object of the module that changes',
      contract(
        '@call f(n: u64): void { STATE.count++ }',
        'class C { count: u64 = 0 }\nconst STATE = new C()',
      ),
      `main.ts:3:25: ${forgotten('STATE')}`,
    ],
  ])('%s', async (_, source, message) => {
    expect(await messagesOf(source)).toEqual([message])
  })
})

it.each<[what: string, source: string]>([
  [
    'functions that use their own, and what is of the module',
    contract(
      '@view f(xs: i32[]): i32[] { const y = xs.map<i32>((x: i32): i32 => { const d = x + N; return d }); return y.sort((a, b) => a - b) }',
      'const N: i32 = 3',
    ),
  ],
  [
    'functions that use a constant that is written out',
    contract(
      '@view f(xs: i32[]): i32 { const k: i32 = 1 + 2; return xs.findIndex((x: i32): bool => x == k) }',
    ),
  ],
  [
    'functions that use a name of the module that a block around hides elsewhere',
    contract(
      '@view f(xs: i32[]): i32 { { const N = xs.length; xs[0] = N }\n return xs.findIndex((x: i32): bool => x == N) }',
      'const N: i32 = 3',
    ),
  ],
  [
    'a list of its own with the name of one of the module',
    contract('@call f(): void { const SEEN: u64[] = []; SEEN.push(1) }', 'const SEEN: u64[] = []'),
  ],
  ['floating point by its own name', contract('@view f(): u64 { let x: f64 = 5; return <u64>x }')],
])('the compiler accepts %s', async (_, source) => {
  expect(await messagesOf(source)).toEqual(['compiled'])
})
