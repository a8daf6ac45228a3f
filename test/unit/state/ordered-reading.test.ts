/** Ordered reads: overlays, layers of unfinished blocks and the database give what one sorted list would. */
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LayeredState } from '../../../node/chain/layers.ts'
import { Overlay } from '../../../node/state/overlay.ts'
import { Gaps } from '../../../node/state/gaps.ts'
import { SortedKeys } from '../../../node/state/sorted-keys.ts'
import type { KeyRange, StateReader } from '../../../node/state/view.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { fromLatin1 } from '../../../node/types/primitives.ts'
import { mapReader } from '../../support/map-reader.ts'

/** Few and short, so that runs of a test meet; with the bytes that text order would get wrong. */
const keys = fc
  .array(fc.constantFrom('\0', '\x01', 'a', 'b', '\x7f', '\x80', '\xff'), {
    minLength: 1,
    maxLength: 3,
  })
  .map(parts => parts.join(''))
const range = fc
  .tuple(fc.oneof(keys, fc.constant('')), fc.oneof(keys, fc.constant('\xff\xff\xff\xff')), fc.boolean())
  .map(([a, b, isReverse]): KeyRange => ({ from: a < b ? a : b, to: a < b ? b : a, isReverse }))
const change = fc.tuple(keys, fc.option(fc.nat(255), { nil: undefined }))
const changes = fc.array(change, { maxLength: 12 })
type Values = Map<string, Uint8Array>

const apply = (model: Values, key: string, value: number | undefined): void => {
  if (value === undefined) model.delete(key)
  else model.set(key, Uint8Array.of(value))
}
const same = (found: StateReader, model: Values, asked: KeyRange): void => {
  expect(found.first(asked)).toEqual(mapReader(model).first(asked))
}

