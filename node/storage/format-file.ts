/**
 * `format.json`: which data format a directory is in, and of which chain.
 *
 *   {"version": 4, "genesisHash": "…"}                        all of it is in format 4
 *   {"version": 4, "genesisHash": "…", "migratingFrom": 3}    on the way from 3: part of it may be in 4 already
 *
 * The second is written before a migration's first batch, so that a version of Vex which knows only format 3 refuses
 * what was half carried over.
 */
import { join } from 'node:path'
import { fromHex, type Hash, HASH_BYTES, toHash, toHex } from '../types/primitives.ts'
import { StorageError } from './database.ts'
import type { Migration } from './migration.ts'
import { FIRST_VERSION, formatVersion, MIGRATIONS } from './migrations.ts'
import { readTextIfThere } from './read-text.ts'
import { writeSynced } from './synced-files.ts'

export const FORMAT_FILE = 'format.json'

export interface Format {
  /** Of the data; while it is carried over, the one that it comes from. */
  readonly version: number
  readonly genesisHash: Hash
  readonly isMigrating: boolean
}

const isVersion = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0

const parse = (text: string, path: string, migrations: readonly Migration[]): Format => {
  let json: { version?: unknown; genesisHash?: unknown; migratingFrom?: unknown } | null
  try {
    json = JSON.parse(text) as typeof json
  } catch {
    json = null
  }
  const { version, genesisHash, migratingFrom = version } = json ?? {}
  const current = formatVersion(migrations)
  // Before the rest is looked at: a newer format may hold something else there.
  if (typeof version === 'number' && version > current) {
    throw new StorageError(
      'newer_version',
      `${path} has data format ${version}; this version of Vex knows ${current}: update it. Nothing was changed`,
    )
  }
  if (isVersion(version) && isVersion(migratingFrom) && migratingFrom < FIRST_VERSION) {
    throw new StorageError(
      'older_version',
      `${path} has data format ${migratingFrom}: a chain from before version ${FIRST_VERSION} cannot be carried over. Start anew in another directory, or delete this one: vex dev --reset`,
    )
  }
  if (
    !isVersion(version) ||
    !isVersion(migratingFrom) ||
    migratingFrom > version ||
    typeof genesisHash !== 'string' ||
    !/^[0-9a-f]{64}$/.test(genesisHash)
  ) {
    throw new StorageError(
      'corrupt',
      `${join(path, FORMAT_FILE)} is damaged: restore it from a copy. It holds the format version (${current}) and the ${HASH_BYTES} bytes of the genesis hash in hex`,
    )
  }
  return {
    version: migratingFrom,
    genesisHash: toHash(fromHex(genesisHash)),
    isMigrating: migratingFrom < version,
  }
}

/** Changes nothing. `undefined` without a `format.json`; throws a {@link StorageError} for one that is no use. */
export const readFormat = (
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Format | undefined => {
  const text = readTextIfThere(join(path, FORMAT_FILE))
  return text === undefined ? undefined : parse(text, path, migrations)
}

/** On disk when it returns. */
export const writeFormat = (
  path: string,
  format: { version: number; genesisHash: Hash; migratingFrom?: number },
): void => {
  const text = JSON.stringify({ ...format, genesisHash: toHex(format.genesisHash) }, null, 2)
  writeSynced(path, FORMAT_FILE, `${text}\n`)
}
