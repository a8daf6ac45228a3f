/** A node that keeps its last 256 blocks only: what it says of the rest, and that nothing else is missing. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiFailure } from '../../node/api/client.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import { heightKey } from '../../node/chain/store.ts'
import { COLUMNS } from '../../node/storage/database.ts'
import { openRocksDatabase } from '../../node/storage/rocks.ts'
import { fromHex, toHash, toHex } from '../../node/types/primitives.ts'
import type { ParsedTransaction } from '../../node/types/transaction.ts'
import { createVexClient } from '../../node/client/client.ts'
import { settleTransaction } from '../../node/wallet/settle.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { signedTransaction, type TestAccount } from '../support/transactions.ts'
import { runVex } from '../support/vex-command.ts'

const KEPT = { blocks: 256, states: 20 }
const PARAMS = { idleBlockIntervalMs: 1n, minBlockIntervalMs: 1n, epochBlocks: 100n }
const [sender, receiver] = devAccounts() as readonly TestAccount[] as readonly [TestAccount, TestAccount]
const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

let folder: string
let node: RunningNode
const start = (): Promise<RunningNode> => startTestNode(join(folder, 'node'), 0, PARAMS, { retention: KEPT })
const reach = async (height: bigint, { node: reached } = node): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const forget = reached.onCommit(({ header }) => header.height >= height && resolve())
  await promise
  forget()
}
const payment = (nonce: bigint, validUntilHeight = 1_000n) => {
  const action = { kind: 'transfer', to: receiver.address, amount: 1n } as const
  return signedTransaction(sender, nonce, action, { gasLimit: 400_000n, maxFee: 100n, validUntilHeight })
}
const pay = async ({ bytes, id }: ParsedTransaction): Promise<string> => {
  const { api } = node.client
  await api.transaction.submit.mutate({ transaction: hex(bytes) })
  await api.transaction.wait.query({ id: hex(id) })
  return hex(id)
}

const paidEarly = payment(0n, 100n)
let early: string
let late: string
let earlyHash: string
beforeAll(async () => {
  folder = await temporaryDirectory()
  node = await start()
  early = await pay(paidEarly)
  await reach(4n)
  earlyHash = (await node.client.api.block.get.query({ height: '3' })).hash
  await reach(600n)
  late = await pay(payment(1n))
}, 120_000)
afterAll(async () => {
  await node.stop()
  expect(node.fatal).toEqual([])
  await removeDirectory(folder)
})

const failure = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return apiFailure(error)
}

describe('a node that prunes', () => {
  it('says from where it keeps blocks wherever something may be gone', async () => {
    const { api } = node.client
    const { keptFrom, head } = await api.chain.info.query()
    expect(Number(head.height) - Number(keptFrom)).toBeLessThan(300)
    const gone = /this node keeps blocks from \d+ on$/
    for (const call of [
      api.block.get.query({ height: '3' }),
      api.block.get.query({ hash: earlyHash }),
      api.block.receipts.query({ height: '3' }),
      api.transaction.get.query({ id: early }),
      api.transaction.receipt.query({ id: early }),
      api.transaction.trace.query({ id: early }),
    ])
      expect(await failure(call)).toMatchObject({ code: 'not_found', message: expect.stringMatching(gone) })
    expect((await api.block.get.query({ tag: 'genesis' })).height).toBe('0')
    expect((await api.transaction.get.query({ id: late })).state).toBe('final')
    const listed = await api.transaction.list.query({ by: { sender: formatAddress(sender.address) } })
    expect(listed.transactions.map(({ id }) => id)).toEqual([late])
    expect(await failure(api.block.get.query({ height: '999999' }))).toMatchObject({
      message: expect.stringContaining('there is no block 999999 yet'),
    })
  })

  it('lets nobody believe that what it has forgotten was never paid', async () => {
    const settling = settleTransaction(node.client, paidEarly.bytes, { timeoutMs: 20_000 })
    await expect(settling).rejects.toMatchObject({
      code: 'no_answer',
      message: expect.stringMatching(/its nonce 0 is used, and this node keeps blocks from \d+ on/),
    })
  })

  it('convinces a light client that starts from the genesis', async () => {
    const vex = createVexClient({ url: node.node.url })
    try {
      const { hash } = await node.client.api.light.genesis.query()
      const light = await vex.light({ genesisHash: hash, trustingPeriodMs: 86_400_000n })
      expect((await light.account(sender.address))?.nonce).toBe(2n)
      const { receipt, transaction } = await light.transaction(toHash(fromHex(late)))
      expect([receipt.status, transaction.transaction.body.nonce]).toEqual(['success', 1n])
      await expect(light.transaction(toHash(fromHex(early)))).rejects.toThrow('this node keeps blocks from')
    } finally {
      vex.close()
    }
  })

  it('goes on after a stop, passes every check, and can keep less from then on', async () => {
    await node.stop()
    const vex = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await runVex(folder, [...args, '--data-dir', 'node', '--json'])
      expect([exitCode, stderr.replaceAll(/^.*"notice".*$/gm, '').trim()]).toEqual([0, ''])
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
    }
    await vex('state', 'verify')
    await vex('doctor', '--deep')
    const stats = await vex('state', 'stats')
    expect(Number((stats['blocks'] as { from: string }).from)).toBeGreaterThan(300)
    const pruned = await vex('state', 'prune', '--pruning', 'minimal')
    expect(Number(pruned['height']) - Number(pruned['keptFrom'])).toBe(255)
    node = await start()
    const { height } = node.node.head.header
    await reach(height + 5n)
    await pay(payment(2n))
  })

  it('stops with advice when it cannot read what it is to remove', async () => {
    const directory = join(folder, 'damaged')
    const first = await startTestNode(directory, 0, PARAMS, { retention: KEPT })
    await reach(300n, first)
    await first.stop()
    const database = await openRocksDatabase(join(directory, 'db'))
    // Above what is removed, below what a start looks at.
    const key = heightKey(first.node.head.header.height - 200n)
    database.write([{ column: COLUMNS.blocks, key, value: Uint8Array.of(1, 2, 3) }], { sync: true })
    await database.close()
    const second = await startTestNode(directory, 0, PARAMS, { retention: KEPT })
    while (second.fatal.length === 0) await new Promise(resolve => setTimeout(resolve, 20))
    await second.stop()
    expect(second.fatal).toMatchObject([
      {
        code: 'corrupt',
        message: expect.stringMatching(/removing what is not kept failed: .*vex doctor --data-dir/),
      },
    ])
  })
})
