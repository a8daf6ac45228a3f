/** A random state verifies; whatever single entry of it is lost, added or changed is found. */
import { assert, constantFrom, nat, property, tuple, uint8Array, uniqueArray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPages } from '../../../node/state/read-pages.ts'
import { updateTree } from '../../../node/state/tree.ts'
import { treeWrites } from '../../../node/state/tree-store.ts'
import { verifyState } from '../../../node/state/verify.ts'
import { COLUMNS, type Database } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import type { Hash } from '../../../node/types/primitives.ts'

const entries = uniqueArray(tuple(uint8Array({ minLength: 1, maxLength: 8 }), uint8Array({ maxLength: 8 })), {
  minLength: 1,
  maxLength: 60,
  selector: ([key]) => key.join(),
})

const store = (state: readonly [Uint8Array, Uint8Array][]): { db: Database; root: Hash } => {
  const db = createMemoryDatabase()
  const changes = state.map(([key, value]) => ({ key, value }))
  const tree = updateTree(() => undefined, undefined, 0n, changes)
  const values = changes.map(change => ({ column: COLUMNS.state, ...change }))
  db.write([...treeWrites(tree), ...values], { sync: true })
  return { db, root: tree.root }
}

describe('verifyState', () => {
  it('counts every key, and its progress ends at 1', () => {
    assert(
      property(entries, state => {
        const { db, root } = store(state)
        const progress: number[] = []
        expect(verifyState(db, { height: 0n, root }, done => progress.push(done)).leaves).toBe(state.length)
        expect(progress).toEqual(progress.toSorted((a, b) => a - b))
        expect(progress.at(-1)).toBe(1)
      }),
    )
  })

  it('finds any one value or node that is lost, changed or too many', () => {
    assert(
      property(entries, nat(), constantFrom('lost', 'changed', 'added'), (state, pick, damage) => {
        const { db, root } = store(state)
        const columns = damage === 'added' ? [COLUMNS.state] : [COLUMNS.state, COLUMNS.treeNodes]
        const all = columns.flatMap(column =>
          db.range(column, {}).map(([key, value]) => ({ column, key, value })),
        )
        const { column, key, value } = all[pick % all.length] as (typeof all)[number]
        const write = {
          lost: { column, key, value: undefined },
          changed: { column, key, value: Uint8Array.of(...value.subarray(0, -1), (value.at(-1) ?? 0) ^ 1) },
          added: { column, key: Uint8Array.of(...key, 1, 1, 1, 1, 1, 1, 1, 1), value },
        }[damage]
        db.write([write], { sync: true })
        expect(() => verifyState(db, { height: 0n, root })).toThrow()
      }),
    )
  })
})

describe('readPages', () => {
  it('gives each entry once, in order, whatever the sizes', () => {
    const db = createMemoryDatabase()
    const keys = Array.from({ length: 3000 }, (_, i) => Uint8Array.of(i >> 8, i & 255))
    db.write(
      keys.map((key, i) => ({
        column: COLUMNS.state,
        key,
        value: new Uint8Array(i % 100 === 0 ? 100_000 : 1),
      })),
      { sync: true },
    )
    const pages = [...readPages(db, COLUMNS.state)]
    expect(pages.flat().map(([key]) => key)).toEqual(keys)
    expect(pages.length).toBeGreaterThan(1)
  })
})
