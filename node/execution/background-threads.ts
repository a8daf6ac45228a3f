/**
 * Threads that work for others give way to those that blocks and clients wait for.
 *
 * - V8's helpers, which collect garbage and compile, and those with which RocksDB compacts: there are more of them than small
 *   machines have cores, and one that preempts the thread that prunes in the middle of a write makes the next block wait for
 *   as long as the scheduler likes.
 * - The one that verifies signatures: with as much of two cores as the one that executes blocks it runs ahead of it, and when
 *   it has verified the last transaction, thousands wait for blocks that one core alone then executes.
 *
 * Linux alone gives each thread a priority of its own; elsewhere all stay equal.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'

const TASKS = '/proc/self/task'
/** As these libraries name them. */
const BACKGROUND = ['V8Worker', 'rocksdb:low']
/** Of setpriority(2). A third of an equal share: what they do is to be done, too. */
const BACKGROUND_NICENESS = 5
/** A tenth: what is left is enough, for blocks end when nothing is verified. */
const SUPPLY_NICENESS = 10

const nameOf = (thread: string): string | undefined => {
  try {
    return readFileSync(join(TASKS, thread, 'comm'), 'utf8').trim()
  } catch {
    // It has ended.
    return undefined
  }
}

const threadsOfProcess = (): string[] => {
  try {
    return readdirSync(TASKS)
  } catch {
    // Not Linux, or a container without /proc: a node runs there all the same.
    return []
  }
}

/** False: it has ended, or a sandbox forbids it, or it gives way more than that already. */
const setNiceness = (thread: number, niceness: number): boolean => {
  try {
    setPriority(thread, niceness)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error
    return false
  }
}

/** Of the thread that calls this, which supplies those that execute blocks. */
export const lowerThisThread = (): void => {
  // Other systems would lower the whole process.
  if (process.platform === 'linux') setNiceness(0, SUPPLY_NICENESS)
}

/** Once RocksDB is open. Returns how many there are. */
export const lowerBackgroundThreads = (): number => {
  const threads = threadsOfProcess().filter(thread => BACKGROUND.includes(nameOf(thread) ?? ''))
  for (const thread of threads) setNiceness(Number(thread), BACKGROUND_NICENESS)
  return threads.length
}
