/**
 * Networks of processes on this machine, without a delay between them:
 *
 *   network-calm, -800, -full    a devnet (test/net/) with 20 transfers a second, with 800, and with more than it takes: how soon one
 *                                is final at the node that took it, what each link carries meanwhile, and how often gossip
 *                                brings a node the same transaction
 *   block-known, -asked, -full   a block of 1 MB on its way (network-parts/propagation.ts)
 *   sync-1, sync-3               n blocks from one peer, and from three (network-parts/sync.ts)
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { runLoad } from '../../net/load.ts'
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
  const own = process.cpuUsage()
  const wireBefore = readWire(world)
  const before = { cpu: cpuOf(), traffic: await traffic(world), height: world.height(0) }
  const stop = new AbortController()
  const startMs = performance.now()
  const load = runLoad(urls, perSecond, stop.signal)
  await sleep(PHASE_MS)
  stop.abort()
  const wire = wireFigures(wireBefore, readWire(world))
  const figures = await load
  const seconds = (performance.now() - startMs) / 1e3
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
    bytes_per_link_s: wire.bytesPerLinkSecond,
    consensus_bytes_per_link_s: (after.bytes - before.traffic.bytes) / seconds / after.links,
    gossip_copies: wire.copies,
    gossip_repeats_per_1000: wire.repeatsPerThousand,
  }
}

/** The devnet alone. */
export const measureDevnet = async ({
  validators = DEFAULT_VALIDATORS,
  signal,
}: Pick<RunOptions, 'validators' | 'signal'>): Promise<Result[]> => {
  const world = await openWorld({ validators, preloads: [WIRE_COUNT] })
  try {
    await Promise.all(world.devnet.nodes.map(({ place }) => world.devnet.url(place)))
    await world.untilHeight(0, 2n, READY_MS)
    const results: Result[] = []
    for (const [workload, perSecond] of Object.entries(PHASES)) {
      signal.throwIfAborted()
      await sleep(SETTLE_MS)
      results.push(await measure(world, `${workload}-${validators}`, perSecond))
    }
    return results
  } finally {
    await world.close()
  }
}

export const runNetwork = async ({
  validators = DEFAULT_VALIDATORS,
  n = BLOCKS_TO_SYNC,
  signal,
}: RunOptions): Promise<Result[]> => [
  ...(await measureDevnet({ validators, signal })),
  ...(await measurePropagation(signal)),
  ...(await measureSync(n, signal)),
]
