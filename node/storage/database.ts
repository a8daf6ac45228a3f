/**
 * The one storage interface: ordered columns of byte keys, synchronous reads, atomic batches.
 *
 * `rocks.ts` implements it on RocksDB, `memory.ts` in memory (tests, in-process chains). Nothing else in
 * Vex touches a database.
 */

/** Every column of the database. Retired names stay in the list, so that none is ever reused. */
export const COLUMNS = {
  /** What the directory holds: format version, genesis hash, head. */
  meta: 'meta',
  /** Latest value of every state key. */
  state: 'state',
  /** Nodes of the state tree: u64 version | path. */
  treeNodes: 'tree_nodes',
  /** Nodes that a later version replaced: u64 version they went stale | u32 page -> their keys (state/tree-store.ts). */
  staleTreeNodes: 'stale_tree_nodes',
  /** u64 height -> the values that the block replaced (state/undo.ts), for recent blocks. */
  undo: 'undo',
  /** u64 height -> block bytes. */
  blocks: 'blocks',
  /** u64 height of an epoch's last block -> its header. Kept for ever, as is its certificate: light clients ask for them. */
  boundaryHeaders: 'boundary_headers',
  /** u64 height -> finality certificate. */
  certificates: 'certificates',
  /** block hash -> u64 height. */
  blockHeights: 'block_heights',
  /** u64 height | u16 page -> receipts (chain/receipt-pages.ts). */
  receipts: 'receipts',
  /** transaction id -> u64 height | u32 index. */
  transactionPlaces: 'transaction_places',
  /** term of 17 bytes (types/transaction-terms.ts) | u64 height -> u32 index, … */
  transactionIndex: 'transaction_index',
} as const

export type Column = (typeof COLUMNS)[keyof typeof COLUMNS]

export type Write =
  | { column: Column; key: Uint8Array; value: Uint8Array }
  | { column: Column; key: Uint8Array; value: undefined }

export interface RangeOptions {
  /** First key, inclusive. */
  from?: Uint8Array
  /** Last key, exclusive. */
  to?: Uint8Array
  reverse?: boolean
  limit?: number
}

/** One column at one moment. */
export interface Snapshot {
  get(key: Uint8Array): Uint8Array | undefined
  /** The first entry whose key is not below `from`. */
  atOrAfter(from: Uint8Array): [key: Uint8Array, value: Uint8Array] | undefined
  /** The last entry whose key is below `to`. */
  before(to: Uint8Array): [key: Uint8Array, value: Uint8Array] | undefined
  close(): void
}

/** Writes that a database has taken over and not made. Left alone it is as if it had never been. */
export interface PreparedWrites {
  /** More of them, to be made with the rest. */
  add(writes: Iterable<Write>): void
  /** All or nothing, once. With `sync`, on disk when it returns. */
  write(options: { sync: boolean }): void
}

export interface Database {
  /** Throws after close. The result may be kept: it is never overwritten. */
  get(column: Column, key: Uint8Array): Uint8Array | undefined
  /** As {@link get} of each, in less than half the time. */
  getMany(column: Column, keys: readonly Uint8Array[]): (Uint8Array | undefined)[]
  /** In key order (bytewise). Reads one consistent snapshot. */
  range(column: Column, options: RangeOptions): [key: Uint8Array, value: Uint8Array][]
  /** The column as it is now, whatever is written later. Close it: it keeps old data from being dropped. */
  snapshot(column: Column): Snapshot
  /** All or nothing. With `sync`, on disk when it returns. */
  write(writes: Iterable<Write>, options: { sync: boolean }): void
  /** Takes most of the time of {@link write}, and holds up no other thread's. */
  prepare(writes: Iterable<Write>): PreparedWrites
  close(): Promise<void>
}

export type StorageErrorCode =
  | 'locked'
  | 'wrong_chain'
  | 'newer_version'
  | 'older_version'
  | 'incomplete'
  | 'unfinished_restore'
  | 'not_empty'
  | 'corrupt'
  | 'disk_full'
  | 'io'
  | 'closed'

/** A fault of the node's disk or of its data directory: thrown, never a transaction's result. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: StorageErrorCode
  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
