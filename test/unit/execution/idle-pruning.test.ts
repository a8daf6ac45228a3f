/** Slices between two requests: how large they are made, that they end, and what becomes of a failure. */
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createIdlePruning } from '../../../node/execution/idle-pruning.ts'

const LOOKING_MS = 0.1

/** A disk on which a key takes so long; `keys` are there to remove. */
const world = (keys: number, msPerKey: number) => {
  const sizes: number[] = []
  let [left, now] = [keys, 0]
  const prune = (limit: number): number => {
    const removed = Math.min(limit, left)
    left -= removed
    now += LOOKING_MS + removed * msPerKey
    if (removed > 0) sizes.push(limit)
    return removed
  }
  return { sizes, pruning: createIdlePruning(prune, () => now), left: () => left }
}
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await turn()
}

describe('pruning when the thread is free', () => {
  it('goes on until nothing is left, then waits to be started again', async () => {
    const { pruning, left, sizes } = world(1_000, 0.01)
    expect(left()).toBe(1_000)
    pruning.start()
    pruning.start()
    await turns(100)
    expect(left()).toBe(0)
    const before = sizes.length
    await turns(10)
    expect(sizes.length).toBe(before)
  })

  it('does one slice a turn, so that messages are read in between', async () => {
    const { pruning, sizes } = world(1_000_000, 0.001)
    pruning.start()
    await turns(3)
    expect(sizes.length).toBeLessThanOrEqual(3)
  })

  it.each([0.002, 0.01, 0.04])('keeps slices below 5 ms where a key takes %s ms', async msPerKey => {
    const { pruning, sizes } = world(1_000_000, msPerKey)
    pruning.start()
    await turns(60)
    expect(sizes.length).toBeGreaterThan(40)
    expect(Math.max(...sizes.map(size => size * msPerKey))).toBeLessThan(5)
    // And does not do less than half of what it may.
    expect((sizes.at(-1) ?? 0) * msPerKey).toBeGreaterThan(0.75)
  })

  it('does not take larger slices because the last ones found little', async () => {
    let [now, found] = [0, 1_000_000]
    let largest = 0
    const pruning = createIdlePruning(
      limit => {
        const removed = Math.min(limit, found)
        found -= removed
        now += LOOKING_MS + removed * 0.02
        largest = Math.max(largest, removed * 0.02)
        return removed
      },
      () => now,
    )
    pruning.start()
    await turns(60)
    for (let block = 0; block < 200; block++) {
      found = 5
      pruning.start()
      await turns(3)
    }
    found = 1_000_000
    pruning.start()
    await turns(60)
    expect(largest).toBeLessThan(5)
  })

  it('begins no slice after it was stopped', async () => {
    const { pruning, sizes } = world(1_000_000, 0.001)
    pruning.start()
    await turns(3)
    pruning.stop()
    const before = sizes.length
    pruning.start()
    await turns(5)
    expect(sizes.length).toBe(before)
  })

  it('tells the next block what a slice failed with, and stops', async () => {
    let calls = 0
    const pruning = createIdlePruning(() => {
      calls++
      throw new Error('the disk is full')
    })
    pruning.assertWell()
    pruning.start()
    await turns(2)
    pruning.start()
    await turns(2)
    expect(calls).toBe(1)
    expect(() => pruning.assertWell()).toThrow('the disk is full')
  })
})
