/**
 * A node's data directory: which files it holds, how it is made, and what may be wrong with it.
 *
 * | name                 | what                                                                             |
 * | -------------------- | -------------------------------------------------------------------------------- |
 * | `format.json`        | format version and genesis hash; written last: without it nothing counts         |
 * | `genesis.json`       | what the chain starts from                                                       |
 * | `validator-key.json` | the validator's secrets, for the owner only (validator-key-file.ts), or absent   |
 * | `node.key`           | who the node is in the network, readable by the owner only (network/node-key.ts) |
 * | `config.json`        | what its operator has set (config.ts); neither of the two on a development chain |
 * | `db/`, `db.pid`      | the database; its lock is the lock of the whole directory                        |
 * | `consensus.log`      | what this validator has voted (consensus/wal.ts)                                 |
 * | `signer.floor`       | up to where it has voted; not for backups (consensus/floor.ts)                   |
 * | `mempool.journal`    | transactions that wait (mempool)                                                 |
 * | `instrumented/`      | contract code made ready to run; may be deleted (instrumented-cache.ts)          |
 * | `initializing`       | there from the first write to the last of making the directory                   |
 * | `restoring`          | the same while it is restored from a snapshot (restored-directory.ts)            |
 *
 * Making it: `initializing` is synced, the database locked, the files written, `format.json` synced, then
 * `initializing` removed. A crash in between leaves `initializing` without `format.json`; the next start
 * makes the files again over what is there, unless a block was ever committed. Anything else that looks
 * unfinished is refused and left as it is.
 *
 * One in an older format is carried over by the first start (migrations.ts); one in a newer format is refused, untouched.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bytesEqual, type Hash, toHex } from '../types/primitives.ts'
import { COLUMNS, type Database, StorageError } from './database.ts'
import { toStorageError } from './faults.ts'
import { type Format, FORMAT_FILE, readFormat, writeFormat } from './format-file.ts'
import { makeFolder } from './make-folder.ts'
import { migrate } from './migrate.ts'
import type { Migration } from './migration.ts'
import { formatVersion, MIGRATIONS } from './migrations.ts'
import { readTextIfThere } from './read-text.ts'
import { assertNotRestoring, RESTORE_MARK_FILE } from './restore-mark.ts'
import { openRocksDatabase } from './rocks.ts'
import { writeSynced } from './synced-files.ts'

export const VALIDATOR_KEY_FILE = 'validator-key.json'

/** What lies where in a data directory. */
export const DATA_FILES = {
  format: FORMAT_FILE,
  genesis: 'genesis.json',
  validatorKeys: VALIDATOR_KEY_FILE,
  nodeKey: 'node.key',
  config: 'config.json',
  database: 'db',
  consensusLog: 'consensus.log',
  signerFloor: 'signer.floor',
  mempoolJournal: 'mempool.journal',
  peers: 'peers.json',
  bans: 'bans.json',
  snapshots: 'snapshots',
  instrumented: 'instrumented',
  initializing: 'initializing',
  restoring: RESTORE_MARK_FILE,
} as const

export interface DataDirectoryContents {
  /** The text of `genesis.json`. */
  readonly genesis: string
  /** The text of `validator-key.json`; `undefined` for a node that does not vote. */
  readonly validatorKeys: string | undefined
}

export interface DataDirectoryOptions {
  /**
   * What a new directory holds. Only called for one, with the text of the `validator-key.json` that is there already, and
   * before the lock is held, perhaps for nothing: it writes nothing.
   */
  readonly create: (
    validatorKeys: string | undefined,
  ) => DataDirectoryContents | Promise<DataDirectoryContents>
  /** Writes what else a new directory holds. Under the lock. */
  readonly writeMore?: (() => void) | undefined
  /** Files that may be there before the directory is made. */
  readonly mayHold?: readonly string[] | undefined
  /** Checks the text of a genesis and gives its hash; throws if it is none. */
  readonly hashGenesis: (genesis: string) => Hash
  /** The chain that the caller wants to run, if it knows. */
  readonly expectedGenesisHash?: Hash | undefined
  /** Default: all that there are. */
  readonly migrations?: readonly Migration[] | undefined
  /** Hears how a migration goes, in sentences. */
  readonly onProgress?: ((sentence: string) => void) | undefined
}

