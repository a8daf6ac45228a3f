/**
 * What a node forgets, slice by slice: beside its blocks while it runs (execution/pruning-worker.ts), or at once.
 *
 * | what                                                       | kept                                         |
 * | ---------------------------------------------------------- | -------------------------------------------- |
 * | blocks with transactions, receipts, indexes, certificates  | the last `blocks`, or all                    |
 * | block 0; of each epoch the last header, its certificate    | always: starts and light clients need them   |
 * | what blocks replaced in the state (undo records)           | of the last `states` blocks                  |
 * | nodes of the state tree                                    | all that the last KEPT_VERSIONS versions use |
 *
 * Blocks go from the bottom up, never out of the middle. `kept_from` moves first, and hides what lies below it; then
 * transactions go one after another, and `removed_to` says how far that has come: both in the batch that they speak
 * of, as for the nodes `stale_nodes_from`. Batches are not synced: what a crash brings back is removed again.
 *
 * Nobody else writes these three entries or deletes what the table names, and nobody reads what is removed for a head: any
 * head that the chain had is as good as its last one, so that slices may come later, and from another thread.
 */
import { pruneWrites } from '../state/tree-store.ts'
import { COLUMNS, type Database, type Write } from '../storage/database.ts'
import { blockCodec, blockHash } from '../types/block.ts'
import type { Hash, Height } from '../types/primitives.ts'
import { receiptCodec } from '../types/receipt.ts'
import { parseTransaction } from '../types/transaction.ts'
import { type BlockStore, heightKey, keptFromWrite, keyToHeight } from './store.ts'
import { entryKey, placeKey, termNames, toPlace, type TransactionPlace } from '../types/transaction-terms.ts'
import { decodeReceiptPage, pageOfIndex, receiptPageKey, RECEIPTS_PER_PAGE } from '../types/receipt-pages.ts'

/** Versions of the state tree that stay readable below the head: proofs and snapshots are made of them. */
const KEPT_VERSIONS = 256n
/** Starts look at the last hundred blocks, and undo records are of no use without their blocks. */
export const MIN_KEPT_BLOCKS = 256

export interface Retention {
  /** How many of the last blocks are kept; `undefined`: all. */
  readonly blocks: number | undefined
  /** Of how many of the last blocks the state before is kept, so that their transactions can be traced. */
  readonly states: number
}

/** What people choose from. */
export const PRUNING_MODES = {
  archive: { blocks: undefined, states: 1_000 },
  default: { blocks: 100_000, states: 1_000 },
  minimal: { blocks: MIN_KEPT_BLOCKS, states: MIN_KEPT_BLOCKS },
} as const satisfies Record<string, Retention>
export type PruningMode = keyof typeof PRUNING_MODES

/** Throws a RangeError that says what may be kept. */
export const checkRetention = ({ blocks, states }: Retention): void => {
  if (blocks !== undefined && !(Number.isSafeInteger(blocks) && blocks >= MIN_KEPT_BLOCKS))
    throw new RangeError(`a node keeps at least its last ${MIN_KEPT_BLOCKS} blocks, not ${blocks}`)
  if (!Number.isSafeInteger(states) || states < 0)
    throw new RangeError(`the number of kept states must be a whole number from 0 on, not ${states}`)
}

const META_REMOVED_TO = Buffer.from('removed_to')
const META_NODES_FROM = Buffer.from('stale_nodes_from')

/** The first height at which there may be something to remove. */
export const firstPruningHeight = ({ blocks = Number.POSITIVE_INFINITY, states }: Retention): Height =>
  BigInt(Math.min(blocks, states, Number(KEPT_VERSIONS))) + 1n

/** A block that is on its way out, without the transactions before `next`. */
interface Removal {
  readonly height: Height
  readonly hash: Hash
  readonly transactions: readonly Uint8Array[]
  next: number
  /** Whose entries in the index are gone. */
  readonly terms: Set<string>
  /** That was read last. */
  page: { readonly number: number; readonly receipts: readonly Uint8Array[] } | undefined
}

export class Pruner {
  readonly #db: Database
  readonly #blocks: bigint | undefined
  readonly #states: bigint
  /** Entries of stale nodes below this are gone. */
  #nodesFrom: Uint8Array
  /** Nodes that went stale up to this version are gone. */
  #nodesTo: bigint
  #oldestRecord: Height | undefined
  #first = 0
  #keptFrom: Height
  /** Everything before this transaction is gone. */
  #removedTo: TransactionPlace
  #removal: Removal | undefined
  /** Blocks below this are gone. */
  #blocksTo: Height

  constructor(db: Database, store: BlockStore, retention: Retention) {
    this.#db = db
    this.#blocks = retention.blocks === undefined ? undefined : BigInt(retention.blocks)
    this.#states = BigInt(retention.states)
    this.#keptFrom = store.keptFrom()
    this.#nodesFrom = db.get(COLUMNS.meta, META_NODES_FROM) ?? new Uint8Array(0)
    this.#nodesTo = this.#nodesFrom.length === 0 ? 0n : keyToHeight(this.#nodesFrom) - 1n
    const removedTo = db.get(COLUMNS.meta, META_REMOVED_TO)
    this.#removedTo = removedTo === undefined ? { height: 1n, index: 0 } : toPlace(removedTo)
    this.#blocksTo = this.#removedTo.height
  }

  /** Removes about `limit` keys of what is not kept while `head` is the last block. Returns how many there were. */
  slice(head: Height, limit: number): number {
    const writes = this.next(head, limit)
    if (writes.length > 0) this.#db.write(writes, { sync: false })
    return writes.length
  }

