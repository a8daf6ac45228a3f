/**
 * A node whose disk fills up under load. What is on the full disk differs: everything, or one of the files
 * while the others lie elsewhere behind a symbolic link, so that each is the first to fail once.
 */
import { cpSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PRUNING_MODES } from '../../node/chain/pruning.ts'
import { heightKey, keyToHeight } from '../../node/chain/store.ts'
import { devAccounts } from '../../node/dev.ts'
import { createWay } from '../../node/execution/right-of-way.ts'
import { createPruning } from '../../node/execution/pruning-client.ts'
import { COLUMNS, type Write } from '../../node/storage/database.ts'
import { openRocksDatabase, shareRocksDatabase } from '../../node/storage/rocks.ts'
import { decodeStalePage, stalePages } from '../../node/storage/stale-pages.ts'
import { type Audit, auditDirectory, createAudit } from '../chaos/audit.ts'
import { createLedger, type Ledger } from '../chaos/ledger.ts'
import { runLoad, settleAll } from '../chaos/load.ts'
import { mountSmallDisk, type SmallDisk, whyNoSmallDisk } from '../chaos/small-disk.ts'
import {
  type NodeFault,
  type NodeProcess,
  spawnNode,
  stopInOrder,
  urlOf,
  within,
} from '../chaos/spawn-node.ts'
import { removeDirectory, temporaryDirectory } from '../support/running-node.ts'

const DISK_MEGABYTES = 24
/** What a start needs. */
const START_BYTES = 1024 * 1024
/** What some blocks need. */
const SPARE_BYTES = 64 * 1024
const reason = whyNoSmallDisk()
const title =
  reason === undefined ? 'a full disk' : `a full disk (skipped, a tmpfs cannot be mounted: ${reason})`

const faultOf = ({ news }: NodeProcess, kind: 'fatal' | 'failed'): NodeFault => {
  const faults = news.flatMap(item => (item.kind === kind ? [item.fault] : []))
  expect(faults).toHaveLength(1)
  expect(news.filter(item => item.kind === 'unhandled')).toEqual([])
  return faults[0] as NodeFault
}

/** One sentence or two that a person can act on: what is full, where, and what to do. */
const expectAdvice = ({ message }: NodeFault, path: string): void => {
  expect(message).toContain(path)
  expect(message).toMatch(/\bfull\b|no space left/i)
  expect(message).toMatch(/free space and start again/i)
  expect(message).not.toMatch(/\n| at .*:\d+/)
}

