/**
 * The database on RocksDB, through the native binding of @nxtedition/rocksdb.
 *
 * The binding is used below its JavaScript layer, because that layer has no synchronous batch and no guard
 * on synchronous reads. What it asks for, and where this file answers:
 * - a read or write before open or after close crashes the process: `#context` is only set in between;
 * - a missing column silently means `default`: every call passes a handle out of `#columns`;
 * - every open must list every column, `default` included: COLUMN_OPTIONS;
 * - only batches are synced: there is no other write;
 * - a batch's memory is given back by a finalizer that waits for the event loop, so that a loop of writes would hold all
 *   it wrote: batches are used again and again.
 *
 * A manifest that lost its end is noticed before the database is opened: manifest-mark.ts.
 *
 * After a write fails, RocksDB's log may hold half of it: from then on every write is refused until the
 * database is opened again, which drops the half. Those of other threads RocksDB itself refuses, with the same error
 * (test/e2e/disk-full.test.ts).
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import binding, {
  type Batch,
  type ColumnHandle,
  type ColumnOptions,
  type Context,
  type Iterator,
} from '@nxtedition/rocksdb/binding.js'
import {
  COLUMNS,
  type Column,
  type Database,
  type PreparedWrites,
  type RangeOptions,
  type Snapshot,
  StorageError,
  type Write,
} from './database.ts'
import { IN_HEAP_BYTES } from '../types/in-heap.ts'
import { toStorageError } from './faults.ts'
import { makeFolder } from './make-folder.ts'
import { assertManifestWhole, createManifestMarker } from './manifest-mark.ts'
import { allOutside, Outside } from './outside-heap.ts'

const MiB = 1024 * 1024

/**
 * `hashes`: keys and values that do not compress. A column's memory is at most 1.5 times its budget, and the
 * write-ahead log at most four times the sum of that: some 250 MB in the worst case.
 *
 * The budgets are small, so that they are full soon, and a node's memory stops growing: with twice as much for those of 1 and
 * 2, it holds some 8 MB more after 60,000 transfers, and takes no less CPU for them; with half as much for them, 4 MB less, and
 * a twentieth more CPU. The nodes' is larger, because each block writes many of them anew.
 *
 * The caches of blocks are small, for the kernel has the files cached, and what is hot is cached above: with four times as
 * much, a chain of 500,000 accounts was no faster in any row of that workload.
 */
const column = (budgetMiB: number, content: 'hashes' | 'text', cacheMiB = 0.5): ColumnOptions => ({
  compaction: 'level',
  memtableMemoryBudget: budgetMiB * MiB,
  compression: content === 'text',
  cacheSize: cacheMiB * MiB,
})

const COLUMN_OPTIONS: Record<Column | 'default', ColumnOptions> = {
  default: column(1, 'text'),
  [COLUMNS.meta]: column(1, 'text'),
  [COLUMNS.state]: column(6, 'text', 2),
  [COLUMNS.treeNodes]: column(16, 'hashes', 2),
  [COLUMNS.staleTreeNodes]: column(1, 'hashes'),
  [COLUMNS.undo]: column(2, 'hashes'),
  [COLUMNS.blocks]: column(6, 'text'),
  [COLUMNS.boundaryHeaders]: column(1, 'hashes'),
  [COLUMNS.certificates]: column(1, 'hashes'),
  [COLUMNS.blockHeights]: column(1, 'hashes'),
  [COLUMNS.receipts]: column(2, 'text'),
  [COLUMNS.transactionPlaces]: column(2, 'hashes'),
  [COLUMNS.transactionIndex]: column(2, 'text'),
}

/** A batch that has held more is not used again, for its memory stays as large. */
const REUSED_BATCH_BYTES = 16 * MiB

/** As many as are ever prepared at a time, and small. */
const REUSED_BATCHES = 64

/** Two threads for compaction: the node's own work comes first. */
const PARALLELISM = 2

// Beside the database, not in it. Only a hint for people: the lock itself is RocksDB's, and dies with the process.
const pidPath = (path: string): string => `${path}.pid`

