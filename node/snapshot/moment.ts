/**
 * A database as it was at one moment, however long it is read and whatever is written meanwhile: for who reads beside a
 * running node. The columns are taken one after another; a block that was committed between two of them shows in the
 * head, and then they are taken anew. What pruning removes in between is of blocks that nobody may ask for any more.
 */
import { BlockStore } from '../chain/store.ts'
import { COLUMNS, type Column, type Database, type RangeOptions, type Snapshot } from '../storage/database.ts'

type Entry = [key: Uint8Array, value: Uint8Array]

const takeColumns = (database: Database): Map<Column, Snapshot> =>
  new Map(Object.values(COLUMNS).map(column => [column, database.snapshot(column)]))

const closeAll = (columns: ReadonlyMap<Column, Snapshot>): void => {
  for (const snapshot of columns.values()) snapshot.close()
}

const justAfter = (key: Uint8Array): Uint8Array => Uint8Array.of(...key, 0)

const rangeOf = (
  snapshot: Snapshot,
  { from = new Uint8Array(0), to, reverse = false, limit = Number.POSITIVE_INFINITY }: RangeOptions,
): Entry[] => {
  if (reverse) throw new RangeError('a moment is read upwards')
  const entries: Entry[] = []
  for (let next = from; entries.length < limit; ) {
    const entry = snapshot.atOrAfter(next)
    if (entry === undefined || (to !== undefined && Buffer.compare(entry[0], to) >= 0)) break
    entries.push(entry)
    next = justAfter(entry[0])
  }
  return entries
}

/** Close it: it keeps old data from being dropped. The database itself stays open. */
export const openMoment = (database: Database): Database => {
  const store = new BlockStore(database)
  let columns = new Map<Column, Snapshot>()
  for (;;) {
    const before = store.head()?.height
    columns = takeColumns(database)
    if (store.head()?.height === before) break
    closeAll(columns)
  }
  const of = (column: Column): Snapshot => {
    const snapshot = columns.get(column)
    if (snapshot === undefined) throw new RangeError(`the database has no column ${JSON.stringify(column)}`)
    return snapshot
  }
  const refuse = (): never => {
    throw new TypeError('nothing is written into a moment that has passed')
  }
  return {
    get: (column, key) => of(column).get(key),
    getMany: (column, keys) => keys.map(key => of(column).get(key)),
    range: (column, options) => rangeOf(of(column), options),
    snapshot: of,
    write: refuse,
    prepare: refuse,
    close() {
      closeAll(columns)
      return Promise.resolve()
    },
  }
}
