/**
 * A network of processes on this machine (test/net/): what it takes in all, from a client at any node; how soon a transfer
 * is final there; what consensus sends over each link meanwhile. Gossip is not counted; the load comes in through the APIs.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { runLoad } from '../../net/load.ts'
import { openWorld, type World } from '../../net/world.ts'
import type { Result } from '../result.ts'
import type { RunOptions } from '../session.ts'
import { percentile } from '../statistics.ts'

const DEFAULT_VALIDATORS = 4
const READY_MS = 60_000
const SETTLE_MS = 3_000
const PHASE_MS = 15_000
/** A transfer at a time now and then; then more than it takes. */
const PHASES = { 'network-calm': 20, 'network-full': 5_000 } as const

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
  const before = { cpu: cpuOf(), traffic: await traffic(world), height: world.height(0) }
  const stop = new AbortController()
  const startMs = performance.now()
  const load = runLoad(urls, perSecond, stop.signal)
  await sleep(PHASE_MS)
  stop.abort()
  const figures = await load
  const seconds = (performance.now() - startMs) / 1e3
  const after = await traffic(world)
  const { user, system } = process.cpuUsage(own)
  const cpu = cpuOf() - before.cpu
  return {
    workload,
    n: figures.sent,
    rate: figures.sent / seconds,
    unit: 'tx/s',
    seconds,
    p50_ms: percentile(figures.finalMs, 0.5),
    p99_ms: percentile(figures.finalMs, 0.99),
    rss_mb: Math.max(...places.map(place => world.rssMb(place))),
    disk_mb: 0,
    cpu_node_s: cpu,
    cpu_driver_s: (user + system) / 1e6,
    cpu_main_s: 0,
    blocks: Number(world.height(0) - before.height),
    cpu_per_node: cpu / seconds / places.length,
    bytes_per_link_s: (after.bytes - before.traffic.bytes) / seconds / after.links,
  }
}

export const runNetwork = async ({
  validators = DEFAULT_VALIDATORS,
  signal,
}: RunOptions): Promise<Result[]> => {
  const world = await openWorld({ validators })
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
