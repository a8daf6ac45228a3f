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

it('a file that is missing is no npm package', async () => {
  expect(await messagesOf(`import { x } from './x'\n${contract(ANSWER)}`)).toEqual([
    "main.ts:1:19: File 'x.ts' not found.",
  ])
})
