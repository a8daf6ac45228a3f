/**
 * Four validators under a steady load, for as long as they are given: none of them may grow by more than its chain
 * (growth.ts), no transfer may be lost, no two may have different blocks. A line of JSON each minute; `svgPath` gets the
 * curve of the memory of the one that grows most.
 */
import { globSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withStoppedNode } from '../../cli/state/stopped-node.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import { DATA_FILES } from '../../node/storage/data-directory.ts'
import { countState } from '../../node/state/stats.ts'
import { drawCurve } from '../soak/curve.ts'
import {
  type Growth,
  growthOf,
  growthProblems,
  type HeapSample,
  isLongEnough,
  type Sample,
} from './growth.ts'
import { runLoad, SINK } from './load.ts'
import { latency, type Report, type Scenario } from './scenario.ts'
import { claim, inWorld, PROGRESS_MS, type World } from './world.ts'

const THREAD_HEAP = new URL('thread-heap.ts', import.meta.url).href
const PLACES = [0, 1, 2, 3] as const
const SAMPLES = 180
const LEAST_SAMPLE_MS = 1_000
const TOLD_EVERY_SECONDS = 60
/** Of what was asked for: the load is made by the same machine. */
const LEAST_RATE = 0.9

export interface SoakOptions {
  readonly minutes: number
  /** Transfers a second. */
  readonly rate: number
  readonly svgPath?: string | undefined
}

const bytesOf = (folder: string, pattern: string): number =>
  globSync(pattern, { cwd: folder }).reduce((sum, name) => {
    const found = statSync(join(folder, name), { throwIfNoEntry: false })
    return sum + (found?.isFile() === true ? found.size : 0)
  }, 0)

/** What the chain itself came to, of a node that has stopped: keys and values, before compression. */
const ownBytes = async (folder: string): Promise<number> => {
  let bytes = 0
  await withStoppedNode(folder, ({ db }) => {
    for (const column of countState(db, () => undefined).columns) bytes += column.bytes
  })
  return bytes
}

class Watch {
  readonly #world: World
  readonly #startMs = Date.now()
  readonly samples = new Map<number, Sample[]>(PLACES.map(place => [place, []]))
  #toldAt = 0

  constructor(world: World) {
    this.#world = world
  }

