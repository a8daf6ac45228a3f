import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EMPTY_ROOT, type NodeSource, overNodes, readRoot, updateTree } from '../../../node/state/tree.ts'
import type { TreeUpdate } from '../../../node/state/tree-core/tree-update.ts'
import {
  createInner,
  encodeNode,
  TreeError,
  type TreeNode,
  versionToLatin1,
} from '../../../node/state/tree-node.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'
import vectors from '../../vectors/merkle/jmt-sha256.json' with { type: 'json' }
import { referenceRoot } from './reference-tree.ts'

const NOTHING: NodeSource = () => undefined
const value = (n: number) => Uint8Array.of(n)

/** Keys that push leaves deep: neighbours among many, whose hashes begin alike. Each pair shares 5 to 8 nibbles. */
const makeKeys = (): Uint8Array[] => {
  const all = Array.from({ length: 20_000 }, (_, i) => {
    const key = Buffer.from(`key ${i}`)
    return { key: new Uint8Array(key), hash: createHash('sha256').update(key).digest('hex') }
  }).sort((a, b) => (a.hash < b.hash ? -1 : 1))
  const shared = (a: string, b: string) => a.split('').findIndex((c, i) => c !== b[i])
  const pairs = all.slice(1).map((b, i) => {
    const a = all[i] as (typeof all)[number]
    return { a, b, nibbles: shared(a.hash, b.hash) }
  })
  pairs.sort((x, y) => y.nibbles - x.nibbles)
  const deep = pairs.slice(0, 8).flatMap(({ a, b }) => [a.key, b.key])
  return [...deep, ...all.slice(0, 16).map(entry => entry.key)]
}
const KEYS = makeKeys()
const keyAt = (index: number): Uint8Array => KEYS[index] as Uint8Array

type Model = Map<number, number>
const modelRoot = (model: Model) => referenceRoot([...model].map(([k, v]) => [keyAt(k), value(v)] as const))

const changeArbitrary = fc.uniqueArray(
  fc.record({ k: fc.nat(KEYS.length - 1), v: fc.option(fc.nat(3), { nil: undefined }) }),
  { selector: change => change.k, maxLength: 12 },
)
type Changes = { k: number; v: number | undefined }[]
const toStateChanges = (changes: Changes) =>
  changes.map(({ k, v }) => ({ key: keyAt(k), value: v === undefined ? undefined : value(v) }))
const applyToModel = (model: Model, changes: Changes): Model => {
  const next = new Map(model)
  for (const { k, v } of changes) {
    if (v === undefined) next.delete(k)
    else next.set(k, v)
  }
  return next
}

/** Every node key that the root of `version` leads to. Fails on a node that is not there. */
const reachable = (nodes: ReadonlyMap<string, TreeNode>, version: bigint): Set<string> => {
  const found = new Set<string>()
  const visit = (version: string, path: string) => {
    const node = nodes.get(version + path)
    if (node === undefined) throw new Error(`missing ${toHex(Buffer.from(version + path, 'latin1'))}`)
    found.add(version + path)
    if (node.kind !== 'inner') return
    node.children.forEach((child, nibble) => {
      if (child !== undefined) visit(child.version, path + String.fromCharCode(nibble))
    })
  }
  visit(versionToLatin1(version), '')
  return found
}

/** With `toEqual`, classes with private fields are all alike. */
const encoded = ({ version, root, nodes, stale }: TreeUpdate) => ({
  version,
  root: toHex(root),
  nodes: new Map([...nodes].map(([key, node]) => [key, toHex(encodeNode(node))])),
  stale: stale.toSorted(),
})

const single = (key: Uint8Array, value: Uint8Array) => updateTree(NOTHING, undefined, 0n, [{ key, value }])