export interface DataDirectory extends DataDirectoryContents {
  readonly path: string
  /** True if this call made it. */
  readonly isNew: boolean
  readonly genesisHash: Hash
  /** Open, and with it the lock on the directory. Whoever opened the directory closes it. */
  readonly database: Database
  readonly consensusLogPath: string
  readonly signerFloorPath: string
  readonly mempoolJournalPath: string
  readonly instrumentedPath: string
}

/** RocksDB would make an empty database in its place, and the chain would begin anew. */
const assertHasDatabase = (path: string): void => {
  if (existsSync(join(path, DATA_FILES.database, 'CURRENT'))) return
  throw new StorageError(
    'incomplete',
    `${join(path, DATA_FILES.database)} is missing or lacks its file CURRENT: restore it from a copy. Nothing was changed`,
  )
}

const assertSameChain = (path: string, found: Hash, expected: Hash | undefined): void => {
  if (expected === undefined || bytesEqual(found, expected)) return
  throw new StorageError(
    'wrong_chain',
    `${path} belongs to the chain with genesis ${toHex(found)}, not ${toHex(expected)}: use another data directory for that chain`,
  )
}

/** A mount point's own entries and hidden files are nobody's data, nor is what a kill in the very first write left. */
export const isForeign = (name: string): boolean =>
  !name.startsWith('.') &&
  name !== 'lost+found' &&
  name !== `${DATA_FILES.initializing}.new` &&
  name !== `${DATA_FILES.restoring}.new`

/** What a folder without `format.json` may hold: nothing but `mayHold`, or what an interrupted making left. */
const assertMayCreate = (path: string, mayHold: readonly string[]): void => {
  assertNotRestoring(path)
  const names = readdirSync(path).filter(name => isForeign(name) && !mayHold.includes(name))
  if (names.length === 0 || names.includes(DATA_FILES.initializing)) return
  throw new StorageError(
    'incomplete',
    `${path} holds ${names.slice(0, 5).join(', ')}, but no ${DATA_FILES.format}: it is not a finished data directory. If it is a copy of a node's, copy it again in full; otherwise use an empty directory. Nothing was changed`,
  )
}

const assertNoBlocks = (path: string, database: Database): void => {
  if (database.range(COLUMNS.blocks, { limit: 1 }).length === 0) return
  throw new StorageError(
    'incomplete',
    `${path} holds blocks, but no ${DATA_FILES.format}: restore that file from a copy. Nothing was changed`,
  )
}

/** `format.json` last: from then on the directory is one. */
export const writeContents = (
  path: string,
  contents: DataDirectoryContents,
  genesisHash: Hash,
  migrations?: readonly Migration[],
): void => {
  writeSynced(path, DATA_FILES.genesis, contents.genesis)
  if (contents.validatorKeys === undefined) rmSync(join(path, DATA_FILES.validatorKeys), { force: true })
  else writeSynced(path, DATA_FILES.validatorKeys, contents.validatorKeys, 0o600)
  writeFormat(path, { version: formatVersion(migrations), genesisHash })
}

/** What a new directory will hold, and the keys that it was made for. */
interface Prepared {
  readonly given: string | undefined
  readonly contents: DataDirectoryContents
  readonly genesisHash: Hash
}

const givenKeys = (path: string): string | undefined => readTextIfThere(join(path, DATA_FILES.validatorKeys))

const prepare = async (path: string, options: DataDirectoryOptions): Promise<Prepared> => {
  const given = givenKeys(path)
  const contents = await options.create(given)
  return { given, contents, genesisHash: options.hashGenesis(contents.genesis) }
}

