/** A step from one data format to the next; migrations.ts says what it has to keep to. */
import type { Database, Write } from './database.ts'

export interface MigrationStep {
  readonly writes: readonly Write[]
  /** Where the next batch goes on; `undefined`: this was the last. */
  readonly next: Uint8Array | undefined
  /** Of all the work, from 0 to 1. */
  readonly done: number
}

export interface Migration {
  /** What it does, for people, as in "carries it over to 3 (indexes transactions by sender)". */
  readonly title: string
  /** `at`: what the batch before gave as `next`; none for the first. The batches before are in the database. */
  readonly step: (database: Database, at: Uint8Array | undefined) => MigrationStep
}
