/** Many transactions as fast as anvil takes them: from the first submission to the last receipt. */
import { BenchError } from '../error.ts'
import { lastOfEach, sampleOf } from '../load.ts'
import { type Result, timedFigures } from '../result.ts'
import { startMeter } from '../session.ts'
import type { Sent } from '../sixths.ts'
import { splitIntoLanes } from '../submit.ts'
import { type AnvilSession, assertSucceeded, mine } from './anvil.ts'
import type { EthereumPayment } from './anvil-payments.ts'
import { openJsonRpc, rpcBatchText } from './json-rpc.ts'

/** What anvil was fastest with, of 1 to 50 connections and 1 to 1,000 transactions a request. */
const LANES = 2
const BATCH_SIZE = 100

interface Batch {
  readonly body: string
  readonly count: number
}

const toBatches = (lane: readonly EthereumPayment[]): Batch[] => {
  const batches: Batch[] = []
  for (let first = 0; first < lane.length; first += BATCH_SIZE) {
    const part = lane.slice(first, first + BATCH_SIZE)
    const calls = part.map(({ raw }) => ({ method: 'eth_sendRawTransaction', params: [raw] }))
    batches.push({ body: rpcBatchText(calls), count: part.length })
  }
  return batches
}

/** Mines when enough is waiting, beside the submission. */
class Miner {
  readonly #session: Pick<AnvilSession, 'rpc'>
  readonly #enough: number
  #waiting: { readonly sentMs: number; readonly count: number }[] = []
  #mining: Promise<void> = Promise.resolve()
  #isMining = false
  /** From sending the request until the block is there, of each transaction. */
  readonly latenciesMs: number[] = []

  constructor(session: Pick<AnvilSession, 'rpc'>, enough: number) {
    this.#session = session
    this.#enough = enough
  }

  add(sentMs: number, count: number): void {
    this.#waiting.push({ sentMs, count })
    if (this.#isMining) return
    this.#isMining = true
    this.#mining = this.#mineWhile(this.#enough).finally(() => {
      this.#isMining = false
    })
    // Thrown by `finish`.
    this.#mining.catch(() => undefined)
  }

  /** Until nothing waits. */
  async finish(): Promise<void> {
    await this.#mining
    await this.#mineWhile(1)
  }

  async #mineWhile(least: number): Promise<void> {
    while (this.#waiting.reduce((sum, { count }) => sum + count, 0) >= least) {
      const taken = this.#waiting
      this.#waiting = []
      await mine(this.#session)
      const minedMs = performance.now()
      for (const { sentMs, count } of taken)
        for (let i = 0; i < count; i++) this.latenciesMs.push(minedMs - sentMs)
    }
  }
}

const blockNumber = async ({ rpc }: AnvilSession): Promise<number> =>
  Number(await rpc.call('eth_blockNumber'))

/** A block for each `blockSize` that were taken: with `Infinity`, one at the end. */
export const sendEthereumPayments = async (
  session: AnvilSession,
  payments: readonly EthereumPayment[],
  blockSize: number,
): Promise<Sent> => {
  const lanes = splitIntoLanes(payments, LANES).map(lane => ({
    batches: toBatches(lane),
    rpc: openJsonRpc(session.url),
  }))
  const minerRpc = openJsonRpc(session.url)
  const miner = new Miner({ rpc: minerRpc }, blockSize)
  const last = lastOfEach(payments).map(({ hash }) => hash)
  const firstBlock = await blockNumber(session)
  try {
    const startMs = performance.now()
    await Promise.all(
      lanes.map(async ({ batches, rpc }) => {
        for (const { body, count } of batches) {
          const sentMs = performance.now()
          await rpc.send(body)
          miner.add(sentMs, count)
        }
      }),
    )
    await miner.finish()
    await assertSucceeded(session, last)
    const seconds = (performance.now() - startMs) / 1e3
    const blocks = (await blockNumber(session)) - firstBlock
    return { seconds, latenciesMs: miner.latenciesMs, blocks }
  } finally {
    minerRpc.close()
    for (const { rpc } of lanes) rpc.close()
  }
}

/** As on Vex: sampled receipts, and what the recipients hold. */
export const verifyEthereumPayments = async (
  session: AnvilSession,
  payments: readonly EthereumPayment[],
  balanceCall: (payment: EthereumPayment) => { method: string; params: readonly unknown[] },
): Promise<void> => {
  const samples = sampleOf(payments)
  await assertSucceeded(
    session,
    samples.map(({ hash }) => hash),
  )
  const balances = await session.rpc.batch(samples.map(balanceCall))
  for (const [index, { to, amount }] of samples.entries()) {
    const balance = BigInt(String(balances[index]))
    if (balance !== amount)
      throw new BenchError('wrong_result', `the recipient ${to} holds ${balance}, not ${amount}`)
  }
}

export const measureAnvilLoad = async (
  session: AnvilSession,
  workload: string,
  payments: readonly EthereumPayment[],
  blockSize: number,
): Promise<Result> => {
  const stopMeter = await startMeter(session, workload)
  const { seconds, latenciesMs, blocks } = await sendEthereumPayments(session, payments, blockSize)
  const { grownBytes: _, ...measured } = await stopMeter()
  return {
    workload,
    unit: 'tx/s',
    ...timedFigures(payments.length, seconds, latenciesMs),
    ...measured,
    blocks,
  }
}
