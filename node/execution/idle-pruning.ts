/**
 * Pruning between two requests: one slice each time that the thread is free, and its messages are read before the
 * next. What a slice may remove follows from how long the last one took.
 */

/** Half of what a block may be delayed by, so that a slice of an unlucky size still ends in time. */
const SLICE_MS = 2.5
const FEWEST_KEYS = 32
const MOST_KEYS = 4096

export interface IdlePruning {
  /** Goes on until there is nothing to remove. */
  start(): void
  /** For good: no slice begins after this. */
  stop(): void
  /** Throws what a slice has failed with. */
  assertWell(): void
}

/** `prune` removes about so many keys and says whether there were any. */
export const createIdlePruning = (
  prune: (limit: number) => boolean,
  nowMs: () => number = () => performance.now(),
): IdlePruning => {
  let limit = FEWEST_KEYS
  let isPlanned = false
  let isStopped = false
  let fault: unknown

  const slice = (): void => {
    isPlanned = false
    if (isStopped) return
    const startedMs = nowMs()
    let found = false
    try {
      found = prune(limit)
    } catch (error) {
      // Told with the next block: nobody waits for this one.
      fault = error
      return
    }
    const tookMs = nowMs() - startedMs
    if (tookMs > SLICE_MS) limit = Math.max(FEWEST_KEYS, Math.floor(limit / 2))
    else if (tookMs < SLICE_MS / 2) limit = Math.min(MOST_KEYS, limit * 2)
    if (found) start()
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
