import { percentile } from './statistics.ts'

/** What a workload reports; the names are those of the JSON lines. */
export interface Result {
  readonly workload: string
  /** Whose figures these are, where there are two: `vex`, or what it is held against. */
  readonly node?: string
  /** Transactions, calls or iterations. */
  readonly n: number
  /** `unit` a second, or none where only the time counts. */
  readonly rate?: number
  readonly unit: string
  readonly seconds: number
  readonly p50_ms?: number
  readonly p99_ms?: number
  /** Peak of the node's process. */
  readonly rss_mb: number
  /** The data directory's files, by their length. */
  readonly disk_mb: number
  /** While the clock ran. */
  readonly cpu_node_s: number
  readonly cpu_driver_s: number
  /** The main thread's part of `cpu_node_s`. */
  readonly cpu_main_s: number
  /** How many processors everything else on the machine used meanwhile: near 0, or the figures are blurred. */
  readonly others_cpus?: number
  readonly blocks?: number
  readonly bytes_per_tx?: number
  /** Of the parts workload: CPU time of its thread. */
  readonly us_per_tx?: number
  /** Of the start workload. */
  readonly node_start_ms?: number
  readonly first_block_ms?: number
  readonly idle_rss_mb?: number
  /** Of the api workload, beside `idle_rss_mb`: when every subscriber is there, before the first block. */
  readonly subscribed_rss_mb?: number
  /** Of the metering workload: the median time with metering by the median time without. */
  readonly slow_down?: number
  /** The median time without metering. */
  readonly raw_ms?: number
  /** Of the finality workload: what is sent for one block by all together. */
  readonly messages_per_block?: number
  readonly bytes_per_block?: number
  /** One way, to the nearest that are a quorum, for the validator that is worst off. */
  readonly slowest_quorum_ms?: number
  /** Measured costs of its cryptography and of a synced write. */
  readonly sign_ms?: number
  readonly certify_ms?: number
  readonly verify_certificate_ms?: number
  readonly vrf_verify_ms?: number
  readonly sync_ms?: number
  /** Of the state workload: from the changes to a synced batch on disk, beside the root; bytes of a proof, and on disk for each account. */
  readonly commit_p50_ms?: number
  readonly proof_bytes?: number
  readonly bytes_per_account?: number
  /** Of the network workload: processors that a node kept busy, and what went over one link, one way, in a second: all of it, and consensus alone. */
  readonly cpu_per_node?: number
  readonly bytes_per_link_s?: number
  readonly consensus_bytes_per_link_s?: number
  /** How often a node got by gossip a transaction that it got at all; and how many of a thousand came from a peer that had sent it before. */
  readonly gossip_copies?: number
  readonly gossip_repeats_per_1000?: number
  readonly block_bytes?: number
  /** Of a sync: from how many peers. */
  readonly peers?: number
  /** Of the long workload: the rate, and the mean memory, of each sixth; and what the target holds: last by first, last by second. */
  readonly rate_of_sixths?: readonly number[]
  readonly rss_mb_of_sixths?: readonly number[]
  readonly last_by_first?: number
  readonly rss_last_by_second?: number
  /** Of the gas workload: what one call is charged, and the time of one unit. */
  readonly gas?: number
  readonly ns_per_gas?: number
}

/** Runs compare by how much slower metering made them, else by their rate, or by their time where there is neither. */
export const rankOf = ({ slow_down, rate, seconds }: Result): number => slow_down ?? rate ?? seconds

/** The figures of work that was timed as a whole, and each part of it: `n` a second, and what half and all but a hundredth took at most. */
export const timedFigures = (n: number, seconds: number, latenciesMs: readonly number[]) => ({
  n,
  rate: n / seconds,
  seconds,
  p50_ms: percentile(latenciesMs, 0.5),
  p99_ms: percentile(latenciesMs, 0.99),
})
