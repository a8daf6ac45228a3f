/**
 * Data format 4: what took a key for each transaction or node lies together in pages. First the nodes that went stale,
 * version by version, then receipts and index, block by block; each batch puts the pages and takes the old keys away.
 */
import { blockCodec } from '../types/block.ts'
import { type Receipt, receiptCodec } from '../types/receipt.ts'
import { receiptPages } from '../types/receipt-pages.ts'
import { parseTransaction } from '../types/transaction.ts'
import { blockTerms, indexEntries, toPlace } from '../types/transaction-terms.ts'
import { COLUMNS, type Database, StorageError, type Write } from './database.ts'
import { indexKeys3, receiptKey3, STALE_PAGE_KEY_BYTES, STALE_VERSION_BYTES } from './format-3.ts'
import type { Migration, MigrationStep } from './migration.ts'
import { stalePages } from './stale-pages.ts'

const STALE_NODES = 4_000
/** A batch ends with the block that passes it. */
const BATCH_KEYS = 4_000
const BLOCKS = 64
/** Of the work, roughly. */
const STALE_SHARE = 0.2

const META_NODES_FROM = Buffer.from('stale_nodes_from')
const META_REMOVED_TO = Buffer.from('removed_to')
const NO_RECEIPT = new Uint8Array(0)

/** Where a batch begins: phase | what the phase says. */
const PHASE = { stale: 0, blocks: 1 } as const
const place = (phase: number, ...rest: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([Uint8Array.of(phase), ...rest])

const numberOf = (key: Uint8Array): bigint => Buffer.from(key).readBigUInt64BE()

/** Where a batch begins: u32 page of the version | the key of the entry. */
interface StalePlace {
  readonly page: number
  readonly from: Uint8Array
}
const encodeStalePlace = ({ page, from }: StalePlace): Uint8Array => {
  const number = Buffer.alloc(4)
  number.writeUInt32BE(page)
  return place(PHASE.stale, number, from)
}
const decodeStalePlace = (bytes: Uint8Array): StalePlace => ({
  page: Buffer.from(bytes).readUInt32BE(),
  from: Uint8Array.from(bytes.subarray(4)),
})

const stepStale = (database: Database, { page, from }: StalePlace): MigrationStep => {
  const keys = database.range(COLUMNS.staleTreeNodes, { from, limit: STALE_NODES }).map(([key]) => key)
  // Among the entries stand the pages that batches before have put.
  const entries = keys.filter(key => key.length !== STALE_PAGE_KEY_BYTES)
  const writes = entries.map((key): Write => ({ column: COLUMNS.staleTreeNodes, key, value: undefined }))
  const begun = from.length === 0 ? undefined : numberOf(from)
  let nextPage = page
  for (const [version, group] of Map.groupBy(entries, numberOf)) {
    const firstPage = version === begun ? page : 0
    const nodeKeys = group.map(key => key.slice(STALE_VERSION_BYTES))
    const pages = stalePages(version, nodeKeys, firstPage)
    for (const [key, value] of pages) writes.push({ column: COLUMNS.staleTreeNodes, key, value })
    nextPage = firstPage + pages.length
  }
  const last = keys.at(-1)
  if (last === undefined || keys.length < STALE_NODES)
    return { writes, next: place(PHASE.blocks), done: STALE_SHARE }
  const next = encodeStalePlace({ page: nextPage, from: Buffer.concat([last, Uint8Array.of(0)]) })
  return { writes, next, done: 0 }
}

/** Pruning noted the entry from which on nodes are there; now it notes a version, or a page. */
const first = (database: Database): MigrationStep => {
  const begun = stepStale(database, { page: 0, from: new Uint8Array(0) })
  const nodesFrom = database.get(COLUMNS.meta, META_NODES_FROM)
  if (nodesFrom === undefined) return begun
  const value = nodesFrom.slice(0, STALE_VERSION_BYTES)
  return { ...begun, writes: [...begun.writes, { column: COLUMNS.meta, key: META_NODES_FROM, value }] }
}

const toPages = (database: Database, key: Uint8Array, bytes: Uint8Array): Write[] => {
  const height = numberOf(key)
  const transactions = blockCodec.decode(bytes).transactions.map(parseTransaction)
  const removedTo = database.get(COLUMNS.meta, META_REMOVED_TO)
  const removed = removedTo && toPlace(removedTo)
  const isRemoved = (index: number): boolean =>
    removed !== undefined && (height < removed.height || (height === removed.height && index < removed.index))
  const writes: Write[] = []
  const receiptBytes: Uint8Array[] = []
  const receipts: (Receipt | undefined)[] = []
  for (const [index, parsed] of transactions.entries()) {
    const oldKey = receiptKey3({ height, index })
    const found = database.get(COLUMNS.receipts, oldKey)
    if (found === undefined && !isRemoved(index))
      throw new StorageError(
        'corrupt',
        `block ${height} has no receipt of transaction ${index}: restore the data directory from a copy`,
      )
    receiptBytes.push(found ?? NO_RECEIPT)
    receipts.push(found && receiptCodec.decode(found))
    const receipt = receipts[index]
    if (receipt === undefined) continue
    writes.push({ column: COLUMNS.receipts, key: oldKey, value: undefined })
    for (const old of indexKeys3(parsed, receipt, { height, index }))
      writes.push({ column: COLUMNS.transactionIndex, key: old, value: undefined })
  }
  for (const [page, value] of receiptPages(height, receiptBytes))
    writes.push({ column: COLUMNS.receipts, key: page, value })
  for (const [entry, value] of indexEntries(height, blockTerms(transactions, receipts)))
    writes.push({ column: COLUMNS.transactionIndex, key: entry, value })
  return writes
}

/** `at`: the key of the block to begin with. */
const stepBlocks = (database: Database, at: Uint8Array): MigrationStep => {
  const rows = database.range(COLUMNS.blocks, { from: at, limit: BLOCKS })
  const [top] = database.range(COLUMNS.blocks, { reverse: true, limit: 1 })
  const writes: Write[] = []
  for (const [i, [key, bytes]] of rows.entries()) {
    writes.push(...toPages(database, key, bytes))
    const isLast = i === rows.length - 1
    if (writes.length < BATCH_KEYS && !isLast) continue
    const next = isLast && rows.length < BLOCKS ? undefined : place(PHASE.blocks, key, Uint8Array.of(0))
    const all = top === undefined ? 1 : Number(numberOf(top[0])) + 1
    return { writes, next, done: STALE_SHARE + (1 - STALE_SHARE) * (Number(numberOf(key)) / all) }
  }
  return { writes, next: undefined, done: 1 }
}

const step = (database: Database, at: Uint8Array | undefined): MigrationStep => {
  if (at === undefined) return first(database)
  const rest = Uint8Array.from(at.subarray(1))
  return at[0] === PHASE.stale ? stepStale(database, decodeStalePlace(rest)) : stepBlocks(database, rest)
}

export const gatherInPages: Migration = {
  title: 'puts receipts, index entries and stale nodes together in pages',
  step,
}
