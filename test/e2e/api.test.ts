/** What the API answers fits together: one truth, seen from every side. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeEvent, encodeArguments } from '../../node/abi/values.ts'
import { apiFailure } from '../../node/api/client.ts'
import { formatAddress, parseAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import { fromHex, toHex } from '../../node/types/primitives.ts'
import type { Action } from '../../node/types/transaction.ts'
import { appendCustomSection, withoutCustomSection } from '../../contracts/sdk/wasm-section.ts'
import { builtContract } from '../support/built-contract.ts'
import type { TestContract } from '../support/contracts.ts'
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
const bobText = formatAddress(bob)
const SUPPLY = 1_000

let node: RunningNode
let api: RunningNode['client']['api']
let token: TestContract
let contract: string

const submit = async (account: TestAccount, nonce: bigint, action: Action, gasLimit = 400_000n) => {
  const { bytes, id } = signedTransaction(account, nonce, action, { gasLimit, maxFee: 100n })
  await api.transaction.submit.mutate({ transaction: hex(bytes) })
  return hex(id)
}
const send = async (...given: Parameters<typeof submit>) =>
  api.transaction.wait.query({ id: await submit(...given) })

const transfer = (amount: bigint): Action => ({ kind: 'transfer', to: bob, amount })
const args = (method: string, values: readonly unknown[]): string =>
  hex(encodeArguments(token.abi, method, values))

beforeAll(async () => {
  node = await startTestNode(await temporaryDirectory())
  ;({ api } = node.client)
  token = await builtContract('token')
  const init = encodeArguments(token.abi, 'init', ['Token', 'TOK', 2, SUPPLY])
  const deploy: Action = { kind: 'deploy', code: token.code, args: init, value: 0n, owner: owner.address }
  const receipt = await send(owner, 0n, deploy, 200_000_000n)
  expect(receipt.error).toBe(null)
  contract = receipt.created[0] as string
})
afterAll(async () => {
  await node.stop()
  expect(node.fatal).toEqual([])
  await removeDirectory(node.directory)
})

describe('a block', () => {
  it('is the same by height, by hash and by tag', async () => {
    const { head, genesisHash } = await api.chain.info.query()
    const byHeight = await api.block.get.query({ height: head.height })
    expect(byHeight).toMatchObject({ hash: head.hash, timeMs: head.timeMs, height: head.height })
    expect(await api.block.get.query({ hash: head.hash })).toEqual(byHeight)
    expect(await api.block.get.query({ tag: 'latest' })).toEqual(byHeight)
    const genesis = await api.block.get.query({ tag: 'genesis' })
    expect(genesis).toMatchObject({ height: '0', parentHash: genesisHash, transactions: [] })
    expect(await api.block.get.query({ height: 0 })).toEqual(genesis)
  })

  it('names its parent, and carries a certificate for its own hash', async () => {
    const { head } = await api.chain.info.query()
    let block = await api.block.get.query({ height: head.height })
    while (block.height !== '0') {
      expect(block.certificate).toMatchObject({ hash: block.hash })
      const parent = await api.block.get.query({ hash: block.parentHash })
      expect(BigInt(parent.height)).toBe(BigInt(block.height) - 1n)
      block = parent
    }
  })

  it('holds the transactions that say they are in it, with their receipts', async () => {
    const ids = [0n, 1n, 2n].map(nonce => submit(other, nonce, transfer(nonce + 1n)))
    const receipts = await Promise.all(ids.map(async id => api.transaction.wait.query({ id: await id })))
    for (const receipt of receipts) {
      const id = receipt.transactionId
      const block = await api.block.get.query({ hash: receipt.blockHash })
      expect(block.transactions[receipt.index]).toBe(id)
      expect((await api.block.receipts.query({ height: receipt.height }))[receipt.index]).toEqual(receipt)
      expect(await api.transaction.receipt.query({ id })).toEqual(receipt)
      const { height, index, blockHash } = receipt
      expect(await api.transaction.get.query({ id })).toMatchObject({
        state: 'final',
        sender: formatAddress(other.address),
        height,
        index,
        blockHash,
      })
    }
    const gasOf = async (height: string) =>
      (await api.block.receipts.query({ height })).reduce((sum, { gasUsed }) => sum + BigInt(gasUsed), 0n)
    const { height } = receipts[0] as { height: string }
    expect((await api.block.get.query({ height })).gasUsed).toBe(String(await gasOf(height)))
  })
})

describe('an account', () => {
  it('shows its final nonce and the one to sign next; what waits for a nonce makes no blocks', async () => {
    const address = formatAddress(other.address)
    const before = await api.account.nonce.query({ address })
    expect(before.pending).toBe(before.final)
    const next = BigInt(before.final)
    const later = await submit(other, next + 1n, transfer(1n))
    expect(await api.account.nonce.query({ address })).toEqual(before)
    expect(await api.transaction.get.query({ id: later })).toMatchObject({ state: 'pending' })
    const { head, pool } = await api.chain.info.query()
    expect(pool.transactions).toBe(1)
    await sleep(200)
    expect((await api.chain.info.query()).head).toEqual(head)

    const waiting = api.transaction.receipt.query({ id: later }).catch((error: unknown) => apiFailure(error))
    expect(await waiting).toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(/waits for a block/),
    })
    await submit(other, next, transfer(1n))
    await api.transaction.wait.query({ id: later })
    const after = String(next + 2n)
    expect(await api.account.nonce.query({ address })).toEqual({ final: after, pending: after })
    expect(await api.account.get.query({ address })).toMatchObject({ nonce: after, pendingNonce: after })
  })

  it('pays exactly what its receipt says, and the supply shrinks by what was burned', async () => {
    const balance = async (address: string) => BigInt((await api.account.get.query({ address })).balance)
    const supply = async () => BigInt((await api.chain.info.query()).supply)
    const [from, to, all] = [await balance(ownerText), await balance(bobText), await supply()]
    const { pending } = await api.account.nonce.query({ address: ownerText })
    const receipt = await send(owner, BigInt(pending), transfer(7n))
    expect(await balance(bobText)).toBe(to + 7n)
    expect(await balance(ownerText)).toBe(from - 7n - BigInt(receipt.feePaid))
    const { baseFee } = await api.block.get.query({ height: receipt.height })
    expect(await supply()).toBe(all - BigInt(receipt.gasUsed) * BigInt(baseFee))
  })

  it('of a contract says what it holds; one that was never used is empty', async () => {
    const found = await api.account.get.query({ address: contract })
    expect(found.contract).toMatchObject({ owner: ownerText })
    expect(BigInt(found.contract?.deposit ?? 0)).toBe(10_000n * BigInt(found.contract?.storageBytes ?? 0))
    const nobody = formatAddress(testAccount('nobody').address)
    expect(await api.account.get.query({ address: nobody })).toEqual({
      address: nobody,
      balance: '0',
      nonce: '0',
      pendingNonce: '0',
      contract: null,
    })
  })
})

describe('a simulation', () => {
  const action = () => ({
    kind: 'call' as const,
    contract,
    method: 'transfer',
    args: args('transfer', [bobText, 5]),
  })
  const real = (): Action => ({
    kind: 'call',
    contract: parseAddress(contract),
    method: 'transfer',
    args: encodeArguments(token.abi, 'transfer', [bobText, 5]),
    value: 0n,
  })

  it('gives a gas limit that succeeds, and one less fails; it changes nothing', async () => {
    const simulation = await api.transaction.simulate.query({ sender: ownerText, action: action() })
    expect(simulation.status).toBe('success')
    const held = await api.contract.view.query({
      contract,
      method: 'balanceOf',
      args: args('balanceOf', [bobText]),
    })
    expect(BigInt(`0x${Buffer.from(fromHex(held.returnData)).reverse().toString('hex')}`)).toBe(0n)

    const limit = BigInt(simulation.gasLimit)
    const nonce = BigInt((await api.account.nonce.query({ address: ownerText })).pending)
    const enough = await send(owner, nonce, real(), limit)
    expect(enough).toMatchObject({
      status: 'success',
      gasUsed: simulation.gasUsed,
      events: simulation.events,
    })
    const again = await api.transaction.simulate.query({ sender: ownerText, action: action() })
    const short = await send(owner, nonce + 1n, real(), BigInt(again.gasLimit) - 1n)
    expect(short).toMatchObject({ status: 'failed', error: { code: 'out_of_gas' } })
  })

  it('of a call that fails shows the contract’s message', async () => {
    const tooMuch = { ...action(), args: args('transfer', [bobText, SUPPLY + 1]) }
    const simulation = await api.transaction.simulate.query({ sender: ownerText, action: tooMuch })
    expect(simulation.status).toBe('failed')
    expect(simulation.error?.code).toBe('reverted')
    expect(simulation.error?.message).toMatch(/balance/)
    expect(simulation.events).toEqual([])
  })

  it('does not ask whether the sender can pay for gas, but whether it can pay what it sends', async () => {
    const sender = formatAddress(testAccount('nobody').address)
    const nothing = { kind: 'transfer' as const, to: bobText, amount: '0' }
    expect((await api.transaction.simulate.query({ sender, action: nothing })).status).toBe('success')
    const something = { ...nothing, amount: '1' }
    expect(await api.transaction.simulate.query({ sender, action: something })).toMatchObject({
      status: 'failed',
      error: { code: 'insufficient_balance' },
    })
  })
})

describe('a contract', () => {
  it('gives its ABI, with which its events and results are read', async () => {
    const abi = await api.contract.abi.query({ contract })
    expect(abi).toEqual(token.abi)
    const nonce = BigInt((await api.account.nonce.query({ address: ownerText })).pending)
    const call: Action = {
      kind: 'call',
      contract: parseAddress(contract),
      method: 'transfer',
      args: encodeArguments(token.abi, 'transfer', [bobText, 3]),
      value: 0n,
    }
    const { events } = await send(owner, nonce, call, 5_000_000n)
    const [event] = events
    if (event === undefined) throw new Error('no event')
    expect(event).toMatchObject({ contract, name: 'Transfer' })
    const decoded = decodeEvent(token.abi, {
      topics: event.topics.map(fromHex),
      data: fromHex(event.data),
    })
    expect(decoded).toMatchObject({ name: 'Transfer', fields: { from: ownerText, to: bobText, amount: 3n } })
  })
})

describe('the server', () => {
  it('answers a probe, and says where the API is', async () => {
    const { head, chainId, version } = await api.chain.info.query()
    const response = await fetch(`${node.node.url}/health`)
    expect(await response.json()).toMatchObject({ chainId, version, height: head.height, api: '/trpc' })
  })
})

describe('an ABI', () => {
  it('that a deployer damaged is its own fault, not the node’s', async () => {
    const bare = withoutCustomSection(token.code, 'vex.abi')
    const code = appendCustomSection(bare, 'vex.abi', Buffer.from('{"methods": 7'))
    const init = encodeArguments(token.abi, 'init', ['Token', 'TOK', 2, SUPPLY])
    const { pending } = await api.account.nonce.query({ address: formatAddress(other.address) })
    const deploy: Action = { kind: 'deploy', code, args: init, value: 0n, owner: undefined }
    const { created } = await send(other, BigInt(pending), deploy, 200_000_000n)
    const error = await api.contract.abi.query({ contract: created[0] as string }).catch((e: unknown) => e)
    expect(apiFailure(error)).toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('damaged'),
    })
  })
})
