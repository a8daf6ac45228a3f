/**
 * Gives back the memory that starting took. V8 collects garbage when something is allocated, and keeps what it had for the
 * next time: a node that waits for transactions would hold for ever what it took to load its modules, a fifth of all it has.
 *
 * Each thread does it for itself, once, in the first moment in which it has nothing to do: it takes some 25 to 50 ms.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Of a thread's time; with more it has something to do. */
const IDLE_SHARE = 0.1
const LOOK_MS = 1_000
/** With more alive it would take longer than anybody may wait. */
const MAX_USED_BYTES = 128 * 1024 * 1024

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

const collect = (): void => {
  // V8 hands its collector to contexts that are made after this. The flag is the process's, and stays: were it taken back,
  // another thread that is between these two lines would find none.
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as Collect
  gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** Of the thread that calls this. Keeps no process alive. Returns how to forget about it. */
export const giveBackStartMemory = (lookMs = LOOK_MS): (() => void) => {
  let before = performance.eventLoopUtilization()
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    if (utilization > IDLE_SHARE) return
    clearInterval(timer)
    if (getHeapStatistics().used_heap_size <= MAX_USED_BYTES) collect()
  }, lookMs)
  timer.unref()
  return () => clearInterval(timer)
}
