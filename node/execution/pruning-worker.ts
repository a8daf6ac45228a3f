/**
 * The thread that removes what is not kept any more, beside the one that executes blocks: small slices, each found and
 * made a batch of its own first, and then written. No write begins from when a block is executed until it is committed
 * (right-of-way.ts), unless blocks come faster than it follows; some slices are found meanwhile, for between two blocks there may be little time.
 * Messages are read in between. Told to stop it ends after what it is at; what was found and is not written is found
 * again. A write that fails is the last.
 *
 * So a block waits for at most one such batch, if RocksDB was writing it when the block's own came: no JavaScript runs
 * meanwhile that a collection of garbage could stop. What is found holds nobody up: in the block's thread, freeing what
 * slices had read could take tens of milliseconds at any allocation.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Pruner, type Retention } from '../chain/pruning.ts'
import { BlockStore } from '../chain/store.ts'
import { openSharedRocksDatabase, type SharedDatabase } from '../storage/rocks.ts'
import type { PreparedWrites } from '../storage/database.ts'
import type { Height } from '../types/primitives.ts'
import { awaitGap, type Way } from './right-of-way.ts'
import { giveBackIdleMemory } from './idle-memory.ts'
import { type SentError, toSentError } from './block-protocol.ts'

export interface PruningWorkerData {
  readonly database: SharedDatabase
  readonly retention: Retention
  readonly head: Height
  readonly way: Way
  /** Whether each slice is told of: who only wants them removed does not pay for that. */
  readonly tellsSlices: boolean
}

/** The new head, or the end. */
export type PruningRequest = Height | 'stop'

export interface PruningSlice {
  readonly head: Height
  /** 0: all is removed that is not kept with this head. */
  readonly keys: number
  readonly findMs: number
  /** From when to when RocksDB wrote it, in ms since 1970 as `performance` counts them. */
  readonly written: readonly [startMs: number, endMs: number]
  /** What of that this thread has worked: the rest it waited for a core or the disk. */
  readonly writeCpuMs: number
  /** For how many blocks more than it is to be something is still there. */
  readonly lag: bigint
}

export type PruningReport = { readonly slice: PruningSlice } | { readonly fault: SentError }

/** Of one slice, roughly: a batch of them is written in a tenth of a millisecond. */
const SLICE_KEYS = 32

/** Slices that are found while a block is executed: about what a full block leaves. */
const FOUND_AHEAD = 32

/** Further behind it does not give way: the disk may not grow for as long as the load lasts. */
const PATIENT_LAG = 128n
/** So long it may be deaf to messages. */
const DEAF_MS = 20

/** A slice that is not on the database yet. */
interface Found {
  readonly head: Height
  readonly keys: number
  readonly writes: PreparedWrites
  readonly findMs: number
}

const port = parentPort
if (port === null) throw new Error('pruning-worker.ts runs as a worker thread only')
const { database: shared, retention, way, tellsSlices, ...initial } = workerData as PruningWorkerData

let { head } = initial
let isStopped = false
let wake: () => void = () => undefined
port.on('message', (request: PruningRequest) => {
  if (request === 'stop') isStopped = true
  else head = request
  wake()
})
const tell = (report: PruningReport): void => port.postMessage(report)

giveBackIdleMemory()
try {
  const database = openSharedRocksDatabase(shared)
  const pruner = new Pruner(database, new BlockStore(database), retention)
  const sinceEpoch = (): number => performance.timeOrigin + performance.now()
  const found: Found[] = []
  /** The last head for which there is nothing more to find. */
  let exhaustedBy: Height | undefined

  const find = (): void => {
    const startedMs = performance.now()
    const removals = pruner.next(head, SLICE_KEYS)
    if (removals.length === 0) exhaustedBy = head
    const writes = database.prepare(removals)
    found.push({ head, keys: removals.length, writes, findMs: performance.now() - startedMs })
  }
  const write = ({ writes, ...told }: Found): void => {
    if (!tellsSlices) return told.keys > 0 ? writes.write({ sync: false }) : undefined
    const cpu = process.threadCpuUsage()
    const startMs = sinceEpoch()
    if (told.keys > 0) writes.write({ sync: false })
    const endMs = sinceEpoch()
    const { user, system } = process.threadCpuUsage(cpu)
    const writeCpuMs = (user + system) / 1000
    tell({ slice: { ...told, written: [startMs, endMs], writeCpuMs, lag: pruner.lag(head) } })
  }
  const mayWrite = (waitMs: number): boolean => pruner.lag(head) > PATIENT_LAG || awaitGap(way, waitMs)

  for (;;) {
    await turn()
    if (isStopped) break
    const mayFind = exhaustedBy !== head && found.length < FOUND_AHEAD
    const [next] = found
    if (next !== undefined && mayWrite(mayFind ? 0 : DEAF_MS)) {
      write(next)
      found.shift()
    } else if (mayFind) find()
    else if (next === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await promise
    }
  }
} catch (error) {
  tell({ fault: toSentError(error) })
} finally {
  port.close()
}
