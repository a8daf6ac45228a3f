/** Pages of contracts out of the state, against what every block has made. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { ApiBackend } from '../../../node/api/backend.ts'
import { listContracts } from '../../../node/api/contract-list.ts'
import { Chain } from '../../../node/chain/chain.ts'
import { ChainQueries } from '../../../node/chain/queries.ts'
import { formatAddress, parseAddress } from '../../../node/crypto/address.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import type { Account } from '../../../node/types/account.ts'
import { type Address, ADDRESS_BYTES, toAddress } from '../../../node/types/primitives.ts'
import { createVm } from '../../../vm/vm.ts'
import { keptContracts } from '../../determinism/contracts.ts'
import { historyGenesis, runHistory } from '../../determinism/history.ts'

let backend: ApiBackend
let made: string[]
beforeAll(() => {
  const db = createMemoryDatabase()
  runHistory(keptContracts(), db)
  const chain = Chain.open({ db, genesis: historyGenesis(), vm: createVm() })
  backend = { chain, queries: new ChainQueries(chain) } as unknown as ApiBackend
  made = []
  for (let height = 1n; height <= chain.head.header.height; height++)
    for (const receipt of chain.store.receipts(height)) made.push(...receipt.created.map(formatAddress))
})

type Page = ReturnType<typeof listContracts>

const readAll = (from: Pick<ApiBackend, 'chain' | 'queries'>, limit: number): Page[] => {
  const pages: Page[] = []
  let cursor: string | null | undefined
  do {
    const page = listContracts(from, {
      limit,
      ...(typeof cursor === 'string' && { cursor: parseAddress(cursor) }),
    })
    pages.push(page)
    ;({ cursor } = page)
  } while (cursor !== null)
  return pages
}

describe('the list of contracts', () => {
  it.each([1, 2, 7, 200])('has all that blocks have made, in pages of %i, each once', limit => {
    expect(made.length).toBeGreaterThan(5)
    const pages = readAll(backend, limit)
    const found = pages.flatMap(({ contracts }) => contracts.map(({ address }) => address))
    expect(found.toSorted()).toEqual(made.toSorted())
    for (const { contracts } of pages) expect(contracts.length).toBeLessThanOrEqual(limit)
  })

  it('says of each what its account and its code say', () => {
    for (const { contracts } of readAll(backend, 3))
      for (const { address, codeBytes, codeHash, deposit } of contracts) {
        const { contract } = backend.queries.account(parseAddress(address))
        expect(deposit).toBe(String(contract?.deposit))
        expect(codeHash).toBe(`0x${Buffer.from(contract?.codeHash ?? []).toString('hex')}`)
        expect(codeBytes).toBe(backend.queries.contractCode(parseAddress(address))?.length)
      }
  })

  it('a page ends among many accounts that are none, and the next ones go on', () => {
    const address = (i: number): Address => {
      const bytes = new Uint8Array(ADDRESS_BYTES)
      new DataView(bytes.buffer).setUint32(0, i)
      return toAddress(bytes)
    }
    const account = { nonce: 0n, balance: 1n, contract: undefined } satisfies Account
    const info = { codeHash: new Uint8Array(32), owner: undefined, storageBytes: 9n, deposit: 9n }
    let passed = 0
    const queries = {
      *accountsAfter(after: Address | undefined) {
        const first = after === undefined ? 0 : new DataView(after.buffer, after.byteOffset).getUint32(0) + 1
        for (let i = first; i < 700; i++) {
          passed++
          yield { address: address(i), account: i === 699 ? { ...account, contract: info } : account }
        }
      },
      code: () => new Uint8Array(3),
    }
    const pages = readAll({ chain: backend.chain, queries } as unknown as ApiBackend, 200)
    expect(pages.map(({ contracts }) => contracts.length)).toEqual([0, 0, 1])
    expect(pages.at(-1)?.contracts[0]).toMatchObject({ address: formatAddress(address(699)), name: null })
    expect(passed).toBeLessThan(710)
  })

  it('a page ends where enough code was read; code that many run is read once', () => {
    let reads = 0
    const info = (seed: number): Account => ({
      nonce: 0n,
      balance: 0n,
      contract: {
        codeHash: new Uint8Array(32).fill(seed) as never,
        owner: undefined,
        storageBytes: 0n,
        deposit: 0n,
      },
    })
    const queriesOf = (seedOf: (i: number) => number) => ({
      *accountsAfter(after: Address | undefined) {
        for (let i = after === undefined ? 0 : (after[0] ?? 0) + 1; i < 100; i++)
          yield { address: toAddress(new Uint8Array(ADDRESS_BYTES).fill(i)), account: info(seedOf(i)) }
      },
      code: () => {
        reads++
        return new Uint8Array(128 * 1024)
      },
    })
    const read = (seedOf: (i: number) => number): Page[] =>
      readAll({ chain: backend.chain, queries: queriesOf(seedOf) } as unknown as ApiBackend, 200)
    const own = read(i => i)
    expect(own.length).toBeGreaterThan(2)
    expect(own.flatMap(({ contracts }) => contracts)).toHaveLength(100)
    reads = 0
    expect(read(() => 7)).toHaveLength(1)
    expect(reads).toBe(1)
  })
})
