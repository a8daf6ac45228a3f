/** Many transactions as fast as the node takes them: from the first submission to the last receipt. */
import { setTimeout as sleep } from 'node:timers/promises'
import { followFinality } from './finality.ts'
import { type Result, timedFigures } from './result.ts'
import { assertEqual, type Session, startMeter } from './session.ts'
import type { SignedPayment } from './signing.ts'
import { submitAll } from './submit.ts'
import { openSubmitter, prepareSubmission } from './submitter.ts'

/** Of a node that has started: its threads are up, and what its modules left to do is done. */
const SETTLED_MS = 3_000

/** How many are looked at afterwards. */
const SAMPLES = 300

export const sampleOf = <T>(items: readonly T[]): T[] => {
  const step = Math.max(1, items.length / SAMPLES)
  return Array.from(
    { length: Math.min(SAMPLES, items.length) },
    (_, index) => items[Math.floor(index * step)] as T,
  )
}

/** Each sampled transaction must have done what it says: its receipt, and what the recipient holds. */
export const verifyPayments = async (
  { client }: Session,
  payments: readonly SignedPayment[],
  balanceOf: (payment: SignedPayment) => Promise<bigint>,
): Promise<void> => {
  await Promise.all(
    sampleOf(payments).map(async payment => {
      const receipt = await client.api.transaction.receipt.query({ id: payment.id })
      assertEqual(`the status of transaction ${payment.id}`, receipt.status, 'success')
      assertEqual(
        `what the recipient of transaction ${payment.id} holds`,
        await balanceOf(payment),
        payment.amount,
      )
    }),
  )
}

/** The last transaction of each sender: when these are done, all are. */
export const lastOfEach = <T extends { readonly sender: number }>(transactions: readonly T[]): T[] => [
  ...new Map(transactions.map(transaction => [transaction.sender, transaction])).values(),
]

/** Sends all, waits until all are final, and asks for the last receipt of each sender. */
export const submitPayments = async (session: Session, payments: readonly SignedPayment[]) => {
  const prepared = prepareSubmission(payments)
  const finality = await followFinality(session)
  const submitter = openSubmitter(session.node.url)
  const sent: { readonly transactions: readonly SignedPayment[]; readonly atMs: number }[] = []
  try {
    const startMs = performance.now()
    await submitAll({
      ...prepared,
      send: batch => submitter.send(batch),
      untilRoom: () => finality.nextBlock(),
      onSubmit: transactions => sent.push({ transactions, atMs: performance.now() }),
    })
    await finality.untilFinal(payments.length)
    const statuses = await submitter.statuses(lastOfEach(payments))
    const seconds = (performance.now() - startMs) / 1e3
    for (const status of statuses) assertEqual('the status of a sender’s last transaction', status, 'success')
    const latenciesMs = sent.flatMap(({ transactions, atMs }) =>
      transactions.map(({ id }) => (finality.finalAtMs(id) ?? Number.NaN) - atMs),
    )
    return { seconds, latenciesMs, blocks: finality.blocks }
  } finally {
    finality.close()
    submitter.close()
  }
}

export const untilSettled = async ({ node, options }: Session): Promise<void> => {
  await sleep(Math.max(0, node.spawnedMs + SETTLED_MS - performance.now()), undefined, {
    signal: options.signal,
  })
}

export const measureLoad = async (
  session: Session,
  workload: string,
  payments: readonly SignedPayment[],
  balanceOf: (payment: SignedPayment) => Promise<bigint>,
): Promise<Result> => {
  await untilSettled(session)
  const stopMeter = await startMeter(session, workload)
  const { seconds, latenciesMs, blocks } = await submitPayments(session, payments)
  const { grownBytes, ...measured } = await stopMeter()
  await verifyPayments(session, payments, balanceOf)
  return {
    workload,
    unit: 'tx/s',
    ...timedFigures(payments.length, seconds, latenciesMs),
    ...measured,
    blocks,
    bytes_per_tx: grownBytes / payments.length,
  }
}
