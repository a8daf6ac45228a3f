import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { IN_HEAP_BYTES, newBytes } from '../../../node/types/in-heap.ts'

const lengths = fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 60 })

test('new bytes are as many as were asked for, zero, and nobody else’s', () => {
  fc.assert(
    fc.property(lengths, wanted => {
      const all = wanted.map(newBytes)
      expect(all.map(({ length }) => length)).toEqual(wanted)
      for (const [i, bytes] of all.entries()) {
        expect(bytes.every(byte => byte === 0)).toBe(true)
        bytes.fill(1 + (i % 255))
      }
      for (const [i, bytes] of all.entries()) expect(bytes.every(byte => byte === 1 + (i % 255))).toBe(true)
    }),
  )
})

test('what is little more than fits into the heap keeps no more than a kilobyte alive', () => {
  const all = Array.from({ length: 1_000 }, (_, i) => newBytes(IN_HEAP_BYTES + 1 + (i % 400)))
  expect(new Set(all.map(({ buffer }) => buffer)).size).toBeLessThan(all.length)
  for (const { buffer, length } of all) expect(buffer.byteLength).toBeLessThanOrEqual(Math.max(1024, length))
})
