/**
 * Pruning of a running node, from the main thread's side: a thread of its own does it (pruning-worker.ts), from the first
 * block on after which there may be something to remove. It is told of each head, and never waited for but at the end.
 */
import type { Worker } from 'node:worker_threads'
import { startThread } from '../loading/start-thread.ts'
import { checkRetention, firstPruningHeight, type Retention } from '../chain/pruning.ts'
import type { SharedDatabase } from '../storage/rocks.ts'
import type { Height } from '../types/primitives.ts'
import { BlockExecutionFault, fromSentError, toSentError } from './block-protocol.ts'
import type { Way } from './right-of-way.ts'
import type { PruningReport, PruningRequest, PruningSlice, PruningWorkerData } from './pruning-worker.ts'

export interface PruningOptions {
  readonly database: SharedDatabase
  readonly retention: Retention
  /** Of the thread that executes blocks. */
  readonly way: Way
  /** Once; nothing is removed after it. If a write has failed, RocksDB refuses those of other threads from then on (rocks.ts). */
  readonly onFault: (error: Error) => void
  /** For who measures it: hears of each slice. */
  readonly onSlice?: ((slice: PruningSlice) => void) | undefined
}

export interface Pruning {
  /** After each commit; returns at once. */
  onCommit(height: Height): void
  /** The thread has ended when it resolves; only then may the database be closed. */
  close(): Promise<void>
}

/** It holds a slice and a block at a time. What V8 takes by default is for programs that are waited for. */
const HEAP_MIB = 64
const YOUNG_MIB = 8

const FAILED = 'removing what is not kept failed'

/** Throws a RangeError if so little may not be kept. */
export const createPruning = ({ database, retention, way, onFault, onSlice }: PruningOptions): Pruning => {
  checkRetention(retention)
  const firstHeight = firstPruningHeight(retention)
  let worker: Worker | undefined
  let ended: Promise<void> | undefined
  let isClosed = false
  let hasFailed = false

  const fail = (error: Error): void => {
    if (hasFailed) return
    hasFailed = true
    onFault(error)
  }
  const start = (head: Height): Worker => {
    const workerData: PruningWorkerData = {
      database,
      retention,
      way,
      head,
      tellsSlices: onSlice !== undefined,
    }
    const started = startThread(new URL('pruning-worker.ts', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
    })
    started.on('message', (report: PruningReport) => {
      if ('fault' in report) fail(fromSentError(report.fault, FAILED))
      else onSlice?.(report.slice)
    })
    started.on('error', error => fail(fromSentError(toSentError(error), FAILED)))
    ended = new Promise(resolve => {
      started.once('exit', () => {
        if (!isClosed) fail(new BlockExecutionFault('the thread that prunes has ended'))
        resolve()
      })
    })
    return started
  }

  return {
    onCommit(height) {
      if (isClosed || hasFailed || height < firstHeight) return
      if (worker === undefined) worker = start(height)
      else worker.postMessage(height satisfies PruningRequest)
    },
    async close() {
      isClosed = true
      // Not terminated: where the database is read or written at that moment, that would end the process.
      worker?.postMessage('stop' satisfies PruningRequest)
      await ended
    },
  }
}
