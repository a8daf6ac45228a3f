/** Vectors, ordered sets and ranges of the SDK, against arrays. */
import * as fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { toHex } from '../../../node/types/primitives.ts'
import { account, built, type CompiledSource, Sandbox } from './sandbox.ts'

const AT = account(9)
let code: CompiledSource
let chain: Sandbox
const fresh = (): void => {
  chain = new Sandbox()
  chain.deploy(AT, code)
}
beforeAll(async () => {
  code = await built('test/fixtures/contracts/shelf.ts')
})
beforeEach(fresh)

const call = (method: string, ...args: unknown[]): unknown => chain.call(AT, method, args)
const outcome = (method: string, ...args: unknown[]): unknown => {
  try {
    return call(method, ...args)
  } catch (error) {
    return (error as Error).message
  }
}
const storage = (): Map<string, Uint8Array> => chain.contracts.get(toHex(AT))?.storage ?? new Map()

describe('a vector', () => {
  const outOfRange = (index: number, length: number): string =>
    `reverted: index ${index} is out of range: the length is ${length}`

  it('does what an array does, and refuses what lies outside', () => {
    const index = fc.integer({ min: -1, max: 6 })
    const step = fc.oneof(
      fc.record({ method: fc.constant('push'), args: fc.tuple(fc.string({ maxLength: 3 })) }),
      fc.record({ method: fc.constant('pop'), args: fc.constant([]) }),
      fc.record({ method: fc.constantFrom('get', 'swapRemove'), args: fc.tuple(index) }),
      fc.record({ method: fc.constant('set'), args: fc.tuple(index, fc.string({ maxLength: 3 })) }),
    )
    const expected = (list: string[], method: string, [first, second]: readonly unknown[]): unknown => {
      if (method === 'push') return list.push(first as string)
      if (method === 'pop') return list.pop() ?? 'reverted: pop of an empty vector'
      const at = first as number
      if (at < 0 || at >= list.length) return outOfRange(at, list.length)
      if (method === 'get') return list[at]
      if (method === 'set') {
        list[at] = second as string
        return undefined
      }
      const removed = list[at]
      const last = list.pop() as string
      if (at < list.length) list[at] = last
      return removed
    }
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), steps => {
        fresh()
        const list: string[] = []
        for (const { method, args } of steps)
          expect(outcome(method, ...args)).toEqual(expected(list, method, args))
        expect([call('length'), call('page', 0, 100)]).toEqual([list.length, list])
      }),
      { numRuns: 100 },
    )
  })

  it('is read in pages, which end where it ends', () => {
    for (const text of 'abcde') call('push', text)
    expect([call('page', 1, 2), call('page', 3, 9), call('page', 5, 1), call('page', -4, 1)]).toEqual([
      ['b', 'c'],
      ['d', 'e'],
      [],
      ['a'],
    ])
    expect(call('page', 0, -1)).toEqual([])
  })

  it('keeps its length under its slot, elements under the slot and their index, and nothing that is gone', () => {
    call('push', 'a')
    call('push', 'b')
    expect([...storage()].map(([key, value]) => [key, toHex(value)])).toEqual([
      ['0000000000', '0161'],
      ['00', '02000000'],
      ['0001000000', '0162'],
    ])
    call('swapRemove', 0)
    expect([...storage().keys()]).toEqual(['0000000000', '00'])
  })
})

describe('an ordered set', () => {
  const numbers = fc.uniqueArray(
    fc.oneof(fc.integer(), fc.integer({ min: -3, max: 3 }), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1)),
    { maxLength: 12 },
  )
  const number = fc.oneof(fc.integer(), fc.integer({ min: -4, max: 4 }), fc.constantFrom(-(2 ** 31), 256))

  it('is read in the order of its members, from anywhere, both ways', () => {
    fc.assert(
      fc.property(numbers, number, number, fc.nat(13), (members, a, b, limit) => {
        fresh()
        expect(call('add', members)).toBe(members.length)
        const sorted = members.toSorted((x, y) => x - y)
        const down = sorted.toReversed()
        expect(call('first', limit)).toEqual(sorted.slice(0, limit))
        expect(call('last', limit)).toEqual(down.slice(0, limit))
        expect(call('after', a, limit)).toEqual(sorted.filter(n => n > a).slice(0, limit))
        expect(call('before', a, limit)).toEqual(down.filter(n => n < a).slice(0, limit))
        expect(call('range', a, b, limit)).toEqual(sorted.filter(n => a <= n && n < b).slice(0, limit))
      }),
      { numRuns: 60 },
    )
  })

  it('holds each member once, under its key alone', () => {
    expect([call('add', [5, 5, -1]), call('has', 5), call('has', 6)]).toEqual([2, true, false])
    expect([...storage()].map(([key, value]) => [key, value.length])).toEqual([
      ['0280000005', 0],
      ['027fffffff', 0],
    ])
    expect([call('drop', 5), call('drop', 5), call('first', 9)]).toEqual([true, false, [-1]])
  })

  it('has ranges of bytes and of wide numbers that begin at their first member', () => {
    const bytes = fc.array(fc.constantFrom(0, 1, 255), { maxLength: 4 })
    const hex = (value: number[]): string => `0x${toHex(Uint8Array.from(value))}`
    const compare = (a: number[], b: number[]): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
    fc.assert(
      fc.property(
        fc.uniqueArray(bytes, { maxLength: 10, selector: hex }),
        bytes,
        bytes,
        (members, from, to) => {
          fresh()
          const inside = members.filter(n => compare(from, n) <= 0 && compare(n, to) < 0).toSorted(compare)
          expect(call('blobsIn', members.map(hex), hex(from), hex(to))).toEqual(inside.map(hex))
        },
      ),
      { numRuns: 80 },
    )
    const wide = fc.oneof(
      fc.nat(256).chain(bits => fc.bigInt(0n, (1n << BigInt(bits)) - 1n)),
      fc.nat(255).map(bits => 1n << BigInt(bits)),
    )
    fc.assert(
      fc.property(fc.uniqueArray(wide, { maxLength: 6 }), wide, wide, (members, from, to) => {
        fresh()
        const inside = members.filter(n => from <= n && n < to).toSorted((a, b) => (a < b ? -1 : 1))
        expect(call('wideIn', members, from, to)).toEqual(inside)
      }),
      { numRuns: 40 },
    )
  })
})

describe('an ordered map', () => {
  it('has ranges of text, from a key that is there or not', () => {
    for (const [i, key] of ['', 'a', 'ab', 'b', 'ba'].entries()) call('name', key, i)
    const keys = (from: string, to: string, limit = 9): unknown =>
      (call('named', from, to, limit) as { key: string }[]).map(({ key }) => key)
    expect(keys('', 'zz')).toEqual(['', 'a', 'ab', 'b', 'ba'])
    expect(keys('a', 'ba')).toEqual(['a', 'ab', 'b'])
    expect([keys('aa', 'b'), keys('b', 'a'), keys('a', 'a'), keys('c', 'z')]).toEqual([['ab'], [], [], []])
    expect(call('named', 'a', 'z', 2)).toEqual([
      { key: 'a', value: 1 },
      { key: 'ab', value: 2 },
    ])
  })
})
