import { describe, expect, it } from 'vitest'
import { createBlockSize } from '../../node/block-size.ts'

const MOST = 4_000
const alone = { isAlone: true, isAskedFor: false }
const sizeWith = (minBlockIntervalMs = 5n) => createBlockSize({ minBlockIntervalMs, most: MOST })

/** Blocks of `count` transactions, each of which takes so long. */
const built = (size: ReturnType<typeof sizeWith>, count: number, eachMs: number, blocks = 40): void => {
  for (let i = 0; i < blocks; i++)
    size.built(count, { executionMs: 0.75 * eachMs * count, stateRootMs: 0.25 * eachMs * count })
}

describe('the size of a block', () => {
  it('is what it has room for, where others vote, and where somebody asked for the block', () => {
    const size = sizeWith()
    built(size, 500, 1)
    expect(size.limit({ isAlone: false, isAskedFor: false })).toBe(MOST)
    expect(size.limit({ isAlone: true, isAskedFor: true })).toBe(MOST)
    expect(size.limit(alone)).toBeLessThan(MOST)
  })

  it('is for one who is alone what takes 20 ms, by the blocks before', () => {
    const size = sizeWith()
    expect(size.limit(alone)).toBe(512)
    built(size, 500, 0.02)
    expect(size.limit(alone)).toBeCloseTo(1_000, -1)
    built(size, 500, 0.1)
    expect(size.limit(alone)).toBeCloseTo(200, -1)
  })

  it('follows one block that took long only in part', () => {
    const size = sizeWith()
    built(size, 500, 0.02)
    built(size, 500, 0.2, 1)
    expect(size.limit(alone)).toBeCloseTo(20 / (0.75 * 0.02 + 0.25 * 0.2), -1)
  })

  it('fills the least time between two blocks', () => {
    const size = sizeWith(250n)
    built(size, 500, 0.1)
    expect(size.limit(alone)).toBeCloseTo(2_500, -1)
  })

  it('is never none, nor more than a block has room for, whatever was measured', () => {
    const size = sizeWith()
    built(size, 64, 10_000)
    expect(size.limit(alone)).toBe(64)
    built(size, 500, 0, 400)
    expect(size.limit(alone)).toBe(MOST)
  })

  it('learns nothing from a block of few, which takes its time whatever is in it', () => {
    const size = sizeWith()
    built(size, 500, 0.02)
    const before = size.limit(alone)
    built(size, 3, 5)
    built(size, 0, 5)
    expect(size.limit(alone)).toBe(before)
  })
})
