/**
 * From making the process to the first answer of the API, and to the first block: on a new data directory,
 * and on one with history.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { submitPayments } from '../load.ts'
import { openPlainConnection } from '../plain-http.ts'
import type { Result } from '../result.ts'
import { directoryBytes, type RunOptions, type Session, withDirectory, withNode } from '../session.ts'
import type { SignedPayment } from '../signing.ts'
import { prepareTransfers } from './transfers.ts'

/** Transactions of the history. */
const DEFAULT_N = 2_000
/**
 * After the first block, before the memory of an idle node is read: after 8 s threads that have nothing to do have ended, after
 * 10 the others have collected (execution/idle-memory.ts), and V8 keeps the pages of a thread that has ended for another 8.
 */
export const SETTLE_MS = 20_000
const MB = 1_000_000

/** `payment`: the next of its sender, for the first block. */
const measureStart = async (
  session: Session,
  figures: { workload: string; n: number; driverCpu: NodeJS.CpuUsage },
  payment: () => Promise<SignedPayment>,
): Promise<Result> => {
  const { client, node, directory, options } = session
  // The typed client would first have to be compiled.
  const connection = openPlainConnection(node.url)
  await connection.post('/trpc/chain.info', '')
  const seconds = (performance.now() - node.spawnedMs) / 1e3
  connection.close()
  const { id, transaction } = await payment()
  const askedMs = performance.now()
  await client.api.transaction.submit.mutate({ transaction })
  await client.api.transaction.wait.query({ id })
  // Without the time that this process took to sign.
  const firstBlockMs = seconds * 1e3 + (performance.now() - askedMs)
  const driver = process.cpuUsage(figures.driverCpu)
  const { cpuSeconds, mainCpuSeconds } = await node.usage()
  await sleep(SETTLE_MS, undefined, { signal: options.signal })
  const idle = await node.usage()
  return {
    workload: figures.workload,
    n: figures.n,
    unit: 's',
    seconds,
    rss_mb: idle.peakRssBytes / MB,
    disk_mb: (await directoryBytes(directory)) / MB,
    cpu_node_s: cpuSeconds,
    cpu_driver_s: (driver.user + driver.system) / 1e6,
    cpu_main_s: mainCpuSeconds,
    node_start_ms: node.startMs,
    first_block_ms: firstBlockMs,
    idle_rss_mb: idle.rssBytes / MB,
  }
}

export const runStart = (options: RunOptions): Promise<Result[]> =>
  withDirectory(async directory => {
    const n = options.n ?? DEFAULT_N
    let payments: SignedPayment[] = []
    /** The first makes the first block of the new chain, the last that of the chain with history. */
    const paymentAt = (index: number): SignedPayment => {
      const payment = payments.at(index)
      if (payment === undefined) throw new RangeError(`there is no payment ${index}`)
      return payment
    }
    const fresh = await withNode(directory, options, async session => {
      const figures = { workload: 'start', n: 0, driverCpu: process.cpuUsage() }
      const result = await measureStart(session, figures, async () => {
        payments = await prepareTransfers(session, n + 2)
        return paymentAt(0)
      })
      await submitPayments(session, payments.slice(1, -1))
      return result
    })
    const driverCpu = process.cpuUsage()
    const old = await withNode(directory, options, session =>
      measureStart(session, { workload: 'start-history', n, driverCpu }, async () => paymentAt(-1)),
    )
    return [fresh, old]
  })
