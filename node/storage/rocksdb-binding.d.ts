/**
 * The part of @nxtedition/rocksdb's native binding that Vex uses, read off its binding.cc (12.2.12).
 *
 * Reads and writes crash the process unless the database is open: only rocks.ts may call them.
 */
declare module '@nxtedition/rocksdb/binding.js' {
  /** Opaque handles of the native side. */
  export type Context = { readonly context: unique symbol }
  export type ColumnHandle = { readonly column: unique symbol }
  export type Batch = { readonly batch: unique symbol }

  export interface ColumnOptions {
    /** Bytes; a quarter of it is one memtable. Only read together with `compaction`. */
    memtableMemoryBudget?: number
    compaction?: 'level' | 'universal'
    compression?: boolean
    cacheSize?: number
    optimize?: 'point-lookup'
  }

  export interface OpenOptions {
    createIfMissing: boolean
    parallelism?: number
    /** With zstd unless it is false. */
    walCompression?: boolean
    columns: Record<string, ColumnOptions>
  }

  export interface RangeQuery {
    column: ColumnHandle
    gte?: Uint8Array
    lt?: Uint8Array
    reverse?: boolean
    limit?: number
    keyEncoding: 'buffer'
    valueEncoding: 'buffer'
  }

  export type Iterator = { readonly iterator: unique symbol }

  interface Binding {
    /** A path; or, in another thread of the process, what `db_get_handle` gave: the same open database. */
    db_init(location: string | bigint): Context
    db_get_handle(context: Context): bigint
    db_open(
      context: Context,
      options: OpenOptions,
      callback: (error: Error | null, columns?: Record<string, ColumnHandle>) => void,
    ): Record<string, ColumnHandle> | undefined
    db_close(context: Context, callback: (error: Error | null) => void): void
    /** `null` for a key whose read was cut short. */
    db_get_many_sync(
      context: Context,
      keys: readonly Uint8Array[],
      options: { column: ColumnHandle },
    ): (Buffer | undefined | null)[]
    /** Key, value, key, value, … */
    db_query(context: Context, query: RangeQuery): { rows: Buffer[]; finished: boolean }
    /** Sees the column as it was when this was called. */
    iterator_init(context: Context, options: Omit<RangeQuery, 'gte' | 'lt' | 'limit'>): Iterator
    iterator_seek(iterator: Iterator, target: Uint8Array): void
    iterator_nextv_sync(iterator: Iterator, count: number): { rows: Buffer[]; finished: boolean }
    iterator_close(iterator: Iterator): void
    batch_init(): Batch
    batch_put(batch: Batch, key: Uint8Array, value: Uint8Array, options: { column: ColumnHandle }): void
    batch_del(batch: Batch, key: Uint8Array, options: { column: ColumnHandle }): void
    /** Keeps the memory it has. */
    batch_clear(batch: Batch): void
    batch_write(context: Context, batch: Batch, options: { sync: boolean }): void
  }

  const binding: Binding
  // oxlint-disable-next-line import/no-default-export -- what a CommonJS module looks like from outside
  export default binding
}
