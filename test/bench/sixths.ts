/** Many transactions in six parts, one after another: does a node get slower as its chain grows, does it keep what it took? */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Result, timedFigures } from './result.ts'
import { type Metered, startMeter } from './session.ts'

const PARTS = 6
const SAMPLE_MS = 250
/** Of those sent at a time: with more waiting than a block has room for, the base fee rises without an end. */
const BURST = 10_000
const MB = 1_000_000

export interface Sent {
  /** From the first submission to the last receipt. */
  readonly seconds: number
  readonly latenciesMs: readonly number[]
  readonly blocks: number
}

/** The mean of the node's memory while `work` runs. */
const meanRssMb = async <T>(
  { node }: Metered,
  work: () => Promise<T>,
): Promise<{ value: T; rssMb: number }> => {
  const samples: number[] = []
  const over = new AbortController()
  const sample = async (): Promise<void> => {
    do {
      samples.push((await node.usage()).rssBytes / MB)
      await sleep(SAMPLE_MS, undefined, { signal: over.signal }).catch(() => undefined)
    } while (!over.signal.aborted)
  }
  const sampling = sample()
  // Whoever awaits `work` hears of a node that is gone.
  sampling.catch(() => undefined)
  try {
    const value = await work()
    over.abort()
    await sampling
    return { value, rssMb: samples.reduce((sum, mb) => sum + mb, 0) / samples.length }
  } finally {
    over.abort()
  }
}

const inBursts =
  <T>(send: (burst: readonly T[]) => Promise<Sent>) =>
  async (part: readonly T[]): Promise<Sent> => {
    const sent: Sent[] = []
    for (let first = 0; first < part.length; first += BURST)
      sent.push(await send(part.slice(first, first + BURST)))
    return {
      seconds: sent.reduce((sum, { seconds }) => sum + seconds, 0),
      latenciesMs: sent.flatMap(({ latenciesMs }) => latenciesMs),
      blocks: sent.reduce((sum, { blocks }) => sum + blocks, 0),
    }
  }

/** `send` resolves when its transactions have their receipts. */
export const measureSixths = async <T>(
  metered: Metered,
  transactions: readonly T[],
  send: (part: readonly T[]) => Promise<Sent>,
): Promise<Result> => {
  const size = Math.ceil(transactions.length / PARTS)
  const stopMeter = await startMeter(metered, 'long')
  const parts: (Sent & { rate: number; rssMb: number })[] = []
  for (let first = 0; first < transactions.length; first += size) {
    const part = transactions.slice(first, first + size)
    const { value, rssMb } = await meanRssMb(metered, () => inBursts(send)(part))
    parts.push({ ...value, rate: part.length / value.seconds, rssMb })
  }
  const { grownBytes, ...measured } = await stopMeter()
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0)
  const latenciesMs = parts.flatMap(part => part.latenciesMs)
  const [first, second, last] = [parts[0], parts[1], parts.at(-1)]
  if (first === undefined || second === undefined || last === undefined)
    throw new RangeError('there are fewer transactions than parts')
  return {
    workload: 'long',
    unit: 'tx/s',
    ...timedFigures(transactions.length, seconds, latenciesMs),
    ...measured,
    blocks: parts.reduce((sum, part) => sum + part.blocks, 0),
    ...(grownBytes === 0 ? {} : { bytes_per_tx: grownBytes / transactions.length }),
    rate_of_sixths: parts.map(({ rate }) => rate),
    rss_mb_of_sixths: parts.map(({ rssMb }) => rssMb),
    last_by_first: last.rate / first.rate,
    rss_last_by_second: last.rssMb / second.rssMb,
  }
}
