/**
 * Loaded before everything else of a node, in each of its threads: a line in its log after each collection of the whole heap,
 * with what is alive. Nothing is collected for it: a node under watch is to be as any other.
 */
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { threadId } from 'node:worker_threads'

const EVERY_MS = 1_000
let lastMs = -EVERY_MS

new PerformanceObserver(list => {
  const isWhole = list
    .getEntries()
    .some(
      entry =>
        'detail' in entry && (entry.detail as { kind?: number }).kind === constants.NODE_PERFORMANCE_GC_MAJOR,
    )
  const nowMs = performance.now()
  if (!isWhole || nowMs - lastMs < EVERY_MS) return
  lastMs = nowMs
  const { heapUsed, external } = process.memoryUsage()
  console.log(JSON.stringify({ level: 30, msg: 'heap', threadId, atMs: Date.now(), heapUsed, external }))
}).observe({ entryTypes: ['gc'] })