  /** The writes of such a slice. They must be on the database before the next are asked for. */
  next(head: Height, limit: number): Write[] {
    const writes: Write[] = []
    const parts = [
      () => this.#pruneTree(writes, head, limit),
      () => this.#pruneRecords(writes, head, limit),
      () => this.#pruneBlocks(writes, head, limit),
    ]
    // Each is the first in turn: none waits while another has more to do than slices come.
    this.#first = (this.#first + 1) % parts.length
    for (const part of [...parts.slice(this.#first), ...parts.slice(0, this.#first)])
      if (writes.length < limit) part()
    return writes
  }

  /** For how many blocks more than it is to be something is still there. */
  lag(head: Height): bigint {
    const lags = [
      head - KEPT_VERSIONS - this.#nodesTo,
      head - this.#states + 1n - (this.#oldestRecord ?? head + 1n),
      this.#blocks === undefined ? 0n : head - this.#blocks + 1n - this.#blocksTo,
    ]
    return lags.reduce((most, lag) => (lag > most ? lag : most), 0n)
  }

  #pruneTree(writes: Write[], head: Height, limit: number): void {
    if (head <= KEPT_VERSIONS) return
    const keepFrom = head - KEPT_VERSIONS
    const {
      writes: found,
      next,
      isDone,
    } = pruneWrites(this.#db, {
      from: this.#nodesFrom,
      keepFrom,
      limit: limit - writes.length,
    })
    if (isDone) this.#nodesTo = keepFrom
    if (found.length === 0) return
    this.#nodesFrom = next
    // The last of them may have more pages.
    if (!isDone) this.#nodesTo = keyToHeight(next) - 1n
    writes.push(...found, { column: COLUMNS.meta, key: META_NODES_FROM, value: next })
  }

  #pruneRecords(writes: Write[], head: Height, limit: number): void {
    const keepFrom = head - this.#states + 1n
    if (this.#oldestRecord === undefined) {
      const [first] = this.#db.range(COLUMNS.undo, { limit: 1 })
      if (first === undefined) return
      this.#oldestRecord = keyToHeight(first[0])
    }
    while (this.#oldestRecord < keepFrom && writes.length < limit)
      writes.push({ column: COLUMNS.undo, key: heightKey(this.#oldestRecord++), value: undefined })
  }

  #pruneBlocks(writes: Write[], head: Height, limit: number): void {
    if (this.#blocks === undefined) return
    const keepFrom = head - this.#blocks + 1n
    if (keepFrom > this.#keptFrom) {
      writes.push(keptFromWrite(keepFrom))
      this.#keptFrom = keepFrom
    }
    const before = this.#removedTo
    while (writes.length < limit) {
      this.#removal ??= this.#nextRemoval()
      if (this.#removal === undefined) break
      this.#removeSome(writes, this.#removal, limit)
    }
    const isDone = writes.length < limit
    this.#blocksTo = isDone ? this.#keptFrom : this.#removedTo.height
    if (this.#removedTo !== before)
      writes.push({ column: COLUMNS.meta, key: META_REMOVED_TO, value: placeKey(this.#removedTo) })
  }

  /** The lowest block that is not kept and still there. */
  #nextRemoval(): Removal | undefined {
    const { height, index } = this.#removedTo
    if (height >= this.#keptFrom) return undefined
    const [from, to] = [heightKey(height), heightKey(this.#keptFrom)]
    const [row] = this.#db.range(COLUMNS.blocks, { from, to, limit: 1 })
    if (row === undefined) return undefined
    const { header, transactions } = blockCodec.decode(row[1])
    const next = header.height === height ? index : 0
    const hash = blockHash(header)
    return { height: header.height, hash, transactions, next, terms: new Set(), page: undefined }
  }

  #receiptOf(removal: Removal, index: number): Uint8Array | undefined {
    const number = pageOfIndex(index)
    if (removal.page?.number !== number) {
      const bytes = this.#db.get(COLUMNS.receipts, receiptPageKey(removal.height, number))
      removal.page = { number, receipts: bytes === undefined ? [] : decodeReceiptPage(bytes) }
    }
    return removal.page.receipts[index % RECEIPTS_PER_PAGE]
  }

  #removeSome(writes: Write[], removal: Removal, limit: number): void {
    const { height, hash, transactions } = removal
    const remove = (column: Write['column'], key: Uint8Array): void =>
      void writes.push({ column, key, value: undefined })
    while (removal.next < transactions.length && writes.length < limit) {
      const index = removal.next++
      const parsed = parseTransaction(transactions[index] as Uint8Array)
      const receipt = this.#receiptOf(removal, index)
      if (receipt !== undefined)
        for (const name of termNames(parsed, receiptCodec.decode(receipt))) {
          // One entry for all transactions of the block that have the term.
          if (removal.terms.has(name)) continue
          removal.terms.add(name)
          remove(COLUMNS.transactionIndex, entryKey(name, height))
        }
      remove(COLUMNS.transactionPlaces, parsed.id)
      if (removal.next % RECEIPTS_PER_PAGE === 0 || removal.next === transactions.length)
        remove(COLUMNS.receipts, receiptPageKey(height, pageOfIndex(index)))
    }
    this.#removedTo = { height, index: removal.next }
    if (removal.next < transactions.length) return
    const key = heightKey(height)
    remove(COLUMNS.blocks, key)
    remove(COLUMNS.blockHeights, hash)
    if (this.#db.get(COLUMNS.boundaryHeaders, key) === undefined) remove(COLUMNS.certificates, key)
    this.#removal = undefined
    this.#removedTo = { height: height + 1n, index: 0 }
  }
}
