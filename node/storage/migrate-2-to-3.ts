/** Data format 3: transactions are found by sender, party and event topic, and the last headers of epochs stand alone. */
import { blockCodec, headerCodec } from '../types/block.ts'
import { receiptCodec } from '../types/receipt.ts'
import { parseTransaction } from '../types/transaction.ts'
import { COLUMNS, type Database, StorageError, type Write } from './database.ts'
import { indexKeys3, receiptKey3 } from './format-3.ts'
import type { Migration, MigrationStep } from './migration.ts'

/** A batch ends with the block that passes it. */
const BATCH_KEYS = 4_000
const PAGE = 64
const NOTHING = new Uint8Array(0)

const heightOf = (key: Uint8Array): bigint => Buffer.from(key).readBigUInt64BE()

const indexBlock = (database: Database, key: Uint8Array, bytes: Uint8Array): Write[] => {
  const height = heightOf(key)
  const { header, transactions } = blockCodec.decode(bytes)
  const writes: Write[] = []
  // The validators of the next epoch are written with the last block of one.
  const nextKey = Buffer.alloc(8)
  nextKey.writeBigUInt64BE(height + 1n)
  const next = database.get(COLUMNS.blocks, nextKey)
  const nextEpoch = next === undefined ? header.epoch + 1n : blockCodec.decode(next).header.epoch
  const hasNextSet = database.get(COLUMNS.meta, Buffer.from(`validators/${header.epoch + 1n}`)) !== undefined
  if (height > 0n && nextEpoch > header.epoch && hasNextSet)
    writes.push({ column: COLUMNS.boundaryHeaders, key, value: headerCodec.encode(header) })
  for (const [index, transaction] of transactions.entries()) {
    const place = { height, index }
    const receipt = database.get(COLUMNS.receipts, receiptKey3(place))
    if (receipt === undefined)
      throw new StorageError(
        'corrupt',
        `block ${height} has no receipt of transaction ${index}: restore the data directory from a copy`,
      )
    for (const entry of indexKeys3(parseTransaction(transaction), receiptCodec.decode(receipt), place))
      writes.push({ column: COLUMNS.transactionIndex, key: entry, value: NOTHING })
  }
  return writes
}

const step = (database: Database, at: Uint8Array | undefined): MigrationStep => {
  const rows = database.range(COLUMNS.blocks, { ...(at === undefined ? {} : { from: at }), limit: PAGE })
  const [last] = database.range(COLUMNS.blocks, { reverse: true, limit: 1 })
  const writes: Write[] = []
  for (const [i, [key, bytes]] of rows.entries()) {
    writes.push(...indexBlock(database, key, bytes))
    const isLast = i === rows.length - 1
    if (writes.length < BATCH_KEYS && !isLast) continue
    const next = isLast && rows.length < PAGE ? undefined : Buffer.concat([key, Uint8Array.of(0)])
    const head = last === undefined ? 1 : Number(heightOf(last[0])) + 1
    return { writes, next, done: Number(heightOf(key)) / head }
  }
  return { writes, next: undefined, done: 1 }
}

export const indexTransactions: Migration = { title: 'indexes transactions by sender, party and topic', step }
