/**
 * Pruning between two requests: one slice each time that the thread is free, and its messages are read before the
 * next. How many keys a slice may remove follows from what one has taken, which is believed at once where it is more
 * than before, and little by little where it is less.
 */

/** A block may be delayed by 5 ms; what a slice takes is known beforehand only roughly (npm run soak measures it). */
const SLICE_MS = 1.5
const FEWEST_KEYS = 16
const MOST_KEYS = 4096
/** Of the way to a lower cost, for each slice that showed one. */
const TRUST = 1 / 8

export interface IdlePruning {
  /** Goes on until there is nothing to remove. */
  start(): void
  /** For good: no slice begins after this. */
  stop(): void
  /** Throws what a slice has failed with. */
  assertWell(): void
}

/** `prune` removes about so many keys and says how many there were. */
export const createIdlePruning = (
  prune: (limit: number) => number,
  nowMs: () => number = () => performance.now(),
): IdlePruning => {
  let keyMs = SLICE_MS / FEWEST_KEYS
  let isPlanned = false
  let isStopped = false
  let fault: unknown

  const slice = (): void => {
    isPlanned = false
    if (isStopped) return
    const startedMs = nowMs()
    const limit = Math.min(MOST_KEYS, Math.max(FEWEST_KEYS, Math.floor(SLICE_MS / keyMs)))
    let removed: number
    try {
      removed = prune(limit)
    } catch (error) {
      // Told with the next block: nobody waits for this one.
      fault = error
      return
    }
    if (removed === 0) return
    const tookMs = nowMs() - startedMs
    // A few keys that were left say little: what they took is mostly looking for them.
    if (removed >= limit / 2 || tookMs > SLICE_MS) {
      const found = tookMs / removed
      keyMs = found > keyMs ? found : keyMs + TRUST * (found - keyMs)
    }
    start()
  }
  const start = (): void => {
    if (isPlanned || isStopped || fault !== undefined) return
    isPlanned = true
    setImmediate(slice)
  }
  return {
    start,
    stop() {
      isStopped = true
    },
    assertWell() {
      if (fault !== undefined) throw fault
    },
  }
}
