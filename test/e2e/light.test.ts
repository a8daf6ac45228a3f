/** A light client against a running node, over epochs; and against one that lies. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVexClient } from '../../node/client/client.ts'
import { startLight } from '../../node/client/light.ts'
import { devAccounts } from '../../node/dev.ts'
import { createAccountClient } from '../../node/wallet/send.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import { fromHex, toHash } from '../../node/types/primitives.ts'
import {
  type RunningNode,
  removeDirectory,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { testAccount } from '../support/transactions.ts'

const EPOCH_BLOCKS = 4n
const [dev] = devAccounts() as [ReturnType<typeof devAccounts>[number]]
const [bob, nobody] = [testAccount('bob'), testAccount('nobody')]

const PAYMENT = { kind: 'transfer', to: bob.address, amount: 5n } as const

let directory: string
let node: RunningNode
beforeAll(async () => {
  directory = await temporaryDirectory()
  node = await startTestNode(directory, 0, { epochBlocks: EPOCH_BLOCKS })
  for (let i = 0; i < 14; i++) await client().send(PAYMENT)
})
afterAll(async () => {
  await node.stop()
  await removeDirectory(directory)
})

const client = () => createAccountClient({ client: node.client, secretKey: dev.secretKey })

const options = async () => ({
  genesisHash: toHash(fromHex((await node.client.api.chain.info.query()).genesisHash)),
  trustingPeriodMs: 3_600_000n,
  nowMs: () => BigInt(Date.now()),
})

describe('a light client of a running node', () => {
  it('follows it through the epochs to its head, and verifies accounts there', async () => {
    const { genesisHash } = await node.client.api.chain.info.query()
    const vex = createVexClient({ url: node.node.url })
    const light = await vex.light({ genesisHash, trustingPeriodMs: 3_600_000n })
    const { header } = await light.head()
    expect(header.height).toBeGreaterThanOrEqual(14n)
    expect(header.epoch).toBeGreaterThanOrEqual(3n)
    expect(await light.account(bob.address)).toMatchObject({ balance: 70n })
    expect(await light.account(nobody.address)).toBeUndefined()
    expect(await light.storage(bob.address, Uint8Array.of(0))).toBeUndefined()
    vex.close()
  })

  it('stays with it while blocks come, epoch after epoch', async () => {
    const light = await startLight(node.client.api, await options())
    const account = client()
    let before = 0n
    for (let i = 0; i < 2 * Number(EPOCH_BLOCKS); i++) {
      const [proven] = await Promise.all([light.account(dev.address), account.send(PAYMENT)])
      expect(proven?.nonce).toBeGreaterThanOrEqual(before)
      before = proven?.nonce ?? 0n
    }
    expect(await light.account(bob.address)).toMatchObject({ balance: 110n })
  })

  it('answers many questions at once, though epochs have ended since it started', async () => {
    const light = await startLight(node.client.api, await options())
    const [{ header }, ...accounts] = await Promise.all([
      light.head(),
      ...Array.from({ length: 5 }, () => light.account(dev.address)),
    ])
    expect(header.epoch).toBeGreaterThanOrEqual(3n)
    for (const account of accounts) expect(account?.nonce).toBeGreaterThanOrEqual(14n)
  })

  it('believes no other genesis, and no node that proves something else than it was asked for', async () => {
    const trusted = await options()
    const { api } = node.client
    await expect(
      startLight(api, { ...trusted, genesisHash: toHash(new Uint8Array(32)) }),
    ).rejects.toMatchObject({ code: 'wrong_chain' })
    const { genesis, header, handOver, storage } = api.light
    const ofDev = { query: () => api.light.account.query({ address: formatAddress(dev.address) }) }
    const lying = { light: { genesis, header, handOver, storage, account: ofDev } } as unknown as typeof api
    const light = await startLight(lying, trusted)
    await expect(light.account(bob.address)).rejects.toMatchObject({ code: 'proof_refused' })
    expect(await light.account(dev.address)).toBeDefined()
  })
})
