/** What says that a data directory is being restored from a snapshot, and from which: there until that is done. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { StorageError } from './database.ts'
import { writeSynced } from './synced-files.ts'

export const RESTORE_MARK_FILE = 'restoring'

export interface RestoreMark {
  /** Where the snapshot was when the restore began. */
  readonly snapshot: string
  /** The block whose state is restored, and its chain: two snapshots with the same may take turns. */
  readonly genesisHash: string
  readonly blockHash: string
}

export const writeRestoreMark = (path: string, { snapshot, genesisHash, blockHash }: RestoreMark): void =>
  writeSynced(path, RESTORE_MARK_FILE, `${JSON.stringify({ snapshot, genesisHash, blockHash }, null, 2)}\n`)

/** `undefined` if there is none. */
export const readRestoreMark = (path: string): RestoreMark | undefined => {
  const file = join(path, RESTORE_MARK_FILE)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const { snapshot, genesisHash, blockHash } = JSON.parse(text) as Record<keyof RestoreMark, unknown>
    if (typeof snapshot === 'string' && typeof genesisHash === 'string' && typeof blockHash === 'string')
      return { snapshot, genesisHash, blockHash }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new StorageError('corrupt', `${file} is damaged: delete ${path} and restore the snapshot anew`)
}

const quoted = (path: string): string => (/^[\w./@%+,:-]+$/.test(path) ? path : JSON.stringify(path))

/** The command that goes on. */
export const restoreCommand = (path: string, { snapshot }: RestoreMark): string =>
  `vex state restore --from ${quoted(snapshot)} --data-dir ${quoted(path)}`

/** For a directory without `format.json`: a restore may go on in it, and nothing else. */
export const assertNotRestoring = (path: string): void => {
  const mark = readRestoreMark(path)
  if (mark === undefined) return
  throw new StorageError(
    'unfinished_restore',
    `${path} holds a snapshot that is not restored in full yet; go on with: ${restoreCommand(path, mark)}`,
  )
}
