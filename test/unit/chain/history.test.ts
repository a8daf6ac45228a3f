import { beforeAll, describe, expect, it } from 'vitest'
import { Chain } from '../../../node/chain/chain.ts'
import { blockEnvironment } from '../../../node/chain/environment.ts'
import { HistoryError, type PastTrace, tracePast } from '../../../node/chain/history.ts'
import { BlockStore, heightKey } from '../../../node/chain/store.ts'
import { stateBefore } from '../../../node/state/undo.ts'
import { COLUMNS, type Database } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { BlockExecution, type BlockResult } from '../../../node/transition/block.ts'
import { Tracer } from '../../../node/transition/trace.ts'
import { parseTransaction } from '../../../node/types/transaction.ts'
import { createVm } from '../../../vm/vm.ts'
import { keptContracts } from '../../determinism/contracts.ts'
import { historyGenesis, runHistory } from '../../determinism/history.ts'

const genesis = historyGenesis()
const vm = createVm()

let db: Database
let chain: Chain
let digest: string
beforeAll(() => {
  db = createMemoryDatabase()
  digest = runHistory(keptContracts(), db).digest
  chain = Chain.open({ db, genesis, vm })
})

const trace = (height: bigint, index: number): PastTrace =>
  tracePast({
    db,
    genesis,
    vm,
    now: chain.state,
    head: chain.head.header.height,
    place: { height, index },
    gas: height % 2n === 0n,
  })

const heights = (): bigint[] =>
  Array.from({ length: Number(chain.head.header.height) }, (_, i) => BigInt(i) + 1n)

describe('transactions of the past', () => {
  it('come out as they did, traced on the state before their block', () => {
    const failures = new Set<string>()
    for (const height of heights()) {
      const count = chain.store.receipts(height).length
      if (count === 0) continue
      const { isExact, receipt, trace: found } = trace(height, count - 1)
      expect(isExact, `block ${height}`).toBe(true)
      if (receipt.error !== undefined) failures.add(receipt.error.code)
      if (receipt.error?.code === 'reverted')
        expect(found.calls.at(-1)?.outcome).toMatchObject({ kind: 'reverted', data: receipt.error.data })
    }
    expect([...failures]).toEqual(expect.arrayContaining(['reverted', 'trapped', 'out_of_gas']))
  })

  it('are refused with what to do once their state is no more kept', () => {
    db.write([{ column: COLUMNS.undo, key: heightKey(7n), value: undefined }], { sync: false })
    expect(() => trace(7n, 0)).toThrow(HistoryError)
    expect(() => trace(2n, 0)).toThrow(HistoryError)
    expect(trace(8n, 0).isExact).toBe(true)
  })
})

describe('watching a block', () => {
  const execute = (height: bigint, past: ReturnType<typeof stateBefore>, isTraced: boolean): BlockResult => {
    const store = new BlockStore(db)
    const stored = store.blockByHeight(height)
    const parent = store.blockByHeight(height - 1n)
    if (stored === undefined || parent === undefined) throw new Error(`block ${height} is missing`)
    const { header } = stored.block
    const environment = blockEnvironment(genesis, parent.block.header, header, header)
    const execution = new BlockExecution({ environment, vm, state: past })
    for (const bytes of stored.block.transactions)
      execution.apply(parseTransaction(bytes), isTraced ? new Tracer({ gas: height % 2n === 0n }) : undefined)
    return execution.finish()
  }

  it('changes nothing of what it does: receipts, roots, state, block after block', () => {
    for (const height of heights().slice(8)) {
      const records = db.range(COLUMNS.undo, { from: heightKey(height) }).map(([, record]) => record)
      const past = stateBefore(chain.state, records)
      const watched = execute(height, past, true)
      const header = chain.store.blockByHeight(height)?.block.header
      expect(watched.receiptsRoot).toEqual(header?.receiptsRoot)
      expect(watched.gasUsed).toBe(header?.gasUsed)
      expect(watched.changes).toEqual(execute(height, past, false).changes)
    }
  })
})

it('a chain that keeps history has the digest of one that does not', () => {
  expect(runHistory(keptContracts()).digest).toBe(digest)
})
