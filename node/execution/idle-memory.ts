/**
 * Gives back memory that a thread needs no more. V8 collects garbage when something is allocated, and keeps what it had for
 * the next time: a node that waits for transactions would hold what it took to load its modules, two fifths of all it has,
 * and after a burst what that took.
 *
 * Each thread does it for itself, once it has had nothing to do for 10 s: it takes some 25 to 50 ms, and makes the next burst
 * a twentieth slower, so that short breaks do not count.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Of a thread's time; with more it has something to do. */
const IDLE_SHARE = 0.1
const LOOK_MS = 1_000
/** In a row. */
const IDLE_LOOKS = 10
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

/** Of the thread that calls this, from now on. Keeps no process alive. Returns how to end it. */
export const giveBackIdleMemory = (lookMs = LOOK_MS): (() => void) => {
  let before = performance.eventLoopUtilization()
  let idleLooks = 0
  let isGivenBack = false
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    if (utilization > IDLE_SHARE) {
      idleLooks = 0
      isGivenBack = false
    } else if (++idleLooks >= IDLE_LOOKS && !isGivenBack) {
      isGivenBack = true
      if (getHeapStatistics().used_heap_size <= MAX_USED_BYTES) collect()
      // Its own work is none.
      before = performance.eventLoopUtilization()
    }
  }, lookMs)
  timer.unref()
  return () => clearInterval(timer)
}
