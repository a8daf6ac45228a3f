/**
 * From one data format to the next: what a start does with a directory that an older version of Vex has written.
 *
 * To change the format, append a migration to MIGRATIONS: the format's version is counted from the list. A test makes
 * a directory in the old form, opens it, and looks at the new one (test/unit/storage/migrate.test.ts has the frame).
 * - Each `step` gives one batch, of some thousand keys at most, and where the next begins. The batch and that place are
 *   written together (migrate.ts), so that after any crash a start goes on where the last batch ended, and no batch is
 *   done twice. What it has to remember between two batches goes into `next` or into the database.
 * - It reads the database alone: with the clock, or anything else from outside, two nodes could end in two states.
 * - Columns are made when the database is opened: a new one is there, and empty.
 * - One that was ever released is not changed any more: somewhere it is half done. To drop the oldest, take it off the
 *   list and raise FIRST_VERSION; directories before that are refused with a sentence.
 */
import { indexTransactions } from './migrate-2-to-3.ts'
import { gatherInPages } from './migrate-3-to-4.ts'
import type { Migration } from './migration.ts'

/** 2: blocks with VRF proofs and epochs. Older chains are not carried over. */
export const FIRST_VERSION = 2

/** The first leads from FIRST_VERSION to the version after it, and so on. */
export const MIGRATIONS: readonly Migration[] = [indexTransactions, gatherInPages]

/** Of directories that are made now. */
export const formatVersion = (migrations: readonly Migration[] = MIGRATIONS): number =>
  FIRST_VERSION + migrations.length

/** What a start does with a directory in an older format; `undefined`: nothing. */
export const describePending = (
  version: number,
  migrations: readonly Migration[] = MIGRATIONS,
): string | undefined => {
  const pending = migrations.slice(version - FIRST_VERSION)
  if (pending.length === 0) return undefined
  const titles = pending.map(({ title }) => title).join('; ')
  return `the next start carries it over to ${formatVersion(migrations)} (${titles}), and an older Vex then refuses it`
}
