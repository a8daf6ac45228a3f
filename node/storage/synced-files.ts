/** Small files and folders' entries that are on disk when the function returns. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** What was made, renamed or removed in the folder. */
export const syncFolder = (path: string): void => {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Whole or not at all, and on disk when it returns. */
export const writeSynced = (folder: string, name: string, text: string, mode = 0o644): void => {
  const temporary = join(folder, `${name}.new`)
  const descriptor = openSync(temporary, 'w', mode)
  try {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, join(folder, name))
  syncFolder(folder)
}
