/**
 * Tells when a query has run for longer than it may.
 *
 * What counts is the time that its thread had, not the clock's: while a thread starts, and on a machine that is busy with other
 * things, a contract is not to blame. The clock is looked at first, since it costs nothing; a thread is asked only when half of
 * the limit has passed. That half counts as the thread's, and so does what it has of a core from then on. A thread that has
 * not had its limit after {@link PATIENCE} times as long by the clock is given up all the same.
 */
import type { Worker } from 'node:worker_threads'

/** Whoever asked does not wait for longer than so many limits. */
const PATIENCE = 4
/** Of the clock, between two looks at a thread that gets little of a core. */
const LEAST_WAIT_MS = 20

export interface AlarmOptions {
  readonly limitMs: number
  readonly worker: Pick<Worker, 'cpuUsage'>
  /** Half of the limit has passed. */
  readonly onHalf: () => void
  /** The thread has had the limit. */
  readonly onAlarm: () => void
  /** It has not, within `waitedMs`. */
  readonly onStall: (waitedMs: number) => void
}

/** Of the thread so far; `undefined`: it has not started, or has ended. While it loads or compiles, the answer waits. */
const cpuMsOf = async (worker: AlarmOptions['worker']): Promise<number | undefined> => {
  try {
    const { user, system } = await worker.cpuUsage()
    return (user + system) / 1000
  } catch {
    // Whatever the reason: what nothing is known of is given up in the end.
    return undefined
  }
}

/** Returns what cancels it. */
export const setQueryAlarm = ({ limitMs, worker, onHalf, onAlarm, onStall }: AlarmOptions): (() => void) => {
  const halfMs = limitMs / 2
  let isOver = false
  const end = (tell: () => void): void => {
    cancel()
    tell()
  }
  const watch = async (halfwayMs: number | undefined): Promise<void> => {
    const cpuMs = await cpuMsOf(worker)
    if (isOver) return
    const startMs = halfwayMs ?? cpuMs
    const usedMs = cpuMs === undefined || startMs === undefined ? 0 : cpuMs - startMs
    if (usedMs >= halfMs) return end(onAlarm)
    const waitMs = cpuMs === undefined ? 0 : halfMs - usedMs
    look = setTimeout(() => void watch(startMs), Math.max(waitMs, LEAST_WAIT_MS))
  }
  let stall: NodeJS.Timeout | undefined
  let look = setTimeout(() => {
    const waitMs = PATIENCE * limitMs
    stall = setTimeout(() => end(() => onStall(waitMs)), waitMs - halfMs)
    onHalf()
    void watch(undefined)
  }, halfMs)
  const cancel = (): void => {
    isOver = true
    clearTimeout(look)
    clearTimeout(stall)
  }
  return cancel
}
