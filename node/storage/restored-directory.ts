/**
 * A data directory that is restored from a snapshot. The mark (restore-mark.ts) is synced, the database locked and
 * filled by the caller, then the files are written, `format.json` last, and the mark goes. A crash in between leaves
 * the mark without `format.json`: no node starts there, and the next restore of the same snapshot goes on.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Hash, toHex } from '../types/primitives.ts'
import {
  DATA_FILES,
  type DataDirectoryContents,
  isForeign,
  toDirectoryFault,
  writeContents,
} from './data-directory.ts'
import { type Database, StorageError } from './database.ts'
import { makeFolder } from './make-folder.ts'
import { readRestoreMark, restoreCommand, type RestoreMark, writeRestoreMark } from './restore-mark.ts'
import { openRocksDatabase } from './rocks.ts'
import { syncFolder } from './synced-files.ts'

export interface RestoredDirectory {
  /** Open, and with it the lock on the directory. Whoever opened the directory closes it. */
  readonly database: Database
  /** After the database holds everything, on disk. */
  finish(contents: DataDirectoryContents): void
}

export interface RestoreOrigin {
  /** The snapshot's folder. */
  readonly snapshot: string
  readonly genesisHash: Hash
  readonly blockHash: Hash
}

/** Only what is empty, or was begun by a restore of the same state. */
const assertMayRestore = (path: string, mark: RestoreMark): void => {
  const names = existsSync(path) ? readdirSync(path).filter(isForeign) : []
  const refuse = (why: string): never => {
    throw new StorageError('not_empty', `${path} ${why}. Nothing was changed`)
  }
  if (names.includes(DATA_FILES.format)) refuse('holds a chain already: give a directory that does not exist')
  if (names.length === 0) return
  const found =
    readRestoreMark(path) ??
    refuse(`holds ${names.slice(0, 5).join(', ')}: give a directory that does not exist, or an empty one`)
  if (found.blockHash !== mark.blockHash || found.genesisHash !== mark.genesisHash)
    refuse(
      `holds part of another snapshot, of block ${found.blockHash}: go on with that (${restoreCommand(path, found)}), or give another directory`,
    )
}

/** Locks the directory at `path`, or makes it. Throws a {@link StorageError}. */
export const openRestoredDirectory = async (
  path: string,
  { snapshot, genesisHash, blockHash }: RestoreOrigin,
): Promise<RestoredDirectory> => {
  const mark = {
    snapshot: resolve(snapshot),
    genesisHash: toHex(genesisHash),
    blockHash: toHex(blockHash),
  }
  try {
    assertMayRestore(path, mark)
    makeFolder(resolve(path))
    writeRestoreMark(path, mark)
    const database = await openRocksDatabase(join(path, DATA_FILES.database))
    return {
      database,
      finish(contents) {
        writeContents(path, contents, genesisHash)
        rmSync(join(path, DATA_FILES.restoring))
        syncFolder(path)
      },
    }
  } catch (error) {
    throw toDirectoryFault(error, path)
  }
}
