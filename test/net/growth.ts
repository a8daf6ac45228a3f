/**
 * Whether a node grows by more than its chain. Pure: samples in, slopes and complaints out.
 *
 * Only the second half of the run counts: in the first one caches and write buffers fill up. Judged is
 *
 *   memory   what the slope adds up to over the half, RSS and heap after whole collections. What is bounded (the pool's and
 *            gossip's memory of ids, transactions kept for peers, RocksDB's caches and write buffers) may still take the
 *            rest of its bound, whatever the length; a leak takes more the longer the run: 64 MiB of RSS are 256 MiB an
 *            hour in half of 30 minutes, and 11 in half of 12 hours. Under `judgedFromSeconds` nothing is said of it:
 *            write buffers come and go by as much. What RocksDB's log gained lies in write buffers, too, until they are
 *            flushed, with the skip list that sorts it: twice its bytes, up to the buffers' own bound (storage/rocks.ts)
 *   disk     files, without RocksDB's log of its last writes, against what the chain itself came to: keys and values of
 *            blocks, certificates, receipts, indexes and state, counted in the database of the node when it has stopped.
 *            A tree of sorted files holds some of what was overwritten until it compacts: half as much again, and a write
 *            buffer on its way to a file, with the file that it is merged into
 *   the log of the last writes   its own bound (storage/rocks.ts)
 */
import { type Point, slopeOf } from './slope.ts'

export interface Sample {
  readonly seconds: number
  readonly rssBytes: number
  /** All files of the data directory but `walBytes`. */
  readonly fileBytes: number
  /** RocksDB's log of its last writes. */
  readonly walBytes: number
  readonly height: number
}

export interface HeapSample {
  readonly seconds: number
  readonly thread: number
  readonly bytes: number
}

const MiB = 2 ** 20
const HOUR = 3_600

export const GROWTH_BOUNDS = {
  judgedFromSeconds: 1_200,
  rssBytes: 64 * MiB,
  bufferFactor: 2,
  bufferBytes: 256 * MiB,
  heapBytes: 24 * MiB,
  diskFactor: 1.5,
  diskAllowanceBytes: 64 * MiB,
  walBytes: 750_000_000,
} as const

export interface Growth {
  readonly rssMibPerHour: number
  /** Of all threads together; 0 where there were no two whole collections. */
  readonly heapMibPerHour: number
  /** Of all files. */
  readonly diskBytesPerSecond: number
  /** Without RocksDB's log of its last writes. */
  readonly fileBytesPerSecond: number
  readonly diskBytesPerBlock: number
  readonly blocksPerSecond: number
  /** Of the half that counts. */
  readonly halfSeconds: number
  readonly walBytes: number
  readonly walBytesPerSecond: number
}

const secondHalf = <T extends { readonly seconds: number }>(samples: readonly T[], end: number): T[] =>
  samples.filter(({ seconds }) => seconds >= end / 2)

const slope = <T extends { readonly seconds: number }>(samples: readonly T[], y: (sample: T) => number) =>
  slopeOf(samples.map((sample): Point => ({ x: sample.seconds, y: y(sample) })))

export const growthOf = (samples: readonly Sample[], heap: readonly HeapSample[]): Growth => {
  const end = samples.at(-1)?.seconds ?? 0
  const late = secondHalf(samples, end)
  const threads = [...Map.groupBy(secondHalf(heap, end), ({ thread }) => thread).values()]
  const heapSlopes = threads.filter(({ length }) => length > 1).map(each => slope(each, ({ bytes }) => bytes))
  const diskBytesPerSecond = slope(late, ({ fileBytes, walBytes }) => fileBytes + walBytes)
  const blocksPerSecond = slope(late, ({ height }) => height)
  return {
    rssMibPerHour: (slope(late, ({ rssBytes }) => rssBytes) * HOUR) / MiB,
    heapMibPerHour: (heapSlopes.reduce((sum, each) => sum + each, 0) * HOUR) / MiB,
    diskBytesPerSecond,
    fileBytesPerSecond: slope(late, ({ fileBytes }) => fileBytes),
    diskBytesPerBlock: diskBytesPerSecond / blocksPerSecond,
    blocksPerSecond,
    halfSeconds: end / 2,
    walBytes: Math.max(...samples.map(({ walBytes }) => walBytes)),
    walBytesPerSecond: slope(late, ({ walBytes }) => walBytes),
  }
}

export const isLongEnough = ({ halfSeconds }: Growth): boolean =>
  2 * halfSeconds >= GROWTH_BOUNDS.judgedFromSeconds

/** What is too much, in words; `ownBytesPerBlock` is what the chain itself came to. */
export const growthProblems = (growth: Growth, ownBytesPerBlock: number): string[] => {
  const { halfSeconds, rssMibPerHour, heapMibPerHour, fileBytesPerSecond, blocksPerSecond } = growth
  const inHalf = (mibPerHour: number): number => (mibPerHour * MiB * halfSeconds) / HOUR
  const ownBytes = ownBytesPerBlock * blocksPerSecond * halfSeconds
  const { rssBytes, heapBytes, diskFactor, diskAllowanceBytes, walBytes } = GROWTH_BOUNDS
  const { bufferFactor, bufferBytes } = GROWTH_BOUNDS
  const buffered = Math.min(bufferBytes, bufferFactor * Math.max(0, growth.walBytesPerSecond) * halfSeconds)
  const isMemoryJudged = isLongEnough(growth)
  const tooMuch: [boolean, string][] = [
    [
      isMemoryJudged && inHalf(rssMibPerHour) > rssBytes + buffered,
      `its RSS grows by ${rssMibPerHour.toFixed(0)} MiB/h`,
    ],
    [
      isMemoryJudged && inHalf(heapMibPerHour) > heapBytes,
      `its heap grows by ${heapMibPerHour.toFixed(0)} MiB/h`,
    ],
    [
      fileBytesPerSecond * halfSeconds > diskFactor * ownBytes + diskAllowanceBytes,
      `its files grow by ${fileBytesPerSecond.toFixed(0)} bytes/s, the chain by ${(ownBytes / halfSeconds).toFixed(0)}`,
    ],
    [growth.walBytes > walBytes, `RocksDB's log of its last writes came to ${growth.walBytes} bytes`],
  ]
  return tooMuch.filter(([is]) => is).map(([, words]) => words)
}
