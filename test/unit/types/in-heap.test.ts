import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { newBytes } from '../../../node/types/in-heap.ts'

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

test('short ones share a kilobyte, and keep no more than that alive', () => {
  const all = Array.from({ length: 1_000 }, (_, i) => newBytes(i % 500))
  for (const { buffer, length } of all) expect(buffer.byteLength).toBeLessThanOrEqual(Math.max(1024, length))
  const short = all.filter(({ length }) => length <= 256)
  expect(new Set(short.map(({ buffer }) => buffer)).size).toBeLessThan(short.length / 5)
})
