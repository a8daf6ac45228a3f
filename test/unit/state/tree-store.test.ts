import { describe, expect, test } from 'vitest'
import { pruneWrites, StoredNodes, StoredTree, treeWrites } from '../../../node/state/tree-store.ts'
import { readRoot, updateTree } from '../../../node/state/tree.ts'
import type { TreeUpdate } from '../../../node/state/tree-core/tree-update.ts'
import { encodeNode, type TreeNode } from '../../../node/state/tree-node.ts'
import { fromLatin1, toHex, toLatin1 } from '../../../node/types/primitives.ts'
import { COLUMNS, type Database } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { decodeStalePage } from '../../../node/storage/stale-pages.ts'

const changes = (from: number, count: number, value: number) =>
  Array.from({ length: count }, (_, i) => ({
    key: Buffer.from(`key ${from + i}`),
    value: Uint8Array.of(value),
  }))

/** Versions 0 to 3, each changing half of what the one before wrote. */
const fill = (database: Database, tree: StoredTree): TreeUpdate[] =>
  [0, 1, 2, 3].map(n => {
    const update = tree.update({
      previous: n === 0 ? undefined : BigInt(n - 1),
      version: BigInt(n),
      changes: changes(50 * n, 100, n),
    })
    database.write(treeWrites(update), { sync: true })
    tree.keep(update)
    return update
  })

const count = (database: Database, column: 'tree_nodes' | 'stale_tree_nodes') =>
  database.range(column, {}).length

describe('the stored tree', () => {
  test('is read back by a node that starts with an empty cache', () => {
    const database = createMemoryDatabase()
    const updates = fill(database, new StoredTree(database))
    const fresh = new StoredTree(database)
    for (const { version, root } of updates) expect(readRoot(fresh.source, version)).toEqual(root)
    const [again, warm] = [0, 1].map(() =>
      fresh.update({ previous: 3n, version: 4n, changes: changes(0, 300, 9) }),
    )
    expect(again?.root).toEqual(warm?.root)
  })

  test('a cache too small for the tree changes nothing but time', () => {
    const [none, small, large] = [0, 65_536, 10_000_000].map(size => {
      const database = createMemoryDatabase()
      return fill(database, new StoredTree(database, size)).map(update => update.root)
    })
    expect(none).toEqual(large)
    expect(small).toEqual(large)
  })

  test('nodes are read as they are stored, from the database and from the cache', () => {
    const database = createMemoryDatabase()
    fill(database, new StoredTree(database))
    const keys = database.range(COLUMNS.treeNodes, {}).map(([key]) => toLatin1(key))
    const asked = [...keys.slice(50), 'not there', ...keys.slice(0, 60)]
    const { source } = new StoredNodes(database, 100_000)
    const show = (node: TreeNode | undefined) => node && toHex(encodeNode(node))
    const expected = asked.map(key => {
      const bytes = database.get(COLUMNS.treeNodes, fromLatin1(key))
      return bytes && toHex(bytes)
    })
    expect(asked.map(source).map(show)).toEqual(expected)
    expect(asked.map(source).map(show)).toEqual(expected)
    expect(new StoredTree(database).source.many?.(asked).map(show)).toEqual(expected)
  })

  test('pruning leaves the kept versions whole and nothing else', () => {
    const database = createMemoryDatabase()
    const updates = fill(database, new StoredTree(database))
    const nodesBefore = count(database, COLUMNS.treeNodes)
    const staleUpTo2 = updates.slice(0, 3).reduce((sum, update) => sum + update.stale.length, 0)
    let from: Uint8Array = new Uint8Array(0)
    for (let isDone = false; !isDone; ) {
      const pruned = pruneWrites(database, { from, keepFrom: 2n, limit: 70 })
      expect(pruned.writes.length).toBeLessThanOrEqual(70)
      database.write(pruned.writes, { sync: false })
      ;({ isDone, next: from } = pruned)
    }
    expect(pruneWrites(database, { from: new Uint8Array(0), keepFrom: 2n, limit: 7 })).toMatchObject({
      writes: [],
      isDone: true,
    })
    expect(count(database, COLUMNS.treeNodes)).toBe(nodesBefore - staleUpTo2)
    const left = database.range(COLUMNS.staleTreeNodes, {}).flatMap(([, page]) => decodeStalePage(page))
    expect(left.length).toBe(updates[3]?.stale.length)

    const { source } = new StoredTree(database)
    expect(() => readRoot(source, 1n)).toThrow(/pruned/)
    for (const version of [2n, 3n]) {
      // Deleting every key reads every node on the way: all of them must be there.
      const all = changes(0, 300, 0).map(({ key }) => ({ key, value: undefined }))
      expect(updateTree(source, version, 9n, all).nodes.size).toBe(1)
    }
  })
})
