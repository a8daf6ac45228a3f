/** One run's surroundings: a data directory, a node on it, a client, and what is read off while the clock runs. */
import { lstat, readdir } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { createApiClient, type ApiClient } from '../../node/api/client.ts'
import { createScratchDirectory } from './cleanup.ts'
import { BenchError } from './error.ts'
import { type MeasuredNode, startMeasuredNode } from './node-child.ts'
import type { Result } from './result.ts'
import type { NetworkName } from './finality-model/network-delays.ts'

export interface RunOptions {
  /** As the command line has it; each workload has its own default. */
  readonly n: number | undefined
  /** Of the finality workload. */
  readonly validators?: number | undefined
  readonly network?: NetworkName | undefined
  /** Aborted when the run is over its time. */
  readonly signal: AbortSignal
  /** Takes the V8 CPU profile of each measured part, if profiles are wanted. */
  readonly onProfile: ((workload: string, json: string) => Promise<void>) | undefined
}

export interface Session {
  readonly client: ApiClient
  readonly node: MeasuredNode
  readonly directory: string
  readonly options: RunOptions
}

/** What can be read off while the clock runs; profiles of a node that gives them. */
export interface Metered {
  readonly node: Pick<MeasuredNode, 'usage'> & Partial<Pick<MeasuredNode, 'startProfile' | 'stopProfile'>>
  readonly directory: string
  readonly options: Pick<RunOptions, 'onProfile'>
}

type Measured = Pick<
  Result,
  'rss_mb' | 'disk_mb' | 'cpu_node_s' | 'cpu_driver_s' | 'cpu_main_s' | 'others_cpus'
> & {
  /** What the data directory grew by. */
  readonly grownBytes: number
}

const MB = 1_000_000

/** The lengths of all files below `path`. */
export const directoryBytes = async (path: string): Promise<number> => {
  const entries = await readdir(path, { recursive: true })
  const sizes = await Promise.all(
    entries.map(async entry => {
      try {
        const found = await lstat(join(path, entry))
        return found.isFile() ? found.size : 0
      } catch (error) {
        // The database drops files while it runs.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
        throw error
      }
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** CPU seconds that the whole machine has spent since it started. */
const machineCpuSeconds = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1e3

/** Starts reading off; the function that comes back ends it, right after the clock has stopped. */
export const startMeter = async (
  { node, directory, options: { onProfile } }: Metered,
  workload: string,
): Promise<() => Promise<Measured>> => {
  const bytesBefore = await directoryBytes(directory)
  if (onProfile !== undefined) await node.startProfile?.()
  const before = await node.usage()
  const machineBefore = machineCpuSeconds()
  const startMs = performance.now()
  const driverBefore = process.cpuUsage()
  return async () => {
    const driver = process.cpuUsage(driverBefore)
    const machineSeconds = machineCpuSeconds() - machineBefore
    const seconds = (performance.now() - startMs) / 1e3
    const after = await node.usage()
    const nodeSeconds = after.cpuSeconds - before.cpuSeconds
    const driverSeconds = (driver.user + driver.system) / 1e6
    const profile = onProfile === undefined ? undefined : await node.stopProfile?.()
    if (profile !== undefined) await onProfile?.(workload, profile)
    const bytes = await directoryBytes(directory)
    return {
      rss_mb: after.peakRssBytes / MB,
      disk_mb: bytes / MB,
      cpu_node_s: nodeSeconds,
      cpu_driver_s: driverSeconds,
      cpu_main_s: after.mainCpuSeconds - before.mainCpuSeconds,
      others_cpus: Math.max(0, machineSeconds - nodeSeconds - driverSeconds) / seconds,
      grownBytes: bytes - bytesBefore,
    }
  }
}

/** Runs `work` with a node on `directory`, which is stopped afterwards, by force if `work` throws. */
export const withNode = async <T>(
  directory: string,
  options: RunOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> => {
  const node = await startMeasuredNode(directory, options.signal)
  const client = createApiClient({ url: node.url })
  try {
    const value = await work({ client, node, directory, options })
    client.close()
    await node.stop()
    return value
  } catch (error) {
    client.close()
    // What fails in `work` may fail only because the node is gone.
    const failure = await node.failure()
    await node.kill()
    throw failure ?? error
  }
}

export const withDirectory = async <T>(work: (directory: string) => Promise<T>): Promise<T> => {
  const scratch = createScratchDirectory()
  try {
    return await work(scratch.path)
  } finally {
    scratch.remove()
  }
}

/** The usual case: a new chain. */
export const withNewChain = <T>(options: RunOptions, work: (session: Session) => Promise<T>): Promise<T> =>
  withDirectory(directory => withNode(directory, options, work))

export const assertEqual = (what: string, actual: unknown, expected: unknown): void => {
  if (actual === expected) return
  throw new BenchError('wrong_result', `${what} is ${String(actual)}, not ${String(expected)}`)
}
