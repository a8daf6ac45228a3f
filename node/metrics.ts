/**
 * The node's figures for Prometheus. Loaded with the first question for them: the library takes some 80 ms, and most
 * nodes are never asked. README.md has the table of names; test/e2e/metrics.test.ts holds it against what is served.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Counters, Histogram as Counted } from './counters.ts'
import { folderBytes, freeBytes } from './storage/disk-space.ts'

export interface MetricsSource {
  readonly version: string
  readonly chainId: string
  readonly counters: Counters
  /** Where the database lies, and the data directory that it is in. */
  readonly databaseFolder: string
  readonly dataDirectory: string
  readonly isValidator: boolean
  readonly heads: () => { readonly executed: bigint; readonly final: bigint; readonly view: bigint }
  readonly baseFee: () => bigint
  readonly pool: () => { readonly transactions: number; readonly bytes: number }
  readonly peers: () => readonly {
    readonly kind: string
    readonly bytesReceived: number
    readonly bytesSent: number
  }[]
  readonly isReady: () => boolean
}

export interface Metrics {
  text(): Promise<{ readonly contentType: string; readonly text: string }>
}

/** Shows what was counted before this library was loaded. */
const showCounted = (registry: Registry, name: string, help: string, counted: Counted): void => {
  const value = (suffix: string, of: number, labels = {}) => ({
    metricName: `${name}_${suffix}`,
    value: of,
    labels,
  })
  const get = async () => ({
    name,
    help,
    type: 'histogram',
    values: [
      ...counted.buckets.map(([bound, below]) => value('bucket', below, { le: bound })),
      value('bucket', counted.count, { le: '+Inf' }),
      value('sum', counted.sum),
      value('count', counted.count),
    ],
  })
  // The two that a registry asks.
  registry.registerMetric(
    Object.assign(new Histogram({ name, help, registers: [] }), { get, getForPromString: get }),
  )
}

export const createMetrics = (source: MetricsSource): Metrics => {
  const registry = new Registry()
  const add = (metric: Gauge | Counter): void => registry.registerMetric(metric)
  /** Not in the library's own registry. */
  const registers: Registry[] = []
  const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
    add(
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set(await read())
        },
      }),
    )
  }
  const counter = (name: string, help: string, read: () => number): void => {
    add(
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset()
          this.inc(read())
        },
      }),
    )
  }
  const { counters, heads } = source

  const info = new Gauge({
    name: 'vex_info',
    help: 'Always 1; what runs here is in its labels',
    labelNames: ['version', 'chain_id'],
    registers,
  })
  info.set({ version: source.version, chain_id: source.chainId }, 1)
  add(info)
  gauge('vex_ready', '1 while /ready says so', () => (source.isReady() ? 1 : 0))
  gauge('vex_head_height', 'The highest block executed here, final or not', () => Number(heads().executed))
  gauge('vex_final_height', 'The last final block', () => Number(heads().final))
  gauge('vex_view', 'The view in which the last final block was made', () => Number(heads().view))
  counter('vex_blocks_total', 'Blocks that became final here since the start', () => counters.blocks)
  counter('vex_blocks_proposed_total', 'Those of them that this node made', () => counters.proposedBlocks)
  counter('vex_transactions_total', 'Transactions in those blocks', () => counters.transactions)
  counter('vex_gas_used_total', 'Gas that they used', () => Number(counters.gasUsed))
  gauge('vex_base_fee', 'Of the next block, in units for a gas', () => Number(source.baseFee()))
  gauge('vex_pool_transactions', 'Transactions that wait', () => source.pool().transactions)
  gauge('vex_pool_bytes', 'Their size', () => source.pool().bytes)
  add(
    new Gauge({
      name: 'vex_peers',
      help: 'Nodes that are connected, by their kind',
      labelNames: ['kind'],
      registers,
      collect() {
        this.reset()
        for (const { kind } of source.peers()) this.inc({ kind })
      },
    }),
  )
  add(
    new Gauge({
      name: 'vex_peer_bytes',
      help: 'What went over the connections that are open now',
      labelNames: ['direction'],
      registers,
      collect() {
        const peers = source.peers()
        const sum = (of: 'bytesReceived' | 'bytesSent') => peers.reduce((total, peer) => total + peer[of], 0)
        this.set({ direction: 'in' }, sum('bytesReceived'))
        this.set({ direction: 'out' }, sum('bytesSent'))
      },
    }),
  )
  showCounted(
    registry,
    'vex_block_execution_seconds',
    'Executing the transactions of a block',
    counters.execution,
  )
  showCounted(registry, 'vex_state_root_seconds', 'The state tree after a block', counters.stateRoot)
  gauge('vex_database_bytes', 'Size of the database on the disk', () => folderBytes(source.databaseFolder))
  gauge('vex_disk_free_bytes', 'Room that is left on that disk', () => freeBytes(source.dataDirectory))
  if (source.isValidator)
    add(
      new Counter({
        name: 'vex_validator_votes_total',
        help: 'Blocks whose certificate has this validator’s vote, and those that lack it',
        labelNames: ['result'],
        registers,
        collect() {
          this.reset()
          this.inc({ result: 'cast' }, counters.votesCast)
          this.inc({ result: 'missed' }, counters.votesMissed)
        },
      }),
    )
  collectDefaultMetrics({ register: registry })

  return {
    text: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}
