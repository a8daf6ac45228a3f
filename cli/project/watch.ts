/**
 * Says which files of a project changed, once a burst of changes is over. Folders are watched, not files: an
 * editor that saves by renaming a new file into place leaves the watcher of a file with the old one.
 */
import { type FSWatcher, watch } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

/** Longer than an editor takes for its renames, too short to notice. */
const QUIET_MS = 40
const MAX_FOLDERS = 500
const SKIPPED = new Set(['node_modules', 'build', 'vendor'])

/** Editors' own files come and go beside the ones that count. */
const isSource = (path: string): boolean => /(?:^|\/)[^./][^/]*\.(?:ts|js|mjs|json)$/.test(path)

const foldersIn = async (folder: string): Promise<string[]> => {
  const found = [folder]
  for (const path of found) {
    // A folder may go while it is looked at.
    const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
    for (const entry of entries)
      if (entry.isDirectory() && !SKIPPED.has(entry.name) && !entry.name.startsWith('.'))
        found.push(join(path, entry.name))
    if (found.length > MAX_FOLDERS) break
  }
  return found.slice(0, MAX_FOLDERS)
}

export interface ProjectWatch {
  close(): void
}

/** `onChange` gets paths relative to `root`. */
export const watchProject = async (
  root: string,
  onChange: (paths: ReadonlySet<string>) => void,
): Promise<ProjectWatch> => {
  const watchers = new Map<string, FSWatcher>()
  let changed = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  const drop = (folder: string): void => {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }

  const note = (folder: string, name: string | null): void => {
    const path = relative(root, join(folder, name ?? ''))
    if (name !== null && isSource(path)) changed.add(path)
    clearTimeout(timer)
    timer = setTimeout(() => void settle(), QUIET_MS)
  }

  const add = (folder: string): void => {
    if (watchers.has(folder) || isClosed) return
    const watcher = watch(folder, (_, name) => note(folder, name))
    // The folder is gone; the walk of the next change does without it.
    watcher.on('error', () => drop(folder))
    watchers.set(folder, watcher)
  }

  const settle = async (): Promise<void> => {
    const folders = await foldersIn(root)
    for (const folder of watchers.keys()) if (!folders.includes(folder)) drop(folder)
    for (const folder of folders.filter(path => !watchers.has(path))) {
      add(folder)
      // What was put into a new folder before it was watched.
      for (const name of await readdir(folder).catch(() => [])) {
        const path = relative(root, join(folder, name))
        if (isSource(path)) changed.add(path)
      }
    }
    if (changed.size === 0 || isClosed) return
    const paths = changed
    changed = new Set()
    onChange(paths)
  }

  for (const folder of await foldersIn(root)) add(folder)
  return {
    close() {
      isClosed = true
      clearTimeout(timer)
      for (const folder of watchers.keys()) drop(folder)
    },
  }
}
