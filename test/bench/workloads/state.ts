/** The state tree on its database with n accounts: children/state.ts, in a process of its own for its peak of memory. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { BLOCK_HEAP_MIB } from '../../../node/execution/block-thread.ts'
import { atExit } from '../cleanup.ts'
import { BenchError } from '../error.ts'
import type { Result } from '../result.ts'
import { type RunOptions, withDirectory } from '../session.ts'
import { percentile } from '../statistics.ts'

const CHILD = fileURLToPath(new URL('../children/state.ts', import.meta.url))
const DEFAULT_N = 100_000
const MB = 1_000_000

/** What the child prints: times in ms. */
export interface StateFigures {
  readonly fillSeconds: number
  /** On disk, closed after that. */
  readonly filledBytes: number
  readonly coldRootMs: readonly number[]
  readonly rootMs: readonly number[]
  readonly commitMs: readonly number[]
  readonly coldReads: number
  readonly coldSeconds: number
  readonly hotReads: number
  readonly hotSeconds: number
  readonly proofMs: readonly number[]
  readonly proofBytes: number
  readonly peakRssBytes: number
  readonly cpuSeconds: number
}

const run = async (folder: string, n: number, signal: AbortSignal): Promise<StateFigures> => {
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${BLOCK_HEAP_MIB}`, CHILD, folder, String(n)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      signal,
      killSignal: 'SIGKILL',
    },
  )
  const done = atExit(() => child.kill('SIGKILL'))
  const [stdout, [code]] = await Promise.all([
    text(child.stdout),
    once(child, 'close') as Promise<[number | null]>,
  ])
  done()
  if (code !== 0) throw new BenchError('node_failed', `the state's process ended with ${code}`)
  return JSON.parse(stdout) as StateFigures
}

export const runState = (options: RunOptions): Promise<Result[]> =>
  withDirectory(async scratch => {
    const n = options.n ?? DEFAULT_N
    const folder = join(scratch, 'db')
    const figures = await run(folder, n, options.signal)
    const common = {
      n,
      rss_mb: figures.peakRssBytes / MB,
      disk_mb: figures.filledBytes / MB,
      cpu_node_s: figures.cpuSeconds,
      cpu_driver_s: 0,
      cpu_main_s: figures.cpuSeconds,
    }
    const sum = (times: readonly number[]): number => times.reduce((all, ms) => all + ms, 0) / 1e3
    const timed = (times: readonly number[]) => ({
      seconds: sum(times),
      p50_ms: percentile(times, 0.5),
      p99_ms: percentile(times, 0.99),
    })
    return [
      {
        workload: 'state-fill',
        ...common,
        rate: n / figures.fillSeconds,
        unit: 'account/s',
        seconds: figures.fillSeconds,
        bytes_per_account: figures.filledBytes / n,
      },
      {
        workload: 'state-root-cold',
        ...common,
        unit: '1,000 changed',
        ...timed(figures.coldRootMs),
      },
      {
        workload: 'state-root',
        ...common,
        unit: '1,000 changed',
        ...timed(figures.rootMs),
        commit_p50_ms: percentile(figures.commitMs, 0.5),
      },
      {
        workload: 'state-read-cold',
        ...common,
        rate: figures.coldReads / figures.coldSeconds,
        unit: 'read/s',
        seconds: figures.coldSeconds,
      },
      {
        workload: 'state-read-hot',
        ...common,
        rate: figures.hotReads / figures.hotSeconds,
        unit: 'read/s',
        seconds: figures.hotSeconds,
      },
      {
        workload: 'state-proof',
        ...common,
        rate: figures.proofMs.length / sum(figures.proofMs),
        unit: 'proof/s',
        ...timed(figures.proofMs),
        proof_bytes: figures.proofBytes,
      },
    ]
  })
