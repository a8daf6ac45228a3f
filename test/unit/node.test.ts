import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { apiFailure } from '../../node/api/client.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import { toHex } from '../../node/types/primitives.ts'
import { VEX_VERSION } from '../../node/version.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { signedTransaction, testAccount } from '../support/transactions.ts'

const [dev] = devAccounts()
if (dev === undefined) throw new Error('no development account')
const bob = testAccount('bob')
const bobAddress = formatAddress(bob.address)

const running: RunningNode[] = []
const directories: string[] = []
const start = async (directory?: string): Promise<RunningNode> => {
  const path = directory ?? (await temporaryDirectory())
  if (directory === undefined) directories.push(path)
  const node = await startTestNode(path)
  running.push(node)
  return node
}
afterEach(async () => {
  await Promise.all(running.splice(0).map(node => node.stop()))
  await Promise.all(directories.splice(0).map(removeDirectory))
})

const transfer = (nonce: bigint, amount = 5n) =>
  `0x${toHex(signedTransaction(dev, nonce, { kind: 'transfer', to: bob.address, amount }, { gasLimit: 400_000n }).bytes)}`

const sendAndWait = async ({ client }: RunningNode, nonce: bigint) => {
  const { id } = await client.api.transaction.submit.mutate({ transaction: transfer(nonce) })
  return client.api.transaction.wait.query({ id })
}

const balanceOf = async ({ client }: RunningNode, address: string) =>
  (await client.api.account.get.query({ address })).balance

describe('a node', () => {
  it('makes a submitted transaction final and keeps it over a restart', async () => {
    const first = await start()
    const receipt = await sendAndWait(first, 0n)
    expect(receipt).toMatchObject({ status: 'success', index: 0 })
    expect(await balanceOf(first, bobAddress)).toBe('5')
    await first.stop()

    const second = await start(first.directory)
    expect(second.node.isNew).toBe(false)
    expect(await balanceOf(second, bobAddress)).toBe('5')
    expect(await second.client.api.transaction.receipt.query({ id: receipt.transactionId })).toEqual(receipt)
    expect((await sendAndWait(second, 1n)).status).toBe('success')
  })

  it('shares nothing with another in the same process', async () => {
    const [one, two] = [await start(), await start()]
    await sendAndWait(one, 0n)
    expect(await balanceOf(one, bobAddress)).toBe('5')
    expect(await balanceOf(two, bobAddress)).toBe('0')
    expect((await sendAndWait(two, 0n)).status).toBe('success')
  })

  it('keeps waiting transactions over a restart', async () => {
    const first = await start()
    // Nonce 1 waits for nonce 0, which comes after the restart.
    await first.client.api.transaction.submit.mutate({ transaction: transfer(1n) })
    await first.stop()
    const second = await start(first.directory)
    expect((await second.client.api.chain.info.query()).pool.transactions).toBe(1)
    await sendAndWait(second, 0n)
    expect(await balanceOf(second, bobAddress)).toBe('10')
  })

  it('stops cleanly twice and while a client waits', async () => {
    const one = await start()
    const waiting = one.client.api.transaction.wait
      .query({ id: `0x${'00'.repeat(32)}` })
      .catch((error: unknown) => apiFailure(error)?.code)
    await one.client.api.chain.info.query()
    await Promise.all([one.stop(), one.stop()])
    expect(['stopping', 'unreachable']).toContain(await waiting)
    expect(one.fatal).toEqual([])
  })

  it('refuses a directory that another node holds, by name', async () => {
    const one = await start()
    await expect(startTestNode(one.directory)).rejects.toMatchObject({ name: 'StorageError', code: 'locked' })
    expect((await sendAndWait(one, 0n)).status).toBe('success')
  })

  it('whose key file is gone names it, and makes no block as somebody else', async () => {
    const first = await start()
    await sendAndWait(first, 0n)
    await first.stop()
    await rm(join(first.directory, 'validator-key.json'))
    await expect(startTestNode(first.directory)).rejects.toMatchObject({
      name: 'StorageError',
      code: 'incomplete',
      message: expect.stringContaining(join(first.directory, 'validator-key.json')),
    })
  })

  it('refuses a port that is taken, and lets go of its directory', async () => {
    const one = await start()
    const port = Number(new URL(one.node.url).port)
    const directory = await temporaryDirectory()
    directories.push(directory)
    await expect(startTestNode(directory, port)).rejects.toMatchObject({
      name: 'ApiServerError',
      code: 'port_in_use',
    })
    const again = await start(directory)
    expect((await sendAndWait(again, 0n)).status).toBe('success')
  })
})

describe('the version', () => {
  it('is the same in package.json and in the code', () => {
    expect(VEX_VERSION).toBe(packageJson.version)
  })
})
