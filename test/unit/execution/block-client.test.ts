import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Chain } from '../../../node/chain/chain.ts'
import { GenesisError } from '../../../node/chain/genesis.ts'
import { BlockStore } from '../../../node/chain/store.ts'
import { devAccounts, devGenesis } from '../../../node/dev.ts'
import { startBlockThreadAhead } from '../../../node/execution/block-thread.ts'
import { startBlockExecutor } from '../../../node/execution/block-client.ts'
import { awaitWay, createWay } from '../../../node/execution/right-of-way.ts'
import type { BlockExecutor, BuildOptions } from '../../../node/execution/blocks.ts'
import { COLUMNS, type Database } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { openRocksDatabase, shareRocksDatabase } from '../../../node/storage/rocks.ts'
import { blockCodec } from '../../../node/types/block.ts'
import { toHex, toLatin1 } from '../../../node/types/primitives.ts'
import type { ParsedTransaction } from '../../../node/types/transaction.ts'
import { createValidatorKeys } from '../../../node/validator-keys.ts'
import { createVm } from '../../../vm/vm.ts'
import { placeBlock } from '../../support/placed-block.ts'
import { removeDirectory, temporaryDirectory } from '../../support/running-node.ts'
import { signedTransaction, testAccount } from '../../support/transactions.ts'

const START_MS = 1_700_000_000_000n
const keys = createValidatorKeys(new Uint8Array(64).fill(7))
const genesis = devGenesis(keys, START_MS, 'test')
const [dev] = devAccounts()
if (dev === undefined) throw new Error('no development account')
const bob = testAccount('bob')
const transfer = (nonce: bigint) =>
  signedTransaction(dev, nonce, { kind: 'transfer', to: bob.address, amount: 5n })

let directory: string
let database: Database
let executor: BlockExecutor
const way = createWay()
const start = () => startBlockExecutor({ database: shareRocksDatabase(database), genesis, way })
beforeEach(async () => {
  directory = await temporaryDirectory()
  database = await openRocksDatabase(`${directory}/db`)
  executor = await start()
})
afterEach(async () => {
  await executor.close()
  await database.close()
  await removeDirectory(directory)
})

const options = (
  candidates: ParsedTransaction[],
  parentHash = executor.head.hash,
  view = 1n,
): BuildOptions => {
  const header = executor.unfinished(parentHash)?.header ?? executor.head.header
  const state = { get: (key: Uint8Array) => database.get(COLUMNS.state, key) }
  const parent = { hash: parentHash, header }
  return { ...placeBlock({ genesis, keys, parent, state, view, timeMs: START_MS }), candidates }
}

