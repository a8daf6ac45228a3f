/** What the errors of RocksDB and of the file system mean to the node's operator. */
import { StorageError, type StorageErrorCode } from './database.ts'

interface Rule {
  readonly code: StorageErrorCode
  readonly matches: (message: string, errorCode: string) => boolean
  readonly text: (path: string, message: string) => string
}

/** The first that fits counts; the last always does. */
const RULES: readonly Rule[] = [
  {
    code: 'disk_full',
    matches: (message, errorCode) =>
      errorCode === 'ENOSPC' ||
      errorCode === 'EDQUOT' ||
      /no space left on device|disk quota exceeded/i.test(message),
    text: path => `the disk that holds ${path} is full; free space and start again; nothing is corrupted`,
  },
  {
    code: 'newer_version',
    matches: message => /column families not opened/i.test(message),
    text: (path, message) => `${path} was written by a newer version of Vex: update this one (${message})`,
  },
  {
    code: 'corrupt',
    matches: (message, errorCode) =>
      errorCode === 'LEVEL_CORRUPTION' || /corruption|bad table magic|checksum mismatch/i.test(message),
    text: (path, message) =>
      `${path} is damaged: restore it from a copy, or start with a new data directory and let it sync (${message})`,
  },
  {
    code: 'io',
    matches: () => true,
    text: (path, message) =>
      `${path} cannot be used: ${message}. Check the path, its permissions and the disk`,
  },
]

export const toStorageError = (cause: unknown, path: string): StorageError => {
  if (cause instanceof StorageError) return cause
  const { code } = cause as NodeJS.ErrnoException
  // RocksDB adds lines of its own: the message is to be one.
  const message = (cause as Error).message.replaceAll(/\s*\n\s*/g, '; ')
  const rule = RULES.find(({ matches }) => matches(message, code ?? '')) as Rule
  return new StorageError(rule.code, rule.text(path, message), { cause })
}
