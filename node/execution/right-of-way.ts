/**
 * Blocks go first: the thread that executes them holds the way while it works, and the others give way.
 *
 * - The one that prunes begins nothing meanwhile. What it has begun it ends, which is a slice at most.
 * - The one that verifies signatures waits as long as enough transactions wait for blocks already: on few cores it would
 *   take the time of the blocks that they wait for, and run ahead of them for nothing.
 *
 * Words that the threads share: HELD or FREE, and whether there is ENOUGH.
 */
export type Way = Int32Array<SharedArrayBuffer>

const WORDS = { way: 0, supply: 1 } as const
const FREE = 0
const HELD = 1
const ENOUGH = 1

export const createWay = (): Way =>
  new Int32Array(new SharedArrayBuffer(Object.keys(WORDS).length * Int32Array.BYTES_PER_ELEMENT))

/** Holds it until `work` has ended, well or not. One thread alone may, for one thing at a time. */
export const withWay = async <T>(way: Way, work: () => T | Promise<T>): Promise<T> => {
  Atomics.store(way, WORDS.way, HELD)
  try {
    return await work()
  } finally {
    Atomics.store(way, WORDS.way, FREE)
    Atomics.notify(way, WORDS.way)
  }
}

/** Blocks this thread while it is held, for `limitMs` at most. False: it is held still, or again. */
export const awaitWay = (way: Way, limitMs: number): boolean => {
  Atomics.wait(way, WORDS.way, HELD, limitMs)
  // Between what a block is built and committed it is free for a moment: who wakes then comes too late.
  return Atomics.load(way, WORDS.way) === FREE
}

/** Whether as many transactions wait as the next blocks can hold. */
export const setEnough = (way: Way, isEnough: boolean): void => {
  Atomics.store(way, WORDS.supply, isEnough ? ENOUGH : 0)
}

export const hasEnough = (way: Way): boolean => Atomics.load(way, WORDS.supply) === ENOUGH

/** How soon it is noticed that more are wanted. */
const LOOK_MS = 5

/** Blocks this thread while a block is executed and others wait for the next, for `limitMs` at most. */
export const awaitDemand = (way: Way, limitMs: number): void => {
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += LOOK_MS)
    if (!hasEnough(way) || awaitWay(way, LOOK_MS)) return
}
