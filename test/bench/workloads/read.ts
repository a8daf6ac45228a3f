/** Calls of a view, `balanceOf` of the token: one after another, then over many connections at a time. */
import { createApiClient, type ApiClient } from '../../../node/api/client.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { senderAccounts } from '../genesis.ts'
import { type Result, timedFigures } from '../result.ts'
import { assertEqual, type RunOptions, startMeter, withNewChain } from '../session.ts'
import { deployToken, TOKENS_OF_EACH } from '../token.ts'

const DEFAULT_N = 2_000
const CONNECTIONS = 50
/** Over all connections together, times what is asked in sequence. */
const CONCURRENT_FACTOR = 5
const WARM_UP = 200

export const runRead = (options: RunOptions): Promise<Result[]> =>
  withNewChain(options, async session => {
    const n = options.n ?? DEFAULT_N
    const token = await deployToken(session)
    const inputs = senderAccounts().map(({ address }) => token.viewInput('balanceOf', formatAddress(address)))

    const askOnce = async ({ api }: ApiClient, index: number): Promise<string> => {
      const input = inputs[index % inputs.length]
      if (input === undefined) throw new RangeError('there is no holder')
      return (await api.contract.view.query(input)).returnData
    }
    /** All hold the same, so every answer must be this one. */
    const expected = await askOnce(session.client, 0)
    assertEqual('a balance', token.decode('balanceOf', expected), TOKENS_OF_EACH)

    /** One call a request: a client sends those of one tick together, and here is one at a time. */
    const ask = async (client: ApiClient, count: number, latenciesMs: number[]): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const startMs = performance.now()
        const returnData = await askOnce(client, i)
        latenciesMs.push(performance.now() - startMs)
        assertEqual('the answer', returnData, expected)
      }
    }

    const measure = async (workload: string, total: number, clients: ApiClient[]): Promise<Result> => {
      await Promise.all(clients.map(client => ask(client, Math.ceil(WARM_UP / clients.length), [])))
      const stopMeter = await startMeter(session, workload)
      const latenciesMs: number[] = []
      const startMs = performance.now()
      await Promise.all(clients.map(client => ask(client, Math.ceil(total / clients.length), latenciesMs)))
      const seconds = (performance.now() - startMs) / 1e3
      const { grownBytes: _, ...measured } = await stopMeter()
      return {
        workload,
        unit: 'call/s',
        ...timedFigures(latenciesMs.length, seconds, latenciesMs),
        ...measured,
      }
    }

    const sequential = await measure('read', n, [session.client])
    const clients = Array.from({ length: CONNECTIONS }, () => createApiClient({ url: session.node.url }))
    try {
      return [sequential, await measure(`read-${CONNECTIONS}`, CONCURRENT_FACTOR * n, clients)]
    } finally {
      for (const client of clients) client.close()
    }
  })