const readHolder = (path: string): string => {
  try {
    const pid = readFileSync(pidPath(path), 'utf8').trim()
    if (/^\d+$/.test(pid)) return pid === String(process.pid) ? 'this process itself' : `process ${pid}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return 'another process'
}

const translate = (cause: Error, path: string): StorageError =>
  (cause as NodeJS.ErrnoException).code === 'LEVEL_LOCKED'
    ? new StorageError(
        'locked',
        `${path} is in use by ${readHolder(path)}: stop that node first, or use another data directory`,
        { cause },
      )
    : toStorageError(cause, path)

/**
 * Plain bytes: a Buffer's `slice` is a view, a Uint8Array's a copy, and callers may use either. Few bytes are copied, into
 * V8's heap, where they take a fraction of the memory.
 */
const toBytes = (buffer: Buffer): Uint8Array =>
  buffer.length <= IN_HEAP_BYTES
    ? new Uint8Array(buffer)
    : new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)

class RocksDatabase implements Database {
  readonly #path: string
  /** False in a thread that shares the database: closing it is the owner's. */
  readonly #isOwner: boolean
  readonly #columns: ReadonlyMap<Column, { column: ColumnHandle }>
  readonly #markManifest: () => Promise<void>
  #context: Context | undefined
  #failure: StorageError | undefined
  readonly #key = new Outside()
  readonly #value = new Outside()
  /** Empty ones. */
  readonly #batches: Batch[] = []
  #closing: Promise<void> | undefined

  constructor(path: string, context: Context, handles: Record<string, ColumnHandle>, isOwner: boolean) {
    this.#path = path
    this.#isOwner = isOwner
    this.#context = context
    this.#markManifest = createManifestMarker(path)
    this.#columns = new Map(
      Object.values(COLUMNS).map(name => [name, { column: handles[name] as ColumnHandle }]),
    )
  }

  async markManifest(): Promise<void> {
    this.#open()
    try {
      await this.#markManifest()
    } catch (error) {
      throw toStorageError(error, this.#path)
    }
  }

  share(): SharedDatabase {
    return { path: this.#path, handle: binding.db_get_handle(this.#open()) }
  }

  #open(): Context {
    if (this.#context === undefined)
      throw new StorageError('closed', `the database in ${this.#path} is closed`)
    return this.#context
  }

  #column(column: Column): { column: ColumnHandle } {
    const options = this.#columns.get(column)
    if (options === undefined) throw new RangeError(`the database has no column ${JSON.stringify(column)}`)
    return options
  }

  #run<T>(action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw translate(error as Error, this.#path)
    }
  }

  #read(column: Column, keys: readonly Uint8Array[]): (Buffer | undefined | null)[] {
    const context = this.#open()
    const options = this.#column(column)
    return this.#run(() => binding.db_get_many_sync(context, allOutside(keys), options))
  }

  #toValue(found: Buffer | undefined | null): Uint8Array | undefined {
    if (found === null) throw new StorageError('io', `a read in ${this.#path} was cut short`)
    return found === undefined ? undefined : toBytes(found)
  }

  get(column: Column, key: Uint8Array): Uint8Array | undefined {
    const [found] = this.#read(column, [key])
    return this.#toValue(found)
  }

  getMany(column: Column, keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return this.#read(column, keys).map(found => this.#toValue(found))
  }

  range(column: Column, { from, to, reverse = false, limit }: RangeOptions): [Uint8Array, Uint8Array][] {
    const context = this.#open()
    const options = this.#column(column)
    if (limit === 0 || (to !== undefined && Buffer.compare(from ?? new Uint8Array(0), to) >= 0)) return []
    const { rows, finished } = this.#run(() =>
      binding.db_query(context, {
        ...options,
        ...(from === undefined ? {} : { gte: from }),
        ...(to === undefined ? {} : { lt: to }),
        reverse,
        limit: limit ?? -1,
        keyEncoding: 'buffer',
        valueEncoding: 'buffer',
      }),
    )
    if (!finished) {
      throw new RangeError(`a range of ${column} is more than 2 GiB: read it in parts, with a limit`)
    }
    const entries: [Uint8Array, Uint8Array][] = []
    for (let i = 0; i < rows.length; i += 2) {
      entries.push([toBytes(rows[i] as Buffer), toBytes(rows[i + 1] as Buffer)])
    }
    return entries
  }

  snapshot(column: Column): Snapshot {
    const open = (reverse: boolean) =>
      binding.iterator_init(this.#open(), {
        ...this.#column(column),
        reverse,
        keyEncoding: 'buffer',
        valueEncoding: 'buffer',
      })
    // An iterator sees the column as it was when it was made. One reads upwards, one downwards.
    const [upwards, downwards] = [open(false), open(true)]
    const next = (iterator: Iterator, target?: Uint8Array): [Uint8Array, Uint8Array] | undefined => {
      this.#open()
      const { rows } = this.#run(() => {
        if (target !== undefined) binding.iterator_seek(iterator, target)
        return binding.iterator_nextv_sync(iterator, 1)
      })
      const [key, value] = rows
      return key === undefined || value === undefined ? undefined : [toBytes(key), toBytes(value)]
    }
    const isAt = (entry: [Uint8Array, Uint8Array] | undefined, key: Uint8Array): boolean =>
      entry !== undefined && Buffer.compare(entry[0], key) === 0
    return {
      get: key => {
        const entry = next(upwards, key)
        return isAt(entry, key) ? entry?.[1] : undefined
      },
      atOrAfter: from => next(upwards, from),
      before: to => {
        const entry = next(downwards, to)
        return isAt(entry, to) ? next(downwards) : entry
      },
      close: () => {
        binding.iterator_close(upwards)
        binding.iterator_close(downwards)
      },
    }
  }

  write(writes: Iterable<Write>, options: { sync: boolean }): void {
    this.#assertWritable()
    this.prepare(writes).write(options)
  }

  prepare(writes: Iterable<Write>): PreparedWrites {
    this.#open()
    let batch: Batch | undefined = this.#batches.pop() ?? binding.batch_init()
    const unwritten = (): Batch => {
      if (batch === undefined) throw new Error('these writes were made before')
      return batch
    }
    let sizeBytes = this.#fill(batch, writes)
    return {
      add: more => {
        sizeBytes += this.#fill(unwritten(), more)
      },
      write: ({ sync }) => {
        const written = unwritten()
        batch = undefined
        this.#write(written, sync)
        if (sizeBytes <= REUSED_BATCH_BYTES && this.#batches.length < REUSED_BATCHES)
          this.#batches.push(written)
      },
    }
  }

  #assertWritable(): Context {
    const context = this.#open()
    if (this.#failure !== undefined) {
      throw new StorageError(
        this.#failure.code,
        `nothing more is written since an earlier write failed: ${this.#failure.message}`,
        { cause: this.#failure },
      )
    }
    return context
  }

  #write(batch: Batch, sync: boolean): void {
    const context = this.#assertWritable()
    try {
      binding.batch_write(context, batch, { sync })
      binding.batch_clear(batch)
    } catch (error) {
      this.#failure = translate(error as Error, this.#path)
      throw this.#failure
    }
  }

  /** Whatever throws leaves it behind, half full. Gives the bytes of the writes. */
  #fill(batch: Batch, writes: Iterable<Write>): number {
    let sizeBytes = 0
    for (const { column, key, value } of writes) {
      const options = this.#column(column)
      if (value === undefined) binding.batch_del(batch, this.#key.put(key), options)
      else binding.batch_put(batch, this.#key.put(key), this.#value.put(value), options)
      sizeBytes += key.length + (value?.length ?? 0)
    }
    return sizeBytes
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const context = this.#open()
    this.#context = undefined
    if (!this.#isOwner) return
    const error = await new Promise<Error | null>(resolve => binding.db_close(context, resolve))
    rmSync(pidPath(this.#path), { force: true })
    // After a failed write, what close repeats is that failure, which the writer has had already.
    if (error !== null && this.#failure === undefined) throw translate(error, this.#path)
  }
}

/** Opens the database in the folder `path`, or creates it. Throws a {@link StorageError}. */
export const openRocksDatabase = async (path: string): Promise<Database> => {
  try {
    makeFolder(dirname(path))
    assertManifestWhole(path)
    const context = binding.db_init(path)
    const handles = await new Promise<Record<string, ColumnHandle>>((resolve, reject) => {
      binding.db_open(
        context,
        {
          createIfMissing: true,
          parallelism: PARALLELISM,
          // The log is read once, after a crash: to compress it takes a fourteenth of a block's time.
          walCompression: false,
          columns: COLUMN_OPTIONS,
        },
        (error, columns) => {
          if (error !== null || columns === undefined)
            reject(error ?? new Error('the binding gave no columns'))
          else resolve(columns)
        },
      )
    })
    const database = new RocksDatabase(path, context, handles, true)
    try {
      writeFileSync(pidPath(path), `${process.pid}\n`)
      await database.markManifest()
    } catch (error) {
      await database.close()
      throw error
    }
    return database
  } catch (error) {
    throw error instanceof StorageError ? error : translate(error as Error, path)
  }
}

/** To be called now and then: what the manifest has grown by since then is not missed if it gets lost (manifest-mark.ts). */
export const markManifest = (database: Database): Promise<void> => {
  if (!(database instanceof RocksDatabase)) throw new TypeError('only a RocksDB database has a manifest')
  return database.markManifest()
}

/** What another thread of this process needs to use the same open database. */
export interface SharedDatabase {
  readonly path: string
  readonly handle: bigint
}

/** Every thread that uses it must have ended before the owner closes the database: reading after that crashes. */
export const shareRocksDatabase = (database: Database): SharedDatabase => {
  if (!(database instanceof RocksDatabase)) throw new TypeError('only a RocksDB database can be shared')
  return database.share()
}

export const openSharedRocksDatabase = ({ path, handle }: SharedDatabase): Database => {
  const context = binding.db_init(handle)
  const handles = binding.db_open(context, { createIfMissing: false, columns: {} }, () => {})
  if (handles === undefined) throw new StorageError('closed', `the database in ${path} is not open`)
  return new RocksDatabase(path, context, handles, false)
}
