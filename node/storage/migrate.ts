/**
 * Carries a data directory over to the present format, under its lock, before anything else reads it.
 *
 * A mark in the meta column says which migration is under way and where its next batch begins. It is written with each
 * batch, so that a crash between any two writes costs nothing: the next start goes on. format.json says that a
 * migration is under way from before the first batch until after the last.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { bool, byteString, createCodec, struct, u32 } from '../types/codec.ts'
import { COLUMNS, type Database } from './database.ts'
import { type Format, writeFormat } from './format-file.ts'
import type { Migration } from './migration.ts'
import { FIRST_VERSION, formatVersion } from './migrations.ts'

const META_MIGRATION = Buffer.from('migration')
const MAX_PLACE_BYTES = 4096
const PROGRESS_INTERVAL_MS = 2_000

const markCodec = createCodec(
  struct('MigrationMark', { from: u32, isDone: bool, at: byteString(MAX_PLACE_BYTES) }),
  2 * MAX_PLACE_BYTES,
)

/** `undefined`: from the beginning. */
const readMark = (database: Database, from: number) => {
  const bytes = database.get(COLUMNS.meta, META_MIGRATION)
  const mark = bytes === undefined ? undefined : markCodec.decode(bytes)
  return mark?.from === from ? mark : undefined
}

export interface MigrateOptions {
  readonly path: string
  /** Of `path`, open. */
  readonly database: Database
  readonly format: Format
  readonly migrations: readonly Migration[]
  /** Hears a sentence at the beginning, every two seconds and at the end. */
  readonly onProgress: (sentence: string) => void
}

const run = async (
  from: number,
  { path, database, migrations, onProgress }: MigrateOptions,
): Promise<void> => {
  const migration = migrations[from - FIRST_VERSION]
  if (migration === undefined) throw new RangeError(`there is no migration from data format ${from}`)
  const what = `carrying ${path} over from data format ${from} to ${from + 1} (${migration.title})`
  let mark = readMark(database, from)
  onProgress(
    mark === undefined ? `${what}; if it is interrupted, the next start goes on` : `${what}: it goes on`,
  )
  let toldAtMs = performance.now()
  while (mark?.isDone !== true) {
    const { writes, next, done } = migration.step(database, mark?.at)
    mark = { from, isDone: next === undefined, at: next ?? new Uint8Array(0) }
    const write = { column: COLUMNS.meta, key: META_MIGRATION, value: markCodec.encode(mark) }
    database.write([...writes, write], { sync: true })
    if (performance.now() - toldAtMs >= PROGRESS_INTERVAL_MS) {
      toldAtMs = performance.now()
      onProgress(`${what}: ${Math.floor(done * 100)} %`)
    }
    await nextTurn()
  }
}

/** Returns at once where there is nothing to do. After a failure, too, the next call goes on. */
export const migrate = async (options: MigrateOptions): Promise<void> => {
  const { path, database, migrations, onProgress } = options
  const { genesisHash, version: found } = options.format
  const version = formatVersion(migrations)
  if (found === version) return
  for (let from = found; from < version; from++) {
    writeFormat(path, { version, genesisHash, migratingFrom: from })
    await run(from, options)
  }
  writeFormat(path, { version, genesisHash })
  database.write([{ column: COLUMNS.meta, key: META_MIGRATION, value: undefined }], { sync: false })
  onProgress(`${path} is in data format ${version} now`)
}
