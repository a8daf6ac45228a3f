/** What the API lists in pages, and what it says of fees and in a contract's words: against the chain itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeArguments } from '../../node/abi/values.ts'
import { apiFailure } from '../../node/api/client.ts'
import { formatAddress, parseAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import { toHex } from '../../node/types/primitives.ts'
import type { Action } from '../../node/types/transaction.ts'
import { builtContract } from '../support/built-contract.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { signedTransaction, type TestAccount, testAccount } from '../support/transactions.ts'

const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`
const [owner, other] = devAccounts() as readonly TestAccount[] as readonly [TestAccount, TestAccount]
const ownerText = formatAddress(owner.address)
const bob = testAccount('bob').address

let node: RunningNode
let api: RunningNode['client']['api']
let contract: string
let deployId: string
let batchId: string

const send = async (account: TestAccount, nonce: bigint, action: Action, gasLimit: bigint) => {
  const { bytes, id } = signedTransaction(account, nonce, action, { gasLimit, maxFee: 100n })
  await api.transaction.submit.mutate({ transaction: hex(bytes) })
  return api.transaction.wait.query({ id: hex(id) })
}

beforeAll(async () => {
  node = await startTestNode(await temporaryDirectory())
  ;({ api } = node.client)
  const token = await builtContract('token')
  const args = encodeArguments(token.abi, 'init', ['Token', 'TOK', 2, 10n ** 19n])
  const deployed = await send(
    owner,
    0n,
    { kind: 'deploy', code: token.code, args, value: 0n, owner: owner.address },
    200_000_000n,
  )
  contract = deployed.created[0] as string
  deployId = deployed.transactionId
  const move = (amount: number): Action & { kind: 'call' } => ({
    kind: 'call',
    contract: parseAddress(contract),
    method: 'transfer',
    args: encodeArguments(token.abi, 'transfer', [bob, amount]),
    value: 0n,
  })
  const batch: Action = {
    kind: 'batch',
    actions: [move(3), { kind: 'transfer', to: bob, amount: 1n }, move(4)],
  }
  batchId = (await send(owner, 1n, batch, 9_000_000n)).transactionId
  for (let nonce = 0n; nonce < 9n; nonce++)
    await send(other, nonce, { kind: 'transfer', to: bob, amount: 1n }, 400_000n)
})
afterAll(async () => {
  await node.stop()
  expect(node.fatal).toEqual([])
  await removeDirectory(node.directory)
})

/** Follows cursors to the end. */
const readAll = async <Page extends { cursor: string | null }>(
  read: (cursor: string | undefined) => Promise<Page>,
): Promise<Page[]> => {
  const pages: Page[] = []
  let cursor: string | null | undefined
  do {
    const page: Page = await read(cursor ?? undefined)
    pages.push(page)
    ;({ cursor } = page)
  } while (cursor !== null)
  return pages
}

describe('blocks', () => {
  it('come in pages, either way, and are those that block.get gives', async () => {
    const { height } = (await api.chain.info.query()).head
    for (const order of ['newest', 'oldest'] as const) {
      const pages = await readAll(cursor =>
        api.block.list.query({ fromHeight: '1', toHeight: height, order, limit: 4, cursor }),
      )
      const blocks = pages.flatMap(page => page.blocks)
      const heights = blocks.map(block => Number(block.height))
      const expected = Array.from({ length: Number(height) }, (_, i) => i + 1)
      expect(heights).toEqual(order === 'oldest' ? expected : expected.toReversed())
      expect(pages.slice(0, -1).every(page => page.blocks.length === 4)).toBe(true)
      for (const block of blocks) {
        const { hash, transactions } = await api.block.get.query({ height: block.height })
        expect(block).toMatchObject({ hash, transactions: transactions.length })
      }
    }
  })

  it('of a range are no more than it holds, and one that is empty has none', async () => {
    const inRange = await api.block.list.query({ fromHeight: '2', toHeight: '3' })
    expect(inRange.blocks.map(block => block.height)).toEqual(['3', '2'])
    expect(inRange.cursor).toBe(null)
    expect(await api.block.list.query({ fromHeight: '9999' })).toMatchObject({ blocks: [], cursor: null })
    const bad = await api.block.list.query({ cursor: '1-2' }).catch((error: unknown) => apiFailure(error))
    expect(bad).toMatchObject({ code: 'bad_input' })
  })
})

