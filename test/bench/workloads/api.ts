/**
 * What the API gives its callers: one view after another over the typed client and over plain HTTP, views over 50 connections,
 * transactions taken in batches, and 1,000 subscribers that get every block.
 */
import { createVexClient } from '../../../node/client/client.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { createApiClient } from '../../../node/api/client.ts'
import { followFinality } from '../finality.ts'
import { senderAccounts } from '../genesis.ts'
import { openPlainConnection, type PlainConnection } from '../plain-http.ts'
import type { Result } from '../result.ts'
import { assertEqual, type RunOptions, type Session, startMeter, withNewChain } from '../session.ts'
import { readCode } from '../contracts.ts'
import type { SignedPayment } from '../signing.ts'
import { percentile } from '../statistics.ts'
import { submitAll } from '../submit.ts'
import { openSubscribers } from '../subscribers.ts'
import { deployToken, TOKENS_OF_EACH } from '../token.ts'
import { prepareTransfers } from './transfers.ts'

/** Views in sequence; five times as many over all connections, and as many transactions. */
const DEFAULT_N = 2_000
const TIMES_MORE = 5
const CONNECTIONS = 50
const WARM_UP = 500
const LANES = 4
const BATCH_SIZE = 500
const SUBSCRIBERS = 1_000
const BLOCKS = 50
const MB = 1_000_000

type Ask = (index: number) => Promise<void>

/** `lanes` ask at a time, each one question after another. */
const measureViews = async (
  session: Session,
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
  const stopMeter = await startMeter(session, workload)
  const latenciesMs: number[] = []
  const startMs = performance.now()
  await Promise.all(lanes.map(lane => ask(lane, share(total), latenciesMs)))
  const seconds = (performance.now() - startMs) / 1e3
  const { grownBytes: _, ...measured } = await stopMeter()
  return {
    workload,
    n: latenciesMs.length,
    rate: latenciesMs.length / seconds,
    unit: 'view/s',
    seconds,
    p50_ms: percentile(latenciesMs, 0.5),
    p99_ms: percentile(latenciesMs, 0.99),
    ...measured,
  }
}

const measureAllViews = async (session: Session, n: number): Promise<Result[]> => {
  const { url } = session.node
  const token = await deployToken(session)
  const { abi } = await readCode('token')
  const holders = senderAccounts().map(({ address }) => formatAddress(address))
  const holder = (index: number): string => holders[index % holders.length] as string

  const vex = createVexClient({ url })
  const contract = vex.contract(token.address, abi)
  const overClient: Ask = async index =>
    assertEqual('a balance', await contract.view.balanceOf?.({ owner: holder(index) }), TOKENS_OF_EACH)

  const bodies = holders.map(owner => JSON.stringify(token.viewInput('balanceOf', owner)))
  const over =
    (connection: PlainConnection): Ask =>
    async index => {
      const body = bodies[index % bodies.length] as string
      const { result } = JSON.parse(await connection.post('/trpc/contract.view', body)) as {
        result: { data: { returnData: string } }
      }
      assertEqual('a balance', token.decode('balanceOf', result.data.returnData), TOKENS_OF_EACH)
    }
  const connections = Array.from({ length: CONNECTIONS }, () => openPlainConnection(url))
  try {
    return [
      await measureViews(session, 'api-view-client', n, [overClient]),
      await measureViews(session, 'api-view', n, connections.slice(0, 1).map(over)),
      await measureViews(session, `api-view-${CONNECTIONS}`, TIMES_MORE * n, connections.map(over)),
    ]
  } finally {
    for (const connection of connections) connection.close()
    vex.close()
  }
}

/** From the first request to the last answer: checked, verified and in the pool. Blocks are made meanwhile. */
const measureSubmissions = async (session: Session, payments: readonly SignedPayment[]): Promise<Result> => {
  const finality = await followFinality(session)
  const clients = Array.from({ length: LANES }, () => createApiClient({ url: session.node.url }))
  try {
    const stopMeter = await startMeter(session, 'api-submit')
    const latenciesMs: number[] = []
    const startMs = performance.now()
    await submitAll({
      transactions: payments,
      lanes: LANES,
      batchSize: BATCH_SIZE,
      async submitMany(batch) {
        const client = clients[(batch[0]?.sender ?? 0) % LANES] ?? session.client
        const askedMs = performance.now()
        const answers = await client.api.transaction.submitMany.mutate({
          transactions: batch.map(({ transaction }) => transaction),
        })
        latenciesMs.push(performance.now() - askedMs)
        return answers
      },
      untilRoom: () => finality.nextBlock(),
      onSubmit: () => undefined,
    })
    const seconds = (performance.now() - startMs) / 1e3
    const { grownBytes: _, ...measured } = await stopMeter()
    await finality.untilFinal(payments.length)
    return {
      workload: 'api-submit',
      n: payments.length,
      rate: payments.length / seconds,
      unit: 'tx/s',
      seconds,
      p50_ms: percentile(latenciesMs, 0.5),
      p99_ms: percentile(latenciesMs, 0.99),
      ...measured,
    }
  } finally {
    finality.close()
    for (const client of clients) client.close()
  }
}

/** A block for each of `payments`. Latency: from the commit in the node to each subscriber's message. */
const measureSubscribers = async (session: Session, payments: readonly SignedPayment[]): Promise<Result> => {
  const { api } = session.client
  const before = await session.node.usage()
  const subscribers = await openSubscribers(session.node.url, SUBSCRIBERS)
  try {
    const opened = await session.node.usage()
    const stopMeter = await startMeter(session, 'api-subscribers')
    const startMs = performance.now()
    for (const { id, transaction } of payments) {
      await api.transaction.submit.mutate({ transaction })
      const { height } = await api.transaction.wait.query({ id })
      await subscribers.untilAllHave(height)
    }
    const seconds = (performance.now() - startMs) / 1e3
    const { grownBytes: _, ...measured } = await stopMeter()
    const commits = await session.node.commits()
    const delaysMs = [...subscribers.arrivals].flatMap(([height, arrivals]) => {
      assertEqual(`how many got block ${height}`, arrivals.length, SUBSCRIBERS)
      return arrivals.map(atMs => atMs - (commits[height] ?? Number.NaN))
    })
    return {
      workload: 'api-subscribers',
      n: SUBSCRIBERS,
      rate: delaysMs.length / seconds,
      unit: 'message/s',
      seconds,
      p50_ms: percentile(delaysMs, 0.5),
      p99_ms: percentile(delaysMs, 0.99),
      ...measured,
      blocks: subscribers.arrivals.size,
      idle_rss_mb: before.rssBytes / MB,
      subscribed_rss_mb: opened.rssBytes / MB,
    }
  } finally {
    await subscribers.close()
  }
}

export const runApi = async (options: RunOptions): Promise<Result[]> => {
  const n = options.n ?? DEFAULT_N
  return [
    ...(await withNewChain(options, session => measureAllViews(session, n))),
    ...(await withNewChain(options, async session => {
      const payments = await prepareTransfers(session, TIMES_MORE * n)
      return [await measureSubmissions(session, payments)]
    })),
    ...(await withNewChain(options, async session => {
      const payments = await prepareTransfers(session, BLOCKS)
      return [await measureSubscribers(session, payments)]
    })),
  ]
}
