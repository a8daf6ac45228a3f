import { describe, expect, it } from 'vitest'
import { abiFromCode, parseAbi } from '../../../node/abi/types.ts'
import { functionNames, importedFunctions } from '../../../contracts/sdk/wasm-section.ts'
import { decodeAndValidate } from '../../../vm/decode.ts'
import { HOST_IMPORT_TYPES } from '../../../vm/host-table.ts'
import { createVm } from '../../../vm/vm.ts'
import { ANSWER, compileText, contract, messagesOf } from './compile-text.ts'

describe('a module', () => {
  it('fits the VM, exports its methods and init, and carries its ABI', async () => {
    const { wasm, abi } = await compileText({ 'main.ts': contract(ANSWER) })
    const { methods, customSections } = createVm().inspect(wasm)
    expect([...methods].sort()).toEqual(['answer', 'init'])
    expect([...customSections.keys()]).toEqual(['vex.abi'])
    expect(abiFromCode(wasm)).toEqual(parseAbi(abi))
  })

  it('is the same bytes each time, wherever the source lies', async () => {
    const files = { 'main.ts': contract(ANSWER) }
    const [first, second] = [await compileText(files), await compileText(files)]
    expect(Buffer.from(first.wasm).equals(second.wasm)).toBe(true)
  })

  it('comes with a source map to the lines of the author', async () => {
    const { debug } = await compileText({ 'main.ts': contract(ANSWER) })
    const map = debug.sourceMap as { sources: string[]; sourcesContent: (string | null)[] }
    const texts = new Map(map.sources.map((path, i) => [path, map.sourcesContent[i]]))
    expect(texts.get('main.ts')).toBe(contract(ANSWER))
    expect([...texts.values()].filter(text => text !== null)).toHaveLength(1)
  })
})

describe('the debug twin', () => {
  it('names every function of the code, which itself carries no names', async () => {
    const { wasm, debug } = await compileText({
      'main.ts': contract(
        `${ANSWER}\n@view sum(all: u64[]): u64 { let s: u64 = 0; for (let i = 0; i < all.length; i++) s += all[i]; return s }`,
      ),
    })
    expect(debug).toMatchObject({ version: 1, name: 'Main' })
    expect(functionNames(wasm)).toEqual([])
    expect(debug.functions).toContain('exports-of-the-contract/$sum')
    const imports = importedFunctions(wasm)
    expect(imports.length).toBeGreaterThan(2)
    expect(debug.functions.slice(0, imports.length)).toEqual(imports)
  })
})

describe('methods marked @reentrant', () => {
  const sectionOf = async (body: string): Promise<string[]> => {
    const { wasm } = await compileText({ 'main.ts': contract(body) })
    return [...decodeAndValidate(wasm, HOST_IMPORT_TYPES).reentrant]
  }
  it('stand in a section of their own, sorted', async () => {
    const body =
      '@reentrant @call tick(): void {}\n@call other(): void {}\n@view @reentrant at(): u64 { return 1 }'
    expect(await sectionOf(body)).toEqual(['at', 'tick'])
    expect(await sectionOf(ANSWER)).toEqual([])
  })
})

describe('a contract', () => {
  it('may be the default export', async () => {
    const { abi } = await compileText({ 'main.ts': contract(ANSWER).replace('export', 'export default') })
    expect(abi.methods.map(({ name }) => name)).toEqual(['init', 'answer'])
  })
})

