/** How much room is left where something lies or is going to, and how much a node wants. */
import { existsSync, statfsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

export const MiB = 1024 * 1024

/** The low-water mark: room for what the database still has to write, and to stop in order. */
export const MIN_FREE_BYTES = 256 * MiB

/** Of the low-water mark: below it a node stops, and does not start. */
export const stopBelowBytes = (minFreeBytes: number): number => Math.floor(minFreeBytes / 4)

/** Above the low-water mark, so that a node at the mark does not go to and fro: there it makes blocks again. */
export const resumeAtBytes = (minFreeBytes: number): number => minFreeBytes + Math.floor(minFreeBytes / 4)

/** Bytes that this user may still write to the disk that holds `path`, or would. */
export const freeBytes = (path: string): number => {
  let at = resolve(path)
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at)
  const { bavail, bsize } = statfsSync(at)
  return bavail * bsize
}

/** A file may go away while they are counted. */
export const folderBytes = async (folder: string): Promise<number> => {
  const names = await readdir(folder)
  const sizes = await Promise.all(
    names.map(async name => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
