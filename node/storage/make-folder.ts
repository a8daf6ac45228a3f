import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/**
 * Makes the folder at `path` and those above it. Not `mkdirSync(…, {recursive: true})`: where a folder cannot
 * be made because the system says that its parent is missing, although it is there (as under /proc), Node 24
 * tries for ever.
 */
export const makeFolder = (path: string): void => {
  const missing: string[] = []
  for (let at = path; !isFolder(at) && dirname(at) !== at; at = dirname(at)) missing.push(at)
  for (const folder of missing.toReversed()) mkdirSync(folder)
}
