import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Chain } from '../../../node/chain/chain.ts'
import { devAccounts, devGenesis } from '../../../node/dev.ts'
import { type QueryClient, startQueryClient } from '../../../node/execution/query-client.ts'
import type { Database } from '../../../node/storage/database.ts'
import { openRocksDatabase, shareRocksDatabase } from '../../../node/storage/rocks.ts'
import type { Address } from '../../../node/types/primitives.ts'
import { createValidatorKeys } from '../../../node/validator-keys.ts'
import { createVm } from '../../../vm/vm.ts'
import { fixtureContract } from '../../support/contracts.ts'
import { placeBlock } from '../../support/placed-block.ts'
import { removeDirectory, temporaryDirectory } from '../../support/running-node.ts'
import { signedTransaction } from '../../support/transactions.ts'
import { receiptsOf } from '../../../node/types/receipt.ts'

/** Long enough for a new thread to answer on a machine that is busy with other tests. */
const TIME_LIMIT_MS = 2_500
const ENDLESS = 1n << 61n
const NOTHING = new Uint8Array(0)
const [dev] = devAccounts()
if (dev === undefined) throw new Error('no development account')

const keys = createValidatorKeys(new Uint8Array(64).fill(7))

let directory: string
let database: Database
let chain: Chain
let contract: Address
let queries: QueryClient
const faults: unknown[] = []
beforeAll(async () => {
  directory = await temporaryDirectory()
  database = await openRocksDatabase(`${directory}/db`)
  const genesis = devGenesis(keys, 1_700_000_000_000n, 'test')
  chain = Chain.open({ db: database, genesis, vm: createVm() })
  const { code } = await fixtureContract('caller')
  const deploy = { kind: 'deploy' as const, code, args: NOTHING, value: 0n, owner: undefined }
  const block = chain.build({
    ...placeBlock({ genesis, keys, parent: chain.head, state: chain.state, view: 1n, timeMs: 0n }),
    candidates: [signedTransaction(dev, 0n, deploy)],
  })
  contract = receiptsOf(block)[0]?.created[0] as Address
  chain.commit(block.hash, undefined)
  queries = startQueryClient({
    database: shareRocksDatabase(database),
    genesis,
    timeLimitMs: TIME_LIMIT_MS,
    onFault: error => faults.push(error),
  })
})
afterAll(async () => {
  await queries.close()
  await database.close()
  await removeDirectory(directory)
})

const view = (method: string, gasLimit?: bigint, asked = queries) =>
  asked.view({ caller: undefined, contract, method, args: NOTHING, gasLimit }, chain.head.header)