describe('the ABI', () => {
  it('describes methods, events and the structs they use', async () => {
    const { abi } = await compileText({
      'main.ts': `import { Address, Indexed, PairMapping, Value, emit } from 'vex'
import { Amount, Deal, Kept } from './deal'
@error export class TooFew { constructor(public deals: Deal[]) {} }
@event export class Dealt {
  constructor(public who: Indexed<Address>, public deal: Deal) {}
}
@contract export class Market {
  private readonly owner: Value<Address>
  private readonly kept: PairMapping<u64, i64, Kept>
  @init @payable start(fee: Amount, tags: string[]): void { emit(new Dealt(this.owner.get(), new Deal(fee, []))) }
  @call deal(deals: Array<Deal>, paid: bool): Deal { return deals[0] }
  @view owned(by: Address): Uint8Array { return by.toBytes() }
  @payable @call tip(): void {}
  private helper(x: f64): f64 { return x }
}`,
      'deal.ts': `import { u128 } from 'vex'
export type Amount = u64
@struct export class Deal { constructor(public amount: Amount, public shares: u128[]) {} }
@struct export class Kept { constructor(public x: i8) {} }
@struct export class Unused { constructor(public x: i8) {} }
`,
    })
    expect(abi).toEqual({
      name: 'Market',
      version: 1,
      methods: [
        {
          name: 'init',
          kind: 'init',
          payable: true,
          reentrant: false,
          params: [
            { name: 'fee', type: 'u64' },
            { name: 'tags', type: 'vec<string>' },
          ],
          returns: 'void',
        },
        {
          name: 'deal',
          kind: 'call',
          payable: false,
          reentrant: false,
          params: [
            { name: 'deals', type: 'vec<Deal>' },
            { name: 'paid', type: 'bool' },
          ],
          returns: 'Deal',
        },
        {
          name: 'owned',
          kind: 'view',
          payable: false,
          reentrant: false,
          params: [{ name: 'by', type: 'address' }],
          returns: 'bytes',
        },
        { name: 'tip', kind: 'call', payable: true, reentrant: false, params: [], returns: 'void' },
      ],
      events: [
        {
          name: 'Dealt',
          fields: [
            { name: 'who', type: 'address', indexed: true },
            { name: 'deal', type: 'Deal', indexed: false },
          ],
        },
      ],
      errors: [{ name: 'TooFew', fields: [{ name: 'deals', type: 'vec<Deal>' }] }],
      structs: [
        {
          name: 'Deal',
          fields: [
            { name: 'amount', type: 'u64' },
            { name: 'shares', type: 'vec<u128>' },
          ],
        },
        { name: 'Kept', fields: [{ name: 'x', type: 'i8' }] },
      ],
      storage: [
        { name: 'owner', kind: 'Value', types: ['address'] },
        { name: 'kept', kind: 'PairMapping', types: ['u64', 'i64', 'Kept'] },
      ],
    })
  })

  it('leaves out in the module what is false or empty', async () => {
    const { wasm, abi } = await compileText({ 'main.ts': contract(ANSWER) })
    const section = createVm().inspect(wasm).customSections.get('vex.abi')
    const kept: unknown = JSON.parse(Buffer.from(section ?? []).toString())
    expect(kept).toEqual({
      name: 'Main',
      version: 1,
      methods: [
        { name: 'init', kind: 'init', returns: 'void' },
        { name: 'answer', kind: 'view', returns: 'u64' },
      ],
    })
    expect(parseAbi(kept)).toEqual(abi)
  })
})

