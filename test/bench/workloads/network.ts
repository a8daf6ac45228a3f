/**
 * Networks of processes on this machine, without a delay between them:
 *
 *   network-calm, -800, -full    a devnet (test/net/) with 20 transfers a second, with 800, and with more than it takes, signed ahead of
 *                                time: how soon one is final at the node that took it
 *   network-wire                 another with 800 a second, whose nodes count: what each link carries, and how often gossip
 *                                brings a node the same transaction. Counting delays what is final by some 5 ms
 *   block-known, -asked, -full   a block of 1 MB on its way (network-parts/propagation.ts)
 *   sync-1, sync-3               n blocks from one peer, and from three (network-parts/sync.ts)
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Load, type LoadFigures, prepareLoad } from '../../net/load.ts'
import { openWorld, type World } from '../../net/world.ts'
import { type Result, timedFigures } from '../result.ts'
import type { RunOptions } from '../session.ts'
import { measurePropagation } from '../network-parts/propagation.ts'
import { measureSync } from '../network-parts/sync.ts'
import { readWire, WIRE_COUNT, wireFigures } from '../network-parts/wire.ts'

const DEFAULT_VALIDATORS = 4
const BLOCKS_TO_SYNC = 1_000
const READY_MS = 60_000
const SETTLE_MS = 3_000
const PHASE_MS = 15_000
/** A transfer at a time now and then; a steady load; then more than it takes. */
const PHASES = { 'network-calm': 20, 'network-800': 800, 'network-full': 5_000 } as const
const WIRE_PER_SECOND = 800
/** As many as it takes in a phase. */
const MOST_AHEAD = 40_000

/** What it sends is signed when this resolves, but for what would never go out. */
const loadOf = (urls: readonly string[], perSecond: number) =>
  prepareLoad(urls, perSecond, Math.min(MOST_AHEAD, (perSecond * PHASE_MS) / 1e3))

/** `atEnd`: before the last ones are final. */
const runPhase = async (
  load: Load,
  atEnd: () => void = () => {},
): Promise<{ figures: LoadFigures; seconds: number }> => {
  const stop = new AbortController()
  const startMs = performance.now()
  const running = load(stop.signal)
  await sleep(PHASE_MS)
  atEnd()
  stop.abort()
  const figures = await running
  return { figures, seconds: (performance.now() - startMs) / 1e3 }
}

/** Sent by all nodes to all over their long-lived streams, and how many those are. */
const traffic = async (world: World): Promise<{ bytes: number; links: number }> => {
  let [bytes, links] = [0, 0]
  for (const { place } of world.devnet.nodes) {
    const { api } = await world.client(place)
    for (const { bytesSent } of (await api.network.peers.query()).peers) {
      bytes += Number(bytesSent)
      links++
    }
  }
  return { bytes, links }
}

const measure = async (world: World, workload: string, perSecond: number): Promise<Result> => {
  const places = world.devnet.nodes.map(({ place }) => place)
  const urls = await Promise.all(places.map(place => world.devnet.url(place)))
  const cpuOf = (): number => places.reduce((sum, place) => sum + world.cpuSeconds(place), 0)
  const load = await loadOf(urls, perSecond)
  const own = process.cpuUsage()
  const before = { cpu: cpuOf(), traffic: await traffic(world), height: world.height(0) }
  const { figures, seconds } = await runPhase(load)
  const after = await traffic(world)
  const { user, system } = process.cpuUsage(own)
  const cpu = cpuOf() - before.cpu
  return {
    workload,
    unit: 'tx/s',
    ...timedFigures(figures.sent, seconds, figures.finalMs),
    rss_mb: Math.max(...places.map(place => world.rssMb(place))),
    disk_mb: 0,
    cpu_node_s: cpu,
    cpu_driver_s: (user + system) / 1e6,
    cpu_main_s: 0,
    blocks: Number(world.height(0) - before.height),
    cpu_per_node: cpu / seconds / places.length,
    consensus_bytes_per_link_s: (after.bytes - before.traffic.bytes) / seconds / after.links,
  }
}

/** On its wires. */
const measureWire = async (world: World, workload: string): Promise<Result> => {
  const urls = await Promise.all(world.devnet.nodes.map(({ place }) => world.devnet.url(place)))
  const load = await loadOf(urls, WIRE_PER_SECOND)
  const before = readWire(world)
  let after = before
  const { figures, seconds } = await runPhase(load, () => {
    after = readWire(world)
  })
  const wire = wireFigures(before, after)
  return {
    workload,
    unit: 'tx/s',
    ...timedFigures(figures.sent, seconds, figures.finalMs),
    rss_mb: 0,
    disk_mb: 0,
    cpu_node_s: 0,
    cpu_driver_s: 0,
    cpu_main_s: 0,
    bytes_per_link_s: wire.bytesPerLinkSecond,
    gossip_copies: wire.copies,
    gossip_repeats_per_1000: wire.repeatsPerThousand,
  }
}

const inDevnet = async <T>(
  { validators = DEFAULT_VALIDATORS, preloads }: { validators?: number | undefined; preloads: string[] },
  measureIn: (world: World, validators: number) => Promise<T>,
): Promise<T> => {
  const world = await openWorld({ validators, preloads })
  try {
    await Promise.all(world.devnet.nodes.map(({ place }) => world.devnet.url(place)))
    await world.untilHeight(0, 2n, READY_MS)
    await sleep(SETTLE_MS)
    return await measureIn(world, validators)
  } finally {
    await world.close()
  }
}

/** The devnet alone. */
export const measureDevnet = ({
  validators,
  signal,
}: Pick<RunOptions, 'validators' | 'signal'>): Promise<Result[]> =>
  inDevnet({ validators, preloads: [] }, async (world, count) => {
    const results: Result[] = []
    for (const [workload, perSecond] of Object.entries(PHASES)) {
      signal.throwIfAborted()
      if (results.length > 0) await sleep(SETTLE_MS)
      results.push(await measure(world, `${workload}-${count}`, perSecond))
    }
    return results
  })

export const runNetwork = async ({
  validators,
  n = BLOCKS_TO_SYNC,
  signal,
}: RunOptions): Promise<Result[]> => [
  ...(await measureDevnet({ validators, signal })),
  await inDevnet({ validators, preloads: [WIRE_COUNT] }, (world, count) =>
    measureWire(world, `network-wire-${count}`),
  ),
  ...(await measurePropagation(signal)),
  ...(await measureSync(n, signal)),
]
