/**
 * How long messages take. `lan`: one data centre. `wan`: the validators are spread evenly over five continents.
 *
 * Source: IBM Cloud documentation, "Network latency dashboards", inter-region average latency of 17 August to 15 September
 * 2024 (github.com/ibm-cloud-docs/vpc, _include-segments/network-latency.md): round trips between the regions' machines,
 * the mean of both directions; within a region, between its zones. One way is taken as half of it.
 */
export const NETWORKS = ['lan', 'wan'] as const
export type NetworkName = (typeof NETWORKS)[number]

const REGIONS = ['washington', 'frankfurt', 'tokyo', 'sydney', 'sao-paulo'] as const

/** Round trips in ms; the lower half, in the order of the regions. */
const ROUND_TRIPS: readonly (readonly number[])[] = [
  [2],
  [91, 2],
  [166, 229.5, 2],
  [215, 250, 115, 2],
  [118.5, 197.5, 284.5, 327.5, 2],
]

const LAN_ROUND_TRIP_MS = 0.5
/** Of a delay, on top: what queues on the way. */
const JITTER = 0.05
/** 1 Gbit/s out of each machine: messages leave one after the other. */
export const BYTES_EACH_MS = 125_000

export interface NetworkProfile {
  readonly name: NetworkName
  /** d0 of the genesis. */
  readonly networkDelayMs: number
  /** From validator to validator, one way. */
  delayMs(from: number, to: number): number
  readonly jitter: number
}

const regionDelayMs = (from: number, to: number): number => {
  const [a, b] = [from % REGIONS.length, to % REGIONS.length]
  return (ROUND_TRIPS[Math.max(a, b)]?.[Math.min(a, b)] ?? Number.NaN) / 2
}

export const networkProfile = (name: NetworkName): NetworkProfile =>
  name === 'lan'
    ? { name, networkDelayMs: 100, jitter: JITTER, delayMs: () => LAN_ROUND_TRIP_MS / 2 }
    : { name, networkDelayMs: 500, jitter: JITTER, delayMs: regionDelayMs }

/**
 * The one-way delay of the slowest quorum: for each validator, how far the nearest are that have more than two thirds of the
 * power with it; of these the longest. All have the same power.
 */
export const slowestQuorumMs = (network: NetworkProfile, validators: number): number => {
  const quorum = Math.floor((2 * validators) / 3) + 1
  const everyone = [...Array(validators).keys()]
  return Math.max(
    ...everyone.map(to => {
      const delays = everyone.map(from => (from === to ? 0 : network.delayMs(from, to))).sort((a, b) => a - b)
      return delays[quorum - 1] ?? Number.NaN
    }),
  )
}
