/** `vex state snapshot` and `vex state restore` as somebody runs them who moves a node to another machine. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Finding } from '../../cli/doctor/finding.ts'
import { encodeArguments } from '../../node/abi/values.ts'
import { apiFailure } from '../../node/api/client.ts'
import { Chain } from '../../node/chain/chain.ts'
import { formatAddress, parseAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import { parseGenesis } from '../../node/genesis-file.ts'
import { openSnapshotSource } from '../../node/snapshot/source.ts'
import { writeSnapshot } from '../../node/snapshot/write.ts'
import { openRocksDatabase } from '../../node/storage/rocks.ts'
import { toHex } from '../../node/types/primitives.ts'
import type { Action } from '../../node/types/transaction.ts'
import { createVm } from '../../vm/vm.ts'
import { mountSmallDisk, whyNoSmallDisk } from '../chaos/small-disk.ts'
import { builtContract } from '../support/built-contract.ts'
import type { TestContract } from '../support/contracts.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { signedTransaction, type TestAccount, testAccount } from '../support/transactions.ts'
import { type Finished, runVex, startVex } from '../support/vex-command.ts'

const reason = whyNoSmallDisk()
const EPOCH_BLOCKS = 8n
const PARAMS = { idleBlockIntervalMs: 20n, epochBlocks: EPOCH_BLOCKS }
/** Enough entries for a restore that takes a while. */
const ACCOUNTS = 1_200
const [owner] = devAccounts() as readonly TestAccount[] as [TestAccount]
const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

let folder: string
let token: TestContract
let contract: string
let transfer: string
/** What the snapshot command said. */
let made: { height: string; blockHash: string; genesisHash: string; entries: number; chunks: number }

const path = (name: string): string => join(folder, name)
const vex = (...args: string[]): Promise<Finished> => runVex(folder, args)
const jsonOf = async <T>(...args: string[]): Promise<T> => {
  const { exitCode, stdout, stderr } = await vex(...args, '--json')
  expect(stderr).toBe('')
  expect(exitCode).toBe(0)
  return JSON.parse(stdout) as T
}
const failureOf = async (...args: string[]): Promise<{ code: string; message: string }> => {
  const { exitCode, stdout, stderr } = await vex(...args, '--json')
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  return (JSON.parse(stderr) as { error: { code: string; message: string } }).error
}

const heightReached = async ({ node }: RunningNode, height: bigint): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = node.onCommit(({ header }) => header.height >= height && resolve())
  if (node.head.header.height < height) await promise
  stop()
}

const send = async ({ client: { api } }: RunningNode, nonce: bigint, action: Action) => {
  const { bytes, id } = signedTransaction(owner, nonce, action, { gasLimit: 200_000_000n, maxFee: 1_000n })
  await api.transaction.submit.mutate({ transaction: hex(bytes) })
  return { id: hex(id), receipt: await api.transaction.wait.query({ id: hex(id) }) }
}

beforeAll(async () => {
  folder = await temporaryDirectory()
  const node = await startTestNode(path('original'), 0, PARAMS)
  token = await builtContract('token')
  const init = encodeArguments(token.abi, 'init', ['Token', 'TOK', 2, 1_000])
  const deployed = await send(node, 0n, {
    kind: 'deploy',
    code: token.code,
    args: init,
    value: 0n,
    owner: owner.address,
  })
  contract = deployed.receipt.created[0] as string
  transfer = (await send(node, 1n, { kind: 'transfer', to: testAccount('first').address, amount: 5n })).id
  const transactions = Array.from({ length: ACCOUNTS }, (_, n) =>
    hex(
      signedTransaction(
        owner,
        2n + BigInt(n),
        { kind: 'transfer', to: testAccount(`snapshot ${n}`).address, amount: 1n },
        { gasLimit: 400_000n, maxFee: 1_000n },
      ).bytes,
    ),
  )
  for (let at = 0; at < ACCOUNTS; at += 400) {
    const results = await node.client.api.transaction.submitMany.mutate({
      transactions: transactions.slice(at, at + 400),
    })
    expect(results.every(({ accepted }) => accepted)).toBe(true)
    while ((await node.client.api.chain.info.query()).pool.transactions > 0) await sleep(20)
  }
  await heightReached(node, (node.node.head.header.height / EPOCH_BLOCKS + 1n) * EPOCH_BLOCKS + 2n)
  expect(await failureOf('state', 'snapshot', '--data-dir', 'original', '--out', 'early')).toMatchObject({
    code: 'locked',
  })
  await node.stop()
  expect(node.fatal).toEqual([])
  made = await jsonOf('state', 'snapshot', '--data-dir', 'original', '--out', 'snapshot')
  // In many small chunks, which the command does not make of so little.
  const db = await openRocksDatabase(path('original/db'))
  const genesis = parseGenesis(readFileSync(path('original/genesis.json'), 'utf8'))
  const source = openSnapshotSource(Chain.open({ db, genesis, vm: createVm() }), db)
  const steps = writeSnapshot(source, { folder: path('many'), chunkBudgetBytes: 1 })
  while (steps.next().done !== true);
  await db.close()
})
afterAll(() => removeDirectory(folder))

