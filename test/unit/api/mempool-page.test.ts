import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pageOfPool } from '../../../node/api/mempool-router.ts'
import { toAddress, toHash, toHex } from '../../../node/types/primitives.ts'
import type { ParsedTransaction } from '../../../node/types/transaction.ts'

const waiting = (seed: number, sender = 0) =>
  ({
    id: toHash(new Uint8Array(32).fill(seed & 255).fill(seed >> 8, 0, 1)),
    sender: toAddress(new Uint8Array(32).fill(sender)),
  }) as ParsedTransaction

/** All pages, each read from the pool as it is at that moment. */
const readAll = (pools: readonly (readonly ParsedTransaction[])[], limit: number): string[] => {
  const seen: string[] = []
  for (let page = 0; ; page++) {
    const pool = pools[Math.min(page, pools.length - 1)] ?? []
    const found = pageOfPool(pool, { after: seen.at(-1), limit, sender: undefined })
    if (found.length === 0) return seen
    seen.push(...found.map(({ id }) => toHex(id)))
  }
}

const ids = fc.uniqueArray(fc.integer({ min: 0, max: 5_000 }), { maxLength: 60 })

describe('pages of the pool', () => {
  it('hold everything once, in the order of ids, whatever order it waits in', () => {
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 7 }), (seeds, limit) => {
        const pool = seeds.map(seed => waiting(seed))
        expect(readAll([pool], limit)).toEqual(pool.map(({ id }) => toHex(id)).toSorted())
      }),
    )
  })

  it('hold once what waits all the while, however the pool changes between them', () => {
    fc.assert(
      fc.property(ids, fc.array(ids, { maxLength: 5 }), (staying, others) => {
        const stays = staying.map(seed => waiting(seed))
        const kept = new Set(stays.map(({ id }) => toHex(id)))
        const pools = [...others, []].map(extra => [
          ...extra.map(seed => waiting(seed)).filter(({ id }) => !kept.has(toHex(id))),
          ...stays,
        ])
        const seen = readAll(pools, 4)
        expect(seen.filter(id => kept.has(id))).toEqual([...kept].toSorted())
        expect(new Set(seen).size).toBe(seen.length)
      }),
    )
  })

  it('of one sender leave out the others', () => {
    const pool = [waiting(1, 1), waiting(2, 2), waiting(3, 1)]
    const { sender } = waiting(0, 1)
    const found = pageOfPool(pool, { after: undefined, limit: 9, sender })
    expect(found.map(each => each.id)).toEqual([waiting(1).id, waiting(3).id])
  })
})
