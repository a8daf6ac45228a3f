/** Snapshots that are made while the chain goes on: of the boundary, whole, and only the last ones. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createSnapshotKeeper,
  type SnapshotKeeper,
  type SnapshotKeeperOptions,
} from '../../../node/snapshot/keeper.ts'
import { openMoment } from '../../../node/snapshot/moment.ts'
import { COLUMNS, type Database } from '../../../node/storage/database.ts'
import { openRocksDatabase, shareRocksDatabase } from '../../../node/storage/rocks.ts'
import { createEpochChain, EPOCH_BLOCKS, type EpochChain, epochGenesis } from '../../support/epoch-chain.ts'
import { removeDirectory, temporaryDirectory } from '../../support/running-node.ts'
import { BUDGET_BYTES, filesOf, verify, write } from './snapshot-folder.ts'

let directory: string
let db: Database
let world: EpochChain
let keeper: SnapshotKeeper
let made: bigint[]
let problems: unknown[]
const folder = (): string => join(directory, 'snapshots')

const create = (options: Partial<SnapshotKeeperOptions> = {}): SnapshotKeeper =>
  createSnapshotKeeper({
    database: shareRocksDatabase(db),
    genesis: epochGenesis,
    folder: folder(),
    everyEpochs: 1n,
    chunkBudgetBytes: BUDGET_BYTES,
    onMade: height => made.push(height),
    onProblem: error => problems.push(error),
    ...options,
  })
beforeEach(async () => {
  directory = await temporaryDirectory()
  db = await openRocksDatabase(join(directory, 'db'))
  world = createEpochChain(undefined, db)
  made = []
  problems = []
  keeper = create()
})
afterEach(async () => {
  await keeper.close()
  await db.close()
  await removeDirectory(directory)
})

const until = async (isIt: () => boolean): Promise<void> => {
  while (!isIt() && problems.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
  expect(problems).toEqual([])
}
/** Blocks up to `height`, of each of which the keeper hears. */
const growTo = (height: bigint): void => {
  while (world.chain.head.header.height < height) {
    world.grow(world.chain.head.header.height + 1n)
    keeper.onCommit(world.chain.head.header)
  }
}

describe('the keeper of snapshots', () => {
  it('makes one of the boundary while blocks come, the same as a stopped node makes', async () => {
    growTo(EPOCH_BLOCKS)
    // Before its thread has looked at the database, and while it writes.
    growTo(EPOCH_BLOCKS + 2n)
    while (made.length === 0 && problems.length === 0) {
      if (world.chain.head.header.height < 2n * EPOCH_BLOCKS - 1n) growTo(world.chain.head.header.height + 1n)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    expect(problems).toEqual([])
    expect(made).toEqual([EPOCH_BLOCKS])
    const stopped = join(directory, 'stopped')
    write(world, stopped, { height: EPOCH_BLOCKS })
    expect(filesOf(join(folder(), String(EPOCH_BLOCKS)))).toEqual(filesOf(stopped))
    expect(verify(stopped).manifest.chunks.length).toBeGreaterThan(3)
  })

  it('keeps the last two, and nothing that was left half done', async () => {
    mkdirSync(join(folder(), '2.partial'), { recursive: true })
    mkdirSync(join(folder(), '1.removed'))
    writeFileSync(join(folder(), '1.removed/block'), 'x')
    for (let count = 1; count <= 4; count++) {
      growTo(BigInt(count) * EPOCH_BLOCKS)
      await until(() => made.length === count)
    }
    expect(readdirSync(folder()).toSorted()).toEqual(['12', '16'])
  })

  it('makes them every so many epochs only', async () => {
    keeper = create({ everyEpochs: 3n })
    growTo(2n * EPOCH_BLOCKS)
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(existsSync(folder())).toBe(false)
    growTo(3n * EPOCH_BLOCKS)
    await until(() => made.length === 1)
    expect(made).toEqual([3n * EPOCH_BLOCKS])
  })

  it('that is closed in the middle leaves nothing', async () => {
    growTo(EPOCH_BLOCKS)
    await keeper.close()
    expect(existsSync(folder()) ? readdirSync(folder()).filter(name => name !== '4') : []).toEqual([])
    expect(problems).toEqual([])
    growTo(2n * EPOCH_BLOCKS)
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(existsSync(join(folder(), '8'))).toBe(false)
  })

  it('tells what it could not do, and tries again at the next boundary', async () => {
    writeFileSync(folder(), 'a file')
    growTo(EPOCH_BLOCKS)
    while (problems.length === 0) await new Promise(resolve => setTimeout(resolve, 5))
    expect(made).toEqual([])
    problems = []
    await removeDirectory(folder())
    growTo(2n * EPOCH_BLOCKS)
    await until(() => made.length === 1)
  })
})

describe('a moment', () => {
  it('stays as it was, column by column', async () => {
    growTo(2n)
    const before = Object.values(COLUMNS).map(column => db.range(column, {}))
    const moment = openMoment(db)
    growTo(3n)
    expect(Object.values(COLUMNS).map(column => moment.range(column, {}))).toEqual(before)
    const [[key, value] = [new Uint8Array(), new Uint8Array()]] = moment.range(COLUMNS.state, { limit: 1 })
    expect(moment.getMany(COLUMNS.state, [key, Uint8Array.of(255)])).toEqual([value, undefined])
    expect(() => moment.write([], { sync: false })).toThrow('has passed')
    await moment.close()
  })
})
