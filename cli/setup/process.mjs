/**
 * Child processes that get this process's signals.
 *
 * This process never dies before its child: it passes the signal on and waits. Ctrl-C is the exception,
 * because the terminal already sends it to the child; a second one would read as "stop at once".
 */
import { spawn } from 'node:child_process'
import { availableParallelism, constants } from 'node:os'

/** V8's own default. */
const MAX_HELPERS = 4
const MIN_HELPERS = 2

/**
 * What the pinned Node is started with.
 *
 * - Room for the new objects of a thread, of every thread, for V8 heeds none of a thread's own limits beside it. V8's own
 *   default lets them take 128 MB before it looks which are still needed, and most of that is then in no cache. With 8, a
 *   load takes 30 MB less than with 16 and no longer; with 4 it takes 3 % more time.
 * - Half of that from the first: left alone, it begins with one, and copies what a start has loaded from one room to the next.
 *   A chain is ready 20 to 50 ms sooner.
 * - V8's helpers, which collect and compile, share the cores with the threads that they help: where there are two, four of
 *   them take turns with those, and wait for each other. With two, a load of contract calls takes a twelfth less time. One
 *   would be a fifth, but then the code of a contract's loop waits until everything else is compiled.
 */
export const NODE_FLAGS = [
  '--max-semi-space-size=8',
  '--min-semi-space-size=4',
  `--v8-pool-size=${Math.min(Math.max(availableParallelism(), MIN_HELPERS), MAX_HELPERS)}`,
]

/**
 * What glibc's malloc is told in it (mallopt(3)); elsewhere nobody reads it. Left alone, it keeps a heap for each of some twenty
 * threads, also of those that have ended. Of two, the second is most of it free: threads use it that start and end early. On two
 * cores one is enough, takes 6 MB less, and nobody waits for it; with more cores, more threads allocate at a time.
 *
 * What is larger than half a megabyte is mapped by itself, and unmapped when it is freed. RocksDB takes the largest memtable in
 * pieces of that size and frees sixteen together: among smaller things they left gaps that nothing fitted in, 5 to 10 MB after
 * 60,000 transfers. Below that nothing is mapped: blocks and batches come and go all the time, and the kernel would give each of
 * their pages anew, 8 us apiece where it has to ask a hypervisor for it, which was a tenth of a load's time.
 */
export const NODE_ENVIRONMENT = {
  MALLOC_ARENA_MAX: availableParallelism() > 2 ? '2' : '1',
  MALLOC_TRIM_THRESHOLD_: '4194304',
  MALLOC_MMAP_THRESHOLD_: '524288',
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** The shells' exit code for a command that is not there. */
const CANNOT_START = 127

/** A signal ended a step of the set-up. */
export class Interrupted extends Error {
  constructor(signal) {
    super(`interrupted by ${signal}`)
    this.name = 'Interrupted'
    this.exitCode = signalToExitCode(signal)
  }
}

/** As shells count: 128 + n. */
const signalToExitCode = signal => 128 + constants.signals[signal]

const hasTerminal = () =>
  [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY === true)

/**
 * Resolves with `{exitCode, received, fault}`: how the child ended, the signal this process got meanwhile,
 * and why the child could not be started.
 */
const waitFor = child =>
  new Promise(resolve => {
    let fault = ''
    let received
    const passOn = signal => {
      received = signal
      if (signal !== 'SIGINT' || !hasTerminal()) child.kill(signal)
    }
    for (const name of SIGNALS) process.on(name, passOn)
    child.on('error', error => {
      fault = `${error.message}\n`
    })
    child.on('close', (code, signal) => {
      for (const name of SIGNALS) process.off(name, passOn)
      const exitCode = signal === null ? code : signalToExitCode(signal)
      resolve({ exitCode: fault === '' ? exitCode : CANNOT_START, received, fault })
    })
  })

/** Shares the terminal with the child. Resolves with its exit code. */
export const runInherited = async (command, commandArguments, options) => {
  const { exitCode, fault } = await waitFor(
    spawn(command, commandArguments, { ...options, stdio: 'inherit' }),
  )
  if (fault !== '') console.error(fault.trimEnd())
  return exitCode
}

/**
 * Resolves with `{exitCode, output}`: stdout and stderr in the order they came. Throws an
 * {@link Interrupted} if a signal came, once the child is gone.
 */
export const runCaptured = async (command, commandArguments, options) => {
  const child = spawn(command, commandArguments, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const chunks = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => chunks.push(chunk))
  const { exitCode, received, fault } = await waitFor(child)
  if (received !== undefined) throw new Interrupted(received)
  return { exitCode, output: Buffer.concat(chunks).toString() + fault }
}