describe('the state tree', () => {
  test.each(vectors.vectors)('penumbra-zone/jmt vector $expected_root', ({ data, expected_root }) => {
    const changes = data.map(entry => ({ key: fromHex(entry.key), value: fromHex(entry.value) }))
    expect(toHex(updateTree(NOTHING, undefined, 0n, changes).root)).toBe(expected_root)
  })

  test('a tree without leaves has the published root, and a root node', () => {
    const update = updateTree(NOTHING, undefined, 7n, [])
    expect(update.root).toEqual(EMPTY_ROOT)
    expect(toHex(EMPTY_ROOT)).toBe(toHex(Buffer.from('SPARSE_MERKLE_PLACEHOLDER_HASH__')))
    expect(readRoot(overNodes(update, NOTHING), 7n)).toEqual(EMPTY_ROOT)
  })

  test('a thousand leaves in one update have the root of the definition', () => {
    const entries = Array.from({ length: 1000 }, (_, i) => [Buffer.from(`k${i}`), value(i & 255)] as const)
    const { root } = updateTree(
      NOTHING,
      undefined,
      0n,
      entries.map(([key, value]) => ({ key, value })),
    )
    expect(toHex(root)).toBe(referenceRoot(entries))
  })

  test('at any history of updates and deletions: the root of the definition, and exact stale lists', () => {
    fc.assert(
      fc.property(fc.array(changeArbitrary, { minLength: 1, maxLength: 8 }), history => {
        const everything = new Map<string, TreeNode>()
        const pruned = new Map<string, TreeNode>()
        const roots: string[] = []
        let model: Model = new Map()
        history.forEach((changes, height) => {
          const version = BigInt(height)
          const previous = height === 0 ? undefined : version - 1n
          const source: NodeSource = key => pruned.get(key)
          const update = updateTree(source, previous, version, toStateChanges(changes))
          const held = new Set([...model.keys()].map(k => toHex(keyAt(k))))
          const many = (keys: readonly string[]) => keys.map(source)
          const knowing = updateTree(
            Object.assign((key: string) => source(key), { many }),
            previous,
            version,
            toStateChanges(changes),
            key => held.has(toHex(key)),
          )
          expect(encoded(knowing)).toEqual(encoded(update))
          for (const node of update.nodes.values())
            if (node.kind === 'inner') expect(node.hash).toBe(createInner(node.children).hash)
          model = applyToModel(model, changes)
          expect(toHex(update.root)).toBe(modelRoot(model))
          roots.push(toHex(update.root))

          for (const [key, node] of update.nodes) {
            expect(everything.has(key)).toBe(false)
            everything.set(key, node)
            pruned.set(key, node)
          }
          for (const key of update.stale) expect(pruned.delete(key)).toBe(true)
          expect(new Set(pruned.keys())).toEqual(reachable(pruned, version))
        })
        roots.forEach((root, height) => {
          reachable(everything, BigInt(height))
          expect(toHex(readRoot(key => everything.get(key), BigInt(height)))).toBe(root)
        })
      }),
      { numRuns: 200 },
    )
  })

  test('order and grouping of the same changes do not change the root', () => {
    fc.assert(
      fc.property(changeArbitrary, changeArbitrary, (first, second) => {
        const state = applyToModel(applyToModel(new Map(), first), second)
        const atOnce = updateTree(
          NOTHING,
          undefined,
          5n,
          toStateChanges([...state].map(([k, v]) => ({ k, v }))),
        )
        const a = updateTree(NOTHING, undefined, 1n, toStateChanges(first))
        const b = updateTree(overNodes(a, NOTHING), 1n, 2n, toStateChanges(second).toReversed())
        expect(b.root).toEqual(atOnce.root)
      }),
    )
  })

  test('two blocks of one height over one parent do not see each other', () => {
    const parent = updateTree(
      NOTHING,
      undefined,
      0n,
      toStateChanges([
        { k: 0, v: 1 },
        { k: 1, v: 1 },
      ]),
    )
    const below = overNodes(parent, NOTHING)
    const one = updateTree(below, 0n, 1n, toStateChanges([{ k: 0, v: 2 }]))
    const two = updateTree(below, 0n, 1n, toStateChanges([{ k: 1, v: 3 }]))
    const next = (block: TreeUpdate) =>
      updateTree(overNodes(block, below), 1n, 2n, toStateChanges([{ k: 2, v: 9 }]))
    expect(toHex(next(one).root)).toBe(
      modelRoot(
        new Map([
          [0, 2],
          [1, 1],
          [2, 9],
        ]),
      ),
    )
    expect(toHex(next(two).root)).toBe(
      modelRoot(
        new Map([
          [0, 1],
          [1, 3],
          [2, 9],
        ]),
      ),
    )
  })

  test('a leaf that is known to be there is replaced or deleted unread, and nodes are asked for once, by levels', () => {
    const first = updateTree(
      NOTHING,
      undefined,
      0n,
      KEYS.map(key => ({ key, value: value(1) })),
    )
    const calls: (readonly string[])[] = []
    const one = (nodeKey: string): TreeNode | undefined => {
      throw new Error(`asked for ${toHex(Buffer.from(nodeKey, 'latin1'))} alone`)
    }
    const source = Object.assign(one, {
      many(nodeKeys: readonly string[]) {
        calls.push(nodeKeys)
        return nodeKeys.map(nodeKey => first.node(nodeKey))
      },
    })
    const changes = KEYS.slice(16).map((key, i) => ({ key, value: i % 2 === 0 ? value(2) : undefined }))
    const update = updateTree(source, 0n, 1n, changes, () => true)
    const asked = calls.flat()
    expect(new Set(asked).size).toBe(asked.length)
    expect(asked.map(nodeKey => first.node(nodeKey)?.kind)).not.toContain('leaf')
    expect(calls.map(keys => new Set(keys.map(({ length }) => length)).size)).toEqual(calls.map(() => 1))
    expect(update.root).toEqual(updateTree(key => first.node(key), 0n, 1n, changes).root)
    // Leaves of which nothing is known are read by levels, too.
    const set = changes.map(({ key }) => ({ key, value: value(3) }))
    expect(updateTree(source, 0n, 1n, set).stale).toHaveLength(asked.length + set.length)
  })

  test('many nodes come from the update that has them, the rest from below, each in its place', () => {
    const below = updateTree(
      NOTHING,
      undefined,
      0n,
      toStateChanges([
        { k: 0, v: 1 },
        { k: 20, v: 1 },
      ]),
    )
    const above = updateTree(overNodes(below, NOTHING), 0n, 1n, toStateChanges([{ k: 0, v: 2 }]))
    const source = overNodes(above, overNodes(below, NOTHING))
    const keys = [...below.nodes.keys(), 'nowhere', ...above.nodes.keys()].toSorted((a, b) =>
      a.slice(8) < b.slice(8) ? -1 : 1,
    )
    const show = (node: TreeNode | undefined) => node && toHex(encodeNode(node))
    expect(source.many?.(keys).map(show)).toEqual(keys.map(key => show(source(key))))
    expect(keys.map(key => show(source(key)))).toEqual(
      keys.map(key => show(above.nodes.get(key) ?? below.nodes.get(key))),
    )
  })

  test('an update without effect writes a root of its own and nothing else', () => {
    const parent = updateTree(
      NOTHING,
      undefined,
      0n,
      toStateChanges([
        { k: 0, v: 1 },
        { k: 20, v: 1 },
      ]),
    )
    const same = updateTree(
      overNodes(parent, NOTHING),
      0n,
      1n,
      toStateChanges([
        { k: 0, v: 1 },
        { k: 5, v: undefined },
      ]),
    )
    expect(same.root).toEqual(parent.root)
    expect([...same.nodes.keys()]).toEqual([versionToLatin1(1n)])
    expect(same.stale).toEqual([versionToLatin1(0n)])
  })

  test('an empty value is a leaf; a deletion is none', () => {
    expect(single(keyAt(0), new Uint8Array(0)).root).not.toEqual(EMPTY_ROOT)
    const set = single(keyAt(0), value(1))
    const gone = updateTree(overNodes(set, NOTHING), 0n, 1n, [{ key: keyAt(0), value: undefined }])
    expect(gone.root).toEqual(EMPTY_ROOT)
  })

  test('versions go up', () => {
    const set = single(keyAt(0), value(1))
    expect(() => updateTree(overNodes(set, NOTHING), 0n, 0n, [])).toThrow(/cannot follow/)
  })

  test('one key twice in an update is refused, for the order would count', () => {
    const changes = [1, 2].map(n => ({ key: keyAt(0), value: value(n) }))
    expect(() => updateTree(NOTHING, undefined, 0n, changes)).toThrow(/stands twice/)
  })

  test('a version that is not stored is named', () => {
    const run = () => updateTree(NOTHING, 3n, 4n, [])
    expect(run).toThrow(TreeError)
    expect(run).toThrow(/0000000000000003/)
  })
})
