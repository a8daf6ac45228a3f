/** Takes a database back to data format 3, as a Vex of that time would have written it. */
import { heightKey, keyToHeight } from '../../node/chain/store.ts'
import { COLUMNS, type Column, type Database, type Write } from '../../node/storage/database.ts'
import { indexKeys3, receiptKey3 } from '../../node/storage/format-3.ts'
import { decodeStalePage } from '../../node/storage/stale-pages.ts'
import { blockCodec } from '../../node/types/block.ts'
import { receiptCodec } from '../../node/types/receipt.ts'
import { decodeReceiptPage, receiptPageKey, RECEIPTS_PER_PAGE } from '../../node/types/receipt-pages.ts'
import { parseTransaction } from '../../node/types/transaction.ts'
import { toPlace, type TransactionPlace } from '../../node/types/transaction-terms.ts'

const NOTHING = new Uint8Array(0)
const NODES_FROM = Buffer.from('stale_nodes_from')

export const clearColumn = (db: Database, column: Column): void =>
  db.write(
    db.range(column, {}).map(([key]) => ({ column, key, value: undefined })),
    { sync: false },
  )

/** Receipts by their index; none of those that are removed. */
const receiptsOf = (db: Database, height: bigint, removed: TransactionPlace): Map<number, Uint8Array> => {
  const found = new Map<number, Uint8Array>()
  const [from, to] = [receiptPageKey(height, 0), receiptPageKey(height + 1n, 0)]
  for (const [key, page] of db.range(COLUMNS.receipts, { from, to })) {
    const first = Buffer.from(key).readUInt16BE(8) * RECEIPTS_PER_PAGE
    for (const [i, receipt] of decodeReceiptPage(page).entries())
      if (height > removed.height || first + i >= removed.index) found.set(first + i, receipt)
  }
  return found
}

export const toFormat3 = (db: Database): void => {
  const writes: Write[] = []
  for (const [key, page] of db.range(COLUMNS.staleTreeNodes, {}))
    for (const nodeKey of decodeStalePage(page))
      writes.push({
        column: COLUMNS.staleTreeNodes,
        key: staleEntry3(keyToHeight(key), nodeKey),
        value: NOTHING,
      })
  const nodesFrom = db.get(COLUMNS.meta, NODES_FROM)
  if (nodesFrom !== undefined)
    // The entry of a node of that version or an earlier one, and what follows on it.
    writes.push({
      column: COLUMNS.meta,
      key: NODES_FROM,
      value: Buffer.concat([nodesFrom.subarray(0, 8), heightKey(1n), new Uint8Array(1)]),
    })
  const removedTo = db.get(COLUMNS.meta, Buffer.from('removed_to'))
  const removed = removedTo === undefined ? { height: 0n, index: 0 } : toPlace(removedTo)
  for (const [key, bytes] of db.range(COLUMNS.blocks, {})) {
    const height = keyToHeight(key)
    const receipts = receiptsOf(db, height, removed)
    for (const [index, transaction] of blockCodec.decode(bytes).transactions.entries()) {
      const place = { height, index }
      const receipt = receipts.get(index)
      if (receipt === undefined) continue
      writes.push({ column: COLUMNS.receipts, key: receiptKey3(place), value: receipt })
      for (const entry of indexKeys3(parseTransaction(transaction), receiptCodec.decode(receipt), place))
        writes.push({ column: COLUMNS.transactionIndex, key: entry, value: NOTHING })
    }
  }
  for (const column of [COLUMNS.staleTreeNodes, COLUMNS.receipts, COLUMNS.transactionIndex] as const)
    clearColumn(db, column)
  db.write(writes, { sync: false })
}

/** The keys of the nodes that went stale, each with its version. */
export const staleNodes = (db: Database): string[] =>
  db
    .range(COLUMNS.staleTreeNodes, {})
    .flatMap(([key, page]) =>
      decodeStalePage(page).map(nodeKey => `${keyToHeight(key)} ${Buffer.from(nodeKey).toString('hex')}`),
    )
    .sort()

export const staleEntry3 = (version: bigint, nodeKey: Uint8Array): Uint8Array =>
  Buffer.concat([heightKey(version), nodeKey])
