/** Views that are run where they are asked: the same answers, and only those that are short. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Chain } from '../../../node/chain/chain.ts'
import { encodeArguments } from '../../../node/abi/values.ts'
import { abiFromCode } from '../../../node/abi/types.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { devAccounts, devGenesis } from '../../../node/dev.ts'
import { type QueryClient, startQueryClient } from '../../../node/execution/query-client.ts'
import { QUICK_GAS, type ViewQuery } from '../../../node/execution/query.ts'
import { withQuickViews } from '../../../node/execution/quick-views.ts'
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

const NOTHING = new Uint8Array(0)
/** More than it takes to be asked often. */
const MANY = 40
const [dev] = devAccounts()
if (dev === undefined) throw new Error('no development account')
const keys = createValidatorKeys(new Uint8Array(64).fill(7))
const genesis = devGenesis(keys, 1_700_000_000_000n, 'test')

let directory: string
let database: Database
let chain: Chain
let contract: Address
let abi: NonNullable<ReturnType<typeof abiFromCode>>
let thread: QueryClient
let queries: QueryClient
let asked = 0
const faults: unknown[] = []

const commit = (...actions: Parameters<typeof signedTransaction>[2][]) => {
  const { height } = chain.head.header
  const block = chain.build({
    ...placeBlock({ genesis, keys, parent: chain.head, state: chain.state, view: height + 1n, timeMs: 0n }),
    candidates: actions.map((action, i) => signedTransaction(dev, height + BigInt(i), action)),
  })
  expect(receiptsOf(block).map(({ status }) => status)).toEqual(actions.map(() => 'success'))
  chain.commit(block.hash, undefined)
  return block
}

beforeAll(async () => {
  directory = await temporaryDirectory()
  database = await openRocksDatabase(`${directory}/db`)
  chain = Chain.open({ db: database, genesis, vm: createVm() })
  const { code } = await fixtureContract('caller')
  abi = abiFromCode(code) as typeof abi
  const block = commit({ kind: 'deploy', code, args: NOTHING, value: 0n, owner: undefined })
  contract = receiptsOf(block)[0]?.created[0] as Address
})
beforeEach(() => {
  asked = 0
  const options = {
    database: shareRocksDatabase(database),
    genesis,
    onFault: (error: unknown) => faults.push(error),
  }
  thread = startQueryClient(options)
  const counted: QueryClient = {
    view(query, head) {
      asked++
      return thread.view(query, head)
    },
    simulate: (query, head) => thread.simulate(query, head),
    trace: (query, head) => thread.trace(query, head),
    close: () => thread.close(),
  }
  queries = withQuickViews(counted, options)
  return () => queries.close()
})
afterAll(async () => {
  await database.close()
  await removeDirectory(directory)
  expect(faults).toEqual([])
})

const queryOf = (method: string, args: readonly unknown[] = [], gasLimit?: bigint) =>
  ({
    caller: undefined,
    contract,
    method,
    args: encodeArguments(abi, method, args),
    gasLimit,
  }) satisfies Omit<ViewQuery, 'kind'>
const ask = (...query: Parameters<typeof queryOf>) => queries.view(queryOf(...query), chain.head.header)
const askMany = async (...query: Parameters<typeof queryOf>) => {
  for (let i = 0; i < MANY; i++) await ask(...query)
  // What runs them is loaded meanwhile.
  await new Promise(resolve => setTimeout(resolve, 300))
  await ask(...query)
  asked = 0
}

describe('a view that is asked often', () => {
  it('is run where it is asked, and answered as in the thread', async () => {
    await ask('getNote')
    expect(asked).toBe(1)
    await askMany('getNote')
    const quick = await ask('getNote')
    expect(asked).toBe(0)
    expect(quick).toEqual(await thread.view(queryOf('getNote'), chain.head.header))
    expect(quick.outcome.kind).toBe('returned')
  })

  it('sees the last block', async () => {
    await askMany('getNote')
    commit({ kind: 'call', contract, method: 'fill', args: encodeArguments(abi, 'fill', [0, 3]), value: 0n })
    const before = await ask('getNote')
    commit({
      kind: 'call',
      contract,
      method: 'tryFailing',
      args: encodeArguments(abi, 'tryFailing', [formatAddress(contract)]),
      value: 0n,
    })
    const after = await ask('getNote')
    expect(asked).toBe(0)
    expect(before.outcome).toMatchObject({ data: new Uint8Array(8) })
    expect(after.outcome).toMatchObject({ data: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0) })
  })

  it('goes to the thread with all its gas if it is not short, and then is not tried for a while', async () => {
    await askMany('getNote')
    await askMany('spin', [], 3n * QUICK_GAS)
    const { outcome } = await ask('spin', [], 3n * QUICK_GAS)
    expect(outcome).toMatchObject({ code: 'out_of_gas', gasUsed: 3n * QUICK_GAS })
    expect(asked).toBe(1)
    // Of other methods nothing changes.
    await ask('getNote')
    expect(asked).toBe(1)
  })

  it('goes to the thread if it fails, which says where', async () => {
    await askMany('divide', [5])
    expect((await ask('divide', [5])).outcome.kind).toBe('returned')
    expect(asked).toBe(0)
    const failed = await ask('divide', [0])
    expect(asked).toBe(1)
    expect(failed).toEqual(await thread.view(queryOf('divide', [0]), chain.head.header))
    expect(failed.failure).toBeDefined()
    // The next ones of the method are not tried for a while.
    let inThread = 0
    for (let i = 0; i < 300; i++) {
      asked = 0
      await ask('divide', [5])
      if (asked === 0) break
      inThread++
    }
    expect(inThread).toBe(256)
  })

  it('goes to the thread if it calls another contract, whose end the gas may decide', async () => {
    await askMany('callSelf')
    const { outcome } = await ask('callSelf')
    expect(asked).toBe(1)
    expect(outcome).toMatchObject({ kind: 'returned', data: Uint8Array.of(0) })
  })

  it('has no more gas than it was given', async () => {
    await askMany('getNote')
    const { outcome } = await ask('getNote', [], 10n)
    expect(asked).toBe(1)
    expect(outcome).toMatchObject({ kind: 'failed', code: 'out_of_gas', gasUsed: 10n })
  })

  it('is refused once they are closed', async () => {
    await askMany('getNote')
    await queries.close()
    await expect(ask('getNote')).rejects.toMatchObject({ code: 'stopping' })
  })
})
