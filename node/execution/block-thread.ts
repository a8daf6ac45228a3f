/**
 * The thread that executes blocks, made but not told yet what to execute. It reads and compiles modules for as long as the
 * main thread does: whoever knows that a node will be started starts it ahead, and the one does not wait for the other.
 */
import type { Worker } from 'node:worker_threads'
import { startThread } from '../loading/start-thread.ts'

/** Room for contract stacks of the greatest depth in the engine's slowest tier. */
const STACK_MIB = 16
/**
 * Where V8's own default is gigabytes, garbage is left lying: with a state of 10 million accounts the process took 1.8 GB,
 * and 1.1 GB with a cap of 512, in the same time. What the thread needs is caches of some 400 MB.
 */
export const BLOCK_HEAP_MIB = 768
/** V8's own default is 96 and more, all of which is soon in use: none of it makes a block quicker. */
const YOUNG_MIB = 48

let ahead: Worker | undefined

const start = (): Worker =>
  startThread(new URL('block-worker.ts', import.meta.url), {
    resourceLimits: {
      stackSizeMb: STACK_MIB,
      maxOldGenerationSizeMb: BLOCK_HEAP_MIB,
      maxYoungGenerationSizeMb: YOUNG_MIB,
    },
  })

/** For the next node of this process. If there will be none after all, it keeps no process alive. */
export const startBlockThreadAhead = (): void => {
  if (ahead !== undefined) return
  const thread = start()
  ahead = thread
  thread.unref()
  // The one that is started when it is needed fails again, where somebody waits for it.
  thread.once('error', () => {
    if (ahead === thread) ahead = undefined
  })
}

/** The one that was started ahead, or a new one. */
export const takeBlockThread = (): Worker => {
  const thread = ahead ?? start()
  ahead = undefined
  thread.ref()
  thread.removeAllListeners('error')
  return thread
}
