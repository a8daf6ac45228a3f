/** How much room is left where something lies or is going to. */
import { existsSync, statfsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Room for what the database still has to write, and to stop in order. */
export const MIN_FREE_BYTES = 256 * 1024 * 1024

/** Bytes that this user may still write to the disk that holds `path`, or would. */
export const freeBytes = (path: string): number => {
  let at = resolve(path)
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at)
  const { bavail, bsize } = statfsSync(at)
  return bavail * bsize
}
