import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiFailure } from '../../../node/api/client.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { devAccounts } from '../../../node/dev.ts'
import type { Action } from '../../../node/types/transaction.ts'
import { type AccountClient, createAccountClient } from '../../../node/wallet/send.ts'
import { WalletError } from '../../../node/wallet/settle.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../../support/running-node.ts'
import { testAccount } from '../../support/transactions.ts'

const [dev] = devAccounts()
if (dev === undefined) throw new Error('no development account')
const { secretKey } = dev

let node: RunningNode
let account: AccountClient
beforeAll(async () => {
  node = await startTestNode(await temporaryDirectory())
  account = createAccountClient({ client: node.client, secretKey })
})
afterAll(async () => {
  await node.stop()
  await removeDirectory(node.directory)
})

const pay = (name: string, amount: bigint): Action => ({
  kind: 'transfer',
  to: testAccount(name).address,
  amount,
})
const balanceOf = async (name: string): Promise<bigint> => {
  const address = formatAddress(testAccount(name).address)
  return BigInt((await node.client.api.account.get.query({ address })).balance)
}
const nonce = async (): Promise<string> =>
  (await node.client.api.account.nonce.query({ address: formatAddress(account.address) })).pending

describe('an account', () => {
  it('sends and gets the receipt', async () => {
    const result = await account.send(pay('ann', 5n))
    expect(result).toMatchObject({ kind: 'final', receipt: { status: 'success' } })
    expect(await balanceOf('ann')).toBe(5n)
  })

  it('that sends many at once gives each its nonce, in the order of the calls', async () => {
    const first = BigInt(await nonce())
    const results = await Promise.all(Array.from({ length: 8 }, () => account.send(pay('bea', 2n))))
    const nonces = results.map(result => (result.kind === 'final' ? result.body.nonce : undefined))
    expect(nonces).toEqual(Array.from({ length: 8 }, (_, i) => first + BigInt(i)))
    expect(await balanceOf('bea')).toBe(16n)
  })

  it('pays by default up to what five full blocks make of the base fee, and the tip, with a tenth more gas than the simulation took', async () => {
    const { baseFee, head } = await node.client.api.chain.info.query()
    expect(BigInt(baseFee)).toBeLessThan(6n)
    const result = await account.submit(pay('cia', 1n))
    if (result.kind !== 'submitted') throw new Error('refused')
    const needed = BigInt(result.simulation.gasLimit)
    expect(result.body).toMatchObject({
      tip: 1n,
      maxFee: BigInt(baseFee) + 6n + 1n,
      gasLimit: needed + needed / 10n,
    })
    expect(result.body.validUntilHeight - BigInt(head.height)).toBeGreaterThanOrEqual(1_000n)
  })

  it('keeps to what it is told', async () => {
    const options = { gasLimit: 777_777n, maxFee: 9n, tip: 2n, validUntilHeight: 500n }
    const result = await account.send(pay('dot', 1n), options)
    expect(result).toMatchObject({ kind: 'final', body: options, receipt: { status: 'success' } })
  })

  it('does not send what would fail, and says why', async () => {
    const before = await nonce()
    const result = await account.send(pay('eve', 1n << 61n))
    expect(result).toMatchObject({
      kind: 'would_fail',
      simulation: { status: 'failed', error: { code: 'insufficient_balance' } },
    })
    expect(await nonce()).toBe(before)
  })

  it('sends it all the same when forced, and pays', async () => {
    const nothingThere: Action = {
      kind: 'call',
      contract: testAccount('eve').address,
      method: 'any',
      args: new Uint8Array(0),
      value: 0n,
    }
    const result = await account.send(nothingThere, { force: true })
    expect(result).toMatchObject({
      kind: 'final',
      receipt: { status: 'failed', error: { code: 'unknown_contract' } },
    })
  })

  it('hears the node’s refusal, and the next one goes through', async () => {
    const error = await account
      .send(pay('fay', 1n), { maxFee: 1n, tip: 5n })
      .catch((caught: unknown) => caught)
    expect(apiFailure(error)).toMatchObject({ code: 'refused', detail: 'tip_above_max_fee' })
    expect(await account.send(pay('fay', 1n))).toMatchObject({ kind: 'final' })
  })

  it('is told which transaction to look for when its receipt does not come', async () => {
    const error = await account.send(pay('gil', 1n), { timeoutMs: -1 }).catch((caught: unknown) => caught)
    if (!(error instanceof WalletError)) throw error
    expect(error.code).toBe('no_receipt')
    const receipt = await node.client.api.transaction.wait.query({ id: error.transactionId })
    expect(receipt.status).toBe('success')
  })
})