const create = async (
  path: string,
  preparing: Promise<Prepared>,
  options: DataDirectoryOptions,
): Promise<DataDirectoryContents> => {
  const before = await preparing
  // Another process may have left keys there before this one had the lock.
  const { contents, genesisHash } = givenKeys(path) === before.given ? before : await prepare(path, options)
  assertSameChain(path, genesisHash, options.expectedGenesisHash)
  options.writeMore?.()
  writeContents(path, contents, genesisHash, options.migrations)
  return contents
}

const readContents = (path: string, format: Format, options: DataDirectoryOptions): DataDirectoryContents => {
  assertSameChain(path, format.genesisHash, options.expectedGenesisHash)
  const genesis = readTextIfThere(join(path, DATA_FILES.genesis))
  if (genesis === undefined) {
    throw new StorageError(
      'incomplete',
      `${join(path, DATA_FILES.genesis)} is missing: restore it from a copy`,
    )
  }
  const hash = options.hashGenesis(genesis)
  if (!bytesEqual(hash, format.genesisHash)) {
    throw new StorageError(
      'corrupt',
      `${join(path, DATA_FILES.genesis)} was changed: its hash is ${toHex(hash)}, and ${DATA_FILES.format} says ${toHex(format.genesisHash)}. Restore it from a copy`,
    )
  }
  return { genesis, validatorKeys: readTextIfThere(join(path, DATA_FILES.validatorKeys)) }
}

/** Locks and reads the data directory at `path`, or makes it. Throws a {@link StorageError}. */
export const openDataDirectory = async (
  path: string,
  options: DataDirectoryOptions,
): Promise<DataDirectory> => {
  let database: Database | undefined
  try {
    makeFolder(resolve(path))
    const { migrations = MIGRATIONS, mayHold = [], onProgress = () => {} } = options
    const before = readFormat(path, migrations)
    // A wrong directory is refused before anything in it is opened or changed.
    if (before === undefined) {
      assertMayCreate(path, mayHold)
      writeSynced(path, DATA_FILES.initializing, '')
    } else {
      assertSameChain(path, before.genesisHash, options.expectedGenesisHash)
      assertHasDatabase(path)
    }

    const opening = openRocksDatabase(join(path, DATA_FILES.database))
    // Meanwhile; what it fails with is told once it is known to be needed.
    const preparing = before === undefined ? prepare(path, options) : undefined
    preparing?.catch(() => undefined)
    database = await opening
    // Read again under the lock: another process may have finished the same directory just now.
    const format = readFormat(path, migrations)
    if (format === undefined) assertNoBlocks(path, database)
    const contents =
      format === undefined
        ? await create(path, preparing ?? prepare(path, options), options)
        : readContents(path, format, options)
    if (format !== undefined) await migrate({ path, database, format, migrations, onProgress })
    rmSync(join(path, DATA_FILES.initializing), { force: true })
    rmSync(join(path, DATA_FILES.restoring), { force: true })
    return {
      ...contents,
      path,
      isNew: format === undefined,
      genesisHash: options.hashGenesis(contents.genesis),
      database,
      consensusLogPath: join(path, DATA_FILES.consensusLog),
      signerFloorPath: join(path, DATA_FILES.signerFloor),
      mempoolJournalPath: join(path, DATA_FILES.mempoolJournal),
      instrumentedPath: join(path, DATA_FILES.instrumented),
    }
  } catch (error) {
    await database?.close()
    throw toDirectoryFault(error, path)
  }
}

/** What the system said is put into words; the database's lock is the directory's; others' errors say what they mean. */
export const toDirectoryFault = (error: unknown, path: string): unknown => {
  if (error instanceof StorageError && error.code === 'locked') {
    const message = error.message.replace(join(path, DATA_FILES.database), path)
    return new StorageError('locked', message, { cause: error })
  }
  return typeof (error as NodeJS.ErrnoException).errno === 'number' ? toStorageError(error, path) : error
}
