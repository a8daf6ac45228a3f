/** What pruning leaves, against a copy of the same chain that keeps everything. */
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { Chain } from '../../../node/chain/chain.ts'
import { LightQueries } from '../../../node/chain/light-queries.ts'
import { checkRetention, firstPruningHeight, Pruner, type Retention } from '../../../node/chain/pruning.ts'
import { checkStoredBlock, lowestKeptHeight, recentFrom } from '../../../node/chain/stored-blocks.ts'
import { BlockStore, keyToHeight } from '../../../node/chain/store.ts'
import { COLUMNS, type Column, type Database } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { epochOf } from '../../../node/types/epoch.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { createVm } from '../../../vm/vm.ts'
import { historyGenesis } from '../../determinism/history.ts'
import { certifiedHistory } from '../../support/certified-history.ts'

const genesis = historyGenesis()
const { epochBlocks } = genesis.params
let full: Database
let head: bigint
beforeAll(() => {
  ;({ db: full, head } = certifiedHistory())
})

const copy = (): Database => {
  const db = createMemoryDatabase()
  for (const column of Object.values(COLUMNS))
    db.write(
      full.range(column, {}).map(([key, value]) => ({ column, key, value })),
      { sync: false },
    )
  return db
}

const pruneAll = (db: Database, retention: Retention): void => {
  const pruner = new Pruner(db, new BlockStore(db), retention)
  while (pruner.slice(head, 1_000));
}

const keysOf = (db: Database, column: Column): string[] => db.range(column, {}).map(([key]) => toHex(key))
const heightIn = (key: Uint8Array): bigint => keyToHeight(key.subarray(-8))
const isBoundary = (height: bigint): boolean =>
  epochOf(height, epochBlocks) !== epochOf(height + 1n, epochBlocks)

/** What of a column is to stay when blocks are kept from `from` on. */
const EXPECTED: Partial<Record<Column, (key: Uint8Array, value: Uint8Array, from: bigint) => boolean>> = {
  blocks: (key, _, from) => keyToHeight(key) === 0n || keyToHeight(key) >= from,
  block_heights: (_, value, from) => keyToHeight(value) === 0n || keyToHeight(value) >= from,
  receipts: (key, _, from) => keyToHeight(key) >= from,
  transaction_places: (_, value, from) => keyToHeight(value) >= from,
  transaction_index: (key, _, from) => heightIn(key) >= from,
  certificates: (key, _, from) => keyToHeight(key) >= from || isBoundary(keyToHeight(key)),
  boundary_headers: () => true,
  state: () => true,
}

