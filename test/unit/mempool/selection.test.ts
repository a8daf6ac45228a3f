import { describe, expect, it } from 'vitest'
import { toLatin1 } from '../../../node/types/primitives.ts'
import type { ParsedTransaction } from '../../../node/types/transaction.ts'
import { kept, make, makePool, NEXT, type Wish } from './make.ts'

const idsOf = (transactions: readonly ParsedTransaction[]): ReadonlySet<string> =>
  new Set(transactions.map(({ id }) => toLatin1(id)))

const ALL = { baseFee: 0n, gasLimit: 1000n, maxBytes: 100_000, maxCount: 1000 }

/** A pool with one transaction for each wish, and how to select their numbers in the wishes' order. */
const poolOf = (wishes: Wish[]) => {
  const { pool } = makePool()
  const made = wishes.map(wish => make(wish))
  for (const parsed of made) expect(pool.add(parsed, NEXT).kind).toBe('added')
  return {
    made,
    select: (options: Partial<Parameters<typeof pool.select>[0]> = {}) =>
      pool.select({ ...ALL, ...options }).map(({ id }) => made.findIndex(parsed => parsed.id === id)),
  }
}

describe('the next block takes', () => {
  it('the highest tip first', () => {
    const { select } = poolOf([
      { from: 'a', tip: 1n },
      { from: 'b', tip: 3n },
      { from: 'c', tip: 2n },
    ])
    expect(select()).toEqual([1, 2, 0])
  })

  it('each sender by nonce, even if a later one tips more', () => {
    const { select } = poolOf([
      { from: 'a', nonce: 1n, tip: 50n },
      { from: 'a', nonce: 0n, tip: 1n },
      { from: 'b', nonce: 0n, tip: 20n },
    ])
    expect(select()).toEqual([2, 1, 0])
  })

  it('nothing behind a missing nonce', () => {
    const { select } = poolOf([{ nonce: 0n }, { nonce: 2n }])
    expect(select()).toEqual([0])
  })

  it('by what the fee cap leaves above the base fee', () => {
    const { select } = poolOf([
      { from: 'a', maxFee: 52n, tip: 30n },
      { from: 'b', maxFee: 100n, tip: 3n },
    ])
    expect(select()).toEqual([0, 1])
    expect(select({ baseFee: 50n })).toEqual([1, 0])
  })

  it('nothing below the base fee, nor what is behind it', () => {
    const { select } = poolOf([
      { from: 'a', nonce: 0n, maxFee: 49n },
      { from: 'a', nonce: 1n, maxFee: 99n },
      { from: 'b', maxFee: 50n },
    ])
    expect(select({ baseFee: 50n })).toEqual([2])
  })

  it('equal tips by id, whoever came first', () => {
    const made = ['a', 'b', 'c', 'd'].map(from => make({ from }))
    const byId = made.toSorted((x, y) => Buffer.compare(x.id, y.id))
    for (const order of [made, made.toReversed()]) {
      const { pool } = makePool()
      for (const parsed of order) pool.add(parsed, NEXT)
      expect(pool.select(ALL)).toEqual(byId.map(kept))
    }
  })

  it('what fits its gas, going on with other senders after one that does not', () => {
    const { select } = poolOf([
      { from: 'a', nonce: 0n, gasLimit: 600n, tip: 9n },
      { from: 'b', nonce: 0n, gasLimit: 401n, tip: 8n },
      { from: 'b', nonce: 1n, gasLimit: 1n, tip: 8n },
      { from: 'c', nonce: 0n, gasLimit: 400n, tip: 7n },
    ])
    expect(select()).toEqual([0, 3])
  })

  it('what fits its bytes, three more for the length of each', () => {
    const { select } = poolOf([
      { from: 'a', sizeBytes: 100 },
      { from: 'b', sizeBytes: 100, tip: 5n },
    ])
    expect(select({ maxBytes: 205 })).toEqual([0])
    expect(select({ maxBytes: 206 })).toEqual([0, 1])
  })

  it('no more than its count', () => {
    const { select } = poolOf([
      { from: 'a', tip: 3n },
      { from: 'b', tip: 2n },
      { from: 'c', tip: 1n },
    ])
    expect(select({ maxCount: 2 })).toEqual([0, 1])
    expect(select({ maxCount: 0 })).toEqual([])
  })

  it('what comes after those that a block below holds already', () => {
    const { made, select } = poolOf([{ nonce: 0n }, { nonce: 1n }, { nonce: 2n }, { from: 'b', tip: 1n }])
    const below = idsOf(made.slice(0, 2))
    expect(select({ isIncluded: id => below.has(id) })).toEqual([2, 3])
  })
})

describe('a block is worth making', () => {
  const poolWith = (...wishes: Wish[]) => {
    const { pool } = makePool()
    const made = wishes.map(wish => make(wish))
    for (const parsed of made) expect(pool.add(parsed, NEXT).kind).toBe('added')
    return { pool, made }
  }

  it('not for nothing, nor for what waits for a nonce', () => {
    expect(poolWith().pool.hasRunnable()).toBe(false)
    expect(poolWith({ nonce: 1n }, { from: 'b', nonce: 2n }).pool.hasRunnable()).toBe(false)
  })

  it('for one sender that can go on, whatever it pays', () => {
    expect(poolWith({ nonce: 1n }, { from: 'b', maxFee: 0n, tip: 0n }).pool.hasRunnable()).toBe(true)
  })

  it('not for what a block below holds already, but for what comes after it', () => {
    const { pool, made } = poolWith({ nonce: 0n }, { nonce: 1n })
    expect(pool.hasRunnable(id => idsOf(made).has(id))).toBe(false)
    expect(pool.hasRunnable(id => idsOf(made.slice(0, 1)).has(id))).toBe(true)
  })
})
