import { describe, expect, it } from 'vitest'
import { ANSWER, contract, messagesOf } from './compile-text.ts'

const FORGOTTEN = 'would be forgotten after each call: keep it in a storage field of the contract, or make it'
const SAME = 'every node must get the same result'

describe('the compiler refuses', () => {
  it.each<[what: string, source: string, message: string]>([
    ['a variable of the module', contract(ANSWER, 'let n: u64 = 0'), `main.ts:5:5: n ${FORGOTTEN} const`],
    ['an exported variable', contract(ANSWER, 'export let n: u64 = 0'), `main.ts:5:12: n ${FORGOTTEN} const`],
    [
      'a variable of a namespace',
      contract(ANSWER, 'namespace N { export let n: u64 = 0 }'),
      `main.ts:5:26: n ${FORGOTTEN} const`,
    ],
    [
      'a static field that changes',
      contract(`static n: u64 = 0\n${ANSWER}`),
      `main.ts:3:8: n ${FORGOTTEN} static readonly`,
    ],
    [
      'the console',
      contract('@call f(): void {\n  console.warn("x")\n}'),
      'main.ts:4:3: console.warn is not available in a contract: use trace(), or emit an event',
    ],
    [
      'randomness',
      contract('@view f(): u64 { return <u64>(Math.random() * 9) }'),
      `main.ts:3:31: Math.random is not available in a contract: ${SAME}`,
    ],
    [
      'the clock of the machine',
      contract('@view f(): u64 { return Date.now() }'),
      'main.ts:3:25: Date.now is not available in a contract: use blockTimeMs() from vex',
    ],
    [
      'rest parameters, also in a helper',
      contract(`${ANSWER}\nhelper(...xs: u64[]): void {}`),
      'main.ts:4:8: a function takes a fixed number of arguments: write "xs: u64[]"',
    ],
    [
      'a function of another host',
      contract('@view f(): u64 { return rate() }', "@external('env', 'rate')\ndeclare function rate(): u64"),
      "main.ts:6:18: rate is declared and nowhere written: import what a chain offers from 'vex'",
    ],
    [
      'a constant and a class of one',
      contract(ANSWER, 'declare const RATE: u64\nexport declare class Box { n: u64 }'),
      ['main.ts:5:15: RATE', 'main.ts:6:22: Box']
        .map(name => `${name} is declared and nowhere written: import what a chain offers from 'vex'`)
        .join('\n'),
    ],
    [
      'a type that is made of itself',
      contract('@view f(n: Sum): u64 { return 1 }', 'type Sum = Part[]\ntype Part = Sum'),
      ['main.ts:5:12: the type Sum', 'main.ts:6:13: the type Part']
        .map(type => `${type} is made of itself: write a type that is there already`)
        .join('\n'),
    ],
    [
      'emit of another class',
      contract('@call f(): void { emit(new Foo()) }', 'class Foo {}'),
      'main.ts:3:24: emit takes an event: mark the class Foo @event',
    ],
    [
      'emit of a value that was made elsewhere',
      contract('@call f(): void { const n: u64 = 1; emit(n) }'),
      'main.ts:3:42: emit takes a new event: write "emit(new Name(…))" with an @event class',
    ],
    [
      'the SDK under one name',
      `import * as vex from 'vex'\n@contract export class Main { n: vex.Value<u64>; ${ANSWER} }`,
      `main.ts:1:13: storage types must be imported by their own names: write "import { Value } from 'vex'"`,
    ],
    [
      'a storage type under another name',
      `import { Value as V } from 'vex'\n@contract export class Main { n: V<u64>; ${ANSWER} }`,
      `main.ts:1:19: Value must be imported by its own name: write "import { Value } from 'vex'"`,
    ],
  ])('%s', async (_, source, message) => {
    expect((await messagesOf(source)).join('\n')).toBe(message)
  })

  it('a struct under another name', async () => {
    const files = {
      'main.ts': `import { Deal as D } from './deal'\n${contract('@view f(): D { return new D(1) }')}`,
      'deal.ts': '@struct export class Deal { constructor(public n: u64) {} }',
    }
    expect(await messagesOf(files)).toEqual([
      `main.ts:1:18: Deal must be imported by its own name: write "import { Deal } from './deal'"`,
    ])
  })
})

it('the compiler accepts constants, Math, and other names for functions', async () => {
  const source = `import { value as units } from 'vex'
const LIMIT: u64 = 3
@contract export class Main {
  static readonly most: u64 = 9
  @payable @call f(): u64 { return min<u64>(units(), LIMIT) + Main.most + <u64>Math.floor(1.5) }
}`
  expect(await messagesOf(source)).toEqual(['compiled'])
})