describe('the compiler refuses', () => {
  it.each<[what: string, source: string, message: string]>([
    [
      'a file without a contract',
      'export class A {}',
      'there is no contract in main.ts: write "@contract export class Name"',
    ],
    [
      'a contract that is not exported',
      `@contract class A { ${ANSWER} }`,
      'main.ts:1:17: write "@contract export class A"',
    ],
    [
      'two contracts',
      contract(ANSWER, `@contract export class B { ${ANSWER} }`),
      'main.ts:5:24: a file holds one @contract class',
    ],
    [
      'a contract without methods',
      contract('foo(): void {}'),
      'main.ts:2:24: Main has no method for the outside: mark one @call or @view',
    ],
    [
      'a contract that extends',
      `class A {}\n@contract export class B extends A { ${ANSWER} }`,
      'main.ts:2:34: a contract must not extend a class: put what they share into functions',
    ],
    [
      'a field outside storage',
      contract(`count: u64 = 0\n${ANSWER}`),
      'main.ts:3:1: count would be forgotten after each call: write "count: Value<u64>", or make it static readonly',
    ],
    [
      'a Map outside storage',
      contract(`m: Map<string, u64>\n${ANSWER}`),
      'main.ts:3:1: m would be forgotten after each call: write "m: Mapping<string, u64>", or make it static readonly',
    ],
    [
      'a Set outside storage',
      contract(`m: Set<Address>\n${ANSWER}`),
      'main.ts:3:1: m would be forgotten after each call: write "m: OrderedSet<Address>", or make it static readonly',
    ],
    [
      'a storage field with a value',
      contract(`c: Value<u64> = new Value<u64>(3)\n${ANSWER}`),
      'main.ts:3:17: leave out the value of c: the compiler gives it its slot; set what it holds in @init',
    ],
    [
      'storage of what has no BCS form',
      contract(`c: Mapping<u8, f64>\n${ANSWER}`),
      'main.ts:3:16: f64 cannot be stored, taken or returned: values are integers: scale, for example to millionths in a u64',
    ],
    [
      'an OrderedMap of what has no order',
      contract(`m: OrderedMap<u64[], u8>\n${ANSWER}`),
      'main.ts:3:15: a key of an OrderedMap has an order: bool, an integer, u128, u256, string, Address or Uint8Array',
    ],
    [
      'a constructor',
      contract(`constructor() {}\n${ANSWER}`),
      'main.ts:3:1: a contract has no constructor: set what it holds at first in @init',
    ],
    [
      'number',
      contract('@view f(a: number): u64 { return 1 }'),
      'main.ts:3:12: number cannot be stored, taken or returned: write the size you mean, for example u64',
    ],
    [
      'bigint',
      contract('@view f(a: bigint): u64 { return 1 }'),
      'main.ts:3:12: bigint cannot be stored, taken or returned: bigint is not available; write u64, or u128 or u256 for more than 64 bits',
    ],
    [
      'null',
      contract('@view f(): Address | null { return null }'),
      'main.ts:3:12: Address | null cannot be stored, taken or returned: a value may not be null; use an empty one, or a bool beside it',
    ],
    [
      'a class without a mark',
      contract('@view f(a: Array<Foo>): u64 { return 1 }', 'class Foo {}'),
      'main.ts:3:18: Foo cannot be stored, taken or returned: mark its class @struct, or use bool, an integer, string, Address, u128, u256, Uint8Array or Array',
    ],
    [
      'a default',
      contract('@view f(a: u64 = 1): u64 { return 1 }'),
      'main.ts:3:9: a cannot have a default: callers send it always',
    ],
    [
      'an optional parameter',
      contract('@view f(a?: u64): u64 { return a }'),
      'main.ts:3:9: a cannot be left out: write "a: u64"; callers send it always',
    ],
    [
      'a parameter without a type',
      contract('@view f(a): u64 { return 1 }'),
      'main.ts:3:9: a needs a type: write "a: u64" or another',
    ],
    [
      'a getter',
      contract('@view get f(): u64 { return 1 }'),
      'main.ts:3:11: f is a getter or setter: write a method "f()"',
    ],
    [
      'two kinds',
      contract('@view @call f(): u64 { return 1 }'),
      'main.ts:3:13: f is @call and @view: choose one',
    ],
    [
      'a payable view',
      contract('@view @payable f(): u64 { return 1 }'),
      'main.ts:3:16: f is a @view, which cannot be @payable: use @call',
    ],
    [
      'reentrant alone',
      contract(`@reentrant f(): void {}\n${ANSWER}`),
      'main.ts:3:12: f is @reentrant: add @call or @view',
    ],
    [
      'a reentrant init',
      contract(`@reentrant @init f(): void {}\n${ANSWER}`),
      'main.ts:3:18: f is @init, which runs once: @reentrant goes with @call or @view',
    ],
    [
      'two migrations',
      contract(`@migrate f(): void {}\n@migrate g(): void {}\n${ANSWER}`),
      'main.ts:2:24: Main has 2 @migrate methods; an upgrade runs one',
    ],
    [
      'migrate without its mark',
      contract(`@call migrate(): void {}\n${ANSWER}`),
      'main.ts:3:7: migrate is what an upgrade runs: mark it @migrate, or give the method another name',
    ],
    [
      'a storage class with too few types',
      contract(`m: Mapping<Address>\n${ANSWER}`),
      'main.ts:3:1: Mapping takes 2 types, 1 given',
    ],
    [
      'payable alone',
      contract(`@payable f(): void {}\n${ANSWER}`),
      'main.ts:3:10: f is @payable: add @call or @init',
    ],
    [
      'a view of nothing',
      contract('@view f(): void {}'),
      'main.ts:3:7: f is a @view and must return something',
    ],
    [
      'an init that returns',
      contract('@init f(): u64 { return 1 }'),
      'main.ts:3:7: f is @init and must return void',
    ],
    [
      'two inits',
      contract('@init f(): void {}\n@init g(): void {}'),
      'main.ts:2:24: Main has 2 @init methods; a contract starts once',
    ],
    [
      'a call named init',
      contract('@call init(): void {}'),
      'main.ts:3:7: init is reserved: give the method another name',
    ],
    [
      'a name the VM keeps',
      contract('@call $f(): void {}'),
      "main.ts:3:7: a method's name is a letter and up to 63 letters, digits and _",
    ],
    [
      'four indexed fields',
      contract(
        ANSWER,
        '@event export class E { constructor(public a: Indexed<u8>, public b: Indexed<u8>, public c: Indexed<u8>, public d: Indexed<u8>) {} }',
      ),
      'main.ts:5:21: E has more than 3 Indexed fields',
    ],
    [
      'a struct that contains itself',
      contract(ANSWER, '@struct export class S { constructor(public next: S[]) {} }'),
      'main.ts:5:22: the struct S contains itself: refer to the other one by a number or a key',
    ],
    [
      'a struct without fields',
      contract(ANSWER, '@struct export class S {}'),
      'main.ts:5:22: the struct S needs a field',
    ],
    [
      'a struct that is not exported',
      contract(ANSWER, '@struct class S { constructor(public x: u8) {} }'),
      'main.ts:5:15: write "export class S": the contract\'s exports read it too',
    ],
    [
      'a syntax error',
      contract(`@view f(): u64 { let x = ; return 1 }`),
      'main.ts:3:26: Expression expected.',
    ],
    [
      'a type error',
      contract(`@view f(): u64 { return missing }`),
      "main.ts:3:25: Cannot find name 'missing'.",
    ],
    [
      'a type error after a storage field',
      contract(`c: Value<u64>\n@call f(): void { this.c.set(missing) }`),
      "main.ts:4:30: Cannot find name 'missing'.",
    ],
  ])('%s', async (_, source, message) => {
    expect(await messagesOf(source)).toEqual([message])
  })

  it('everything at once, so that it can be mended at once', async () => {
    expect(
      await messagesOf(contract('count: u64\n@call f(a: number): boolean { return true }')),
    ).toHaveLength(3)
  })

  it('a mistake in another file, with its name', async () => {
    const files = {
      'main.ts': `import { x } from './other'\n${contract('@view f(): u64 { return x }')}`,
      'other.ts': 'export const x: u64 = \n  y',
    }
    expect(await messagesOf(files)).toEqual(["other.ts:2:3: Cannot find name 'y'."])
  })

  it('an entry file that is not there', async () => {
    expect(await messagesOf({ 'other.ts': '' })).toEqual([expect.stringContaining('cannot read ')])
  })
})
