/** What a database holds, counted entry by entry. Bytes are those of keys and values, before compression. */
import { COLUMNS, type Column, type Database } from '../storage/database.ts'
import { accountCodec } from '../types/account.ts'
import { toLatin1 } from '../types/primitives.ts'
import { addressOfAccountKey } from './keys.ts'
import { readPages } from './read-pages.ts'

export interface ColumnStats {
  readonly column: Column
  readonly entries: number
  readonly bytes: number
}

export interface StateStats {
  readonly columns: readonly ColumnStats[]
  /** Of keys and of contracts. */
  readonly accounts: number
  readonly contracts: number
}

/** `onColumn` hears which column is read next. */
export const countState = (db: Database, onColumn: (column: Column) => void): StateStats => {
  let accounts = 0
  let contracts = 0
  const columns = Object.values(COLUMNS).map(column => {
    onColumn(column)
    let entries = 0
    let bytes = 0
    for (const page of readPages(db, column)) {
      entries += page.length
      for (const [key, value] of page) {
        bytes += key.length + value.length
        if (column !== COLUMNS.state || addressOfAccountKey(toLatin1(key)) === undefined) continue
        accounts++
        if (accountCodec.decode(value).contract !== undefined) contracts++
      }
    }
    return { column, entries, bytes }
  })
  return { columns, accounts, contracts }
}
