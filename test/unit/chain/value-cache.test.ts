import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { NO_VALUE, ValueCache } from '../../../node/chain/value-cache.ts'

const known = (cache: ValueCache, key: string) => {
  const value = cache.get(key)
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
}

test('what is known has its value, or none, and is told apart from what is not known', () => {
  const cache = new ValueCache(4)
  cache.set('a', Uint8Array.of(0, 128, 255))
  cache.set('b', undefined)
  cache.set('c', new Uint8Array(0))
  cache.set('d', new Uint8Array(1_000).fill(7))
  expect(['a', 'b', 'c', 'd', 'e'].map(key => known(cache, key))).toEqual([
    '0080ff',
    NO_VALUE,
    '',
    '07'.repeat(1_000),
    undefined,
  ])
  expect(['a', 'b', 'c', 'd', 'e'].map(key => cache.has(key))).toEqual([true, true, true, true, false])
})

test('a value that was given or handed out may be written to', () => {
  const cache = new ValueCache(4)
  const given = Uint8Array.of(1, 2)
  cache.set('a', given)
  given.fill(9)
  ;(cache.get('a') as Uint8Array).fill(8)
  expect(known(cache, 'a')).toBe('0102')
})

test('whatever is used: the last so many are known, with what was set last', () => {
  const step = fc.tuple(fc.constantFrom('ask', 'set', 'set', 'none'), fc.nat(9), fc.nat(99))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 120 }), (entries, steps) => {
      const cache = new ValueCache(entries)
      const values = new Map<string, string | typeof NO_VALUE>()
      // The one used last stands last.
      let used: string[] = []
      const expectKnown = (key: string): void => {
        expect(cache.has(key)).toBe(true)
        expect(known(cache, key)).toBe(values.get(key))
        used = [...used.filter(each => each !== key), key]
      }
      for (const [action, at, byte] of steps) {
        const key = `key ${at}`
        if (action === 'ask' && used.slice(-entries).includes(key)) expectKnown(key)
        if (action !== 'ask') {
          const value = action === 'set' ? Uint8Array.of(byte) : undefined
          cache.set(key, value)
          values.set(key, value === undefined ? NO_VALUE : Buffer.from(value).toString('hex'))
        }
        if (cache.has(key)) expectKnown(key)
      }
      for (const key of used.slice(-entries).reverse()) expectKnown(key)
    }),
    { numRuns: 500 },
  )
})

test('asking for what is about to be forgotten keeps it, and setting what is new forgets nothing of it', () => {
  for (const use of [(cache: ValueCache) => cache.has('a'), (cache: ValueCache) => cache.get('a')]) {
    const cache = new ValueCache(3)
    for (const key of ['a', 'b', 'c', 'd', 'e']) cache.set(key, undefined)
    use(cache)
    for (const key of ['f', 'f', 'g']) cache.set(key, undefined)
    expect(cache.has('a')).toBe(true)
    expect(cache.has('b')).toBe(false)
  }
})

test('a full generation stays when one of its own is set again', () => {
  const cache = new ValueCache(2)
  for (const key of ['a', 'b', 'c', 'd']) cache.set(key, undefined)
  for (let i = 0; i < 10; i++) cache.set('d', Uint8Array.of(i))
  expect(['d', 'c', 'b'].map(key => cache.has(key))).toEqual([true, true, true])
})

test('there are never more than twice so many', () => {
  const cache = new ValueCache(8)
  const keys = Array.from({ length: 100 }, (_, i) => `key ${i}`)
  for (const key of keys) cache.set(key, undefined)
  const count = keys.reverse().filter(key => cache.has(key)).length
  expect(count).toBeGreaterThanOrEqual(8)
  expect(count).toBeLessThanOrEqual(16)
})