describe.skipIf(reason !== undefined)(title, () => {
  let disk: SmallDisk
  let elsewhere: string
  let directory: string
  let ledger: Ledger
  let audit: Audit
  const processes: NodeProcess[] = []

  beforeEach(async () => {
    disk = mountSmallDisk(DISK_MEGABYTES)
    elsewhere = await temporaryDirectory()
    directory = join(disk.path, 'data')
    ledger = createLedger(devAccounts().slice(0, 3))
    audit = createAudit()
  })
  afterEach(async () => {
    for (const node of processes.splice(0)) {
      node.kill()
      await node.exited
    }
    disk.remove()
    await removeDirectory(elsewhere)
  })

  const spawn = (): NodeProcess => {
    const node = spawnNode(directory)
    processes.push(node)
    return node
  }
  const start = async (): Promise<{ node: NodeProcess; url: string }> => {
    const node = spawn()
    return { node, url: await urlOf(node) }
  }
  /** A chain with something in it, stopped, and then `name` moved off the small disk. */
  const prepare = async (...moved: string[]): Promise<void> => {
    const { node, url } = await start()
    await settleAll(url, ledger)
    await stopInOrder(node)
    for (const name of moved) {
      cpSync(join(directory, name), join(elsewhere, name), { recursive: true })
      rmSync(join(directory, name), { recursive: true })
      symlinkSync(join(elsewhere, name), join(directory, name))
    }
  }
  const recover = async (): Promise<void> => {
    disk.free()
    await auditDirectory(directory, ledger, audit)
    const { node, url } = await start()
    await settleAll(url, ledger)
    await stopInOrder(node)
    await auditDirectory(directory, ledger, audit)
  }
  /**
   * Load until the node gives up by itself. Filled before the start too: with room, the database takes more
   * than it needs and a full disk shows only much later.
   */
  const loadUntilFatal = async (): Promise<NodeFault> => {
    disk.fill(START_BYTES)
    const { node, url } = await start()
    disk.fill(SPARE_BYTES)
    await within(30_000, 'filling the disk', runLoad(url, ledger, new AbortController().signal))
    const exit = await within(20_000, 'stopping on a full disk', node.exited)
    expect(exit).toEqual({ code: 1, signal: null })
    return faultOf(node, 'fatal')
  }
  /** As long as the disk is full, a start says so too, and changes nothing. */
  const expectNoStart = async (): Promise<void> => {
    const node = spawn()
    await expect(within(20_000, 'a start on a full disk', node.started)).rejects.toThrow(
      /full|no space left/i,
    )
    const exit = await within(20_000, 'giving up', node.exited)
    expect(exit).toEqual({ code: 1, signal: null })
    expectAdvice(faultOf(node, 'failed'), disk.path)
  }

  it('stops the node with advice and harms nothing, when all of it is there', async () => {
    await prepare()
    const fault = await loadUntilFatal()
    expect(fault.code).toBe('disk_full')
    expectAdvice(fault, disk.path)
    disk.fill(0)
    await expectNoStart()
    await recover()
  })

  it('stops the node when the database is there', async () => {
    await prepare('consensus.log')
    const fault = await loadUntilFatal()
    expect(fault.code).toBe('disk_full')
    expectAdvice(fault, join(directory, 'db'))
    await recover()
  })

  it('stops the node when the consensus log is there', async () => {
    await prepare('db')
    const fault = await loadUntilFatal()
    expect(fault.code).toBe('disk_full')
    expectAdvice(fault, join(directory, 'consensus.log'))
    await recover()
  })

  it('refuses every write of every thread after one of the thread that prunes, until the database is opened again', async () => {
    const path = join(disk.path, 'db')
    const toWrites = (version: bigint, nodeKeys: readonly Uint8Array[]): Write[] =>
      stalePages(version, nodeKeys).map(([key, value]) => ({ column: COLUMNS.staleTreeNodes, key, value }))
    let database = await openRocksDatabase(path)
    const count = 300_000
    database.write(
      toWrites(
        1n,
        Array.from({ length: count }, (_, i) => heightKey(BigInt(i))),
      ),
      { sync: true },
    )
    const { promise, resolve } = Promise.withResolvers<Error>()
    const pruning = createPruning({
      database: shareRocksDatabase(database),
      retention: PRUNING_MODES.archive,
      way: createWay(),
      onFault: resolve,
      onSlice: () => disk.fill(0),
    })
    pruning.onCommit(1_000n)
    const fault = await within(20_000, 'the write that fails', promise)
    expect(fault).toMatchObject({ name: 'StorageError', code: 'disk_full' })
    disk.free()
    // This thread has not failed with anything yet: it is RocksDB that refuses, though there is room again.
    const late = toWrites(2n, [heightKey(0n)])
    const [lateKey] = late.map(({ key }) => key)
    if (lateKey === undefined) throw new Error('there is no page')
    for (const sync of [true, false]) expect(() => database.write(late, { sync })).toThrow(/full/)
    await pruning.close()
    await database.close()

    database = await openRocksDatabase(path)
    expect(database.get(COLUMNS.staleTreeNodes, lateKey)).toBeUndefined()
    const left = database
      .range(COLUMNS.staleTreeNodes, {})
      .flatMap(([, page]) => decodeStalePage(page).map(node => Number(keyToHeight(node))))
    // From the bottom up: nothing is missing in the middle.
    const lowest = left[0] ?? 0
    expect(left).toEqual(Array.from({ length: count - lowest }, (_, i) => lowest + i))
    expect(lowest).toBeGreaterThan(0)
    database.write(late, { sync: true })
    await database.close()
  })

  it('costs only the memory of what waits, when the mempool journal is there', async () => {
    await prepare('db', 'consensus.log')
    const { node, url } = await start()
    disk.fill(0)
    await settleAll(url, ledger)
    await settleAll(url, ledger)
    await stopInOrder(node)
    const logs = node.news.flatMap(item => (item.kind === 'log' ? [item.line] : []))
    expect(logs.filter(line => line.includes('waiting transactions are not kept'))).not.toEqual([])
    await recover()
  })

  it('refuses to make a data directory, and makes it once there is room', async () => {
    disk.fill(0)
    await expectNoStart()
    disk.free()
    const { node, url } = await start()
    await settleAll(url, ledger)
    await stopInOrder(node)
    await auditDirectory(directory, ledger, audit)
  })
})
