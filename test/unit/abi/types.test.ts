import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AbiError } from '../../../node/abi/error.ts'
import { type Abi, abiFromCode, findMethod, formatMethod, parseAbi } from '../../../node/abi/types.ts'

const ABI: Abi = {
  name: 'Market',
  version: 1,
  methods: [
    {
      name: 'init',
      kind: 'init',
      payable: true,
      reentrant: false,
      params: [{ name: 'fee', type: 'u64' }],
      returns: 'void',
    },
    {
      name: 'match',
      kind: 'call',
      payable: false,
      reentrant: true,
      params: [
        { name: 'orders', type: 'vec<vec<Order>>' },
        { name: 'note', type: 'option<string>' },
      ],
      returns: 'Order',
    },
  ],
  events: [{ name: 'Matched', fields: [{ name: 'by', type: 'address', indexed: true }] }],
  errors: [{ name: 'TooDear', fields: [{ name: 'price', type: 'u256' }] }],
  structs: [{ name: 'Order', fields: [{ name: 'price', type: 'u128' }] }],
  storage: [{ name: 'orders', kind: 'Mapping', types: ['u64', 'Order'] }],
}

/** The ABI with one part replaced, as JSON would bring it. */
const changed = (path: readonly (string | number)[], value: unknown): unknown => {
  const copy = structuredClone(ABI) as unknown
  const parent = path.slice(0, -1).reduce((at, key) => (at as Record<string, unknown>)[key], copy)
  ;(parent as Record<string, unknown>)[path.at(-1) ?? ''] = value
  return copy
}
const problemOf = (json: unknown): string => {
  try {
    parseAbi(json)
  } catch (error) {
    if (error instanceof AbiError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'accepted'
}
const structs = (count: number, fieldsEach: number): unknown =>
  Array.from({ length: count }, (_, i) => ({
    name: `S${i}`,
    fields: Array.from({ length: fieldsEach }, (_unused, j) => ({
      name: `f${j}`,
      type: i + 1 < count ? `S${i + 1}` : 'u8',
    })),
  }))

describe('an ABI', () => {
  it('is itself after it was checked', () => {
    expect(parseAbi(JSON.parse(JSON.stringify(ABI)))).toEqual(ABI)
  })

  it('may leave out what is false or empty', () => {
    expect(
      parseAbi({ name: 'A', version: 1, methods: [{ name: 'f', kind: 'call', returns: 'void' }] }),
    ).toEqual({
      name: 'A',
      version: 1,
      methods: [{ name: 'f', kind: 'call', payable: false, reentrant: false, params: [], returns: 'void' }],
      events: [],
      errors: [],
      structs: [],
      storage: [],
    })
  })

  it.each<[string, unknown, string]>([
    ['no object', 'text', 'the ABI: Invalid input: expected object, received string'],
    ['another version', changed(['version'], 2), 'version: Invalid input: expected 1'],
    [
      'a kind nobody knows',
      changed(['methods', 0, 'kind'], 'send'),
      'methods.0.kind: Invalid option: expected one of "init"|"call"|"view"|"migrate"',
    ],
    [
      'a name with a space',
      changed(['methods', 1, 'name'], 'a b'),
      'methods.1.name: must be a name of letters, digits and _',
    ],
    [
      'two methods of one name',
      changed(['methods', 1, 'name'], 'init'),
      'methods: two entries have the same name',
    ],
    ['a surplus key', changed(['events', 0, 'x'], 1), 'events.0: Unrecognized key: "x"'],
    ['an unknown type', changed(['methods', 0, 'params', 0, 'type'], 'u65'), 'init, fee: unknown type "u65"'],
    [
      'an unknown result',
      changed(['methods', 1, 'returns'], 'vec<Foo>'),
      'match, what it returns: unknown type "Foo"',
    ],
    [
      'a void parameter',
      changed(['methods', 0, 'params', 0, 'type'], 'void'),
      'init, fee: unknown type "void"',
    ],
    [
      'an unknown type in an event',
      changed(['events', 0, 'fields', 0, 'type'], 'x'),
      'event Matched, by: unknown type "x"',
    ],
    [
      'a struct that contains itself',
      changed(['structs', 0, 'fields', 0, 'type'], 'vec<Order>'),
      'struct Order: Order is more than 8 types deep: does it contain itself?',
    ],
    [
      'structs that multiply',
      changed(['structs'], structs(7, 8)),
      'struct S0: S0 is made of more than 512 types',
    ],
    [
      'a struct of nothing',
      changed(['structs', 0, 'fields'], []),
      'structs.0.fields: Too small: expected array to have >=1 items',
    ],
  ])('with %s is refused', (_, json, problem) => {
    expect(problemOf(json)).toBe(`bad_abi: not a contract ABI: ${problem}`)
  })

  it('finds its methods, and says which there are', () => {
    expect(formatMethod(findMethod(ABI, 'match'))).toBe(
      'match(orders: vec<vec<Order>>, note: option<string>): Order',
    )
    expect(() => findMethod(ABI, 'mint')).toThrow(
      'the contract Market has no method "mint"; it has: init, match',
    )
  })
})

describe('the ABI of a module', () => {
  const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
  const custom = (name: string, content: string): number[] => {
    const body = [name.length, ...Buffer.from(name), ...Buffer.from(content)]
    return [0, (body.length & 0x7f) | 0x80, body.length >> 7, ...body]
  }
  const codeOf = (...parts: number[][]): Uint8Array => Uint8Array.from([...HEADER, ...parts.flat()])

  it('is read from its custom section, wherever it stands', () => {
    const section = custom('vex.abi', JSON.stringify(ABI))
    expect(abiFromCode(codeOf(custom('name', 'x'), [1, 1, 0], section))).toEqual(ABI)
  })

  it('is undefined if there is none', () => {
    expect(abiFromCode(codeOf([1, 1, 0], custom('vex.abj', '{}')))).toBeUndefined()
    expect(abiFromCode(new Uint8Array())).toBeUndefined()
  })

  it('is refused if it is no JSON, or the module is cut off', () => {
    const whole = codeOf(custom('vex.abi', '{'))
    expect(() => abiFromCode(whole)).toThrow('the section vex.abi of the module does not hold JSON')
    expect(() => abiFromCode(whole.subarray(0, -1))).toThrow('the module is malformed near byte')
  })

  it('never fails but with an AbiError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), bytes => {
        try {
          abiFromCode(Uint8Array.from([...HEADER, ...bytes]))
        } catch (error) {
          expect(error).toBeInstanceOf(AbiError)
        }
      }),
    )
  })
})
