/** What the SDK's storage classes write, read back by the ABI alone. */
import { beforeAll, describe, expect, it } from 'vitest'
import { STORAGE_TYPES } from '../../../contracts/sdk/contract-class.ts'
import { findStored, readStored } from '../../../node/abi/stored.ts'
import { type Abi, parseAbi } from '../../../node/abi/types.ts'
import { fromHex } from '../../../node/types/primitives.ts'
import { compileText } from '../contracts/compile-text.ts'
import { account, Sandbox, shown } from '../contracts/sandbox.ts'

const SOURCE = `import {
  Address, Mapping, OrderedMap, OrderedSet, Ownership, PairMapping, Pause, Roles, Value, Vector, u128
} from 'vex'
@struct export class Point { constructor(public x: i32 = 0, public name: string = '') {} }
@contract
export class Everything {
  private readonly one: Value<u64>
  private readonly point: Value<Point>
  private readonly ages: Mapping<string, u8>
  private readonly allowed: PairMapping<Address, u32, bool>
  private readonly bids: OrderedMap<u64, Address>
  private readonly depths: OrderedSet<i16>
  private readonly words: OrderedSet<string>
  private readonly flags: OrderedSet<bool>
  private readonly wide: OrderedSet<u128>
  private readonly members: OrderedSet<Address>
  private readonly blobs: OrderedSet<Uint8Array>
  private readonly list: Vector<string>
  private readonly owner: Ownership
  private readonly roles: Roles
  private readonly pause: Pause
  @call fill(who: Address, blob: Uint8Array): void {
    this.one.set(7)
    this.point.set(new Point(-3, 'here'))
    this.ages.set('Ada', 36)
    this.allowed.set(who, 9, true)
    this.bids.set(1_000, who)
    this.depths.add(-300)
    this.depths.add(300)
    this.words.add('wörd')
    this.flags.add(true)
    this.wide.add(u128.from(5))
    this.members.add(who)
    this.blobs.add(blob)
    this.list.push('first')
    this.owner.init(who)
    this.owner.offer(who)
    this.roles.grant(3, who)
    this.pause.pause()
  }
}
`

const WHO = account(1)
let abi: Abi
let stored: Map<string, Uint8Array>
beforeAll(async () => {
  const compiled = await compileText({ 'main.ts': SOURCE })
  abi = parseAbi(compiled.abi)
  const sandbox = new Sandbox()
  const at = account(9)
  sandbox.deploy(at, compiled)
  sandbox.call(at, 'fill', [shown(WHO), '0x0102ff'])
  stored = sandbox.contracts.values().next().value?.storage ?? new Map()
})

const read = (key: string, value: Uint8Array): string => {
  const place = findStored(abi, fromHex(key))
  if (place === undefined) return `no place for ${key}`
  const { field, keys, part } = place
  const text = (of: unknown): string =>
    JSON.stringify(of, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner))
  const what = `${field}${keys.map(each => `[${text(each)}]`).join('')}${part === undefined ? '' : `.${part}`}`
  return `${what} = ${text(readStored(abi, place, value)?.value)}`
}

describe('a stored entry', () => {
  it('of every storage class is told by field, keys and value', () => {
    const who = JSON.stringify(shown(WHO))
    expect([...stored].map(([key, value]) => read(key, value)).sort()).toEqual(
      [
        'one = "7n"',
        'point = {"x":-3,"name":"here"}',
        'ages["Ada"] = 36',
        `allowed[${who}][9] = true`,
        `bids["1000n"] = ${who}`,
        'depths[-300] = true',
        'depths[300] = true',
        'words["wörd"] = true',
        'flags[true] = true',
        'wide["5n"] = true',
        `members[${who}] = true`,
        'blobs["0x0102ff"] = true',
        'list.length = 1',
        'list[0] = "first"',
        `owner = ${who}`,
        `owner.offered = ${who}`,
        `roles[3][${who}] = true`,
        'pause = true',
      ].sort(),
    )
  })

  it('of every class that the SDK has is among them', () => {
    expect(new Set(abi.storage.map(({ kind }) => kind))).toEqual(new Set(STORAGE_TYPES.keys()))
  })

  it.each([
    ['an empty key', '', undefined],
    ['a slot that the ABI does not have', 'ff', undefined],
    ['more bytes than a value’s key', '0000', undefined],
    ['a key that is too short', '02', undefined],
    ['text that is no UTF-8', '06ff', undefined],
    ['an ordered number of another size', '0501', undefined],
    ['a part that the component does not have', '0c02', undefined],
  ])('is raw for %s', (_, key, expected) => {
    expect(findStored(abi, fromHex(key))).toBe(expected)
  })

  it('has a value only if its bytes are one', () => {
    const one = findStored(abi, fromHex('00'))
    const member = findStored(abi, fromHex('0701'))
    if (one === undefined || member === undefined) throw new Error('no place')
    expect(readStored(abi, one, fromHex('0102'))).toBeUndefined()
    expect(readStored(abi, one, fromHex('0100000000000000'))).toEqual({ value: 1n })
    expect(readStored(abi, member, fromHex('00'))).toBeUndefined()
    expect(readStored(abi, member, fromHex(''))).toEqual({ value: true })
  })

  it('of a class that this program does not know is raw', () => {
    const newer = { ...abi, storage: [{ name: 'later', kind: 'Heap', types: ['u64'] }] }
    expect(findStored(newer, fromHex('00'))).toBeUndefined()
  })
})
