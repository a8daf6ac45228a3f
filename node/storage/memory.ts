/**
 * A database in memory, for tests and chains inside one process.
 *
 * Each column is a Map and a sorted list of its keys; the list is rebuilt when a range is asked for after
 * keys came or went, so ranges between writes of the same keys are cheap.
 */
import { fromLatin1, toLatin1 } from '../types/primitives.ts'
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

interface ColumnData {
  readonly values: Map<string, Uint8Array>
  sortedKeys: string[] | undefined
}

/** Also of a Buffer, whose `slice` is a view. */
const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

/** The first position in `keys` that is not below `key`. */
const lowerBound = (keys: readonly string[], key: string): number => {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((keys[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}

class MemoryDatabase implements Database {
  #columns: Map<Column, ColumnData> | undefined = new Map(
    Object.values(COLUMNS).map(column => [column, { values: new Map(), sortedKeys: undefined }]),
  )

  #column(column: Column): ColumnData {
    if (this.#columns === undefined) throw new StorageError('closed', 'the database is closed')
    const data = this.#columns.get(column)
    if (data === undefined) throw new RangeError(`the database has no column ${JSON.stringify(column)}`)
    return data
  }

  get(column: Column, key: Uint8Array): Uint8Array | undefined {
    return this.#column(column).values.get(toLatin1(key))?.slice()
  }

  getMany(column: Column, keys: readonly Uint8Array[]): (Uint8Array | undefined)[] {
    return keys.map(key => this.get(column, key))
  }

  range(column: Column, { from, to, reverse = false, limit }: RangeOptions): [Uint8Array, Uint8Array][] {
    const data = this.#column(column)
    const keys = (data.sortedKeys ??= [...data.values.keys()].sort())
    const start = from === undefined ? 0 : lowerBound(keys, toLatin1(from))
    const end = to === undefined ? keys.length : lowerBound(keys, toLatin1(to))
    const count = Math.min(Math.max(end - start, 0), limit ?? Infinity)
    const found = reverse ? keys.slice(end - count, end).toReversed() : keys.slice(start, start + count)
    return found.map(key => [fromLatin1(key), (data.values.get(key) as Uint8Array).slice()])
  }

  snapshot(column: Column): Snapshot {
    const data = this.#column(column)
    const keys = (data.sortedKeys ??= [...data.values.keys()].sort())
    const values = new Map(data.values)
    const at = (index: number): [Uint8Array, Uint8Array] | undefined => {
      const key = keys[index]
      return key === undefined ? undefined : [fromLatin1(key), (values.get(key) as Uint8Array).slice()]
    }
    return {
      get: key => values.get(toLatin1(key))?.slice(),
      atOrAfter: from => at(lowerBound(keys, toLatin1(from))),
      before: to => at(lowerBound(keys, toLatin1(to)) - 1),
      close: () => values.clear(),
    }
  }

  prepare(writes: Iterable<Write>): PreparedWrites {
    const copies: Write[] = []
    let isWritten = false
    const assertUnwritten = (): void => {
      if (isWritten) throw new Error('these writes were made before')
    }
    const add = (more: Iterable<Write>): void => {
      assertUnwritten()
      for (const { column, key, value } of more) {
        this.#column(column)
        copies.push({ column, key: copyOf(key), value: value && copyOf(value) })
      }
    }
    add(writes)
    return {
      add,
      write: options => {
        assertUnwritten()
        isWritten = true
        this.write(copies, options)
      },
    }
  }

  write(writes: Iterable<Write>, _options: { sync: boolean }): void {
    const all = [...writes]
    for (const { column } of all) this.#column(column)
    for (const { column, key, value } of all) {
      const data = this.#column(column)
      const name = toLatin1(key)
      if (value === undefined) {
        if (data.values.delete(name)) data.sortedKeys = undefined
      } else {
        if (!data.values.has(name)) data.sortedKeys = undefined
        data.values.set(name, copyOf(value))
      }
    }
  }

  close(): Promise<void> {
    this.#columns = undefined
    return Promise.resolve()
  }
}

export const createMemoryDatabase = (): Database => new MemoryDatabase()
