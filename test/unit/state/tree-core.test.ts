/**
 * The core against its twin in plain TypeScript: the same nodes and the same stale keys, at any history, with a cache of
 * any size, over final and unfinalised versions; and against node:crypto.
 */
import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StoredTree, treeWrites } from '../../../node/state/tree-store.ts'
import { encodeNode, type TreeNode } from '../../../node/state/tree-node.ts'
import { TreeCore } from '../../../node/state/tree-core/tree-core.ts'
import type { TreeUpdate } from '../../../node/state/tree-core/tree-update.ts'
import { type NodeSource, updateTree } from '../../../node/state/tree.ts'
import type { StateChange } from '../../../node/state/view.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { COLUMNS, type Database } from '../../../node/storage/database.ts'
import { fromLatin1, toHex, toLatin1 } from '../../../node/types/primitives.ts'
import { type PlainUpdate, updateTreePlainly } from '../../reference/tree-updater.ts'
import { createRandom } from '../../sim/random.ts'
import { referenceRoot } from './reference-tree.ts'

const PAGE = 65_536

const shown = ({ root, nodes, stale }: PlainUpdate) => ({
  root: toHex(root),
  nodes: new Map([...nodes].map(([key, node]) => [toHex(fromLatin1(key)), toHex(encodeNode(node))])),
  stale: stale.map(key => toHex(fromLatin1(key))).sort(),
})

/** Keys whose hashes begin alike in up to 5 nibbles, among others that do not. */
const KEYS = Array.from({ length: 60_000 }, (_, i) => Buffer.from(`key ${i}`))
  .map(key => ({ key, hash: createHash('sha256').update(key).digest('hex') }))
  .sort((a, b) => (a.hash < b.hash ? -1 : 1))
  .filter(({ hash }, i) => hash.startsWith('00') || i % 1_000 === 0)
  .map(({ key }) => key)

const write = (database: Database, update: TreeUpdate): void => {
  database.write(treeWrites(update), { sync: false })
  for (const nodeKey of update.stale)
    database.write([{ column: COLUMNS.treeNodes, key: fromLatin1(nodeKey), value: undefined }], {
      sync: false,
    })
}

const set = (v: number, keys: readonly Uint8Array[]): StateChange[] =>
  keys.map(key => ({ key, value: Uint8Array.of(v) }))
const NEXT = { previous: 0n, version: 1n, holds: () => true }

/** A tree of these keys, opened anew; `reads` says how many nodes were read since it was asked last. */
const countedTree = (keys: readonly Uint8Array[], pages: number) => {
  const database = createMemoryDatabase()
  const getMany = database.getMany.bind(database)
  let count = 0
  database.getMany = (column, asked) => {
    count += asked.length
    return getMany(column, asked)
  }
  const tree = new StoredTree(database, pages * PAGE)
  const first = tree.update({ previous: undefined, version: 0n, changes: set(1, keys) })
  write(database, first)
  const reads = (): number => {
    const asked = count
    count = 0
    return asked
  }
  reads()
  return { database, tree, first, reads }
}

const change = fc.record({
  k: fc.nat(KEYS.length - 1),
  v: fc.option(fc.nat(3), { nil: undefined }),
})
const block = fc.uniqueArray(change, { selector: ({ k }) => k, maxLength: 80 })

