import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ChunkError,
  chunkSubtree,
  decodeChunk,
  encodeChunk,
  proveChunk,
} from '../../../node/snapshot/chunk-file.ts'
import { ChunkListError, joinChunks, type ListedChunk } from '../../../node/snapshot/chunk-list.ts'
import { cutIntoChunks } from '../../../node/snapshot/chunks.ts'
import { leavesBefore, type ReadableState } from '../../../node/state/leaves.ts'
import { EMPTY_ROOT, type NodeSource, overNodes, updateTree } from '../../../node/state/tree.ts'
import type { TreeUpdate } from '../../../node/state/tree-core/tree-update.ts'
import { encodeNode, type TreeNode } from '../../../node/state/tree-node.ts'
import { fromLatin1, toHex, toLatin1 } from '../../../node/types/primitives.ts'
import { referenceRoot } from '../state/reference-tree.ts'

const VERSION = 7n

type State = ReadonlyMap<string, Uint8Array>

const changesOf = (state: State) => [...state].map(([key, value]) => ({ key: fromLatin1(key), value }))
const treeOf = (state: State): TreeUpdate => updateTree(() => undefined, undefined, VERSION, changesOf(state))
const readable = (state: State, tree: TreeUpdate): ReadableState => ({
  nodesOf: nodeKeys => nodeKeys.map(nodeKey => tree.node(nodeKey)),
  valuesOf: keys => keys.map(key => state.get(toLatin1(key))),
  version: tree.version,
})

/** Values of every size that matters to a budget of {@link BUDGETS}, none of them and large ones among them. */
const stateArbitrary = fc
  .uniqueArray(
    fc.record({
      key: fc.uint8Array({ minLength: 1, maxLength: 40 }),
      value: fc.oneof(
        { weight: 5, arbitrary: fc.uint8Array({ maxLength: 60 }) },
        { weight: 1, arbitrary: fc.nat(3_000).map(length => new Uint8Array(length).fill(length)) },
      ),
    }),
    { selector: entry => toLatin1(entry.key), maxLength: 120, size: 'max' },
  )
  .map((entries): State => new Map(entries.map(({ key, value }) => [toLatin1(key), value])))

const BUDGETS = [1, 100, 1_000, 5_000, 1_000_000]

interface Cut {
  readonly list: ListedChunk[]
  readonly files: Map<string, Uint8Array>
}

const cut = (state: State, budgetBytes: number): Cut => {
  const list: ListedChunk[] = []
  const files = new Map<string, Uint8Array>()
  for (const { prefix, leaves } of cutIntoChunks(
    leavesBefore(readable(state, treeOf(state)), new Map()),
    budgetBytes,
  )) {
    const bytes = encodeChunk(leaves)
    files.set(prefix, bytes)
    const { hash } = chunkSubtree(VERSION, prefix, leaves).top
    list.push({ prefix, hash, entries: leaves.length, bytes: bytes.length })
  }
  return { list, files }
}

const inHex = (nodes: Iterable<readonly [string, TreeNode]>) =>
  new Map([...nodes].map(([key, node]) => [toHex(fromLatin1(key)), toHex(encodeNode(node))]))

describe('a state in chunks', () => {
  it('comes back whole, tree and values, whatever the budget', () => {
    fc.assert(
      fc.property(stateArbitrary, fc.constantFrom(...BUDGETS), (state, budgetBytes) => {
        const tree = treeOf(state)
        const { list, files } = cut(state, budgetBytes)
        for (const { entries, bytes } of list) expect(entries === 1 || bytes <= budgetBytes).toBe(true)
        const upper = joinChunks(list, VERSION)
        expect(toHex(fromLatin1(upper.root))).toBe(toHex(tree.root))
        const nodes = [...upper.nodes]
        const values: [string, Uint8Array][] = []
        for (const listed of list) {
          const proved = proveChunk(files.get(listed.prefix) as Uint8Array, listed, VERSION)
          nodes.push(...proved.subtree.nodes)
          values.push(...proved.leaves.map(({ key, value }): [string, Uint8Array] => [key, value]))
        }
        // Not one node more or less than a tree that was made in one go.
        expect(nodes).toHaveLength(tree.nodes.size)
        expect(inHex(nodes)).toEqual(inHex(tree.nodes))
        expect(new Map(values)).toEqual(new Map(state))
        expect(toHex(fromLatin1(upper.root))).toBe(
          referenceRoot([...state].map(([key, value]) => [fromLatin1(key), value] as const)),
        )
      }),
      { numRuns: 150 },
    )
  })

  it('of no entries has no chunks, and the empty root', () => {
    const { list } = cut(new Map(), 100)
    expect(list).toEqual([])
    expect(toHex(fromLatin1(joinChunks([], VERSION).root))).toBe(toHex(EMPTY_ROOT))
  })

  it('of one entry is one chunk, however large it is', () => {
    const { list } = cut(new Map([['only', new Uint8Array(5_000)]]), 100)
    expect(list).toMatchObject([{ prefix: '', entries: 1 }])
  })

  it('is read in pieces: no more of it is in memory than one chunk and an entry', () => {
    const state = new Map(Array.from({ length: 2_000 }, (_, n) => [`key ${n}`, new Uint8Array(20)]))
    let taken = 0
    let cutOff = 0
    function* counted() {
      for (const leaf of leavesBefore(readable(state, treeOf(state)), new Map())) {
        taken++
        yield leaf
      }
    }
    for (const { leaves } of cutIntoChunks(counted(), 2_000)) {
      cutOff += leaves.length
      expect(taken - cutOff).toBeLessThan(2_000 / 26 + 3)
    }
    expect(cutOff).toBe(2_000)
  })
})

