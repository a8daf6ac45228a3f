/**
 * How the modules of a process are loaded. To be called before anything else is. This file keeps to syntax that an old Node
 * can read, and has no types to strip: what strips them is not loaded for it.
 */
import module from 'node:module'
import { dirname } from 'node:path'
import '../node/loading/resolve.mjs'

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
