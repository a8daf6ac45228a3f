import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareLayouts, type LayoutChange } from '../../../node/abi/layout.ts'
import { type Abi, parseAbi } from '../../../node/abi/types.ts'
import { parseValueType, type ValueType } from '../../../node/abi/value-type.ts'

/** `orders: Mapping<u64, Order>` */
const storageOf = (lines: readonly string[]): Abi['storage'] =>
  lines.map(line => {
    const [, name = '', kind = '', types] = /^(\w+): (\w+)(?:<(.*)>)?$/.exec(line) ?? []
    return { name, kind, types: types === undefined ? [] : types.split(', ') }
  })

/** `Order(price: u64, by: address)` */
const structsOf = (lines: readonly string[]): Abi['structs'] =>
  lines.map(line => {
    const [, name = '', fields = ''] = /^(\w+)\((.*)\)$/.exec(line) ?? []
    return {
      name,
      fields: fields.split(', ').map(field => {
        const [fieldName = '', type = ''] = field.split(': ')
        return { name: fieldName, type }
      }),
    }
  })

const abiOf = (storage: readonly string[], structs: readonly string[] = []): Abi =>
  parseAbi({ name: 'Test', version: 1, storage: storageOf(storage), structs: structsOf(structs) })

const told = (changes: readonly LayoutChange[]): string[] =>
  changes.map(({ kind, isBreaking, message }) => `${isBreaking ? '!' : ''}${kind}: ${message}`)

const BEFORE = ['owner: Value<address>', 'total: Value<u64>', 'balances: Mapping<address, u64>']

describe('the storage of a new version', () => {
  it.each<[string, string[], string[]]>([
    ['is the same', BEFORE, []],
    ['has a field at the end', [...BEFORE, 'pause: Pause'], ['appended: pause (slot 3, Pause) is new']],
    ['lacks a field', BEFORE.slice(0, 2), ['!removed: balances (slot 2, Mapping<address, u64>) is gone']],
    [
      'lacks a field before others',
      BEFORE.slice(1),
      [
        '!removed: owner (slot 0, Value<address>) is gone, total is in its slot',
        '!moved: total moved from slot 1 to slot 0',
        '!moved: balances moved from slot 2 to slot 1',
      ],
    ],
    [
      'has a field between others',
      [BEFORE[0] as string, 'symbol: Value<string>', ...BEFORE.slice(1)],
      [
        '!moved: total moved from slot 1 to slot 2',
        '!moved: balances moved from slot 2 to slot 3',
        '!inserted: symbol (slot 1, Value<string>) is new, but not after all that was there: new fields go last',
      ],
    ],
    [
      'keeps a field as another class',
      [...BEFORE.slice(0, 2), 'balances: OrderedMap<address, u64>'],
      ['!kind_changed: balances was Mapping<address, u64> and is OrderedMap<address, u64>'],
    ],
    [
      'keeps a field as another type',
      [...BEFORE.slice(0, 2), 'balances: Mapping<address, u128>'],
      ['!type_changed: balances was Mapping<address, u64> and is Mapping<address, u128>'],
    ],
    [
      'calls a field something else',
      [BEFORE[0] as string, 'supply: Value<u64>', BEFORE[2] as string],
      ['renamed: total is called supply now; it reads what total held (slot 1)'],
    ],
    [
      'has another field in the place of one',
      [BEFORE[0] as string, 'paused: Value<bool>', BEFORE[2] as string],
      ['!removed: total (slot 1, Value<u64>) is gone, paused (Value<bool>) is in its slot'],
    ],
    [
      'moves a field and changes it',
      ['total: Value<u128>', 'owner: Value<address>', BEFORE[2] as string],
      [
        '!moved: owner moved from slot 0 to slot 1',
        '!moved: total moved from slot 1 to slot 0',
        '!type_changed: total was Value<u64> and is Value<u128>',
      ],
    ],
  ])('%s', (_, after, expected) => {
    expect(told(compareLayouts(abiOf(BEFORE), abiOf(after)))).toEqual(expected)
  })
})

describe('a struct in storage', () => {
  const storage = ['orders: OrderedMap<u64, Order>', 'last: Value<option<vec<Order>>>']
  const before = ['Order(price: u64, by: Person)', 'Person(id: address, name: string)']
  const compared = (after: string[], afterStorage = storage): string[] =>
    told(compareLayouts(abiOf(storage, before), abiOf(afterStorage, after))).map(line =>
      line.replace('holds another struct: ', ''),
    )

  it('that is only called something else is the same', () => {
    const renamed = ['Bid(price: u64, by: Person)', 'Person(id: address, name: string)']
    expect(
      compared(
        renamed,
        storage.map(line => line.replace('Order>', 'Bid>')),
      ),
    ).toEqual([])
  })

  it.each<[string, string[], string]>([
    [
      'has a field more',
      ['Order(price: u64, by: Person, at: u64)'],
      'Order.at (u64) is new: a stored Order does not have it',
    ],
    ['has a field less', ['Order(price: u64)'], 'Order.by is gone'],
    [
      'has its fields in another order',
      ['Order(by: Person, price: u64)'],
      'Order.price moved from place 1 to 2; Order.by moved from place 2 to 1',
    ],
    ['has a field of another type', ['Order(price: u128, by: Person)'], 'Order.price was u64 and is u128'],
    [
      'has another field in the place of one',
      ['Order(open: bool, by: Person)'],
      'Order.price is gone, Order.open is in its place',
    ],
  ])('that %s breaks each field that holds it', (_, [order = ''], message) => {
    expect(compared([order, before[1] as string])).toEqual([
      `!struct_changed: orders ${message}`,
      `!struct_changed: last ${message}`,
    ])
  })

  it('is compared with the structs inside it', () => {
    expect(compared([before[0] as string, 'Person(id: address, name: bytes)'])[0]).toBe(
      '!struct_changed: orders Person.name was string and is bytes',
    )
  })

  it('whose field is called something else does not break', () => {
    expect(compared([before[0] as string, 'Person(id: address, nick: string)'])).toEqual([
      'renamed: orders: Person.name is called nick now',
      'renamed: last: Person.name is called nick now',
    ])
  })
})

