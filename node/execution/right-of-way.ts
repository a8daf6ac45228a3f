/**
 * Blocks go first: the thread that executes them holds the way while it works, and the one that prunes begins nothing
 * meanwhile. What it has begun it ends, which is a slice at most.
 *
 * One word that the threads share: HELD or FREE.
 */
export type Way = Int32Array<SharedArrayBuffer>

const FREE = 0
const HELD = 1

export const createWay = (): Way => new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

/** Holds it until `work` has ended, well or not. One thread alone may, for one thing at a time. */
export const withWay = async <T>(way: Way, work: () => T | Promise<T>): Promise<T> => {
  Atomics.store(way, 0, HELD)
  try {
    return await work()
  } finally {
    Atomics.store(way, 0, FREE)
    Atomics.notify(way, 0)
  }
}

/** Blocks this thread while it is held, for `limitMs` at most. False: it is held still. */
export const awaitWay = (way: Way, limitMs: number): boolean =>
  Atomics.wait(way, 0, HELD, limitMs) !== 'timed-out'
