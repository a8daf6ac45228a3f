/** Reading the index of transactions: against a list of them all. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BlockStore } from '../../../node/chain/store.ts'
import { COLUMNS } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { toAddress } from '../../../node/types/primitives.ts'
import {
  encodeIndexes,
  entryKey,
  termName,
  type TransactionPlace,
} from '../../../node/types/transaction-terms.ts'

const term = { kind: 'sender', address: toAddress(new Uint8Array(32).fill(7)) } as const
const other = { kind: 'party', address: term.address } as const
const HEIGHTS = 90n

/** Height -> the indexes of those that have the term, ascending. */
const chains = fc
  .dictionary(
    fc.bigInt({ min: 1n, max: HEIGHTS }).map(String),
    fc.uniqueArray(fc.nat(11), { minLength: 1, maxLength: 8 }).map(all => all.toSorted((a, b) => a - b)),
    { maxKeys: 150 },
  )
  .map(entries => new Map(Object.entries(entries).map(([height, indexes]) => [BigInt(height), indexes])))
const places = fc.record({ height: fc.bigInt({ min: 0n, max: HEIGHTS + 2n }), index: fc.nat(12) })

const compare = (a: TransactionPlace, b: TransactionPlace): number =>
  a.height === b.height ? a.index - b.index : Number(a.height - b.height)

describe('the index of transactions', () => {
  it('has the places of a term, in any range, either way, up to a limit', () => {
    fc.assert(
      fc.property(
        chains,
        places,
        places,
        fc.boolean(),
        fc.integer({ min: 1, max: 300 }),
        (chain, from, to, reverse, limit) => {
          const db = createMemoryDatabase()
          db.write(
            [...chain].flatMap(([height, indexes]) => [
              {
                column: COLUMNS.transactionIndex,
                key: entryKey(termName(term), height),
                value: encodeIndexes(indexes),
              },
              {
                column: COLUMNS.transactionIndex,
                key: entryKey(termName(other), height),
                value: encodeIndexes([0, 1, 2]),
              },
            ]),
            { sync: false },
          )
          const inOrder = [...chain]
            .flatMap(([height, indexes]) => indexes.map(index => ({ height, index })))
            .filter(place => compare(place, from) >= 0 && compare(place, to) < 0)
            .sort(compare)
          const expected = (reverse ? inOrder.toReversed() : inOrder).slice(0, limit)
          expect(new BlockStore(db).places(term, { from, to, reverse, limit })).toEqual(expected)
        },
      ),
      { numRuns: 300 },
    )
  })
})
