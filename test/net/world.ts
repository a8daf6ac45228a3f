/** A devnet in a folder of its own, and what a scenario asks of it: heights, leaders, whether all agree. */
import { mkdtemp, rm } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Devnet, startDevnet } from '../../cli/devnet/devnet.ts'
import type { NodeLine } from '../../cli/devnet/node-child.ts'
import { type DevnetPlan, type DevnetSize, planDevnet } from '../../cli/devnet/plan.ts'
import { NODE_FLAGS } from '../../cli/setup/process.mjs'
import { type ApiClient, createApiClient } from '../../node/api/client.ts'

const CLI = fileURLToPath(new URL('../../cli/vex.ts', import.meta.url))
const CLOCK_OFFSET = new URL('clock-offset.ts', import.meta.url).href

export interface WorldOptions extends Partial<DevnetSize> {
  readonly hasCuttableLinks?: boolean
  readonly environment?: Readonly<Record<string, string>>
  /** Modules that are loaded before everything else of each node, by URL. */
  readonly preloads?: readonly string[]
  /** Places whose process the scenario plays itself. */
  readonly played?: readonly number[]
  /** By place. */
  readonly clockOffsetMs?: ReadonlyMap<number, number>
}

export interface World {
  readonly devnet: Devnet
  readonly plan: DevnetPlan
  readonly folder: string
  readonly lines: readonly { readonly node: string; readonly line: NodeLine }[]
  client(place: number): Promise<ApiClient>
  height(place: number): bigint
  /** Waits until the node has final blocks up to there; gives how long that took. */
  untilHeight(place: number, height: bigint, limitMs: number): Promise<number>
  /** Every block that two nodes have is the same; gives how many heights were compared. */
  audit(places: readonly number[]): Promise<number>
  rssMb(place: number): number
  cpuSeconds(place: number): number
  close(): Promise<void>
}

/** A scenario's claim did not hold. */
export class ClaimError extends Error {
  override readonly name = 'ClaimError'
}

export const claim = (holds: boolean, what: string): void => {
  if (!holds) throw new ClaimError(what)
}

const READY_MS = 60_000
export const PROGRESS_MS = 30_000

const AUDITED_AT_ONCE = 16n

/** Of Linux, where these suites run. */
const CLOCK_TICKS = 100

export const openWorld = async (options: WorldOptions = {}): Promise<World> => {
  const folder = await mkdtemp(join(tmpdir(), 'vex-net-'))
  const lines: { node: string; line: NodeLine }[] = []
  const { validators = 4, full = 0, sentries = 0, firstPort = 0, clockOffsetMs, played } = options
  const plan = planDevnet(
    // Others may run such a world on this machine.
    { validators, full, sentries, firstPort, epochBlocks: options.epochBlocks, keysOf: folder },
    BigInt(Date.now()),
  )
  const preloads = [CLOCK_OFFSET, ...(options.preloads ?? [])]
  const devnet = await startDevnet({
    plan,
    folder,
    // As `vex` starts one.
    command: [process.execPath, ...NODE_FLAGS, ...preloads.flatMap(url => ['--import', url]), CLI],
    hasCuttableLinks: options.hasCuttableLinks === true,
    onLine: ({ name }, line) => void lines.push({ node: name, line }),
    environmentOf: ({ place }) => ({
      ...options.environment,
      CLOCK_OFFSET_MS: String(clockOffsetMs?.get(place) ?? 0),
    }),
    isStarted: ({ place }) => played?.includes(place) !== true,
  })
  const clients = new Map<string, ApiClient>()
  const client = async (place: number): Promise<ApiClient> => {
    const url = await devnet.url(place)
    const known = clients.get(url) ?? createApiClient({ url })
    clients.set(url, known)
    return known
  }
  const statOf = (place: number): string[] => {
    const text = readFileSync(`/proc/${devnet.child(place).pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  }
  const height = (place: number): bigint => devnet.child(place).height
  return {
    devnet,
    plan,
    folder,
    lines,
    client,
    height,
    async untilHeight(place, wanted, limitMs) {
      const startedMs = performance.now()
      while (height(place) < wanted) {
        const tookMs = performance.now() - startedMs
        claim(
          tookMs < limitMs,
          `${devnet.nodes[place]?.name} was at block ${height(place)}, not ${wanted}, after ${limitMs} ms`,
        )
        await sleep(20)
      }
      return performance.now() - startedMs
    },
    async audit(places) {
      const lowest = places.map(height).reduce((a, b) => (a < b ? a : b))
      const compare = async (at: bigint): Promise<void> => {
        const hashes = await Promise.all(
          places.map(async place => {
            const { api } = await client(place)
            return (await api.block.get.query({ height: String(at) })).hash
          }),
        )
        claim(
          new Set(hashes).size === 1,
          `the nodes have different blocks at height ${at}: ${hashes.join(', ')}`,
        )
      }
      for (let from = 1n; from <= lowest; from += AUDITED_AT_ONCE) {
        const count = Number(lowest - from < AUDITED_AT_ONCE ? lowest - from + 1n : AUDITED_AT_ONCE)
        await Promise.all(Array.from({ length: count }, (_, i) => compare(from + BigInt(i))))
      }
      return Number(lowest)
    },
    rssMb: place =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${devnet.child(place).pid}/status`, 'utf8'))?.[1]) /
      1_000,
    cpuSeconds(place) {
      const fields = statOf(place)
      return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS
    },
    async close() {
      for (const each of clients.values()) each.close()
      await devnet.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Opens a world, waits until it makes blocks, closes it whatever happens. */
export const inWorld = async <T>(options: WorldOptions, play: (world: World) => Promise<T>): Promise<T> => {
  const world = await openWorld(options)
  try {
    const started = world.devnet.nodes.filter(({ place }) => options.played?.includes(place) !== true)
    await Promise.all(started.map(({ place }) => world.devnet.url(place)))
    await world.untilHeight(started[0]?.place ?? 0, 2n, READY_MS)
    return await play(world)
  } finally {
    await world.close()
  }
}
