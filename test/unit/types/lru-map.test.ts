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
