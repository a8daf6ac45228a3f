/** The thread that prunes: when there is one, what it leaves, how it ends, and what becomes of its faults. */
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { firstPruningHeight, Pruner } from '../../../node/chain/pruning.ts'
import { BlockStore, heightKey } from '../../../node/chain/store.ts'
import { createPruning, type Pruning, type PruningOptions } from '../../../node/execution/pruning-client.ts'
import { createWay, withWay } from '../../../node/execution/right-of-way.ts'
import type { PruningSlice } from '../../../node/execution/pruning-worker.ts'
import { COLUMNS, type Column, type Database, type Write } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { stalePages } from '../../../node/storage/stale-pages.ts'
import { openRocksDatabase, shareRocksDatabase } from '../../../node/storage/rocks.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { certifiedHistory } from '../../support/certified-history.ts'
import { inForm } from '../../support/form.ts'
import { removeDirectory, temporaryDirectory } from '../../support/running-node.ts'

const RETENTION = { blocks: 256, states: 3 }
const CLOSES = inForm(16, 60)

const way = createWay()
let directory: string
let db: Database
let pruning: Pruning
let slices: PruningSlice[]
let faults: Error[]
let workers: Worker[]
const onWorker = (worker: Worker): void => void workers.push(worker)

const create = (options: Partial<PruningOptions> = {}): Pruning =>
  createPruning({
    database: shareRocksDatabase(db),
    retention: RETENTION,
    way,
    onFault: error => faults.push(error),
    onSlice: slice => slices.push(slice),
    ...options,
  })
beforeEach(async () => {
  directory = await temporaryDirectory()
  db = await openRocksDatabase(join(directory, 'db'))
  slices = []
  faults = []
  workers = []
  process.on('worker', onWorker)
  pruning = create()
})
afterEach(async () => {
  process.off('worker', onWorker)
  await pruning.close()
  await db.close()
  await removeDirectory(directory)
})

const until = async (isIt: () => boolean): Promise<void> => {
  while (!isIt()) await new Promise(resolve => setTimeout(resolve, 2))
}
const isDone = (head: bigint) => () => slices.some(slice => slice.head === head && slice.keys === 0)

const fillWith = (from: Database, ...targets: readonly Database[]): void => {
  for (const column of Object.values(COLUMNS))
    for (const target of targets)
      target.write(
        from.range(column, {}).map(([key, value]) => ({ column, key, value })),
        { sync: false },
      )
}
const rowsOf = (from: Database, column: Column): string[][] =>
  from.range(column, {}).map(row => row.map(bytes => toHex(bytes)))
/** Nodes that went stale with version 1. */
const addGarbage = (count: number): void => {
  const nodes = Array.from({ length: count }, (_, i) => Buffer.concat([heightKey(0n), heightKey(BigInt(i))]))
  db.write(
    [
      ...nodes.map((node): Write => ({ column: COLUMNS.treeNodes, key: node, value: node })),
      ...stalePages(1n, nodes).map(([key, value]): Write => ({ column: COLUMNS.staleTreeNodes, key, value })),
    ],
    { sync: false },
  )
}
const garbage = (): number => db.range(COLUMNS.staleTreeNodes, {}).length

