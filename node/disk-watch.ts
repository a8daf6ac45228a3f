/**
 * The low-water mark: a node stops making blocks before the disk that holds its directory is full, while there is
 * room left for what is under way.
 *
 *   free space                what the node does
 *   the mark, and above       everything
 *   below it                  makes no blocks and takes no transactions; it answers, votes and commits what others make
 *   below a quarter of it     stops, in order
 *
 * It goes on by itself when there is a quarter more than the mark. A lone validator's chain stands still meanwhile;
 * among others they go on, as without one that is down.
 */
import { join } from 'node:path'
import { DATA_FILES } from './storage/data-directory.ts'
import { StorageError } from './storage/database.ts'
import { MiB, resumeAtBytes, stopBelowBytes } from './storage/disk-space.ts'
import { toStorageError } from './storage/faults.ts'

/** Between two looks, however often one is asked for. */
const MIN_INTERVAL_MS = 250

export interface DiskWatch {
  /** Looks, unless it did just now. */
  check(): void
  /** What is wrong, while there is too little room. */
  readonly problem: string | undefined
  /** Resolves at once if blocks may be made, otherwise when they may, or on abort. */
  room(signal: AbortSignal): Promise<void>
}

export interface DiskWatchOptions {
  /** The data directory. Its database may lie on another disk. */
  readonly directory: string
  /** 0: never too little. */
  readonly minFreeBytes: number
  readonly freeBytes: (path: string) => number
  /** Of a clock that does not jump. */
  readonly nowMs: () => number
  /** Hears a sentence when room runs out, and one when there is room again. */
  readonly warn: (sentence: string) => void
  /** There is hardly any room, or it cannot be told how much: the node has to stop. Called once. */
  readonly onFault: (error: StorageError) => void
}

const toMiB = (bytes: number): string =>
  `${bytes < 10 * MiB ? (bytes / MiB).toFixed(1) : Math.floor(bytes / MiB)} MiB`

interface Room {
  readonly path: string
  readonly free: number
}

const roomAt = (path: string, { freeBytes }: Marks): Room => {
  try {
    return { path, free: freeBytes(path) }
  } catch (error) {
    throw toStorageError(error, path)
  }
}

const leastRoom = (marks: Marks): Room => {
  const whole = roomAt(marks.directory, marks)
  const database = roomAt(join(marks.directory, DATA_FILES.database), marks)
  // On one disk two readings differ only by what was written in between.
  return database.free < whole.free - MiB ? database : whole
}

type Marks = Pick<DiskWatchOptions, 'directory' | 'freeBytes' | 'minFreeBytes'>

const tooLittle = ({ path, free }: Room, marks: Marks): StorageError | undefined => {
  const least = stopBelowBytes(marks.minFreeBytes)
  if (free >= least) return undefined
  return new StorageError(
    'disk_full',
    `the disk that holds ${path} is almost full: ${toMiB(free)} are left, and a node needs ${toMiB(least)}. Nothing is corrupted; free space and start again`,
  )
}

/** Before anything is opened or made. Throws `disk_full`. */
export const assertRoomToStart = (marks: Marks): void => {
  const error = tooLittle(leastRoom(marks), marks)
  if (error !== undefined) throw error
}

export const createDiskWatch = (options: DiskWatchOptions): DiskWatch => {
  const { minFreeBytes, nowMs, warn, onFault } = options
  let problem: string | undefined
  let lookedAtMs = Number.NEGATIVE_INFINITY
  let hasFailed = false
  let waiting = Promise.withResolvers<void>()

  const look = (): void => {
    const room = leastRoom(options)
    const { path, free } = room
    const full = tooLittle(room, options)
    if (full !== undefined) throw full
    const resumeAt = resumeAtBytes(minFreeBytes)
    if (problem === undefined && free < minFreeBytes) {
      problem = `the disk that holds ${path} has ${toMiB(free)} left: no blocks are made here and no transactions taken until ${toMiB(resumeAt)} are free. Free some, or stop the node and move the directory; the node goes on by itself`
      warn(problem)
    } else if (problem !== undefined && free >= resumeAt) {
      problem = undefined
      warn(
        `the disk that holds ${path} has ${toMiB(free)} free again: blocks are made and transactions taken`,
      )
      waiting.resolve()
      waiting = Promise.withResolvers()
    }
  }

  const check = (): void => {
    if (hasFailed || nowMs() - lookedAtMs < MIN_INTERVAL_MS) return
    lookedAtMs = nowMs()
    try {
      look()
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      hasFailed = true
      problem ??= error.message
      onFault(error)
    }
  }

  return {
    check,
    get problem() {
      return problem
    },
    async room(signal) {
      check()
      if (problem === undefined || signal.aborted) return
      const { promise: aborted, resolve } = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => resolve(), { once: true })
      await Promise.race([waiting.promise, aborted])
    },
  }
}
