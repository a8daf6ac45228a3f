/** What a running node keeps an eye on, beside its work: room on the disk, the clock, the database's list of files. */
import type { Logger } from 'pino'
import { createClockWatch } from './clock-watch.ts'
import type { ChainView } from './chain/chain-view.ts'
import { createDiskWatch } from './disk-watch.ts'
import type { Database, StorageError } from './storage/database.ts'
import { markManifest } from './storage/rocks.ts'

const INTERVAL_MS = 1_000

export interface Warning {
  readonly code: 'disk_low' | 'clock_behind'
  /** What is wrong, and what to do. */
  readonly message: string
}

export interface Watches {
  /** Of now. */
  readonly warnings: readonly Warning[]
  /** Why nothing that takes room is begun here. */
  readonly diskProblem: string | undefined
  /** Resolves when there is room for blocks of this node, or on abort. */
  room(signal: AbortSignal): Promise<void>
  /** After each commit. */
  onCommit(): void
  close(): Promise<void>
}

export interface WatchOptions {
  readonly directory: string
  readonly database: Database
  readonly chain: ChainView
  readonly logger: Logger
  readonly minFreeBytes: number
  readonly freeBytes: (path: string) => number
  readonly nowMs: () => number
  /** The node has to stop. */
  readonly onFault: (error: StorageError) => void
}

export const startWatches = (options: WatchOptions): Watches => {
  const { logger, database, nowMs } = options
  const steadyMs = () => performance.now()
  const warn = (sentence: string): void => logger.warn(sentence)
  const disk = createDiskWatch({ ...options, nowMs: steadyMs, warn })
  const clock = createClockWatch({ nowMs, steadyMs, head: () => options.chain.head.header, warn })

  let isMarkFailing = false
  const mark = async (): Promise<void> => {
    try {
      await markManifest(database)
      isMarkFailing = false
    } catch (error) {
      if (!isMarkFailing) logger.warn({ error }, 'the length of the database’s manifest is not noted')
      isMarkFailing = true
    }
  }
  let marking: Promise<void> | undefined
  const onCommit = (): void => {
    marking ??= mark().finally(() => (marking = undefined))
  }

  const check = (): void => {
    disk.check()
    clock.check()
    onCommit()
  }
  check()
  const timer = setInterval(check, INTERVAL_MS)

  return {
    get warnings() {
      return [
        ...(disk.problem === undefined ? [] : [{ code: 'disk_low' as const, message: disk.problem }]),
        ...(clock.problem === undefined ? [] : [{ code: 'clock_behind' as const, message: clock.problem }]),
      ]
    },
    get diskProblem() {
      return disk.problem
    },
    room: signal => disk.room(signal),
    onCommit,
    async close() {
      clearInterval(timer)
      await marking
      await mark()
    },
  }
}
