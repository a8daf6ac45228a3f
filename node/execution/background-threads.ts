/**
 * Threads that work for others give way to those that blocks and clients wait for: V8's helpers, which collect garbage and
 * compile, and those with which RocksDB compacts. There are more of them than small machines have cores, and one that
 * preempts the thread that prunes in the middle of a write makes the next block wait for as long as the scheduler likes.
 *
 * Linux alone gives each thread a priority of its own; elsewhere all stay equal.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'

const TASKS = '/proc/self/task'
/** As these libraries name them. */
const BACKGROUND = ['V8Worker', 'rocksdb:low']
/** A third of an equal share: what they do is to be done, too. */
const NICENESS = 5

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

/** Once RocksDB is open. Returns how many there are. */
export const lowerBackgroundThreads = (): number => {
  const threads = threadsOfProcess().filter(thread => BACKGROUND.includes(nameOf(thread) ?? ''))
  for (const thread of threads) {
    try {
      setPriority(Number(thread), NICENESS)
    } catch (error) {
      // It has ended, or a sandbox forbids it.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error
    }
  }
  return threads.length
}
