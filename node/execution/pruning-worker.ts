/**
 * The thread that removes what is not kept any more, beside the one that executes blocks: small slices, each in a batch of
 * its own. None begins while a block is executed (right-of-way.ts), unless blocks come faster than it follows. Messages are
 * read between two slices. Told to stop it ends after the slice that it is at; a slice that fails is the last.
 *
 * A block waits for at most one such batch, while RocksDB writes it. What a slice takes beside that is its own: in the
 * block's thread, freeing what other slices had read could take tens of milliseconds at any allocation.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Pruner, type Retention } from '../chain/pruning.ts'
import { BlockStore } from '../chain/store.ts'
import { openSharedRocksDatabase, type SharedDatabase } from '../storage/rocks.ts'
import type { Height } from '../types/primitives.ts'
import { awaitWay, type Way } from './right-of-way.ts'
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
  readonly tookMs: number
  /** Of that, writing: for so long at most a block's write may have waited. */
  readonly writeMs: number
  /** For how many blocks more than it is to be something is still there. */
  readonly lag: bigint
}

export type PruningReport = { readonly slice: PruningSlice } | { readonly fault: SentError }

/** Of one slice, roughly: a batch of them is written in a fraction of a millisecond. */
const SLICE_KEYS = 128

/** Further behind it does not give way: the disk may not grow for as long as the load lasts. */
const PATIENT_LAG = 64n
/** So long it may be deaf to messages. */
const DEAF_MS = 20

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

try {
  const database = openSharedRocksDatabase(shared)
  const pruner = new Pruner(database, new BlockStore(database), retention)
  /** How many keys it was. */
  const removeSlice = (): number => {
    const startedMs = performance.now()
    const writes = pruner.next(head, SLICE_KEYS)
    const foundMs = performance.now()
    if (writes.length > 0) database.write(writes, { sync: false })
    const endedMs = performance.now()
    if (tellsSlices)
      tell({
        slice: {
          head,
          keys: writes.length,
          tookMs: endedMs - startedMs,
          writeMs: endedMs - foundMs,
          lag: pruner.lag(head),
        },
      })
    return writes.length
  }
  for (;;) {
    await turn()
    if (isStopped) break
    if (pruner.lag(head) <= PATIENT_LAG && !awaitWay(way, DEAF_MS)) continue
    if (removeSlice() > 0) continue
    const { promise, resolve } = Promise.withResolvers<void>()
    wake = resolve
    await promise
  }
} catch (error) {
  tell({ fault: toSentError(error) })
} finally {
  port.close()
}