describe('vex state snapshot', () => {
  it('says what it has written: the last epoch that ended', () => {
    expect(BigInt(made.height) % EPOCH_BLOCKS).toBe(0n)
    expect(made.entries).toBeGreaterThan(ACCOUNTS)
    expect(made.chunks).toBe(1)
    expect(readdirSync(path('snapshot')).toSorted()).toEqual(
      ['block', 'chunks', 'genesis.json', 'hand-overs', 'receipts', 'snapshot.json'].toSorted(),
    )
    const secret = readFileSync(path('original/validator-key.json'), 'utf8')
    for (const key of secret.match(/[0-9a-f]{64}/g) ?? [])
      for (const name of readdirSync(path('snapshot'), { recursive: true, encoding: 'utf8' }))
        if (statSync(path(`snapshot/${name}`)).isFile())
          expect(readFileSync(path(`snapshot/${name}`)).includes(Buffer.from(key, 'hex'))).toBe(false)
  })

  it('refuses a folder that is there, a height that ends no epoch, and a directory that is not there', async () => {
    const snapshot = (...args: string[]) => failureOf('state', 'snapshot', ...args)
    expect(await snapshot('--data-dir', 'original', '--out', 'snapshot')).toMatchObject({
      code: 'exists',
      message: 'snapshot is there already: give a folder that is not',
    })
    expect(await snapshot('--data-dir', 'original', '--out', 'x', '--height', '3')).toMatchObject({
      code: 'no_boundary',
    })
    expect(await snapshot('--data-dir', 'nowhere', '--out', 'x')).toMatchObject({ code: 'not_found' })
    expect(existsSync(path('x')) || existsSync(path('x.partial'))).toBe(false)
  })
})

describe.skipIf(reason !== undefined)(`on a full disk${reason === undefined ? '' : `: ${reason}`}`, () => {
  it('a snapshot and a restore say so, and leave nothing that could be taken for one', async () => {
    const disk = mountSmallDisk(1)
    try {
      disk.fill(16 * 1024)
      const full = { message: expect.stringMatching(/full.*free/) }
      const to = (name: string): string => join(disk.path, name)
      expect(
        await failureOf('state', 'snapshot', '--data-dir', 'original', '--out', to('made')),
      ).toMatchObject(full)
      expect(existsSync(to('made')) || existsSync(to('made.partial'))).toBe(false)
      expect(
        await failureOf('state', 'restore', '--from', 'snapshot', '--data-dir', to('node')),
      ).toMatchObject(full)
      expect(existsSync(to('node/format.json'))).toBe(false)
    } finally {
      disk.remove()
    }
  })
})