describe('the thread that executes blocks', () => {
  it('builds what the chain itself builds, to the byte', async () => {
    const chain = Chain.open({ db: createMemoryDatabase(), genesis, vm: createVm() })
    const here = chain.build({ ...options([]), candidates: [transfer(0n), transfer(1n)] })
    const there = await executor.build(options([transfer(0n), transfer(1n)]))
    expect(toHex(there.bytes)).toBe(toHex(here.bytes))
    expect(executor.unfinished(there.hash)?.header).toEqual(there.header)
  })

  it('rehearses on a chain of its own', async () => {
    const { head } = executor
    for (const what of ['play', 'play', 'end', 'play', 'end', 'end'] as const) await executor.rehearse(what)
    expect(executor.head).toBe(head)
    expect(executor.executedHeight).toBe(0n)
    const chain = Chain.open({ db: createMemoryDatabase(), genesis, vm: createVm() })
    const here = chain.build({ ...options([]), candidates: [transfer(0n), transfer(1n)] })
    const there = await executor.build(options([transfer(0n), transfer(1n)]))
    expect(toHex(there.bytes)).toBe(toHex(here.bytes))
  })

  it('goes on where a rehearsal fails: there is no money left to play with', async () => {
    const rich = genesis.validators.map(validator => ({ ...validator, stake: (1n << 62n) - (1n << 60n) }))
    const folder = await temporaryDirectory()
    const other = await openRocksDatabase(`${folder}/db`)
    const richest = await startBlockExecutor({
      database: shareRocksDatabase(other),
      genesis: { ...genesis, accounts: [], validators: rich },
      way,
    })
    try {
      await expect(richest.rehearse('play')).rejects.toThrow('above the greatest supply')
      await richest.rehearse('end')
      await expect(richest.rehearse('play')).rejects.toThrow('above the greatest supply')
      expect(richest.executedHeight).toBe(0n)
    } finally {
      await richest.close()
      await other.close()
      await removeDirectory(folder)
    }
  })

  it('has the way while it works, and no longer', async () => {
    expect(awaitWay(way, 0)).toBe(true)
    let wasHeld = false
    // A busy machine may let this thread miss all of a block.
    for (let tries = 0; tries < 20 && !wasHeld; tries++) {
      const building = executor.build(options([transfer(0n)]))
      const untilMs = performance.now() + 500
      while (!wasHeld && performance.now() < untilMs) wasHeld = !awaitWay(way, 0)
      await building
      expect(awaitWay(way, 0)).toBe(true)
    }
    expect(wasHeld).toBe(true)
  })

  it('says that it will have the way again from a block until its commit', async () => {
    const state = () => Atomics.load(way, 0)
    const free = state()
    const { hash } = await executor.build(options([transfer(0n)]))
    const soon = state()
    expect(soon).not.toBe(free)
    await executor.commit(hash, undefined)
    expect(state()).toBe(free)
    const other = await executor.build(options([transfer(1n)]))
    await executor.check(other.bytes)
    expect(state()).toBe(soon)
  })

  it('commits for everybody who reads the database, and says whom it concerns', async () => {
    const block = await executor.build(options([transfer(0n)]))
    expect(executor.head.header.height).toBe(0n)
    const { changedAccounts } = await executor.commit(block.hash, undefined)
    expect(executor.head.header.height).toBe(1n)
    expect(changedAccounts.map(toHex)).toEqual(expect.arrayContaining([dev.address, bob.address].map(toHex)))
    expect(new BlockStore(database).head()?.hash).toEqual(block.hash)
    expect(executor.unfinished(block.hash)).toBeUndefined()
  })

  it('knows the transactions of blocks that are not final', async () => {
    const first = await executor.build(options([transfer(0n), transfer(1n)]))
    const second = await executor.build(options([transfer(2n)], first.hash, 2n))
    const isIncluded = executor.isInUnfinished(second.hash)
    const idOf = (nonce: bigint) => toLatin1(transfer(nonce).id)
    expect([0n, 1n, 2n, 3n].map(nonce => isIncluded(idOf(nonce)))).toEqual([true, true, true, false])
    expect(executor.isInUnfinished(executor.head.hash)(idOf(0n))).toBe(false)
  })

  it('tells an invalid block and a missing parent from a fault', async () => {
    const { bytes } = await executor.build(options([transfer(0n)]))
    const { header, transactions } = blockCodec.decode(bytes)
    const check = (change: Partial<typeof header>) =>
      executor.check(blockCodec.encode({ header: { ...header, ...change }, transactions }))
    expect(await check({})).toMatchObject({ kind: 'valid' })
    expect(await check({ gasUsed: 1n })).toMatchObject({ kind: 'invalid' })
    expect(await check({ parentHash: header.stateRoot })).toMatchObject({ kind: 'missing' })
    expect((await executor.build(options([]))).header.height).toBe(1n)
  })

  it('is not asked again after a fault', async () => {
    const fault = { name: 'BlockExecutionFault', message: expect.stringContaining('failed') }
    await expect(
      executor.build(options([{ ...transfer(0n), bytes: Uint8Array.of(1, 2, 3) }])),
    ).rejects.toMatchObject(fault)
    await expect(executor.build(options([]))).rejects.toMatchObject(fault)
  })

  it('is the one that was started ahead, if there is one and it did not fail', async () => {
    const threads: Worker[] = []
    const onThread = (thread: Worker): void => void threads.push(thread)
    process.on('worker', onThread)
    const next = async (): Promise<number> => {
      await executor.close()
      threads.length = 0
      startBlockThreadAhead()
      startBlockThreadAhead()
      await new Promise(resolve => setImmediate(resolve))
      return threads.length
    }
    try {
      expect(await next()).toBe(1)
      executor = await start()
      expect(threads).toHaveLength(1)

      expect(await next()).toBe(1)
      const [failed] = threads
      failed?.emit('error', new Error('no room for a thread'))
      executor = await start()
      expect(threads).toHaveLength(2)
      await failed?.terminate()
    } finally {
      process.off('worker', onThread)
    }
  })

  it('that was started ahead keeps the process alive once it is taken', async () => {
    const address = (path: string): string =>
      JSON.stringify(new URL(`../../../node/${path}`, import.meta.url))
    const program = `
      const { startBlockThreadAhead, takeBlockThread } = await import(${address('execution/block-thread.ts')})
      startBlockThreadAhead()
      const thread = takeBlockThread()
      const look = () => {
        console.log('alive')
        thread.terminate()
      }
      setTimeout(look, 1_000).unref()
    `
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    expect(stdout).toBe('alive\n')
  })

  it('refuses a genesis that is not usable, and says why', async () => {
    await executor.close()
    const opening = startBlockExecutor({
      database: shareRocksDatabase(database),
      genesis: { ...genesis, validators: [] },
      way,
    })
    await expect(opening).rejects.toEqual(
      new GenesisError('the genesis is not usable: it names no validator'),
    )
    executor = await start()
  })

  it('refuses a database of another genesis, by name', async () => {
    await executor.close()
    const other = { ...genesis, timeMs: START_MS + 1n }
    await expect(
      startBlockExecutor({ database: shareRocksDatabase(database), genesis: other, way }),
    ).rejects.toMatchObject({ name: 'StorageError', code: 'wrong_chain' })
    executor = await start()
  })
})
