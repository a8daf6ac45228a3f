/**
 * Two migrations that a second run of any batch spoils: the first adds one to every value of the state, the second
 * doubles it and counts what it has seen.
 */
import { COLUMNS, type Database } from '../../../node/storage/database.ts'
import type { Migration, MigrationStep } from '../../../node/storage/migration.ts'

export const ENTRIES = 60
const BATCH = 4

export const keyOf = (index: number): Uint8Array => Buffer.from(String(index).padStart(6, '0'))

const eachValue =
  (change: (value: number) => number, onBatch: () => void) =>
  (database: Database, at: Uint8Array | undefined): MigrationStep => {
    const from = at === undefined ? {} : { from: at }
    const rows = database.range(COLUMNS.state, { ...from, limit: BATCH + 1 })
    const writes = rows
      .slice(0, BATCH)
      .map(([key, value]) => ({ column: COLUMNS.state, key, value: Uint8Array.of(change(value[0] ?? 0)) }))
    onBatch()
    const next = rows[BATCH]?.[0]
    return { writes, next, done: next === undefined ? 1 : Number(Buffer.from(next).toString()) / ENTRIES }
  }

export const countingMigrations = (onBatch: () => void = () => {}): Migration[] => [
  { title: 'adds one', step: eachValue(value => value + 1, onBatch) },
  { title: 'doubles', step: eachValue(value => value * 2, onBatch) },
]