describe('the state before some blocks', () => {
  it('has the leaves that a tree of its own has, in its order', () => {
    const change = fc.record({ key: fc.nat(40), value: fc.option(fc.nat(5), { nil: undefined }) })
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 12 }), { minLength: 1, maxLength: 5 }), blocks => {
        const states: Map<string, Uint8Array>[] = [new Map([['k', Uint8Array.of(1)]])]
        let source = treeOf(states[0] as State)
        let nodes: NodeSource = nodeKey => source.node(nodeKey)
        for (const [index, block] of blocks.entries()) {
          const next = new Map(states.at(-1))
          const changes = new Map(block.map(({ key, value }) => [`k${key}`, value]))
          for (const [key, value] of changes)
            if (value === undefined) next.delete(key)
            else next.set(key, new Uint8Array(value))
          const version = VERSION + BigInt(index) + 1n
          const stateChanges = Array.from(changes, ([key, value]) => ({
            key: fromLatin1(key),
            value: value === undefined ? undefined : new Uint8Array(value),
          }))
          const update = updateTree(nodes, source.version, version, stateChanges)
          nodes = overNodes(update, nodes)
          source = update
          states.push(next)
        }
        const [first, last] = [states[0] as State, states.at(-1) as State]
        const replaced = new Map<string, Uint8Array | undefined>()
        for (const block of blocks) for (const { key } of block) replaced.set(`k${key}`, first.get(`k${key}`))
        const now = {
          nodesOf: (nodeKeys: readonly string[]) => nodeKeys.map(nodes),
          valuesOf: (keys: readonly Uint8Array[]) => keys.map(key => last.get(toLatin1(key))),
          version: source.version,
        }
        const expected = [...leavesBefore(readable(first, treeOf(first)), new Map())]
        expect([...leavesBefore(now, replaced)]).toEqual(expected)
      }),
    )
  })
})

describe('a chunk that was tampered with', () => {
  it('is refused, whichever byte it is, and wherever it ends', () => {
    fc.assert(
      fc.property(
        stateArbitrary.filter(state => state.size > 0),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (state, which, where, by) => {
          const { list, files } = cut(state, 400)
          const listed = list[which % list.length] as ListedChunk
          const good = files.get(listed.prefix) as Uint8Array
          const at = where % good.length
          const bad = good.slice()
          bad[at] = (bad[at] as number) ^ by
          const refused = (bytes: Uint8Array) =>
            expect(() => proveChunk(bytes, listed, VERSION)).toThrow(ChunkError)
          refused(bad)
          refused(good.subarray(0, at))
          refused(Buffer.concat([good, good.subarray(0, at + 1)]))
          for (const other of list) if (other !== listed) refused(files.get(other.prefix) as Uint8Array)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('is refused if its entries are in another order, or one stands twice', () => {
    const { list, files } = cut(new Map(Array.from('abcdefgh', key => [key, Uint8Array.of(1)])), 10_000)
    const [listed] = list as [ListedChunk]
    const leaves = decodeChunk(files.get('') as Uint8Array, '')
    expect(() => proveChunk(encodeChunk(leaves.toReversed()), listed, VERSION)).toThrow('in the wrong place')
    expect(() =>
      proveChunk(encodeChunk([...leaves.slice(0, 4), ...leaves.slice(3, 7)]), listed, VERSION),
    ).toThrow('twice')
    expect(() => proveChunk(encodeChunk(leaves.slice(1)), listed, VERSION)).toThrow('holds 7 entries, not 8')
  })
})

describe('a list of chunks', () => {
  const state: State = new Map(Array.from({ length: 200 }, (_, n) => [`key ${n}`, new Uint8Array(30)]))
  const { list, files } = cut(state, 500)
  const root = joinChunks(list, VERSION).root

  /** Whether somebody who restores it notices. */
  const isRefused = (changed: readonly ListedChunk[]): boolean => {
    try {
      if (joinChunks(changed, VERSION).root !== root) return true
      for (const listed of changed) proveChunk(files.get(listed.prefix) as Uint8Array, listed, VERSION)
      return false
    } catch (error) {
      return error instanceof ChunkListError || error instanceof ChunkError
    }
  }

  it('that is as it was made is believed', () => {
    expect(list.length).toBeGreaterThan(16)
    expect(isRefused(list)).toBe(false)
  })

  it('that lacks a chunk, has one twice, has them in another order or a changed one, is not', () => {
    for (const [index, chunk] of list.entries()) {
      const others = list.filter(other => other !== chunk)
      const put = (...chunks: ListedChunk[]) => isRefused(list.toSpliced(index, 1, ...chunks))
      expect(isRefused(others)).toBe(true)
      expect(put(chunk, chunk)).toBe(true)
      expect(isRefused([...others, chunk]) || index === list.length - 1).toBe(true)
      expect(put({ ...chunk, hash: chunk.hash.slice(1) + '\0' })).toBe(true)
      expect(put({ ...chunk, entries: chunk.entries + 1 })).toBe(true)
      expect(put({ ...chunk, prefix: chunk.prefix.slice(1) })).toBe(true)
      expect(put({ ...chunk, prefix: chunk.prefix + '\0' })).toBe(true)
    }
  })

  it('may not name a place below the one where a lone leaf stands, though its root is right', () => {
    const two = cut(new Map(Array.from('ab', key => [key, Uint8Array.of(1)])), 1)
    const right = joinChunks(two.list, VERSION).root
    const [first, second] = two.list as [ListedChunk, ListedChunk]
    // The leaf would rise from there, and the root stay the same: but a tree has no inner node above a single leaf.
    const deeper = { ...first, prefix: `${first.prefix}\u0003` }
    expect(() => joinChunks([deeper, second], VERSION)).toThrow('not where the tree has it')
    expect(right).toBe(joinChunks([first, second], VERSION).root)
  })
})