describe('the thread that prunes', () => {
  it('is not there before there may be something to remove', async () => {
    pruning.onCommit(firstPruningHeight(RETENTION) - 1n)
    await new Promise(resolve => setImmediate(resolve))
    expect(workers).toEqual([])
    pruning.onCommit(firstPruningHeight(RETENTION))
    pruning.onCommit(firstPruningHeight(RETENTION) + 1n)
    await until(isDone(firstPruningHeight(RETENTION) + 1n))
    expect(workers.length).toBe(1)
  })

  it('leaves what a pruner leaves that does it at once, for each head that it hears of', async () => {
    const history = certifiedHistory()
    const expected = createMemoryDatabase()
    fillWith(history.db, db, expected)
    for (const further of [150n, 200n, 300n]) {
      const head = history.head + further
      const pruner = new Pruner(expected, new BlockStore(expected), RETENTION)
      while (pruner.slice(head, 1_000));
      pruning.onCommit(head)
      await until(isDone(head))
      for (const column of Object.values(COLUMNS))
        expect(rowsOf(db, column), column).toEqual(rowsOf(expected, column))
      expect(slices.at(-1)?.lag).toBe(0n)
    }
    expect(new BlockStore(db).keptFrom()).toBe(history.head + 300n - 255n)
    expect(slices.filter(({ keys }) => keys > 200)).toEqual([])
    expect(faults).toEqual([])
  })

  it('says how far it is behind', async () => {
    addGarbage(2_000)
    pruning.onCommit(400n)
    await until(isDone(400n))
    expect(slices[0]?.lag).toBeGreaterThan(100n)
    expect(slices.at(-1)?.lag).toBe(0n)
    expect(garbage()).toBe(0)
  })

  it('begins no slice while a block is executed, unless it is far behind; it can be closed then, too', async () => {
    const history = certifiedHistory()
    fillWith(history.db, db)
    const head = history.head + 300n
    pruning.onCommit(head)
    await until(isDone(head))
    await withWay(way, async () => {
      const before = slices.length
      pruning.onCommit(head + 1n)
      await new Promise(resolve => setTimeout(resolve, 100))
      expect(slices.length).toBe(before)
      pruning.onCommit(head + 200n)
      await until(() => slices.length > before)
      await pruning.close()
    })
    expect(faults).toEqual([])
  })

  it('stops for a block in the midst of its work, and goes on after it', async () => {
    addGarbage(20_000)
    // Not far behind, for heights.
    pruning.onCommit(300n)
    await until(() => slices.length > 2)
    await withWay(way, async () => {
      // What it was writing is told late.
      await new Promise(resolve => setTimeout(resolve, 100))
      const left = garbage()
      expect(left).toBeGreaterThan(0)
      await new Promise(resolve => setTimeout(resolve, 100))
      expect(garbage()).toBe(left)
    })
    await until(isDone(300n))
    expect(garbage()).toBe(0)
  })

  it('ends where it is when it is asked to, and goes on there with the next start', async () => {
    addGarbage(20_000)
    pruning.onCommit(1_000n)
    await until(() => slices.length > 2)
    await pruning.close()
    const left = garbage()
    expect(left).toBeGreaterThan(0)
    pruning.onCommit(1_001n)
    await new Promise(resolve => setImmediate(resolve))
    expect([garbage(), workers.length, faults]).toEqual([left, 1, []])
    pruning = create()
    pruning.onCommit(1_001n)
    await until(() => garbage() === 0)
  })

  it(`may be closed at any moment, and the database after it: ${CLOSES} times`, async () => {
    addGarbage(100_000)
    for (let i = 0; i < CLOSES; i++) {
      pruning.onCommit(10_000n)
      const before = slices.length
      // Before it has begun, and after some slices.
      await until(() => slices.length >= before + (i % 4))
      await pruning.close()
      await db.close()
      db = await openRocksDatabase(join(directory, 'db'))
      pruning = create()
    }
    expect(garbage()).toBeGreaterThan(0)
    expect(faults).toEqual([])
  }, 120_000)

  it('tells once what it failed with, removes nothing more, and can be closed', async () => {
    fillWith(certifiedHistory().db, db)
    db.write([{ column: COLUMNS.blocks, key: heightKey(9n), value: Uint8Array.of(1, 2, 3) }], { sync: false })
    pruning.onCommit(400n)
    await until(() => faults.length > 0)
    expect(faults).toMatchObject([
      {
        name: 'BlockExecutionFault',
        message: expect.stringMatching(/^removing what is not kept failed: .*Block/),
      },
    ])
    const left = garbage()
    pruning.onCommit(401n)
    await pruning.close()
    expect([garbage(), faults.length, workers.length]).toEqual([left, 1, 1])
    expect(db.get(COLUMNS.blocks, heightKey(9n))).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('that ends by itself is a fault', async () => {
    pruning.onCommit(400n)
    await until(isDone(400n))
    await workers[0]?.terminate()
    expect(faults).toMatchObject([
      { name: 'BlockExecutionFault', message: 'the thread that prunes has ended' },
    ])
  })

  it('keeps no fewer blocks than a start looks at', () => {
    expect(() => create({ retention: { blocks: 255, states: 10 } })).toThrow('at least its last 256 blocks')
  })
})
