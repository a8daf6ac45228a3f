/** Small files and folders' entries that are on disk when the function returns. */
import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
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

/** Always a new file: one that a crash left, or that somebody put there, has permissions of its own. */
const writeFile = (path: string, text: string, mode: number): void => {
  rmSync(path, { force: true })
  const descriptor = openSync(path, 'wx', mode)
  try {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

const READABLE = 0o644

/** Whole or not at all, and on disk when it returns. */
export const writeSynced = (folder: string, name: string, text: string, mode = READABLE): void => {
  const temporary = join(folder, `${name}.new`)
  writeFile(temporary, text, mode)
  renameSync(temporary, join(folder, name))
  syncFolder(folder)
}

/** The same, but never over a file that is there: then it answers `false`, without asking for the text. */
export const createSynced = (folder: string, name: string, text: () => string, mode = READABLE): boolean => {
  const path = join(folder, name)
  if (existsSync(path)) return false
  // Hidden, and of this process alone.
  const temporary = join(folder, `.${name}.${process.pid}.new`)
  try {
    writeFile(temporary, text(), mode)
    linkSync(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
  syncFolder(folder)
  return true
}