describe('sorted keys', () => {
  test('equal a sorted array through any adds and deletes, also over many runs', () => {
    const step = fc.tuple(fc.boolean(), fc.nat(1500))
    const name = (n: number): string => String.fromCharCode(n >> 8, n & 255)
    fc.assert(
      fc.property(
        fc.array(fc.nat(1500), { maxLength: 800 }),
        fc.array(step, { maxLength: 800 }),
        (start, steps) => {
          const model = new Set(start.map(name))
          const sorted = new SortedKeys(model)
          for (const [isAdded, n] of steps) {
            if (isAdded) {
              model.add(name(n))
              sorted.add(name(n))
            } else {
              model.delete(name(n))
              sorted.delete(name(n))
            }
          }
          const all = [...model].sort()
          for (let n = 0; n <= 1501; n += 13) {
            expect(sorted.atOrAbove(name(n))).toBe(all.find(key => key >= name(n)))
            expect(sorted.below(name(n))).toBe(all.findLast(key => key < name(n)))
          }
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('gaps', () => {
  test('never hide a key and never ask twice about what they know', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('ask' as const), range }),
      fc.record({ do: fc.constant('put' as const), key: keys }),
      fc.record({ do: fc.constant('drop' as const), key: keys }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const model: Values = new Map()
        const gaps = new Gaps()
        const ask = (asked: KeyRange): void => {
          const rest = gaps.narrow(asked)
          const expected = mapReader(model).first(asked)
          expect(mapReader(model).first(rest)).toEqual(expected)
          gaps.learn(asked, expected?.key)
          // What was read over is known now: reading starts at the key found, or has nothing to read.
          const again = gaps.narrow(asked)
          if (expected === undefined) expect(again.from >= again.to).toBe(true)
          else if (asked.isReverse)
            expect(again.to).toBe(`${expected.key}\0` < asked.to ? `${expected.key}\0` : asked.to)
          else expect(again.from).toBe(expected.key)
        }
        for (const s of steps) {
          if (s.do === 'ask') ask(s.range)
          else if (s.do === 'drop') model.delete(s.key)
          else {
            model.set(s.key, Uint8Array.of(1))
            gaps.occupy(s.key)
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('an overlay', () => {
  test('reads in order what it wrote over its parent, through writes, checkpoints and reverts', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('write' as const), change }),
      fc.record({ do: fc.constant('mark' as const) }),
      fc.record({ do: fc.constant('revert' as const) }),
      fc.record({ do: fc.constant('ask' as const), range }),
    )
    fc.assert(
      fc.property(changes, changes, fc.array(step, { maxLength: 50 }), (stored, outer, steps) => {
        let model: Values = new Map()
        for (const [key, value] of stored) apply(model, key, value)
        const parent = new Overlay(mapReader(new Map(model)))
        for (const [key, value] of outer) {
          if (value === undefined) parent.delete(fromLatin1(key))
          else parent.set(fromLatin1(key), Uint8Array.of(value))
          apply(model, key, value)
        }
        const overlay = new Overlay(parent)
        const marks: { mark: number; copy: Values }[] = []
        for (const s of steps) {
          if (s.do === 'ask') same(overlay, model, s.range)
          else if (s.do === 'mark') marks.push({ mark: overlay.checkpoint(), copy: new Map(model) })
          else if (s.do === 'write') {
            const [key, value] = s.change
            if (value === undefined) overlay.delete(fromLatin1(key))
            else overlay.set(fromLatin1(key), Uint8Array.of(value))
            apply(model, key, value)
          } else {
            const last = marks.pop()
            if (last === undefined) continue
            overlay.revertTo(last.mark)
            model = last.copy
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('tells of each deletion that was stepped over', () => {
    const overlay = new Overlay(mapReader(new Map(['a', 'b', 'c', 'd'].map(key => [key, Uint8Array.of(1)]))))
    for (const key of ['a', 'b', 'never']) overlay.delete(fromLatin1(key))
    let passed = 0
    const first = (from: string, isReverse = false): string | undefined =>
      overlay.first({ from, to: 'z', isReverse }, () => void passed++)?.key
    expect([first('a'), passed]).toEqual(['c', 2])
    expect([first('b'), passed]).toEqual(['c', 3])
    expect([first('a', true), passed]).toEqual(['d', 4])
  })
})

describe('an overlay that went back', () => {
  test('reads as if what it took back had never been written, and steps over nothing', () => {
    const overlay = new Overlay(mapReader(new Map([['b', Uint8Array.of(1)]])))
    let passed = 0
    const first = (): string | undefined =>
      overlay.first({ from: 'a', to: 'z', isReverse: false }, () => void passed++)?.key
    expect(first()).toBe('b')
    const mark = overlay.checkpoint()
    overlay.set(fromLatin1('a'), Uint8Array.of(2))
    overlay.delete(fromLatin1('b'))
    expect(first()).toBe('a')
    overlay.revertTo(mark)
    expect([first(), passed]).toEqual(['b', 0])
  })
})

describe('the layers of a chain', () => {
  const asChanges = (list: readonly (readonly [string, number | undefined])[]) =>
    [...new Map(list)].map(([key, value]) => ({
      key: fromLatin1(key),
      value: value === undefined ? undefined : Uint8Array.of(value),
    }))

  test('read in order as one state, before and after each becomes final, and beside a competing block', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(change, { minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 5 }),
        fc.array(range, { minLength: 5, maxLength: 20 }),
        changes,
        (blocks, asked, competing) => {
          const db = createMemoryDatabase()
          const state = new LayeredState(db)
          const model: Values = new Map()
          const expected: Values[] = []
          const layers: ReturnType<LayeredState['derive']>[] = []
          for (const [height, block] of blocks.entries()) {
            const parent = layers.at(-1)
            if (height === 1) state.derive(parent, 1n, asChanges(competing))
            layers.push(state.derive(parent, BigInt(height), asChanges(block)))
            for (const [key, value] of new Map(block)) apply(model, key, value)
            expected.push(new Map(model))
            if (height === 0) {
              db.write(state.writes(layers[0] as never), { sync: false })
            }
          }
          const askAll = (): void => {
            for (const [i, layer] of layers.entries())
              for (const each of asked) same(state.reader(layer), expected[i] as Values, each)
          }
          askAll()
          for (const [i, layer] of layers.entries()) {
            if (i > 0) db.write(state.writes(layer), { sync: false })
            state.committed(layer)
            for (const later of layers.slice(i + 1)) if (later.parent === layer) later.parent = undefined
            for (const each of asked) same(state.base, expected[i] as Values, each)
            for (const [j, later] of layers.entries())
              if (j > i) for (const each of asked) same(state.reader(later), expected[j] as Values, each)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('walk over a run of deleted keys once', () => {
    const db = createMemoryDatabase()
    const state = new LayeredState(db)
    const many = Array.from({ length: 50 }, (_, n) => String.fromCharCode(n))
    const commit = (height: bigint, list: [string, number | undefined][]): void => {
      const layer = state.derive(undefined, height, asChanges(list))
      db.write(state.writes(layer), { sync: false })
      state.committed(layer)
    }
    commit(
      0n,
      [...many, 'z'].map(key => [key, 1]),
    )
    const layer = state.derive(undefined, 1n, asChanges(many.map(key => [key, undefined])))
    let reads = 0
    const read = db.range.bind(db)
    db.range = (...args) => {
      reads++
      return read(...args)
    }
    const first = (from: string): string | undefined =>
      state.reader(layer).first({ from, to: '\xff', isReverse: false })?.key
    expect(first('\0')).toBe('z')
    const before = reads
    expect(many.map(first).every(key => key === 'z')).toBe(true)
    expect(reads - before).toBeLessThanOrEqual(many.length)
  })
})
