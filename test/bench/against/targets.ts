/** What Vex wants to reach, held against anvil in the same run or in figures: the one table. */
import type { Result } from '../result.ts'

export type Figure = keyof {
  [K in keyof Result as NonNullable<Result[K]> extends number ? K : never]: number
}

export interface Bound {
  readonly kind: 'at least' | 'at most'
  readonly value: number
  /** The value is times what the peer has. */
  readonly ofPeer: boolean
}

export interface Target {
  /** What the row belongs to, in short. */
  readonly row: string
  /** As the results have it. */
  readonly workload: string
  readonly figure: Figure
  readonly unit: string
  /** None: shown, and held to nothing. */
  readonly bound?: Bound
}

const atLeast = (value: number): Bound => ({ kind: 'at least', value, ofPeer: false })
const atMost = (value: number): Bound => ({ kind: 'at most', value, ofPeer: false })
const timesPeer = (bound: Bound): Bound => ({ ...bound, ofPeer: true })

export const TARGETS: readonly Target[] = [
  { row: 'W1', workload: 'transfers', figure: 'rate', unit: 'tx/s', bound: timesPeer(atLeast(1.25)) },
  { row: 'W2', workload: 'token', figure: 'rate', unit: 'tx/s', bound: timesPeer(atLeast(1.1)) },
  { row: 'W3', workload: 'compute', figure: 'rate', unit: 'iter/s', bound: timesPeer(atLeast(30)) },
  { row: 'W3', workload: 'compute-tx', figure: 'rate', unit: 'iter/s' },
  { row: 'W4', workload: 'views', figure: 'p50_ms', unit: 'ms', bound: timesPeer(atMost(1.5)) },
  { row: 'W4', workload: 'views-50', figure: 'rate', unit: 'view/s', bound: timesPeer(atLeast(0.7)) },
  { row: 'W5', workload: 'start', figure: 'seconds', unit: 's', bound: atMost(0.5) },
  { row: 'W5', workload: 'start', figure: 'idle_rss_mb', unit: 'MB', bound: atMost(150) },
  { row: 'W5', workload: 'start-history', figure: 'seconds', unit: 's' },
  { row: 'W6', workload: 'long', figure: 'rate', unit: 'tx/s' },
  { row: 'W6', workload: 'long', figure: 'last_by_first', unit: 'x', bound: atLeast(0.95) },
  { row: 'W6', workload: 'long', figure: 'rss_last_by_second', unit: 'x', bound: atMost(1.1) },
  // Four validators on this machine: as many transfers as they take, a steady load of them, one now and then.
  { row: 'net', workload: 'network-full-4', figure: 'rate', unit: 'tx/s', bound: atLeast(800) },
  { row: 'net', workload: 'network-800-4', figure: 'p50_ms', unit: 'ms', bound: atMost(150) },
  { row: 'net', workload: 'network-calm-4', figure: 'p50_ms', unit: 'ms', bound: atMost(150) },
]
