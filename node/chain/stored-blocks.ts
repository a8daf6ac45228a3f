/**
 * Whether the database holds blocks whole. RocksDB takes a manifest that was cut short for one that a crash tore,
 * and forgets the files it named: columns then lack what was written last before its log begins.
 */
import { merkleRoot } from '../crypto/merkle.ts'
import { COLUMNS, type Database, StorageError } from '../storage/database.ts'
import { bytesEqual, type Height } from '../types/primitives.ts'
import { parseTransaction } from '../types/transaction.ts'
import { BlockStore } from './store.ts'

/** Below the head, looked at on every start. */
const RECENT_BLOCKS = 100n

/** The lowest block above block 0 that is there: older ones may have been pruned, but never from the middle. */
export const lowestStoredHeight = (database: Database): Height => new BlockStore(database).keptFrom()

/** Everything that belongs to one block is there and fits: parent, transactions, receipts, indexes. Not every one has a certificate of its own. */
export const checkStoredBlock = (store: BlockStore, database: Database, height: Height): void => {
  const fail = (message: string): never => {
    throw new StorageError('corrupt', `the database is damaged: block ${height} ${message}`)
  }
  const found = store.blockByHeight(height) ?? fail('is missing')
  const { header, transactions } = found.block
  if (header.height !== height) fail(`says that it is block ${header.height}`)
  const byHash = store.blockByHash(found.hash)
  if (byHash === undefined || byHash.block.header.height !== height) fail('is not found by its hash')
  if (height > 0n) {
    const parent = store.blockByHeight(height - 1n)
    if (parent !== undefined && !bytesEqual(parent.hash, header.parentHash))
      fail('does not stand on the block below it')
  }
  if (!bytesEqual(merkleRoot(transactions), header.transactionsRoot))
    fail('holds other transactions than its header says')
  const key = (index: number, at = height): Uint8Array => {
    const bytes = Buffer.alloc(12)
    bytes.writeBigUInt64BE(at)
    bytes.writeUInt32BE(index, 8)
    return bytes
  }
  const receipts = database
    .range(COLUMNS.receipts, { from: key(0), to: key(0, height + 1n) })
    .map(([, bytes]) => bytes)
  if (!bytesEqual(merkleRoot(receipts), header.receiptsRoot)) fail('has other receipts than its header says')
  for (const [index, bytes] of transactions.entries()) {
    const place = store.transactionPlace(parseTransaction(bytes).id)
    if (place?.height !== height || place.index !== index) fail(`transaction ${index} is not found by its id`)
  }
}

/** Where a walk over the last blocks begins. */
export const recentFrom = (database: Database, head: Height): Height => {
  const lowest = lowestStoredHeight(database)
  const recent = head < RECENT_BLOCKS ? 0n : head - RECENT_BLOCKS + 1n
  return recent > lowest ? recent : lowest
}

export const assertRecentBlocks = (store: BlockStore, database: Database, head: Height): void => {
  for (let height = recentFrom(database, head); height <= head; height++)
    checkStoredBlock(store, database, height)
}
