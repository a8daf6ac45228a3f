/**
 * The entries of a state in the order of the tree, which is that of their key hashes: of the version that the tree
 * has, or of an earlier one, with what later blocks replaced laid over it. The tree of the earlier version need not
 * be there. Nodes and values are read many at a time; in memory there are some thousand nodes, a page of values, and
 * what was replaced.
 */
import { fromLatin1, toHex } from '../types/primitives.ts'
import { NIBBLES } from './tree.ts'
import { type LeafNode, sha256Latin1, TreeError, type TreeNode, versionToLatin1 } from './tree-node.ts'

export interface StateLeaf {
  readonly keyHash: string
  /** In latin1. */
  readonly key: string
  readonly value: Uint8Array
}

/** What is not there is `undefined`. */
export interface ReadableState {
  nodesOf(nodeKeys: readonly string[]): (TreeNode | undefined)[]
  valuesOf(keys: readonly Uint8Array[]): (Uint8Array | undefined)[]
  /** Of the tree, and of the values. */
  readonly version: bigint
}

/** Read at a time. A value may be as large as a contract's code. */
const NODES_AT_ONCE = 64
const VALUES_AT_ONCE = 64

const damaged = (code: 'missing_node' | 'bad_node', message: string): never => {
  throw new TreeError(code, `${message}: the database is damaged`)
}

/** The children of an inner node, those that come first last. */
const childKeys = (node: TreeNode, path: string): string[] => {
  const keys: string[] = []
  if (node.kind !== 'inner') return keys
  for (let nibble = 15; nibble >= 0; nibble--) {
    const child = node.children[nibble]
    if (child !== undefined) keys.push(child.version + path + NIBBLES[nibble])
  }
  return keys
}

/** Every leaf of the tree, in order. */
function* leafNodesOf(state: ReadableState): Generator<LeafNode> {
  /** What comes first is last: a leaf, or the key of a node that is not read yet. */
  const rest: (LeafNode | string)[] = [versionToLatin1(state.version)]
  for (;;) {
    const first = rest.at(-1)
    if (first === undefined) return
    if (typeof first !== 'string') {
      rest.pop()
      yield first
      continue
    }
    const next = rest.splice(-NODES_AT_ONCE)
    const nodeKeys = next.filter(item => typeof item === 'string')
    const nodes = state.nodesOf(nodeKeys)
    let at = 0
    for (const item of next) {
      if (typeof item !== 'string') {
        rest.push(item)
        continue
      }
      const node =
        nodes[at++] ??
        damaged('missing_node', `node ${toHex(fromLatin1(item))} of the state tree is not stored`)
      if (node.kind === 'leaf') rest.push(node)
      else rest.push(...childKeys(node, item.slice(8)))
    }
  }
}

/** The leaves with their values, but for those whose key is in `without`. */
function* leavesOf(state: ReadableState, without: ReadonlyMap<string, unknown>): Generator<StateLeaf> {
  let page: LeafNode[] = []
  const read = (): StateLeaf[] => {
    const values = state.valuesOf(page.map(({ key }) => fromLatin1(key)))
    return page.map(({ keyHash, key }, i) => ({
      keyHash,
      key,
      value:
        values[i] ??
        damaged('bad_node', `key ${toHex(fromLatin1(key))} has a leaf in the state tree but no value`),
    }))
  }
  for (const leaf of leafNodesOf(state)) {
    if (without.has(leaf.key)) continue
    page.push(leaf)
    if (page.length < VALUES_AT_ONCE) continue
    yield* read()
    page = []
  }
  yield* read()
}

/**
 * The state before `replaced` was replaced: the keys, in latin1, that blocks up to the tree's version have changed, with
 * the values from before them (undo.ts).
 */
export function* leavesBefore(
  now: ReadableState,
  replaced: ReadonlyMap<string, Uint8Array | undefined>,
): Generator<StateLeaf> {
  const before = [...replaced]
    .flatMap(([key, value]) =>
      value === undefined ? [] : { keyHash: sha256Latin1(fromLatin1(key)), key, value },
    )
    .sort((a, b) => (a.keyHash < b.keyHash ? -1 : 1))
  let next = 0
  for (const leaf of leavesOf(now, replaced)) {
    for (; next < before.length && (before[next] as StateLeaf).keyHash < leaf.keyHash; next++)
      yield before[next] as StateLeaf
    yield leaf
  }
  for (; next < before.length; next++) yield before[next] as StateLeaf
}
