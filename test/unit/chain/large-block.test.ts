/** A block with several pages of receipts, and entries of the index with several places. */
import { beforeEach, describe, expect, it } from 'vitest'
import { Pruner } from '../../../node/chain/pruning.ts'
import { BlockStore } from '../../../node/chain/store.ts'
import { checkStoredBlock } from '../../../node/chain/stored-blocks.ts'
import { COLUMNS } from '../../../node/storage/database.ts'
import { gatherInPages } from '../../../node/storage/migrate-3-to-4.ts'
import { receiptCodec } from '../../../node/types/receipt.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { blockCodec } from '../../../node/types/block.ts'
import { parseTransaction } from '../../../node/types/transaction.ts'
import { encodeIndexes, entryKey, termName } from '../../../node/types/transaction-terms.ts'
import { staleNodes, toFormat3 } from '../../support/format-3.ts'
import { LARGE_BLOCK, largeBlockChain } from '../../support/large-block.ts'

let made: ReturnType<typeof largeBlockChain>
beforeEach(() => {
  made = largeBlockChain()
})
/** The pages of stale nodes may hold them in another order. */
const rows = () => [
  staleNodes(made.db),
  ...Object.values(COLUMNS)
    .filter(column => column !== COLUMNS.staleTreeNodes)
    .map(column => made.db.range(column, {}).map(([key, value]) => `${toHex(key)} ${toHex(value)}`)),
]

describe('a large block', () => {
  it('has every receipt, by its place and in order, and every transaction in the index', () => {
    const { db, blocks } = made
    const store = new BlockStore(db)
    for (const { header, receiptBytes } of blocks) {
      const { height } = header
      expect(store.receiptBytes(height).map(toHex)).toEqual(receiptBytes.map(toHex))
      for (const [index, bytes] of receiptBytes.entries())
        expect(store.receipt({ height, index })).toEqual(receiptCodec.decode(bytes))
      expect(store.receipt({ height, index: receiptBytes.length })).toBeUndefined()
      checkStoredBlock(store, db, height)
    }
    expect(db.range(COLUMNS.receipts, {}).length).toBe(4)
  })

  it('is damaged if one of its transactions is missing in an entry that others have', () => {
    const { db, blocks } = made
    const [sender] = blocks.flatMap(({ bytes }) =>
      blockCodec.decode(bytes).transactions.map(each => parseTransaction(each).sender),
    )
    if (sender === undefined) throw new Error('nobody sent anything')
    const key = entryKey(termName({ kind: 'sender', address: sender }), 1n)
    const all = Array.from({ length: LARGE_BLOCK }, (_, i) => i)
    expect(db.get(COLUMNS.transactionIndex, key)).toEqual(encodeIndexes(all))
    const value = encodeIndexes(all.filter(index => index !== 17))
    db.write([{ column: COLUMNS.transactionIndex, key, value }], { sync: false })
    expect(() => checkStoredBlock(new BlockStore(db), db, 1n)).toThrow(
      /transaction 17 is missing in the index/,
    )
  })

  it.each([1, 7, 33, 1_000])('goes as a whole, no key of it twice, in slices of %d', limit => {
    const { db } = made
    const pruner = new Pruner(db, new BlockStore(db), { blocks: 256, states: 256 })
    const removed: string[] = []
    for (;;) {
      const writes = pruner.next(300n, limit)
      if (writes.length === 0) break
      for (const { column, key, value } of writes)
        if (value === undefined) removed.push(`${column} ${toHex(key)}`)
      db.write(writes, { sync: false })
    }
    expect(new Set(removed).size).toBe(removed.length)
    for (const column of [COLUMNS.receipts, COLUMNS.transactionIndex, COLUMNS.transactionPlaces] as const)
      expect(db.range(column, {}), column).toEqual([])
  })

  it('comes out of data format 3 as new blocks are written', () => {
    const before = rows()
    toFormat3(made.db)
    expect(made.db.range(COLUMNS.receipts, {}).length).toBe(LARGE_BLOCK + 1)
    for (let at: Uint8Array | undefined, isFirst = true; isFirst || at !== undefined; isFirst = false) {
      const step = gatherInPages.step(made.db, at)
      made.db.write(step.writes, { sync: false })
      at = step.next
    }
    expect(rows()).toEqual(before)
  })
})
