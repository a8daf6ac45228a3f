/** A loop of 64-bit arithmetic in contract code: as a view, and as transactions with everything that belongs to one. */
import { DEFAULT_VIEW_GAS } from '../../../node/execution/query.ts'
import { deployExample, operatorOf, sendAs } from '../contracts.ts'
import { mixReference, splitEvenly } from '../mix.ts'
import type { Result } from '../result.ts'
import { assertEqual, type RunOptions, startMeter, withNewChain } from '../session.ts'

export const DEFAULT_ITERATIONS = 10_000_000
/** Gas of a call beyond the loop: the transaction itself, the contract's entry, the wallet's tenth. */
const GAS_AROUND = 1_000_000n
export const WARM_UP = 100_000

export const runCompute = (options: RunOptions): Promise<Result[]> =>
  withNewChain(options, async session => {
    const { client } = session
    const n = options.n ?? DEFAULT_ITERATIONS
    const compute = await deployExample(session, 'compute')
    const operator = operatorOf(session)
    const few = await compute.view(client, 'mix', WARM_UP)
    const more = await compute.view(client, 'mix', 2 * WARM_UP)
    const iterationsWithin = (gas: bigint): number =>
      Number(((gas - GAS_AROUND) * BigInt(WARM_UP)) / (more.gasUsed - few.gasUsed))
    const { blockGasLimit } = await client.api.chain.info.query()

    const measure = async (
      workload: string,
      gas: bigint,
      run: (iterations: number) => Promise<unknown>,
    ): Promise<Result> => {
      const parts = splitEvenly(n, iterationsWithin(gas))
      const expected = new Map(parts.map(iterations => [iterations, mixReference(iterations)]))
      const stopMeter = await startMeter(session, workload)
      const startMs = performance.now()
      for (const iterations of parts)
        assertEqual(`mix(${iterations})`, await run(iterations), expected.get(iterations))
      const seconds = (performance.now() - startMs) / 1e3
      const { grownBytes: _, ...measured } = await stopMeter()
      return { workload, n, rate: n / seconds, unit: 'iter/s', seconds, ...measured }
    }

    const view = async (iterations: number) => (await compute.view(client, 'mix', iterations)).value
    const transact = async (iterations: number) => {
      const receipt = await sendAs(operator, compute.call('mix', iterations))
      return compute.decode('mix', receipt.returnData)
    }
    return [
      await measure('compute', DEFAULT_VIEW_GAS, view),
      // The wallet simulates first and adds a tenth to the gas limit.
      await measure('compute-tx', (BigInt(blockGasLimit) * 10n) / 11n, transact),
    ]
  })
