/** Committed values, straight from the database. */
import { COLUMNS, type Database } from '../storage/database.ts'
import { fromLatin1, toLatin1 } from '../types/primitives.ts'
import type { StateReader } from './view.ts'

export const databaseReader = (database: Pick<Database, 'get' | 'range'>): StateReader => ({
  get: key => database.get(COLUMNS.state, key),
  first({ from, to, isReverse }) {
    const [row] = database.range(COLUMNS.state, {
      from: fromLatin1(from),
      to: fromLatin1(to),
      reverse: isReverse,
      limit: 1,
    })
    return row === undefined ? undefined : { key: toLatin1(row[0]), value: row[1] }
  },
})
