import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LruMap } from '../../../node/types/lru-map.ts'

test('the entry used longest ago is forgotten first; reading counts as use', () => {
  const map = new LruMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.get('a')).toBe(1)
  map.set('c', 3)
  expect(map.get('b')).toBeUndefined()
  expect(map.get('a')).toBe(1)
  expect(map.get('c')).toBe(3)
  expect(map.size).toBe(2)
})

test('setting a known key replaces its value and forgets nothing', () => {
  const map = new LruMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  expect([map.get('a'), map.get('b'), map.size]).toEqual([3, 2, 2])
  map.delete('a')
  expect([map.get('a'), map.size]).toEqual([undefined, 1])
})

test('a map that could hold nothing is refused', () => {
  expect(() => new LruMap(0)).toThrow(RangeError)
})

/** The same, slow and obvious: a Map in the order of use. */
class SlowLru {
  readonly #capacity: number
  readonly #sizeOf: (value: number) => number
  readonly entries = new Map<number, number>()

  constructor(capacity: number, sizeOf: (value: number) => number) {
    this.#capacity = capacity
    this.#sizeOf = sizeOf
  }

  get #size(): number {
    return [...this.entries.values()].reduce((sum, value) => sum + this.#sizeOf(value), 0)
  }

  get(key: number): number | undefined {
    const value = this.entries.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: number, value: number): void {
    this.entries.delete(key)
    this.entries.set(key, value)
    while (this.#size > this.#capacity) this.entries.delete([...this.entries.keys()][0] as number)
  }
}

test('any history of reading, setting, deleting and clearing leaves what the obvious map holds', () => {
  const step = fc.tuple(fc.constantFrom('get', 'set', 'set', 'set', 'delete', 'clear'), fc.nat(9), fc.nat(99))
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(step, { maxLength: 80 }),
      fc.boolean(),
      (capacity, steps, isSized) => {
        // Sizes from 0 to 3, so that one entry may push out several, or be too large by itself.
        const sizeOf = isSized ? (value: number) => value % 4 : () => 1
        const [fast, slow] = [new LruMap<number, number>(capacity, sizeOf), new SlowLru(capacity, sizeOf)]
        for (const [action, key, value] of steps) {
          if (action === 'get') expect(fast.get(key)).toBe(slow.get(key))
          else if (action === 'set') {
            fast.set(key, value)
            slow.set(key, value)
          } else if (action === 'clear') {
            fast.clear()
            slow.entries.clear()
          } else {
            fast.delete(key)
            slow.entries.delete(key)
          }
          expect(fast.size).toBe(slow.entries.size)
        }
        const keys = Array.from({ length: 10 }, (_, key) => key)
        expect(keys.map(key => fast.get(key))).toEqual(keys.map(key => slow.entries.get(key)))
      },
    ),
    { numRuns: 500 },
  )
})
