/** A chain as version 2 wrote it, carried over: it is what version 3 would have written. */
import { beforeAll, expect, it } from 'vitest'
import { COLUMNS, type Database } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { indexTransactions } from '../../../node/storage/migrate-2-to-3.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { certifiedHistory } from '../../support/certified-history.ts'
import { toFormat3 } from '../../support/format-3.ts'

const NEW = [COLUMNS.boundaryHeaders, COLUMNS.transactionIndex] as const
let full: Database
beforeAll(() => {
  ;({ db: full } = certifiedHistory())
  toFormat3(full)
})

const copy = (): Database => {
  const db = createMemoryDatabase()
  for (const column of Object.values(COLUMNS))
    if (!(NEW as readonly string[]).includes(column))
      db.write(
        full.range(column, {}).map(([key, value]) => ({ column, key, value })),
        { sync: false },
      )
  return db
}
const rows = (db: Database, column: (typeof NEW)[number]): string[] =>
  db.range(column, {}).map(([key, value]) => `${toHex(key)} ${toHex(value)}`)

it('makes the index and the boundary headers that new blocks come with, in batches', () => {
  const db = copy()
  let at: Uint8Array | undefined
  let batches = 0
  let done = 0
  do {
    const step = indexTransactions.step(db, at)
    db.write(step.writes, { sync: false })
    expect(step.done).toBeGreaterThanOrEqual(done)
    at = step.next
    done = step.done
    batches++
  } while (at !== undefined)
  expect(batches).toBeGreaterThan(1)
  for (const column of NEW) {
    expect(rows(full, column).length).toBeGreaterThan(10)
    expect(rows(db, column)).toEqual(rows(full, column))
  }
})

it('has nothing to do where there is no block', () => {
  expect(indexTransactions.step(createMemoryDatabase(), undefined)).toEqual({
    writes: [],
    next: undefined,
    done: 1,
  })
})

it('names a block whose receipts are missing', () => {
  const db = copy()
  const receipts = db
    .range(COLUMNS.receipts, {})
    .map(([key]) => ({ column: COLUMNS.receipts, key, value: undefined }))
  db.write(receipts, { sync: false })
  expect(() => indexTransactions.step(db, undefined)).toThrow(/block \d+ has no receipt of transaction 0/)
})