describe('the core of the tree', () => {
  it('makes what its twin makes: any history, with any cache, with what is known to be there and without', () => {
    fc.assert(
      fc.property(
        fc.array(block, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(0, 1, 3, 200),
        fc.boolean(),
        (history, pages, isKnowing) => {
          const database = createMemoryDatabase()
          const tree = new StoredTree(database, pages * PAGE)
          const held = new Map<number, number>()
          for (const [height, changes] of history.entries()) {
            const stateChanges = changes.map(({ k, v }) => ({
              key: KEYS[k] as Uint8Array,
              value: v === undefined ? undefined : Uint8Array.of(v),
            }))
            const before = new Set([...held.keys()].map(k => toLatin1(KEYS[k] as Uint8Array)))
            const holds = (key: Uint8Array) => isKnowing && before.has(toLatin1(key))
            const previous = height === 0 ? undefined : BigInt(height - 1)
            const request = { previous, version: BigInt(height), changes: stateChanges, holds }
            const update = tree.update(request)
            const twin = updateTreePlainly(tree.source, previous, BigInt(height), stateChanges, holds)
            expect(shown(update)).toEqual(shown(twin))
            expect(Array.from(update.stored(), ([key]) => toLatin1(key))).toEqual([...update.nodes.keys()])
            write(database, update)
            tree.keep(update)
            for (const { k, v } of changes) {
              if (v === undefined) held.delete(k)
              else held.set(k, v)
            }
          }
          const entries = [...held].map(([k, v]) => [KEYS[k] as Uint8Array, Uint8Array.of(v)] as const)
          const after = tree.update({
            previous: BigInt(history.length - 1),
            version: BigInt(history.length),
            changes: [],
          })
          expect(toHex(after.root)).toBe(referenceRoot(entries))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('has the same tree with a cache that holds it, one that evicts all the time, and none', () => {
    const random = createRandom(11)
    const sizes = [0, 4 * PAGE, 400 * PAGE].map(bytes => {
      const database = createMemoryDatabase()
      return { database, tree: new StoredTree(database, bytes) }
    })
    const keys = Array.from({ length: 3_000 }, (_, i) => Buffer.from(`account ${i}`))
    const state = new Map<number, number>()
    for (let height = 0; height < 40; height++) {
      const chosen = new Map<number, number>()
      const [from, count] = height < 10 ? [height * 300, 300] : [0, 150]
      for (let i = 0; i < count; i++) chosen.set(height < 10 ? from + i : random.below(3_000), height)
      const changes = [...chosen].map(([k, v]): StateChange => {
        // Towards the end the tree becomes small: what was large is not needed any more.
        const value = height > 28 && k % 3 !== 0 ? undefined : Uint8Array.of(v)
        if (value === undefined) state.delete(k)
        else state.set(k, v)
        return { key: keys[k] as Uint8Array, value }
      })
      const roots = sizes.map(({ database, tree }) => {
        const previous = height === 0 ? undefined : BigInt(height - 1)
        const update = tree.update({ previous, version: BigInt(height), changes })
        write(database, update)
        tree.keep(update)
        return toHex(update.root)
      })
      expect(new Set(roots).size).toBe(1)
      if (height % 20 === 19)
        expect(roots[0]).toBe(
          referenceRoot([...state].map(([k, v]) => [keys[k] as Uint8Array, Uint8Array.of(v)] as const)),
        )
    }
  })

  it('reads nothing that its cache has: after a start each node once, whoever asks for it', () => {
    const { tree, reads } = countedTree(KEYS, 400)
    const changes = set(2, KEYS.slice(0, 40))
    const cold = tree.update({ ...NEXT, changes })
    expect(reads()).toBeGreaterThan(0)
    const warm = tree.update({ ...NEXT, changes: changes.slice(1) })
    expect(reads()).toBe(0)
    expect(shown(tree.update({ ...NEXT, changes }))).toEqual(shown(cold))
    expect(warm.root).not.toEqual(cold.root)
  })

  it('finds what it kept when its table has grown since, and when what it kept last is forgotten', () => {
    const keys = Array.from({ length: 60_000 }, (_, i) => Buffer.from(`account ${i}`))
    const { database, tree, reads, first } = countedTree(keys, 400)
    tree.keep(first)
    expect(first.nodes.size - keys.length).toBeGreaterThan(16_384)
    const few = keys.slice(0, 3_000)
    const second = tree.update({ ...NEXT, changes: set(2, few) })
    write(database, second)
    tree.keep(second)
    reads()
    tree.update({ previous: 1n, version: 2n, changes: set(3, keys), holds: () => true })
    expect(reads()).toBe(0)
  })

  it('keeps large nodes when small ones came first and took all the room', () => {
    const keys = Array.from({ length: 45_000 }, (_, i) => Buffer.from(`account ${i}`))
    const { tree, reads, first } = countedTree(keys, 12)
    tree.keep(first)
    for (let round = 0; round < 3; round++) {
      reads()
      tree.update({ ...NEXT, changes: set(round, keys.slice(0, 1)) })
    }
    expect(reads()).toBe(0)
  })

  it('has room for what changes, however often: what went stale is forgotten', () => {
    const keys = Array.from({ length: 700 }, (_, i) => Buffer.from(`account ${i}`))
    const { database, tree, reads } = countedTree(keys, 8)
    const others = set(1, keys.slice(100))
    tree.update({ previous: 0n, version: 1n, changes: others, holds: () => true })
    for (let height = 1; height <= 400; height++) {
      const update = tree.update({
        previous: BigInt(height - 1),
        version: BigInt(height),
        changes: set(height % 256, keys.slice(0, 50)),
        holds: () => true,
      })
      write(database, update)
      tree.keep(update)
    }
    reads()
    tree.update({ previous: 400n, version: 401n, changes: others, holds: () => true })
    expect(reads()).toBe(0)
  })

  it('goes on for as long as one likes with a cache that is always full', () => {
    const keys = Array.from({ length: 8_000 }, (_, i) => Buffer.from(`account ${i}`))
    const { database, tree } = countedTree(keys, 8)
    const random = createRandom(3)
    let kept = 0
    for (let height = 1; height <= 60; height++) {
      const some = new Set(Array.from({ length: 400 }, () => random.below(keys.length)))
      const update = tree.update({
        previous: BigInt(height - 1),
        version: BigInt(height),
        changes: set(
          height,
          Array.from(some, k => keys[k] as Uint8Array),
        ),
        holds: () => true,
      })
      write(database, update)
      tree.keep(update)
      kept += update.nodes.size - some.size
    }
    // Twice what the table of the cache has room for: the entries of forgotten nodes are taken again.
    expect(kept).toBeGreaterThan(2 * 16_384)
  })

  it('does not read a leaf that one of several changes below it is about', () => {
    const pair = KEYS.map(key => ({ key, hash: createHash('sha256').update(key).digest('hex') })).sort(
      (a, b) => (a.hash < b.hash ? -1 : 1),
    )
    const near = pair.findIndex(({ hash }, i) => hash.slice(0, 3) === pair[i + 1]?.hash.slice(0, 3))
    const [added, held] = [pair[near], pair[near + 1]].map(entry => entry?.key as Uint8Array)
    const rest = KEYS.filter(key => key !== added && key !== held).slice(-30)
    const made = updateTree(() => undefined, undefined, 0n, set(1, [held as Uint8Array, ...rest]))
    const source: NodeSource = key => {
      const node = made.node(key)
      if (node?.kind === 'leaf') throw new Error('a leaf was read')
      return node
    }
    const changes = set(2, [added as Uint8Array, held as Uint8Array])
    const update = updateTree(source, 0n, 1n, changes, key => key === held)
    expect(shown(update)).toEqual(shown(updateTreePlainly(key => made.node(key), 0n, 1n, changes)))
  })

  it('goes over layers that are not on disk, and keeps none of their nodes', () => {
    const database = createMemoryDatabase()
    const tree = new StoredTree(database, 400 * PAGE)
    const base = tree.update({ previous: undefined, version: 0n, changes: set(1, KEYS.slice(0, 200)) })
    write(database, base)
    tree.keep(base)
    const one = tree.update({ previous: 0n, version: 1n, changes: set(2, KEYS.slice(0, 50)) })
    const other = tree.update({ previous: 0n, version: 1n, changes: set(3, KEYS.slice(20, 90)) })
    const plainSource =
      (...layers: TreeUpdate[]): NodeSource =>
      key =>
        layers.map(layer => layer.node(key)).find(node => node !== undefined) ?? tree.source(key)
    for (const layer of [one, other, one]) {
      const next = { previous: 1n, version: 2n, changes: set(9, KEYS.slice(10, 70)) }
      const update = tree.update(next, [layer])
      expect(shown(update)).toEqual(shown(updateTreePlainly(plainSource(layer), 1n, 2n, next.changes)))
      const third = { previous: 2n, version: 3n, changes: set(4, KEYS.slice(0, 120)) }
      expect(shown(tree.update(third, [layer, update]))).toEqual(
        shown(updateTreePlainly(plainSource(layer, update), 2n, 3n, third.changes)),
      )
    }
  })

  it('is as before after a node is missing or damaged', () => {
    const all = KEYS.map(key => ({ key, value: Uint8Array.of(1) }))
    const made = updateTree(() => undefined, undefined, 0n, all)
    const core = new TreeCore(0)
    const nodes = new Map<string, TreeNode>(made.nodes)
    const source: NodeSource = key => nodes.get(key)
    const some = all.slice(5, 60).map(({ key }) => ({ key, value: undefined }))
    const run = () => updateTree(source, 0n, 1n, some, () => false, core)
    const whole = shown(run())
    for (const lost of [...made.nodes.keys()].slice(0, 40)) {
      const node = nodes.get(lost) as TreeNode
      nodes.delete(lost)
      try {
        expect(shown(run())).toEqual(whole)
      } catch (error) {
        expect((error as Error).message).toContain(toHex(fromLatin1(lost)))
      }
      nodes.set(lost, node)
      expect(shown(run())).toEqual(whole)
    }
  })

  it('hashes as node:crypto does, in vectors of four or fewer', () => {
    const sha = (...parts: (string | Uint8Array)[]) =>
      parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
    for (const count of [2, 3, 4, 5, 6, 7, 8, 9]) {
      // All in the root, each at a nibble of its own.
      const byNibble = new Map(KEYS_BY_NIBBLE.slice(0, count).map(key => [(sha(key)[0] as number) >> 4, key]))
      const leaf = (nibble: number): Uint8Array | undefined => {
        const key = byNibble.get(nibble)
        return key && sha('JMT::LeafNode', sha(key), sha('value'))
      }
      const join = (from: number, width: number): { hash: Uint8Array; leaves: number } => {
        if (width === 1) {
          const hash = leaf(from)
          return { hash: hash ?? Buffer.from('SPARSE_MERKLE_PLACEHOLDER_HASH__'), leaves: hash ? 1 : 0 }
        }
        const [a, b] = [join(from, width / 2), join(from + width / 2, width / 2)]
        const leaves = a.leaves + b.leaves
        if (leaves <= 1) return a.leaves === 1 ? a : b
        return { hash: sha('JMT::IntrnalNode', a.hash, b.hash), leaves }
      }
      const changes = [...byNibble.values()].map(key => ({ key, value: Buffer.from('value') }))
      const { root } = updateTree(() => undefined, undefined, 0n, changes)
      expect(toHex(root)).toBe(toHex(join(0, 16).hash))
    }
  })
})

/** One for each first nibble of the hash. */
const KEYS_BY_NIBBLE = Array.from({ length: 16 }, (_, nibble) => {
  for (let i = 0; ; i++) {
    const key = Buffer.from(`nibble ${i}`)
    if ((createHash('sha256').update(key).digest()[0] as number) >> 4 === nibble) return key
  }
})

describe('the core’s memory', () => {
  /** Bytes after updates of so many new keys each. */
  const memoryAfter = (sizes: readonly number[]): number => {
    const core = new TreeCore(PAGE)
    const source = Object.assign(() => undefined, { many: () => [], isStored: () => true })
    let next = 0
    for (const [version, size] of sizes.entries()) {
      const changes = Array.from({ length: size }, () => {
        const keyHash = createHash('sha256').update(`grown ${next++}`).digest('binary')
        return { keyHash, key: keyHash, valueHash: keyHash, isHeld: false }
      }).sort((a, b) => (a.keyHash < b.keyHash ? -1 : 1))
      const { update } = core.update({ source, version: BigInt(version), changes })
      core.keep(update)
    }
    return core.memoryBytes
  }

  it('is taken as nodes come, however large the cache may become', () => {
    expect(new TreeCore(2_048 * PAGE).memoryBytes).toBeLessThan(20 * PAGE)
  })

  it('is no larger for what was forgotten', () => {
    const core = new TreeCore(400 * PAGE)
    const nodes = new Map<string, TreeNode>()
    const keys = Array.from({ length: 500 }, (_, i) => Buffer.from(`account ${i}`))
    let before = 0
    for (let version = 0; version < 200; version++) {
      const previous = version === 0 ? undefined : BigInt(version - 1)
      const changes = set(version % 256, keys)
      const update = updateTree(
        key => nodes.get(key),
        previous,
        BigInt(version),
        changes,
        () => true,
        core,
      )
      for (const [key, node] of update.nodes) nodes.set(key, node)
      core.keep(update)
      if (version === 20) before = core.memoryBytes
    }
    expect(core.memoryBytes).toBe(before)
  })

  it('of an update is given back when its nodes are in the cache, and nobody reads it any more', () => {
    const tree = new StoredTree(createMemoryDatabase())
    const update = tree.update({ previous: undefined, version: 0n, changes: set(1, KEYS.slice(0, 20)) })
    const { records, staleKeys } = update
    tree.keep(update)
    update.release()
    expect([records.buffer.byteLength, staleKeys.buffer.byteLength]).toEqual([0, 0])
    expect(() => update.nodes).toThrow('the tree’s update to version 0 was released')
    expect(() => update.staleNodeKeys()).toThrow('was released')
  })

  it('is for the largest update, however many slightly smaller ones came before', () => {
    const growing = Array.from({ length: 120 }, (_, i) => 30 * (i + 1))
    expect(memoryAfter(growing)).toBeLessThan(1.3 * memoryAfter([3_600]))
  })
})
