/**
 * Blocks go first: the thread that executes them holds the way while it works, and the one that prunes writes nothing
 * meanwhile, nor between executing a block and committing it, which is a moment. What it has begun it ends, which is a slice
 * at most.
 *
 * Words that the threads share: FREE, HELD or SOON, and since when it is SOON.
 */
export type Way = Int32Array<SharedArrayBuffer>

const WORDS = { way: 0, soonSince: 1 } as const
const FREE = 0
const HELD = 1
/** It will be held again in a moment: a block was executed, and is to be committed. */
const SOON = 2

/** For so long a block that was executed is waited for: it may never become final. */
const SOON_MS = 20

export const createWay = (): Way =>
  new Int32Array(new SharedArrayBuffer(Object.keys(WORDS).length * Int32Array.BYTES_PER_ELEMENT))

/** The same in every thread, modulo 2^32. */
const nowMs = (): number => Math.trunc(performance.timeOrigin + performance.now()) | 0

/** Holds it until `work` has ended, well or not; then it is free, or soon held again. One thread alone may, for one thing at a time. */
export const withWay = async <T>(
  way: Way,
  work: () => T | Promise<T>,
  { isHeldSoon }: { readonly isHeldSoon: boolean } = { isHeldSoon: false },
): Promise<T> => {
  Atomics.store(way, WORDS.way, HELD)
  let next: typeof FREE | typeof SOON = FREE
  try {
    const result = await work()
    if (isHeldSoon) next = SOON
    return result
  } finally {
    Atomics.store(way, WORDS.soonSince, nowMs())
    Atomics.store(way, WORDS.way, next)
    Atomics.notify(way, WORDS.way)
  }
}

/** Blocks this thread while it is held, for `limitMs` at most. False: it is held still, or again. */
export const awaitWay = (way: Way, limitMs: number): boolean => {
  Atomics.wait(way, WORDS.way, HELD, limitMs)
  // Who wakes may come too late.
  return Atomics.load(way, WORDS.way) !== HELD
}

/** As {@link awaitWay}, and while it will be held again in a moment. */
export const awaitGap = (way: Way, limitMs: number): boolean => {
  if (!awaitWay(way, limitMs)) return false
  if (Atomics.load(way, WORDS.way) === FREE) return true
  const restMs = SOON_MS - ((nowMs() - Atomics.load(way, WORDS.soonSince)) | 0)
  if (restMs > 0) Atomics.wait(way, WORDS.way, SOON, Math.min(restMs, limitMs))
  const now = Atomics.load(way, WORDS.way)
  return now === FREE || (now === SOON && restMs <= limitMs)
}
