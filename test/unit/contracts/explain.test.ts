import { describe, expect, it } from 'vitest'
import { ANSWER, contract, messagesOf } from './compile-text.ts'

const ASYNC = 'a call runs to its end, and a call to another contract answers at once'
const BIGINT = 'bigint is not available; use u64, or u128 or u256 for more than 64 bits'
const RETURN = 'write the return type: ": void" for nothing, ": u64" or another for a value'
const OBJECT = 'an object type has no name: write a class marked @struct and use its name'
const NAMES = 'destructuring is not available: give each value its own name, as in "const a = pair.a"'

describe('the compiler explains', () => {
  it.each<[what: string, source: string, message: string]>([
    ['async', contract('@view async f(): u64 { return 1 }'), `main.ts:3:7: leave out async: ${ASYNC}`],
    ['await', contract('@view f(): u64 { return await 1 }'), `main.ts:3:25: leave out await: ${ASYNC}`],
    ['a missing return type', contract('@call f() {}'), `main.ts:3:10: ${RETURN}`],
    [
      'a missing return type of a function',
      contract(ANSWER, 'function f() { return 1 }'),
      `main.ts:5:13: ${RETURN}`,
    ],
    ['a field without a type', contract(`n = 1\n${ANSWER}`), 'main.ts:3:1: the field n needs a type'],
    ['an object type', contract('@view f(x: { a: u64 }): u64 { return 1 }'), `main.ts:3:12: ${OBJECT}`],
    ['an object type that is returned', contract('@view f(): { a: u64 } {}'), `main.ts:3:12: ${OBJECT}`],
    [
      'an object without a class',
      contract('@view f(): u64 { const x = { a: 1 }; return 1 }'),
      'main.ts:3:28: an object literal has no type: write a class and make it with new',
    ],
    [
      'a tuple',
      contract('@view f(): [u64, u64] { return [1, 2] }'),
      'main.ts:3:12: a tuple is not available: write a class marked @struct, or Array<T> if all are of one type',
    ],
    ['destructuring', contract('@view f(): u64 { const { a } = this; return a }'), `main.ts:3:18: ${NAMES}`],
    ['a parameter taken apart', contract('@view f({ a }: u64): u64 { return a }'), `main.ts:3:8: ${NAMES}`],
    ['a bigint literal', contract('@view f(): u64 { return 5n }'), `main.ts:3:26: ${BIGINT}`],
    ['bigint', contract('@view f(): u64 { let x: bigint; return 1 }'), `main.ts:3:25: ${BIGINT}`],
    [
      'any',
      contract('@view f(): u64 { let x: any; return 1 }'),
      'main.ts:3:25: any is not available: write the type',
    ],
    [
      'for … of',
      contract('@call f(): void { for (const x of [1]) {} }'),
      'main.ts:3:19: for … of is not available: count, as in "for (let i = 0; i < list.length; i++)"',
    ],
    [
      'a union type',
      contract('@view f(): u64 { let x: u64 | string; return 1 }'),
      'main.ts:3:31: a union type is not available: write one type',
    ],
    [
      'an npm package',
      `import { z } from 'zod'\n${contract(ANSWER)}`,
      "main.ts:1:19: npm packages cannot be used in a contract (zod): import from 'vex', or from a file of your own as './name'",
    ],
    [
      'a mark after export',
      `export @contract class Main { ${ANSWER} }`,
      'main.ts:1:1: write the mark first: "@contract export class Name"',
    ],
    [
      '?.',
      contract('@view f(a: u64[]): i32 { return a?.length }'),
      'main.ts:3:35: there is no ?.: ask "if (x !== null)" first',
    ],
    [
      '??',
      contract('@view f(n: u64): u64 { return n ?? 5 }'),
      'main.ts:3:34: there is no ??: write "x !== null ? x : other"',
    ],
    [
      '||=',
      contract('@view f(n: u64): u64 { n ||= 5; return n }'),
      'main.ts:3:28: there is no ||= or &&=: write it out',
    ],
    [
      'for … in',
      contract('@view f(list: u64[]): u64 { for (const i in list) {} return 1 }'),
      'main.ts:3:40: for … in is not available: count, as in "for (let i = 0; i < list.length; i++)"',
    ],
    [
      'a label',
      contract('@view f(): u64 { all: for (;;) { break all } return 1 }'),
      'main.ts:3:21: a loop has no label: put it into a function of its own, and return from there',
    ],
    [
      'a generator',
      contract(ANSWER, 'function* f(): u64 { yield 1 }'),
      'main.ts:5:9: there are no generators: give back an array, or a page of one',
    ],
    [
      'a method that is one',
      contract(`${ANSWER}\n*f(): u64 { return 1 }`),
      'main.ts:3:33: there are no generators: give back an array, or a page of one',
    ],
    [
      'satisfies',
      contract('@view f(): u64 { const n = 5 satisfies u64; return n }'),
      'main.ts:3:30: leave out satisfies: give the variable its type',
    ],
    [
      'as const',
      contract('@view f(): u64 { const n = 5 as const; return n }'),
      'main.ts:3:28: leave out "as const": write the type',
    ],
    [
      'a name with #',
      contract(`#count: Value<u64>\n${ANSWER}`),
      'main.ts:3:1: write private before the name, in place of #',
    ],
    [
      'spread',
      contract('@view f(list: u64[]): u64[] { return [...list] }'),
      'main.ts:3:39: there is no spread: use concat, or a loop',
    ],
    [
      'in',
      contract('@view f(list: u64[]): bool { return 1 in list }'),
      'main.ts:3:37: there is no in: ask has(key) of a map or set, includes(value) of an array',
    ],
    [
      'delete',
      contract('@call f(list: u64[]): void { delete list[0] }'),
      'main.ts:3:30: there is no delete: call delete(key) of a map or set',
    ],
    [
      'a regular expression',
      contract("@view f(): bool { return /a/.test('a') }"),
      'main.ts:3:26: there are no regular expressions: compare with includes, startsWith, indexOf or charCodeAt',
    ],
    [
      'JSON',
      contract('@view f(): string { return JSON.stringify(1) }'),
      'main.ts:3:28: there is no JSON: take, store and return a class marked @struct',
    ],
    ['a promise', contract(`@view f(): u64 { new Promise(() => {}); return 1 }`), `main.ts:3:22: ${ASYNC}`],
    [
      'undefined',
      contract('@view f(): u64 { return undefined }'),
      'main.ts:3:25: there is no undefined: use 0, an empty text or array, or a bool beside it',
    ],
    [
      'a number that may be null',
      contract('@view f(): u64 { let n: u64 | null = null; return 1 }'),
      'main.ts:3:25: a number is never null: use 0, or a bool beside it',
    ],
    [
      'unknown',
      contract('@view f(): u64 { let n: unknown; return 1 }'),
      'main.ts:3:25: unknown is not available: write the type',
    ],
    [
      'find',
      contract('@view f(list: u64[]): u64 { return list.find(n => n > 1) }'),
      'main.ts:3:41: there is no find: use findIndex',
    ],
    [
      'parseInt',
      contract("@view f(): u64 { return parseInt('5') }"),
      'main.ts:3:25: it gives floating point: write u64.parse(text)',
    ],
    [
      'an enum in a function',
      contract('@view f(): u64 { enum E { A } return 1 }'),
      'main.ts:3:18: write the enum outside of the function',
    ],
    [
      'a class in a function',
      contract('@view f(): u64 { class C {} return 1 }'),
      'main.ts:3:18: write the class outside of the function',
    ],
    [
      'an integer where a u128 belongs',
      contract('v: Value<u128>\n@call f(): void { this.v.set(5) }'),
      "main.ts:4:30: Type 'i32' is not assignable to type 'u128': write u128.from(…)",
    ],
  ])('%s', async (_, source, message) => {
    expect(await messagesOf(source)).toEqual([message])
  })

  it('each mistake, and leaves out only what follows from it', async () => {
    expect(await messagesOf(contract('@call f() {}\n@view async g(): u64 { return 1 }'))).toEqual([
      `main.ts:3:10: ${RETURN}`,
      `main.ts:4:7: leave out async: ${ASYNC}`,
    ])
  })
})

