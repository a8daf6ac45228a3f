/**
 * What the API gives its callers: one view after another over the typed client (views.ts asks over plain HTTP), transactions
 * taken in batches, and 1,000 subscribers that get every block.
 */
import { createVexClient } from '../../../node/client/client.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { followFinality } from '../finality.ts'
import { senderAccounts } from '../genesis.ts'
import { type Result, timedFigures } from '../result.ts'
import { assertEqual, type RunOptions, type Session, startMeter, withNewChain } from '../session.ts'
import { readCode } from '../contracts.ts'
import type { SignedPayment } from '../signing.ts'
import { percentile } from '../statistics.ts'
import { submitAll } from '../submit.ts'
import { openSubmitter, prepareSubmission } from '../submitter.ts'
import { openSubscribers } from '../subscribers.ts'
import { deployToken, TOKENS_OF_EACH } from '../token.ts'
import { type Ask, measureViews } from '../views.ts'
import { prepareTransfers } from './transfers.ts'
import { DEFAULT_VIEWS } from './views.ts'

/** Transactions, by views. */
const TIMES_MORE = 5
const SUBSCRIBERS = 1_000
const BLOCKS = 50
const MB = 1_000_000

const measureClientViews = async (session: Session, n: number): Promise<Result> => {
  const token = await deployToken(session)
  const { abi } = await readCode('token')
  const holders = senderAccounts().map(({ address }) => formatAddress(address))
  const vex = createVexClient({ url: session.node.url })
  const contract = vex.contract(token.address, abi)
  const ask: Ask = async index => {
    const owner = holders[index % holders.length] as string
    assertEqual('a balance', await contract.view.balanceOf?.({ owner }), TOKENS_OF_EACH)
  }
  try {
    return await measureViews(session, 'api-view-client', n, [ask])
  } finally {
    vex.close()
  }
}

/** From the first request to the last answer: checked, verified and in the pool. Blocks are made meanwhile. */
const measureSubmissions = async (session: Session, payments: readonly SignedPayment[]): Promise<Result> => {
  const prepared = prepareSubmission(payments)
  const finality = await followFinality(session)
  const submitter = openSubmitter(session.node.url)
  try {
    const stopMeter = await startMeter(session, 'api-submit')
    const latenciesMs: number[] = []
    const startMs = performance.now()
    await submitAll({
      ...prepared,
      async send(batch) {
        const askedMs = performance.now()
        const answers = await submitter.send(batch)
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
      unit: 'tx/s',
      ...timedFigures(payments.length, seconds, latenciesMs),
      ...measured,
    }
  } finally {
    finality.close()
    submitter.close()
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
  const n = options.n ?? DEFAULT_VIEWS
  return [
    await withNewChain(options, session => measureClientViews(session, n)),
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
