/** Pages out of the index, against looking at every transaction of the chain. */
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ApiBackend } from '../../../node/api/backend.ts'
import * as inputs from '../../../node/api/inputs.ts'
import { listTransactions } from '../../../node/api/transaction-list.ts'
import { Chain } from '../../../node/chain/chain.ts'
import { Pruner } from '../../../node/chain/pruning.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { type Address, toHex } from '../../../node/types/primitives.ts'
import type { Receipt } from '../../../node/types/receipt.ts'
import { type ParsedTransaction, parseTransaction } from '../../../node/types/transaction.ts'
import { createVm } from '../../../vm/vm.ts'
import { keptContracts } from '../../determinism/contracts.ts'
import { historyGenesis, runHistory } from '../../determinism/history.ts'

const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

interface Known {
  readonly id: string
  readonly height: bigint
  readonly parsed: ParsedTransaction
  readonly receipt: Receipt
}

const db = createMemoryDatabase()
let backend: ApiBackend
let all: Known[]
beforeAll(() => {
  runHistory(keptContracts(), db)
  const chain = Chain.open({ db, genesis: historyGenesis(), vm: createVm() })
  backend = { chain } as unknown as ApiBackend
  all = []
  for (let height = 1n; height <= chain.head.header.height; height++) {
    const receipts = chain.store.receipts(height)
    for (const [index, bytes] of chain.store.blockByHeight(height)?.block.transactions.entries() ?? []) {
      const parsed = parseTransaction(bytes)
      all.push({ id: hex(parsed.id), height, parsed, receipt: receipts[index] as Receipt })
    }
  }
})

const page = (input: unknown) => listTransactions(backend, inputs.transactionList.parse(input))
const pages = (input: object, limit: number): string[] => {
  const found: string[] = []
  let cursor: string | null = null
  do {
    const next: ReturnType<typeof page> = page({ ...input, limit, ...(cursor === null ? {} : { cursor }) })
    expect(next.transactions.length).toBeLessThanOrEqual(limit)
    found.push(...next.transactions.map(({ id }) => id))
    ;({ cursor } = next)
  } while (cursor !== null)
  return found
}

/** What an address has to do with, written differently: as text, wherever it stands in an action. */
const concerns = ({ parsed, receipt }: Known, address: Address): boolean => {
  const { action } = parsed.transaction.body
  const actions = action.kind === 'batch' ? action.actions : [action]
  const named = actions.flatMap(each => [
    ...('to' in each ? [each.to] : []),
    ...('contract' in each ? [each.contract] : []),
    ...('validator' in each ? [each.validator] : []),
  ])
  return [...named, ...receipt.created, ...receipt.events.map(({ contract }) => contract)].some(
    other => formatAddress(other) === formatAddress(address),
  )
}

describe('transaction.list', () => {
  it('finds what a scan finds, by sender and by party, in either order, in pages of any size', () => {
    const addresses = [...new Map(all.map(({ parsed }) => [hex(parsed.sender), parsed.sender])).values()]
    const contracts = all.flatMap(({ receipt }) => receipt.created)
    fc.assert(
      fc.property(
        fc.constantFrom(...addresses, ...contracts),
        fc.integer({ min: 1, max: 200 }),
        fc.constantFrom('newest', 'oldest'),
        (address, limit, order) => {
          const arranged = order === 'newest' ? all.toReversed() : all
          const text = formatAddress(address)
          expect(pages({ by: { sender: text }, order }, limit)).toEqual(
            arranged.filter(({ parsed }) => formatAddress(parsed.sender) === text).map(({ id }) => id),
          )
          expect(pages({ by: { party: text }, order }, limit)).toEqual(
            arranged.filter(each => concerns(each, address)).map(({ id }) => id),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  it('finds the events of a contract by their name and by each indexed field', () => {
    const events = all.flatMap(({ receipt }) => receipt.events)
    expect(events.filter(({ topics }) => topics.length > 1).length).toBeGreaterThan(20)
    const topics = events.flatMap(({ contract, topics }) =>
      topics.map((topic, position) => ({ contract, position, topic })),
    )
    fc.assert(
      fc.property(fc.constantFrom(...topics), fc.integer({ min: 1, max: 50 }), (wanted, limit) => {
        const by = {
          contract: formatAddress(wanted.contract),
          position: wanted.position,
          topic: hex(wanted.topic),
        }
        const expected = all.filter(({ receipt }) =>
          receipt.events.some(
            event =>
              hex(event.contract) === hex(wanted.contract) &&
              event.topics[wanted.position] !== undefined &&
              hex(event.topics[wanted.position] as Uint8Array) === hex(wanted.topic),
          ),
        )
        expect(pages({ by, order: 'oldest' }, limit)).toEqual(expected.map(({ id }) => id))
      }),
      { numRuns: 60 },
    )
  })

  it('gives nothing for who has nothing, and refuses a cursor that is none', () => {
    const nobody = formatAddress(new Uint8Array(32).fill(5) as Address)
    expect(page({ by: { sender: nobody } })).toEqual({ transactions: [], cursor: null, keptFrom: '1' })
    expect(() => page({ by: { sender: nobody }, cursor: '12' })).toThrow('not one that this API gave')
    expect(() => page({ by: { sender: nobody }, limit: 201 })).toThrow()
  })

  it('ends where pruning has come to, and says from where blocks are kept', () => {
    const sender = all[0]?.parsed.sender as Address
    const pruner = new Pruner(db, backend.chain.store, { blocks: 60, states: 1 })
    const by = { sender: formatAddress(sender) }
    for (let step = 0; pruner.slice(backend.chain.head.header.height, 50); step++) {
      const keptFrom = backend.chain.store.keptFrom()
      const expected = all
        .filter(({ height, parsed }) => height >= keptFrom && hex(parsed.sender) === hex(sender))
        .map(({ id }) => id)
      expect(pages({ by, order: 'oldest' }, 7)).toEqual(expected)
      expect(page({ by }).keptFrom).toBe(String(keptFrom))
    }
    expect(backend.chain.store.keptFrom()).toBe(backend.chain.head.header.height - 59n)
  })
})