describe('a query', () => {
  it('is answered by the other thread on the committed state', async () => {
    const { outcome } = await view('getNote')
    expect(outcome).toMatchObject({ kind: 'returned', data: new Uint8Array(8) })
  })

  it('finds a new thread where the last one had nothing to do for a while', async () => {
    const workers: Worker[] = []
    const onWorker = (worker: Worker): void => void workers.push(worker)
    process.on('worker', onWorker)
    const rested = startQueryClient({
      database: shareRocksDatabase(database),
      genesis: chain.genesis,
      idleMs: 200,
      onFault: error => faults.push(error),
    })
    const ask = () => view('getNote', undefined, rested)
    try {
      for (const started of [1, 2]) {
        expect((await ask()).outcome.kind).toBe('returned')
        expect((await ask()).outcome.kind).toBe('returned')
        expect(workers).toHaveLength(started)
        await once(workers[started - 1] as Worker, 'exit')
      }
    } finally {
      process.off('worker', onWorker)
      await rested.close()
    }
    expect(faults).toEqual([])
  })

  it('that fails is told of, also the first', async () => {
    const { outcome, failure } = await view('missing')
    expect(outcome).toMatchObject({ kind: 'failed', code: 'unknown_method' })
    expect(failure).toHaveLength(1)
  })

  it('that runs out of its gas is the contract’s result', async () => {
    const { outcome } = await view('spin', 5_000_000n)
    expect(outcome).toMatchObject({ kind: 'failed', code: 'out_of_gas', gasUsed: 5_000_000n })
  })

  it('without end is stopped by the alarm; those behind it are answered by a new thread', async () => {
    await view('getNote')
    const startedMs = performance.now()
    const endless = view('spin', ENDLESS).catch((error: unknown) => error)
    const behind = Promise.all([view('getNote'), view('getNote'), view('getNote')])
    expect(await endless).toMatchObject({ name: 'QueryError', code: 'time_limit' })
    const stoppedMs = performance.now() - startedMs
    expect(stoppedMs).toBeGreaterThanOrEqual(TIME_LIMIT_MS - 5)
    expect((await behind).map(({ outcome }) => outcome.kind)).toEqual(['returned', 'returned', 'returned'])
    expect(faults).toEqual([])
  })

  it('after query without end is stopped, each for itself', async () => {
    const results = await Promise.allSettled([
      view('spin', ENDLESS),
      view('getNote'),
      view('spin', ENDLESS),
      view('getNote'),
    ])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled'])
  })

  it('that the machine has no time for is not told that it ran too long', async () => {
    // Four limits have passed before a thread can have started.
    const slow = startQueryClient({
      database: shareRocksDatabase(database),
      genesis: chain.genesis,
      timeLimitMs: 2,
      onFault: error => faults.push(error),
    })
    try {
      const results = await Promise.allSettled([view('getNote', undefined, slow)])
      expect(results).toMatchObject([{ status: 'rejected', reason: { name: 'QueryError', code: 'busy' } }])
    } finally {
      await slow.close()
    }
    expect(faults).toEqual([])
  })

  it('sees one state from its beginning to its end, and the next query the next', async () => {
    const { genesis } = chain
    const before = queries.simulate(
      { sender: dev.address, action: { kind: 'transfer', to: contract, amount: 1n }, gasLimit: undefined },
      chain.head.header,
    )
    const block = chain.build({
      ...placeBlock({ genesis, keys, parent: chain.head, state: chain.state, view: 2n, timeMs: 0n }),
      candidates: [signedTransaction(dev, 1n, { kind: 'transfer', to: contract, amount: 9n })],
    })
    chain.commit(block.hash, undefined)
    expect((await before).simulation.kind).toBe('ran')
    const { outcome } = await view('getNote')
    expect(outcome.kind).toBe('returned')
  })
})

describe('a closed client', () => {
  it('answers what waits, and ends its threads before the database goes', async () => {
    const other = startQueryClient({
      database: shareRocksDatabase(database),
      genesis: chain.genesis,
      onFault: error => faults.push(error),
    })
    const ask = () =>
      other
        .view(
          { caller: undefined, contract, method: 'spin', args: NOTHING, gasLimit: ENDLESS },
          chain.head.header,
        )
        .catch((error: unknown) => error)
    const waiting = ask()
    await new Promise(resolve => setTimeout(resolve, 200))
    await other.close()
    expect(await waiting).toMatchObject({ code: 'stopping' })
    expect(await ask()).toMatchObject({ code: 'stopping' })
    expect(faults).toEqual([])
  })

  it('takes no notice of an answer that comes while its thread is ending', async () => {
    const workers: Worker[] = []
    const onWorker = (worker: Worker): void => void workers.push(worker)
    process.once('worker', onWorker)
    const other = startQueryClient({
      database: shareRocksDatabase(database),
      genesis: chain.genesis,
      onFault: error => faults.push(error),
    })
    const waiting = other
      .view(
        { caller: undefined, contract, method: 'spin', args: NOTHING, gasLimit: ENDLESS },
        chain.head.header,
      )
      .catch((error: unknown) => error)
    // The process tells of a new thread a moment later.
    await new Promise(resolve => setImmediate(resolve))
    const closing = other.close()
    const [worker] = workers
    expect(worker?.emit('message', { id: 0, answer: undefined })).toBe(true)
    await closing
    expect(await waiting).toMatchObject({ code: 'stopping' })
    expect(faults).toEqual([])
  })
})