describe('a contract', () => {
  it('is in the list of contracts, over REST too', async () => {
    const found = await api.contract.get.query({ contract })
    const { height } = (await api.chain.info.query()).head
    expect(await api.contract.list.query({})).toEqual({ height, contracts: [found], cursor: null })
    const answer = await fetch(`${node.client.url}/api/contracts?limit=50`)
    expect([answer.status, await answer.json()]).toEqual([200, { height, contracts: [found], cursor: null }])
    const bad = await api.contract.list.query({ limit: 201 }).catch((error: unknown) => apiFailure(error))
    expect(bad).toMatchObject({ code: 'bad_input' })
  })

  it('says what it is, and gives what it stored, of which light.storage proves each', async () => {
    const found = await api.contract.get.query({ contract })
    const account = await api.account.get.query({ address: contract })
    expect(found).toMatchObject({ name: 'Token', owner: ownerText, codeHash: account.contract?.codeHash })
    const pages = await readAll(cursor => api.contract.storage.query({ contract, limit: 2, cursor }))
    const entries = pages.flatMap(page => page.entries)
    expect(entries.length).toBeGreaterThan(4)
    expect(new Set(entries.map(({ key }) => key)).size).toBe(entries.length)
    expect(entries.map(({ key }) => key)).toEqual(entries.map(({ key }) => key).toSorted())
    for (const { key, value } of entries)
      expect((await api.light.storage.query({ contract, key })).proof).toContain(value.slice(2))
    const nobody = await api.contract.get
      .query({ contract: ownerText })
      .catch((error: unknown) => apiFailure(error))
    expect(nobody).toMatchObject({ code: 'not_found', message: expect.stringContaining(ownerText) })
  })

  it('gives its calls and events their names, in a batch too', async () => {
    const bobText = formatAddress(bob)
    expect(await api.transaction.decoded.query({ id: batchId })).toMatchObject({
      status: 'success',
      calls: [3, 4].map(amount => ({
        kind: 'call',
        contract,
        contractName: 'Token',
        method: 'transfer',
        args: { to: bobText, amount: String(amount) },
      })),
      events: [3, 4].map((amount, index) => ({
        contract,
        name: 'Transfer',
        fields: { from: ownerText, to: bobText, amount: String(amount) },
        index,
      })),
    })
    const { calls } = await api.transaction.decoded.query({ id: deployId })
    expect(calls).toMatchObject([{ kind: 'deploy', contractName: 'Token', method: 'init' }])
    expect(Object.values(calls[0]?.args ?? {})).toContain(String(10n ** 19n))
  })
})

describe('the pool', () => {
  it('is listed by id, of all or of one sender', async () => {
    const ids: string[] = []
    for (let nonce = 10n; nonce < 15n; nonce++) {
      const action: Action = { kind: 'transfer', to: bob, amount: 1n }
      const { bytes, id } = signedTransaction(other, nonce, action, { gasLimit: 400_000n, maxFee: 100n })
      await api.transaction.submit.mutate({ transaction: hex(bytes) })
      ids.push(hex(id))
    }
    const pages = await readAll(cursor => api.mempool.list.query({ limit: 2, cursor }))
    const found = pages.flatMap(page => page.transactions)
    expect(found.map(({ id }) => id)).toEqual(ids.toSorted())
    expect(pages.map(page => page.total)).toEqual([5, 5, 5])
    expect((await api.mempool.list.query({ sender: ownerText })).transactions).toEqual([])
    expect((await api.mempool.list.query({ sender: formatAddress(other.address) })).transactions).toEqual(
      found,
    )
  })
})

describe('fees', () => {
  it('of the past are those of the headers, in pages', async () => {
    const { height } = (await api.chain.info.query()).head
    const pages = await readAll(cursor => api.fees.history.query({ limit: 5, cursor }))
    const blocks = pages.flatMap(page => page.blocks)
    expect(blocks.map(block => Number(block.height))).toEqual(
      Array.from({ length: Number(height) + 1 }, (_, i) => Number(height) - i),
    )
    for (const block of blocks)
      expect(await api.block.get.query({ height: block.height })).toMatchObject({
        baseFee: block.baseFee,
        gasUsed: block.gasUsed,
      })
  })

  it('that are suggested are taken', async () => {
    const { baseFee, slow, normal, fast } = await api.fees.suggest.query()
    expect(baseFee).toBe((await api.chain.info.query()).baseFee)
    expect(BigInt(slow.maxFee)).toBeGreaterThan(BigInt(baseFee))
    expect(BigInt(normal.maxFee)).toBeGreaterThan(BigInt(slow.maxFee))
    expect(BigInt(fast.maxFee)).toBeGreaterThan(BigInt(normal.maxFee))
    const body = { gasLimit: 400_000n, maxFee: BigInt(slow.maxFee), tip: BigInt(slow.tip) }
    const { bytes, id } = signedTransaction(owner, 2n, { kind: 'transfer', to: bob, amount: 1n }, body)
    await api.transaction.submit.mutate({ transaction: hex(bytes) })
    expect((await api.transaction.wait.query({ id: hex(id) })).status).toBe('success')
  })
})
