/**
 * Calibration of the gas schedule: what one unit of gas takes, in nanoseconds, for each host function and for kinds
 * of contract code. A unit is meant to take {@link YARDSTICK_NS}; where it takes more than twice or less than half of
 * that the price is off, and the report says so. `node --liftoff-only test/bench/bench.ts --workload gas` asks the
 * same of the engine's slowest tier.
 *
 * The contract runs on the node's own rules, over a database on disk that its caches hold: the fastest of several
 * runs counts, so storage must look dear here.
 */
import { gasCases } from '../gas-cases.ts'
import { GasChain } from '../gas-chain.ts'
import type { Result } from '../result.ts'
import { type RunOptions, withDirectory } from '../session.ts'

/** vm/gas.ts */
export const YARDSTICK_NS = 0.5
/** Of each case, at least; the fastest counts. */
const DEFAULT_N = 10
/** Of each case's runs together, at least: short runs need many to find one that nothing disturbed. */
const LEAST_MS = 200
const MB = 1_000_000

/** How the price should change: "too cheap" and by how much, "too dear", or undefined if it is near enough. */
export const priceVerdict = (nsPerGas: number): string | undefined => {
  const factor = nsPerGas / YARDSTICK_NS
  if (factor > 2) return `too cheap, x ${factor.toFixed(1)}`
  if (factor < 1 / 2) return `too dear, x ${(1 / factor).toFixed(1)}`
  return undefined
}

export const runGas = ({ n: rounds = DEFAULT_N, signal }: RunOptions): Promise<Result[]> =>
  withDirectory(async directory => {
    const chain = await GasChain.open(directory)
    try {
      const results: Result[] = []
      for (const gasCase of gasCases()) {
        signal.throwIfAborted()
        const cpu = process.cpuUsage()
        const runs = [chain.run(gasCase)]
        for (let spentMs = 0; runs.length < rounds || spentMs < LEAST_MS; spentMs += runs.at(-1)?.ms ?? 0) {
          runs.push(chain.run(gasCase))
        }
        const { user, system } = process.cpuUsage(cpu)
        const ms = Math.min(...runs.map(run => run.ms))
        const gas = Number(runs[0]?.gas ?? 0n)
        results.push({
          workload: `gas: ${gasCase.name}`,
          n: gasCase.times,
          unit: 'calls/s',
          rate: (gasCase.times * 1e3) / ms,
          seconds: ms / 1e3,
          gas: Math.round(gas / gasCase.times),
          ns_per_gas: (ms * 1e6) / gas,
          rss_mb: (process.resourceUsage().maxRSS * 1_024) / MB,
          disk_mb: 0,
          cpu_node_s: 0,
          cpu_driver_s: (user + system) / 1e6,
          cpu_main_s: 0,
        })
      }
      return results
    } finally {
      await chain.close()
    }
  })
