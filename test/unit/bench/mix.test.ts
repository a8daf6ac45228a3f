import { describe, expect, it } from 'vitest'
import { mixReference, splitEvenly } from '../../bench/mix.ts'

const WORD = 1n << 64n
const SEED = 81_985_529_216_486_895n
const MULTIPLIER = 11_400_714_819_323_198_485n

describe('the reference of the compute workload', () => {
  it('is the seed, then each step by the formula', () => {
    expect(mixReference(0)).toBe(SEED)
    const first = ((SEED ^ (SEED / 8_192n)) * MULTIPLIER) % WORD
    const second = (((first ^ (first / 8_192n)) * MULTIPLIER) % WORD) + 1n
    expect(mixReference(1)).toBe(first)
    expect(mixReference(2)).toBe(second % WORD)
  })

  it('stays within 64 bits', () => {
    for (let n = 0; n < 200; n++) expect(mixReference(n)).toBeLessThan(WORD)
  })
})

describe('splitting a count', () => {
  it('gives parts that differ by at most one, add up, and keep the limit', () => {
    for (const [total, most] of [
      [10, 3],
      [9, 3],
      [1, 100],
      [10_000_000, 999_983],
    ] as const) {
      const parts = splitEvenly(total, most)
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total)
      expect(Math.max(...parts)).toBeLessThanOrEqual(most)
      expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1)
    }
  })
})