  folder(place: number): string {
    return join(this.#world.folder, this.nameOf(place))
  }

  nameOf(place: number): string {
    return this.#world.devnet.nodes[place]?.name as string
  }

  sample(): void {
    const seconds = (Date.now() - this.#startMs) / 1_000
    for (const place of PLACES) {
      const all = bytesOf(this.folder(place), '**/*')
      const walBytes = bytesOf(join(this.folder(place), DATA_FILES.database), '*.log')
      this.samples.get(place)?.push({
        seconds,
        rssBytes: this.#world.rssMb(place) * 1_000_000,
        fileBytes: all - walBytes,
        walBytes,
        height: Number(this.#world.height(place)),
      })
    }
    if (seconds - this.#toldAt < TOLD_EVERY_SECONDS) return
    this.#toldAt = seconds
    const last = PLACES.map(place => this.samples.get(place)?.at(-1) as Sample)
    console.log(
      JSON.stringify({
        seconds: Math.round(seconds),
        heights: last.map(({ height }) => height),
        rssMib: last.map(({ rssBytes }) => Math.round(rssBytes / 2 ** 20)),
        fileMb: last.map(({ fileBytes }) => Math.round(fileBytes / 1e6)),
        walMb: last.map(({ walBytes }) => Math.round(walBytes / 1e6)),
      }),
    )
  }

  growthOf(place: number): Growth {
    const name = this.nameOf(place)
    const heap = this.#world.lines
      .filter(({ node, line }) => node === name && line.msg === 'heap')
      .map(
        ({ line }): HeapSample => ({
          seconds: (Number(line['atMs']) - this.#startMs) / 1_000,
          thread: Number(line['threadId']),
          bytes: Number(line['heapUsed']),
        }),
      )
    return growthOf(this.samples.get(place) ?? [], heap)
  }
}

const worst = (growths: readonly Growth[], of: (growth: Growth) => number): number =>
  Math.max(...growths.map(of))

/** All nodes have the same head, and all that was taken has arrived. */
const settle = async (world: World, sent: number): Promise<void> => {
  const { api } = await world.client(0)
  const address = formatAddress(SINK)
  const endMs = performance.now() + PROGRESS_MS
  let arrived = 0
  while (arrived < sent && performance.now() < endMs) {
    arrived = Number((await api.account.get.query({ address })).balance)
    await sleep(100)
  }
  claim(arrived === sent, `${sent} transfers were taken, ${arrived} are final`)
  const head = world.height(0)
  for (const place of PLACES) await world.untilHeight(place, head, PROGRESS_MS)
}

const play = async (world: World, { minutes, rate, svgPath }: SoakOptions): Promise<Report> => {
  const urls = await Promise.all(PLACES.map(place => world.devnet.url(place)))
  const watch = new Watch(world)
  const from = world.height(0)
  const stop = new AbortController()
  const startMs = performance.now()
  const load = runLoad(urls, rate, stop.signal)
  const lengthMs = minutes * 60_000
  while (performance.now() - startMs < lengthMs) {
    await sleep(Math.max(LEAST_SAMPLE_MS, lengthMs / SAMPLES))
    watch.sample()
  }
  stop.abort()
  const figures = await load
  const seconds = (performance.now() - startMs) / 1_000
  await settle(world, figures.sent)
  const made = Number(world.height(0) - from)
  const compared = await world.audit(PLACES)
  await world.devnet.stop()
  const growths = PLACES.map(place => watch.growthOf(place))
  const own = await Promise.all(PLACES.map(place => ownBytes(watch.folder(place))))
  const ownPerBlock = own.map(bytes => bytes / compared)
  if (svgPath !== undefined) {
    const steepest = PLACES.reduce((a, b) =>
      (growths[a]?.rssMibPerHour ?? 0) > (growths[b]?.rssMibPerHour ?? 0) ? a : b,
    )
    const points = watch.samples
      .get(steepest)
      ?.map(({ height, rssBytes }) => ({ blocks: height, bytes: rssBytes }))
    writeFileSync(svgPath, drawCurve(points ?? [], { title: `RSS of ${watch.nameOf(steepest)} by height` }))
  }
  const perSecond = figures.sent / seconds
  const [first] = growths as [Growth]
  const report = {
    seconds: Math.round(seconds),
    'transfers final': figures.sent,
    'transfers/s': Math.round(perSecond),
    refused: figures.refused,
    'blocks made': made,
    ...latency(figures),
    'RSS MiB/h of each, second half': growths.map(({ rssMibPerHour }) => rssMibPerHour.toFixed(0)).join(' '),
    'heap MiB/h': growths.map(({ heapMibPerHour }) => heapMibPerHour.toFixed(0)).join(' '),
    memory: isLongEnough(first) ? 'judged' : 'shown, too short to judge',
    'disk bytes/s': worst(growths, ({ diskBytesPerSecond }) => diskBytesPerSecond).toFixed(0),
    'disk bytes a block': worst(growths, ({ diskBytesPerBlock }) => diskBytesPerBlock).toFixed(0),
    'disk bytes a transfer': (
      worst(growths, ({ diskBytesPerSecond }) => diskBytesPerSecond) / perSecond
    ).toFixed(0),
    'the chain’s own bytes a block': Math.max(...ownPerBlock).toFixed(0),
    'its own bytes a transfer': (Math.max(...own) / figures.sent).toFixed(0),
    'log of last writes MB': Math.round(worst(growths, ({ walBytes }) => walBytes) / 1e6),
    'heights compared': compared,
  }
  // What half an hour has shown is not lost if it is too much.
  console.log(JSON.stringify(report))
  claim(perSecond >= LEAST_RATE * rate, `only ${perSecond.toFixed(0)} of ${rate} transfers/s were taken`)
  const problems = PLACES.flatMap((place, i) =>
    growthProblems(growths[i] as Growth, ownPerBlock[i] as number).map(
      problem => `${watch.nameOf(place)}: ${problem}`,
    ),
  )
  claim(problems.length === 0, problems.join('; '))
  return report
}

export const createSoak = (options: SoakOptions): Scenario => ({
  name: 'soak',
  what: `four validators under ${options.rate} transfers/s for ${options.minutes} minutes grow by no more than their chain`,
  run: () => inWorld({ preloads: [THREAD_HEAP] }, world => play(world, options)),
})
