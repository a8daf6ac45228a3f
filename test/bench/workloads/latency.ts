/** One transfer after another on a chain that has nothing else to do: from submission to the final receipt. */
import { type Result, timedFigures } from '../result.ts'
import { assertEqual, type RunOptions, startMeter, withNewChain } from '../session.ts'
import { prepareTransfers } from './transfers.ts'

const DEFAULT_N = 200

export const runLatency = (options: RunOptions): Promise<Result[]> =>
  withNewChain(options, async session => {
    const { api } = session.client
    const payments = await prepareTransfers(session, options.n ?? DEFAULT_N)
    const height = async () => Number((await api.chain.info.query()).head.height)
    const heightBefore = await height()
    const stopMeter = await startMeter(session, 'latency')
    const latenciesMs: number[] = []
    const startMs = performance.now()
    for (const { id, transaction } of payments) {
      const submittedMs = performance.now()
      await api.transaction.submit.mutate({ transaction })
      const receipt = await api.transaction.wait.query({ id })
      latenciesMs.push(performance.now() - submittedMs)
      assertEqual(`the status of transaction ${id}`, receipt.status, 'success')
    }
    const seconds = (performance.now() - startMs) / 1e3
    const { grownBytes, ...measured } = await stopMeter()
    return [
      {
        workload: 'latency',
        unit: 'tx/s',
        ...timedFigures(payments.length, seconds, latenciesMs),
        ...measured,
        blocks: (await height()) - heightBefore,
        bytes_per_tx: grownBytes / payments.length,
      },
    ]
  })