describe('any two versions', () => {
  const structName = fc.constantFrom('A', 'B')
  const scalar = fc.constantFrom('u64', 'u128', 'i64', 'bool', 'string', 'address', 'bytes')
  const type = fc.oneof(
    scalar,
    structName,
    structName.map(name => `vec<${name}>`),
    scalar.map(name => `option<${name}>`),
  )
  const fieldName = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const unique = <T extends { name: string }>(
    entry: fc.Arbitrary<T>,
    size: { minLength?: number; maxLength: number },
  ) => fc.uniqueArray(entry, { ...size, selector: ({ name }) => name })
  const struct = (name: string, fieldType: fc.Arbitrary<string>) =>
    unique(fc.record({ name: fieldName, type: fieldType }), { minLength: 1, maxLength: 3 }).map(fields => ({
      name,
      fields,
    }))
  const field = fc.oneof(
    fc.record({ name: fieldName, kind: fc.constantFrom('Value', 'Vector'), types: fc.tuple(type) }),
    fc.record({ name: fieldName, kind: fc.constant('Mapping'), types: fc.tuple(scalar, type) }),
  )
  // B may hold A, never the other way round.
  const structs = fc.tuple(struct('A', scalar), struct('B', fc.oneof(scalar, fc.constant('A'))))
  const storage = unique(field, { maxLength: 5 })
  const toAbi = (parts: object): Abi => parseAbi({ name: 'Any', version: 1, ...parts })
  const abi = fc.record({ storage, structs }).map(toAbi)
  const oneChanged = fc.tuple(abi, fc.nat(4), type).map(([before, at, changed]) => {
    const fields = before.storage.map((entry, slot) =>
      slot === at ? { ...entry, types: [...entry.types.slice(0, -1), changed] } : entry,
    )
    return [before, toAbi({ ...before, storage: fields })] as const
  })
  /** Mostly alike: two that have nothing in common would all break. */
  const pair = fc.oneof(
    oneChanged,
    fc.tuple(abi, abi),
    fc
      .tuple(abi, structs)
      .map(([before, changed]) => [before, toAbi({ ...before, structs: changed })] as const),
    fc
      .tuple(abi, storage)
      .map(([before, changed]) => [before, toAbi({ ...before, storage: changed })] as const),
  )

  /** The type without its names: what its bytes depend on. */
  const bytesOf = (valueType: ValueType): string => {
    switch (valueType.kind) {
      case 'integer':
        return `${valueType.isSigned ? 'i' : 'u'}${valueType.bits}`
      case 'vec':
      case 'option':
        return `${valueType.kind}<${bytesOf(valueType.element)}>`
      case 'struct':
        return `(${valueType.fields.map(({ type: inner }) => bytesOf(inner)).join()})`
      case 'bool':
      case 'string':
      case 'address':
      case 'bytes':
        return valueType.kind
    }
  }
  /** Where a kept field is of another struct, that its fields have other names is a break although the bytes are the same. */
  const hasOtherStruct = (before: Abi, after: Abi): boolean => {
    const named = ({ structs: known }: Abi, types: readonly string[]): string =>
      types.filter(type => known.some(({ name }) => type.includes(name))).join()
    return before.storage.some(
      ({ types }, slot) => named(before, types) !== named(after, after.storage[slot]?.types ?? []),
    )
  }
  const slotBytes = ({ storage: fields, structs: known }: Abi): string[] =>
    fields.map(
      ({ kind, types }) => `${kind} ${types.map(name => bytesOf(parseValueType(name, known))).join()}`,
    )
  const isPrefix = (before: readonly string[], after: readonly string[]): boolean =>
    before.every((bytes, slot) => after[slot] === bytes)

  it('break if what was stored would be read in another way', () => {
    fc.assert(
      fc.property(pair, ([before, after]) => {
        fc.pre(!isPrefix(slotBytes(before), slotBytes(after)))
        expect(compareLayouts(before, after).filter(({ isBreaking }) => isBreaking)).not.toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('do not break if it is read in the same way by names that were there or that are new', () => {
    fc.assert(
      fc.property(pair, ([before, after]) => {
        fc.pre(isPrefix(slotBytes(before), slotBytes(after)))
        fc.pre(JSON.stringify(before.structs) === JSON.stringify(after.structs))
        fc.pre(!hasOtherStruct(before, after))
        const names = before.storage.map(({ name }) => name)
        const isPlain = after.storage.every(({ name }, slot) => name === names[slot] || !names.includes(name))
        fc.pre(isPlain)
        expect(compareLayouts(before, after).filter(({ isBreaking }) => isBreaking)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('that are the same have no changes, and appended fields are all there is to say of them', () => {
    fc.assert(
      fc.property(abi, unique(field, { maxLength: 3 }), (before, more) => {
        expect(compareLayouts(before, before)).toEqual([])
        const added = more.map(entry => ({ ...entry, name: `new_${entry.name}` }))
        const after = toAbi({ ...before, storage: [...before.storage, ...added] })
        expect(compareLayouts(before, after).map(({ kind, field: name }) => `${kind} ${name}`)).toEqual(
          added.map(({ name }) => `appended ${name}`),
        )
      }),
    )
  })
})
