/** Views asked one after another, and over many connections at a time; every answer is looked at. */
import { openPlainConnection, type PlainConnection } from './plain-http.ts'
import { type Result, timedFigures } from './result.ts'
import { BenchError } from './error.ts'
import { type Metered, startMeter } from './session.ts'

const CONNECTIONS = 50
/** What all connections together ask, by what is asked in sequence. */
const TIMES_MORE = 5
const WARM_UP = 500

/** Asks once, and throws if the answer is wrong. */
export type Ask = (index: number) => Promise<void>

/** Each of `lanes` asks one question after another, `total` of them together. */
export const measureViews = async (
  metered: Metered,
  workload: string,
  total: number,
  lanes: readonly Ask[],
): Promise<Result> => {
  const ask = async (lane: Ask, count: number, latenciesMs: number[]): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const startMs = performance.now()
      await lane(i)
      latenciesMs.push(performance.now() - startMs)
    }
  }
  const share = (count: number): number => Math.ceil(count / lanes.length)
  await Promise.all(lanes.map(lane => ask(lane, share(WARM_UP), [])))
  const stopMeter = await startMeter(metered, workload)
  const latenciesMs: number[] = []
  const startMs = performance.now()
  await Promise.all(lanes.map(lane => ask(lane, share(total), latenciesMs)))
  const seconds = (performance.now() - startMs) / 1e3
  const { grownBytes: _, ...measured } = await stopMeter()
  return {
    workload,
    unit: 'view/s',
    ...timedFigures(latenciesMs.length, seconds, latenciesMs),
    ...measured,
  }
}

/** Questions over plain HTTP that all have the same answer. */
export interface PlainView {
  readonly url: string
  readonly path: string
  readonly bodies: readonly string[]
  /** What the text of each answer has in it. */
  readonly expected: string
}

const askOver =
  (connection: PlainConnection, { path, bodies, expected }: PlainView): Ask =>
  async index => {
    const answer = await connection.post(path, bodies[index % bodies.length] as string)
    if (!answer.includes(expected))
      throw new BenchError('wrong_result', `${path} answers ${answer.slice(0, 500)}`)
  }

/** `views`: n in sequence over one connection. `views-50`: five times as many over 50. */
export const measurePlainViews = async (metered: Metered, view: PlainView, n: number): Promise<Result[]> => {
  const connections = Array.from({ length: CONNECTIONS }, () => openPlainConnection(view.url))
  try {
    const asks = connections.map(connection => askOver(connection, view))
    return [
      await measureViews(metered, 'views', n, asks.slice(0, 1)),
      await measureViews(metered, `views-${CONNECTIONS}`, TIMES_MORE * n, asks),
    ]
  } finally {
    for (const connection of connections) connection.close()
  }
}
