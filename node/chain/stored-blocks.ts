/**
 * Whether the database holds blocks whole. RocksDB takes a manifest that was cut short for one that a crash tore,
 * and forgets the files it named: columns then lack what was written last before its log begins.
 */
import { merkleRoot } from '../crypto/merkle.ts'
import { COLUMNS, type Database, StorageError } from '../storage/database.ts'
import { bytesEqual, type Height } from '../types/primitives.ts'
import { parseTransaction } from '../types/transaction.ts'
import { receiptCodec } from '../types/receipt.ts'
import type { BlockStore } from './store.ts'
import { decodeIndexes, entryKey, termNames } from '../types/transaction-terms.ts'

/** Below the head, looked at on every start. */
const RECENT_BLOCKS = 100n

/** From here on every block is there; block 0 is too. */
export const lowestKeptHeight = (store: BlockStore): Height => {
  const keptFrom = store.keptFrom()
  return keptFrom === 1n ? 0n : keptFrom
}

/** Everything that belongs to one block is there and fits: parent, transactions, receipts, indexes, and its certificate if it has one of its own. */
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
  const certificate = store.certificate(height)
  if (certificate !== undefined && !(certificate.hash && bytesEqual(certificate.hash, found.hash)))
    fail('has the certificate of another block')
  const receipts = store.receiptBytes(height)
  if (!bytesEqual(merkleRoot(receipts), header.receiptsRoot)) fail('has other receipts than its header says')
  const entries = new Map<string, ReadonlySet<number>>()
  const entryOf = (name: string): ReadonlySet<number> => {
    let entry = entries.get(name)
    if (entry === undefined) {
      const bytes = database.get(COLUMNS.transactionIndex, entryKey(name, height))
      entry = new Set(bytes === undefined ? [] : decodeIndexes(bytes))
      entries.set(name, entry)
    }
    return entry
  }
  for (const [index, bytes] of transactions.entries()) {
    const parsed = parseTransaction(bytes)
    const place = store.transactionPlace(parsed.id)
    if (place?.height !== height || place.index !== index) fail(`transaction ${index} is not found by its id`)
    const receipt = receiptCodec.decode(receipts[index] as Uint8Array)
    for (const name of termNames(parsed, receipt))
      if (!entryOf(name).has(index))
        fail(`transaction ${index} is missing in the index of senders, parties and topics`)
  }
}

/** Where a walk over the last blocks begins. */
export const recentFrom = (store: BlockStore, head: Height): Height => {
  const lowest = lowestKeptHeight(store)
  const recent = head < RECENT_BLOCKS ? 0n : head - RECENT_BLOCKS + 1n
  return recent > lowest ? recent : lowest
}

export const assertRecentBlocks = (store: BlockStore, database: Database, head: Height): void => {
  for (let height = recentFrom(store, head); height <= head; height++)
    checkStoredBlock(store, database, height)
}
