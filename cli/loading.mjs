/**
 * How the modules of a process are loaded. To be called before anything else is. This file keeps to syntax that an old Node
 * can read, and has no types to strip: what strips them is not loaded for it.
 */
import { readFileSync, statSync } from 'node:fs'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import '../node/loading/resolve.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Where a clone has its bundles (bundle/clone.ts), under its root. */
export const BUNDLES = join('.vex', 'bundles')
/** Of an installed package, which never changes. */
export const SHIPPED = 'bundle'

/**
 * What Node makes of the source, types stripped and code compiled, is kept for the next start, and for every thread: one that
 * strips types itself takes 12 MB and some 60 ms of work more.
 */
export const keepCompiled = () => {
  module.enableCompileCache?.()
  const folder = module.getCompileCacheDir?.()
  // Threads and child processes take it from there.
  if (folder !== undefined) process.env.NODE_COMPILE_CACHE ??= dirname(folder)
}

const isThere = path => statSync(path, { throwIfNoEntry: false }) !== undefined

/** The folder of a clone's bundle of that name; none if a file that it was made of has changed since. */
export const findBundle = (root, name) => {
  const isUnchanged = ([path, mtimeMs, size]) => {
    const found = statSync(join(root, path), { throwIfNoEntry: false })
    return found !== undefined && found.mtimeMs === mtimeMs && found.size === size
  }
  try {
    const { folder, files } = JSON.parse(readFileSync(join(root, BUNDLES, `${name}.json`), 'utf8'))
    const path = join(root, BUNDLES, folder)
    return files.every(isUnchanged) && isThere(path) ? path : undefined
  } catch {
    // Not made yet, or by another version.
    return undefined
  }
}

/**
 * The address of what the bundle of that name has of an entry, such as `program`. None: it is to be loaded from source, because
 * there is no bundle that is up to date, or because whoever runs the command wants to see where in the source something fails.
 */
export const bundled = (entry, name = 'vex', root = ROOT) => {
  if (process.argv.includes('--verbose') || process.env.VEX_DEBUG) return undefined
  const shipped = join(root, SHIPPED)
  const folder = isThere(shipped) ? shipped : findBundle(root, name)
  return folder === undefined ? undefined : pathToFileURL(join(folder, `${entry}.js`)).href
}