it('an npm package is out of reach even where it is installed', async () => {
  const files = {
    'main.ts': `import { one } from 'one'\n${contract(ANSWER)}`,
    'node_modules/one/index.ts': 'export const one: u64 = 1',
  }
  expect(await messagesOf(files)).toEqual([
    expect.stringContaining('npm packages cannot be used in a contract (one)'),
  ])
})

it('the compiler shows types by the names that an author knows', async () => {
  expect(await messagesOf(contract('@view f(): Uint8Array { return new Array<u8>() }'))).toEqual([
    "main.ts:3:32: Type 'Array<u8>' is not assignable to type 'Uint8Array'.",
  ])
})

describe('what the compiler finds wrong in the SDK is told where the author called it', () => {
  const NO_ERROR = 'revert() and require() take a text, or a new instance of a class marked @error'
  const NO_FORM =
    'this type has no BCS form: use bool, an integer, string, Address, u128, u256, Uint8Array, Array or a @struct class'
  const imports = "import { Call, Deploy, encode, require, revert, toU8, Writer } from 'vex'"

  it.each<[what: string, source: string, message: string]>([
    ['a number as an error', contract('@view f(): u64 { revert(5); return 1 }'), `main.ts:4:18: ${NO_ERROR}`],
    [
      'a class that is no @error',
      contract('@view f(n: u64): u64 { require(n > 5, new Foo()); return 1 }', 'class Foo {}'),
      `main.ts:4:24: ${NO_ERROR}`,
    ],
    [
      'the same in a function that a method calls',
      contract(
        '@view f(n: u64): u64 { return g(n) }',
        'function g(n: u64): u64 { require(n > 5, 7); return n }',
      ),
      `main.ts:6:27: ${NO_ERROR}`,
    ],
    [
      'an argument without a BCS form',
      contract(
        "@call f(to: Address): void { new Call(to, 'g').arg(new Foo()).send<void>() }",
        'class Foo {}',
      ),
      `main.ts:4:30: ${NO_FORM}`,
    ],
    [
      'a text for a number',
      contract("@view f(): u8 { return toU8('7') }"),
      'main.ts:4:24: toU8 takes an integer, u128 or u256',
    ],
    [
      'a text for a large number',
      contract("@view f(): u128 { return u128.from('7') }"),
      'main.ts:4:26: u128.from takes an integer',
    ],
  ])('%s', async (_, source, message) => {
    expect(await messagesOf(`${imports}\n${source}`)).toEqual([message])
  })
})

it('what the compiler breaks on has its place, and the process goes on', async () => {
  expect(await messagesOf(contract('@view f(): u64 {\n  return [1, , 2][0]\n}'))).toEqual([
    'main.ts:4:3: the compiler breaks on this (assertion failed): write it another way',
  ])
  expect(await messagesOf(contract(ANSWER))).toEqual(['compiled'])
})

it('a file that is missing is no npm package', async () => {
  expect(await messagesOf(`import { x } from './x'\n${contract(ANSWER)}`)).toEqual([
    "main.ts:1:19: File 'x.ts' not found.",
  ])
})