describe('vex state restore', () => {
  /** Ends it by SIGKILL when the database's log has grown to so many bytes. False: it was done before. */
  const killAt = async (bytes: number): Promise<boolean> => {
    const { child, finished } = startVex(folder, [
      'state',
      'restore',
      '--from',
      'many',
      '--data-dir',
      'killed',
      '--json',
    ])
    const logBytes = (): number => {
      if (!existsSync(path('killed/db'))) return 0
      return readdirSync(path('killed/db'))
        .filter(name => name.endsWith('.log'))
        .reduce(
          (sum, name) => sum + (statSync(path(`killed/db/${name}`), { throwIfNoEntry: false })?.size ?? 0),
          0,
        )
    }
    while (child.exitCode === null && logBytes() < bytes) await sleep(1)
    child.kill('SIGKILL')
    return (await finished).exitCode === null
  }

  const killTwice = async (between: () => Promise<void>): Promise<void> => {
    for (;;) {
      rmSync(path('killed'), { recursive: true, force: true })
      if (!(await killAt(40_000))) continue
      await between()
      if (await killAt(20_000)) return
    }
  }

  it('that was killed, twice, goes on where it was; until then no node starts there', async () => {
    await killTwice(async () => {
      const unfinished = `killed holds a snapshot that is not restored in full yet; go on with: vex state restore --from ${path('many')} --data-dir killed`
      for (const command of ['verify', 'stats'])
        expect(await failureOf('state', command, '--data-dir', 'killed')).toEqual({
          code: 'unfinished_restore',
          message: unfinished,
        })
      await expect(startTestNode(path('killed'))).rejects.toMatchObject({ code: 'unfinished_restore' })
      const doctor = await vex('doctor', '--data-dir', 'killed', '--json')
      expect(doctor.exitCode).toBe(6)
      const wrong = doctor.stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line) as Finding)
        .filter(({ status }) => status === 'wrong')
      expect(wrong).toMatchObject([
        { check: 'restore', repair: expect.stringContaining('vex state restore') as string },
      ])
    })
    const restored = await jsonOf<{ chunks: number; chunksBefore: number; entries: number }>(
      'state',
      'restore',
      '--from',
      'many',
      '--data-dir',
      'killed',
    )
    expect(restored).toMatchObject({ chunks: made.entries, entries: made.entries })
    expect(restored.chunksBefore).toBeGreaterThan(0)
    expect(restored.chunksBefore).toBeLessThan(restored.chunks)
    expect(await jsonOf('state', 'verify', '--data-dir', 'killed')).toMatchObject({
      height: made.height,
      keys: made.entries,
    })
    expect(existsSync(path('killed/restoring'))).toBe(false)
    expect(existsSync(path('killed/validator-key.json'))).toBe(false)
  })

  it('names a chunk that was tampered with, and goes on when it is put right', async () => {
    const victim = readdirSync(path('many/chunks'))[7] as string
    const good = readFileSync(path(`many/chunks/${victim}`))
    writeFileSync(
      path(`many/chunks/${victim}`),
      good.map((byte, i) => (i === good.length - 1 ? byte ^ 1 : byte)),
    )
    const restore = ['state', 'restore', '--from', 'many', '--data-dir', 'tampered'] as const
    const refused = await failureOf(...restore)
    expect(refused.code).toBe('bad_file')
    expect(refused.message).toMatch(new RegExp(`^chunks/${victim} of the snapshot .*: fetch it again$`))
    writeFileSync(path(`many/chunks/${victim}`), good)
    expect(await jsonOf(...restore)).toMatchObject({ chunksBefore: made.entries - 1 })
  })

  it('refuses another checkpoint, another chain and a list that was tampered with, before it makes anything', async () => {
    const restore = (from: string, ...args: string[]) =>
      failureOf('state', 'restore', '--from', from, '--data-dir', 'refused', ...args)
    const other = '11'.repeat(32)
    expect(await restore('snapshot', '--checkpoint', other)).toMatchObject({ code: 'another_chain' })
    expect(await restore('snapshot', '--genesis-hash', other)).toMatchObject({ code: 'another_chain' })
    cpSync(path('snapshot'), path('listed'), { recursive: true })
    const list = readFileSync(path('listed/snapshot.json'), 'utf8')
    writeFileSync(path('listed/snapshot.json'), list.replace(/"hash": "../, '"hash": "00'))
    expect(await restore('listed')).toEqual({
      code: 'bad_file',
      message: 'snapshot.json of the snapshot lists chunks that do not make the state root',
    })
    expect(await restore('nowhere')).toMatchObject({
      message: 'snapshot.json of the snapshot is missing: fetch it again',
    })
    expect(existsSync(path('refused'))).toBe(false)
  })

  it('refuses a directory that holds something, and leaves it as it is', async () => {
    const restore = (to: string) => failureOf('state', 'restore', '--from', 'snapshot', '--data-dir', to)
    expect(await restore('original')).toMatchObject({
      code: 'not_empty',
      message: 'original holds a chain already: give a directory that does not exist. Nothing was changed',
    })
    expect((await restore('many')).message).toContain('many holds block, chunks')
    expect(existsSync(path('many/restoring'))).toBe(false)
  })
})