describe('pruning', () => {
  it('hides the hash of a block that is not kept, known or not', () => {
    const db = copy()
    const store = new BlockStore(db)
    const heights = Array.from({ length: Number(head) + 1 }, (_, height) => BigInt(height))
    const hashes = heights.map(height => store.blockByHeight(height)?.hash)
    // Every other one is known when pruning begins.
    for (const height of heights.filter(height => height % 2n === 0n))
      expect(store.hashAt(height)).toEqual(hashes[Number(height)])
    pruneAll(db, { blocks: 20, states: 3 })
    const from = store.keptFrom()
    for (const height of heights)
      expect(store.hashAt(height)).toEqual(
        height === 0n || height >= from ? hashes[Number(height)] : undefined,
      )
    expect(store.hashAt(head + 1n)).toBeUndefined()
  })

  it('leaves exactly what is kept, in slices of any size, through any number of restarts', () => {
    expect(head).toBeGreaterThan(150n)
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 170 }),
        fc.array(fc.record({ limit: fc.integer({ min: 1, max: 400 }), restarts: fc.boolean() }), {
          minLength: 1,
          maxLength: 12,
        }),
        (blocks, sizes) => {
          const db = copy()
          const retention = { blocks, states: 3 }
          let pruner = new Pruner(db, new BlockStore(db), retention)
          for (let i = 0; ; i++) {
            const { limit, restarts } = sizes[i % sizes.length] as (typeof sizes)[number]
            if (restarts) pruner = new Pruner(db, new BlockStore(db), retention)
            if (!pruner.slice(head, limit)) break
          }
          const from = head - BigInt(blocks) + 1n > 1n ? head - BigInt(blocks) + 1n : 1n
          expect(new BlockStore(db).keptFrom()).toBe(from)
          for (const [column, stays] of Object.entries(EXPECTED)) {
            const expected = full
              .range(column as Column, {})
              .filter(([key, value]) => stays(key, value, from))
              .map(([key]) => toHex(key))
            expect(keysOf(db, column as Column), column).toEqual(expected)
          }
          expect(db.range(COLUMNS.undo, {}).map(([key]) => keyToHeight(key))).toEqual([
            head - 2n,
            head - 1n,
            head,
          ])
        },
      ),
      { numRuns: 25 },
    )
  })

  it('never shows half a block: at every step one is whole or not there', () => {
    const db = copy()
    const store = new BlockStore(db)
    const all = new BlockStore(full)
    const pruner = new Pruner(db, store, { blocks: 20, states: 3 })
    for (let step = 0; pruner.slice(head, 7); step++) {
      const from = store.keptFrom()
      // Of all heights a few each time, around the edge and below it.
      for (const height of [1n + BigInt(step % 140), from - 1n, from, from + 1n].filter(n => n > 0n)) {
        const stored = all.blockByHeight(height)
        const [first] = all.receipts(height)
        const found = [
          store.blockByHeight(height) !== undefined,
          stored !== undefined && store.blockByHash(stored.hash) !== undefined,
          first === undefined || store.transaction(first.transactionId) !== undefined,
          first === undefined || store.receipt({ height, index: 0 }) !== undefined,
          store.receipts(height).length === all.receipts(height).length,
        ]
        if (height >= from) expect(found).toEqual([true, true, true, true, true])
        else expect(found.slice(0, 2)).toEqual([false, false])
        if (height < from && first !== undefined) expect(found).toEqual([false, false, false, false, false])
      }
    }
    for (let height = lowestKeptHeight(store); height <= head; height++) checkStoredBlock(store, db, height)
    expect(recentFrom(store, head)).toBe(head - 19n)
  })

  it('keeps all blocks where none is to go, and every hand-over where almost all are gone', () => {
    const [archive, minimal] = [copy(), copy()]
    pruneAll(archive, { blocks: undefined, states: 3 })
    pruneAll(minimal, { blocks: 5, states: 3 })
    expect(keysOf(archive, COLUMNS.blocks)).toEqual(keysOf(full, COLUMNS.blocks))
    expect(keysOf(archive, COLUMNS.transactionIndex)).toEqual(keysOf(full, COLUMNS.transactionIndex))
    const handOvers = (db: Database): unknown[] => {
      const chain = Chain.open({ db, genesis, vm: createVm() })
      const light = new LightQueries(chain, db)
      return Array.from({ length: Number(epochOf(head, epochBlocks)) }, (_, epoch) =>
        light.handOver(BigInt(epoch)),
      )
    }
    expect(handOvers(minimal)).toEqual(handOvers(full))
    expect(handOvers(full).filter(each => each !== undefined).length).toBeGreaterThan(3)
  })

  it('takes old versions of the state tree, and leaves the state whole', () => {
    const db = copy()
    const before = keysOf(db, COLUMNS.treeNodes).length
    const pruner = new Pruner(db, new BlockStore(db), { blocks: undefined, states: 3 })
    // As if 200 blocks without changes had come.
    while (pruner.slice(head + 200n, 50));
    expect(keysOf(db, COLUMNS.treeNodes).length).toBeLessThan(before / 2)
    expect(Chain.open({ db, genesis, vm: createVm() }).verifyState().leaves).toBeGreaterThan(100)
  })

  it('refuses to keep fewer blocks than a start looks at', () => {
    expect(() => checkRetention({ blocks: 255, states: 10 })).toThrow('at least its last 256 blocks, not 255')
    expect(() => checkRetention({ blocks: 256, states: -1 })).toThrow('from 0 on')
  })

  it.each([
    { blocks: 300, states: 400 },
    { blocks: undefined, states: 40 },
    { blocks: undefined, states: 0 },
  ])('finds nothing to remove before its first height, and something there: %o', retention => {
    const first = firstPruningHeight(retention)
    const pruner = new Pruner(copy(), new BlockStore(copy()), retention)
    expect(pruner.slice(first - 1n, 1_000)).toBe(0)
    expect(pruner.slice(first, 1_000)).toBeGreaterThan(0)
  })

  it('knows for how many blocks it is behind', () => {
    const pruner = new Pruner(copy(), new BlockStore(full), { blocks: 20, states: 3 })
    const lags = [pruner.lag(head)]
    while (pruner.slice(head, 50)) lags.push(pruner.lag(head))
    expect(lags[0]).toBe(head - 20n)
    expect(lags.at(-1)).toBe(0n)
    expect(lags).toEqual(lags.toSorted((a, b) => Number(b - a)))
    // Nothing is said of a state that nobody asked it to remove.
    expect(pruner.lag(head + 7n)).toBe(7n)
  })
})
