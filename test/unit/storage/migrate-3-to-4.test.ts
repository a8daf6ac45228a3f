/** A chain as version 3 wrote it, carried over: it is what version 4 would have written. */
import { beforeEach, expect, it } from 'vitest'
import { Pruner } from '../../../node/chain/pruning.ts'
import { BlockStore } from '../../../node/chain/store.ts'
import { pruneWrites } from '../../../node/state/tree-store.ts'
import { COLUMNS, type Column, type Database } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { gatherInPages } from '../../../node/storage/migrate-3-to-4.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { certifiedHistory } from '../../support/certified-history.ts'
import { clearColumn, staleEntry3, staleNodes, toFormat3 } from '../../support/format-3.ts'

const history = certifiedHistory()
let db: Database
beforeEach(() => {
  db = createMemoryDatabase()
  for (const column of Object.values(COLUMNS))
    db.write(
      history.db.range(column, {}).map(([key, value]) => ({ column, key, value })),
      { sync: false },
    )
})

const rows = (of: Database, column: Column): string[] =>
  of.range(column, {}).map(([key, value]) => `${toHex(key)} ${toHex(value)}`)

const carryOver = (onBatch: () => void = () => undefined): number => {
  let at: Uint8Array | undefined
  let batches = 0
  let done = 0
  do {
    const step = gatherInPages.step(db, at)
    expect(step.writes.length).toBeLessThan(20_000)
    db.write(step.writes, { sync: false })
    expect(step.done).toBeGreaterThanOrEqual(done)
    at = step.next
    done = step.done
    batches++
    onBatch()
  } while (at !== undefined)
  return batches
}

it('gathers receipts, index and stale nodes in the pages that new blocks come with, in batches', () => {
  toFormat3(db)
  expect(rows(db, COLUMNS.receipts).length).toBeGreaterThan(rows(history.db, COLUMNS.receipts).length)
  expect(rows(db, COLUMNS.transactionIndex).length).toBeGreaterThan(
    rows(history.db, COLUMNS.transactionIndex).length,
  )
  expect(carryOver()).toBeGreaterThan(2)
  for (const column of Object.values(COLUMNS))
    if (column !== COLUMNS.staleTreeNodes) expect(rows(db, column), column).toEqual(rows(history.db, column))
  expect(staleNodes(db)).toEqual(staleNodes(history.db))
})

it('keeps every node of a version whose nodes are more than one batch', () => {
  clearColumn(db, COLUMNS.staleTreeNodes)
  const nodeKey = (i: number): Uint8Array => {
    const key = Buffer.alloc(12)
    key.writeUInt32BE(i, 4)
    return key
  }
  const versions = [...Array.from({ length: 9_500 }, () => 5n), ...Array.from({ length: 300 }, () => 6n)]
  db.write(
    versions.map((version, i) => ({
      column: COLUMNS.staleTreeNodes,
      key: staleEntry3(version, nodeKey(i)),
      value: new Uint8Array(0),
    })),
    { sync: false },
  )
  // Pruning was in the middle of a version.
  const nodesFrom = Buffer.from('stale_nodes_from')
  const value = Buffer.concat([staleEntry3(5n, nodeKey(0)), Uint8Array.of(0)])
  db.write([{ column: COLUMNS.meta, key: nodesFrom, value }], { sync: false })
  for (const column of [COLUMNS.blocks, COLUMNS.receipts, COLUMNS.transactionIndex] as const)
    clearColumn(db, column)
  expect(carryOver()).toBeGreaterThan(3)
  expect(staleNodes(db)).toEqual(versions.map((version, i) => `${version} ${toHex(nodeKey(i))}`).sort())
  let from = db.get(COLUMNS.meta, nodesFrom) as Uint8Array
  for (let isDone = false; !isDone; ) {
    const pruned = pruneWrites(db, { from, keepFrom: 6n, limit: 1_000 })
    db.write(pruned.writes, { sync: false })
    ;({ next: from, isDone } = pruned)
  }
  expect(staleNodes(db)).toEqual([])
})

it('goes on where pruning was, in the middle of a block too', () => {
  const head = history.head + 300n
  const retention = { blocks: 256, states: 256 }
  const prune = (of: Database, slices: number): void => {
    const pruner = new Pruner(of, new BlockStore(of), retention)
    for (let i = 0; i < slices && pruner.slice(head, 20) > 0; i++);
  }
  prune(db, 12)
  const left = staleNodes(db)
  expect(left.length).toBeGreaterThan(0)
  expect(left.length).toBeLessThan(staleNodes(history.db).length)
  const before = new BlockStore(db).keptFrom()
  toFormat3(db)
  carryOver()
  expect(staleNodes(db)).toEqual(left)
  expect(new BlockStore(db).keptFrom()).toBe(before)
  prune(db, Number.POSITIVE_INFINITY)
  const whole = createMemoryDatabase()
  for (const column of Object.values(COLUMNS))
    whole.write(
      history.db.range(column, {}).map(([key, value]) => ({ column, key, value })),
      { sync: false },
    )
  prune(whole, Number.POSITIVE_INFINITY)
  for (const column of [
    COLUMNS.receipts,
    COLUMNS.transactionIndex,
    COLUMNS.transactionPlaces,
    COLUMNS.blocks,
  ] as const)
    expect(rows(db, column), column).toEqual(rows(whole, column))
  expect(staleNodes(db)).toEqual(staleNodes(whole))
})

it('has nothing to do where there is nothing', () => {
  db = createMemoryDatabase()
  expect(carryOver()).toBe(2)
  for (const column of Object.values(COLUMNS)) expect(db.range(column, {})).toEqual([])
})

it('names a block whose receipts are missing', () => {
  toFormat3(db)
  clearColumn(db, COLUMNS.receipts)
  expect(() => carryOver()).toThrow(/block \d+ has no receipt of transaction 0/)
})