describe('a node from a snapshot', () => {
  let node: RunningNode
  const failure = async (asked: Promise<unknown>): Promise<string> => {
    try {
      await asked
    } catch (error) {
      const found = apiFailure(error)
      expect(found?.code).toBe('not_found')
      return found?.message ?? ''
    }
    throw new Error('it was answered')
  }

  beforeAll(async () => {
    const checks = ['--checkpoint', made.blockHash, '--genesis-hash', `0x${made.genesisHash}`]
    const keys = ['--validator-keys', 'original/validator-key.json']
    await jsonOf('state', 'restore', '--from', 'snapshot', '--data-dir', 'moved', ...checks, ...keys)
    expect(statSync(path('moved/validator-key.json')).mode & 0o777).toBe(0o600)
    const { exitCode, stdout } = await vex('doctor', '--deep', '--data-dir', 'moved', '--json')
    expect(exitCode, stdout).toBe(0)
    node = await startTestNode(path('moved'))
  })
  afterAll(async () => {
    await node.stop()
    expect(node.fatal).toEqual([])
    const { exitCode, stdout } = await vex('doctor', '--deep', '--data-dir', 'moved', '--json')
    expect(exitCode, stdout).toBe(0)
  })

  it('goes on from its block, into the next epochs', async () => {
    expect(node.node.head.header.height).toBeGreaterThanOrEqual(BigInt(made.height))
    await heightReached(node, BigInt(made.height) + 2n * EPOCH_BLOCKS + 1n)
    const first = await node.client.api.block.get.query({ height: String(BigInt(made.height) + 1n) })
    expect(first.parentHash).toBe(`0x${made.blockHash}`)
  })

  it('runs the contracts, whose code was in the state', async () => {
    const asked = (who: string) => {
      const args = hex(encodeArguments(token.abi, 'balanceOf', [who]))
      return node.client.api.contract.view.query({ contract, method: 'balanceOf', args })
    }
    const before = await asked(formatAddress(owner.address))
    const action: Action = {
      kind: 'call',
      contract: parseAddress(contract),
      method: 'transfer',
      args: encodeArguments(token.abi, 'transfer', [formatAddress(testAccount('holder').address), 7]),
      value: 0n,
    }
    const { receipt } = await send(node, 2n + BigInt(ACCOUNTS), action)
    expect(receipt.error).toBe(null)
    expect(await asked(formatAddress(owner.address))).not.toEqual(before)
  })

  it('knows the accounts, and says of blocks and transactions from before that it does not keep them', async () => {
    const { api } = node.client
    const { balance } = await api.account.get.query({ address: formatAddress(testAccount('first').address) })
    expect(balance).toBe('5')
    expect((await api.block.get.query({ height: made.height })).hash).toBe(`0x${made.blockHash}`)
    expect(await api.block.get.query({ tag: 'genesis' })).toMatchObject({ height: '0' })
    const below = String(BigInt(made.height) - 1n)
    const hidden = `this node keeps blocks from ${made.height} on`
    const notKept = `block ${below} is not kept any more; ${hidden}`
    expect(await failure(api.block.get.query({ height: below }))).toContain(notKept)
    expect(await failure(api.block.receipts.query({ height: below }))).toContain(notKept)
    const { parentHash } = await api.block.get.query({ height: made.height })
    expect(await failure(api.block.get.query({ hash: parentHash }))).toContain(hidden)
    expect(await failure(api.transaction.get.query({ id: transfer }))).toContain(hidden)
    expect(await failure(api.transaction.receipt.query({ id: transfer }))).toContain(hidden)
    expect(await failure(api.transaction.trace.query({ id: transfer }))).toContain(hidden)
  })

  it('answers light clients from the genesis on, and can be snapshot again', async () => {
    const { api } = node.client
    for (let epoch = 0n; epoch < BigInt(made.height) / EPOCH_BLOCKS; epoch++)
      expect(await api.light.handOver.query({ epoch: String(epoch) })).toMatch(/^0x/)
    await node.stop()
    const again = await jsonOf<typeof made>('state', 'snapshot', '--data-dir', 'moved', '--out', 'second')
    expect(BigInt(again.height)).toBeGreaterThan(BigInt(made.height))
    await jsonOf('state', 'restore', '--from', 'second', '--data-dir', 'moved-again')
    rmSync(path('second'), { recursive: true })
    node = await startTestNode(path('moved'))
  })
})
