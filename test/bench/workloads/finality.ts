/**
 * Finality among many validators, simulated (finality-model/): from a leader's proposal to the block's finality, on
 * every validator. The cryptography's costs are measured first, on this machine.
 */
import { measureCosts } from '../finality-model/costs.ts'
import { FinalityModel } from '../finality-model/model.ts'
import { networkProfile, slowestQuorumMs } from '../finality-model/network-delays.ts'
import type { Result } from '../result.ts'
import type { RunOptions } from '../session.ts'
import { percentile } from '../statistics.ts'

const DEFAULT_VALIDATORS = 4
const WARM_UP_BLOCKS = 3
/** Messages grow with the square of the validators. */
const defaultBlocks = (validators: number): number => Math.max(10, Math.ceil(800 / validators))
const MB = 1_000_000

export const runFinality = ({
  n,
  validators = DEFAULT_VALIDATORS,
  network = 'lan',
}: RunOptions): Promise<Result[]> => {
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  const costs = measureCosts(validators)
  const profile = networkProfile(network)
  const blocks = n ?? defaultBlocks(validators)
  const model = new FinalityModel({ validators, network: profile, costs, seed: 1 })
  const figures = model.run(blocks, WARM_UP_BLOCKS)
  const { user, system } = process.cpuUsage(cpu)
  return Promise.resolve([
    {
      workload: `finality-${network}-${validators}`,
      n: blocks,
      unit: 'blocks/s',
      rate: (figures.blocks * 1e3) / figures.virtualMs,
      seconds: (performance.now() - startMs) / 1e3,
      p50_ms: percentile(figures.latenciesMs, 0.5),
      p99_ms: percentile(figures.latenciesMs, 0.99),
      slowest_quorum_ms: slowestQuorumMs(profile, validators),
      messages_per_block: figures.messages / figures.blocks,
      bytes_per_block: figures.bytes / figures.blocks,
      sign_ms: costs.signMs,
      certify_ms: costs.certifyMs,
      verify_certificate_ms: costs.verifyCertificateMs,
      vrf_verify_ms: costs.vrfVerifyMs,
      sync_ms: costs.syncMs,
      rss_mb: (process.resourceUsage().maxRSS * 1_024) / MB,
      disk_mb: 0,
      cpu_node_s: 0,
      cpu_driver_s: (user + system) / 1e6,
      cpu_main_s: 0,
    },
  ])
}
