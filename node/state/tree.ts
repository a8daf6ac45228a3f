/**
 * The authenticated state: a Jellyfish Merkle tree, versioned by block height.
 *
 * Each version has its own root node, at (version, empty path); below it, versions share every node that
 * did not change. An update reads the previous version through a {@link NodeSource} and returns what to
 * write and what went stale: it stores nothing itself, so that an unfinalised block lies as a layer in
 * memory over the database ({@link overNodes}) and costs no encoding until it is final.
 *
 * Invariants
 * - A node is written once and never changed: its key is (version it was written at, path).
 * - The root hash depends on the keys and values only, not on the order or the blocks they came in.
 * - Every node of version p that version v does not use is in v's stale list exactly once, and nothing
 *   else is. Deleting the stale nodes of all versions up to v leaves exactly the nodes of v.
 *
 * The algorithm: changes sorted by key hash walk the tree once, each inner node taking its slice of them.
 * A leaf's place depends on its neighbours, so a new or moved leaf is handed up "loose" until an inner node
 * with company for it fixes its path. Sources: "Jellyfish Merkle Tree" (Gao, Hu, Wu; 2021), penumbra-zone/jmt.
 */
import { fromLatin1, type Hash, toHash, toHex, toLatin1 } from '../types/primitives.ts'
import {
  type Child,
  EMPTY_NODE,
  hashNode,
  type InnerNode,
  type LeafNode,
  sha256Latin1,
  TreeError,
  type TreeNode,
  versionToLatin1,
} from './tree-node.ts'
import type { StateChange } from './view.ts'

/** Looks a node up by its key: eight characters of version, one character a nibble of path. */
export type NodeSource = (nodeKey: string) => TreeNode | undefined
/** Many at once. */
export type NodesSource = (nodeKeys: readonly string[]) => (TreeNode | undefined)[]

export interface TreeUpdate {
  readonly version: bigint
  readonly root: Hash
  /** Node key -> node: all of them new. */
  readonly nodes: ReadonlyMap<string, TreeNode>
  /** Keys of nodes that belonged to the previous version and do not belong to this one. */
  readonly stale: readonly string[]
}

interface Change {
  readonly keyHash: string
  readonly key: Uint8Array
  /** `undefined` deletes. */
  readonly valueHash: string | undefined
}

/** What stands at a path: nothing, a node in its place, or a leaf that has no place yet. */
type Standing = undefined | Child | LeafNode

/** By nibble: its part of a path. */
export const NIBBLES: readonly string[] = Array.from({ length: 16 }, (_, nibble) =>
  String.fromCharCode(nibble),
)

/** Of the path to a key hash. */
export const nibbleAt = (keyHash: string, depth: number): number => {
  const byte = keyHash.charCodeAt(depth >> 1)
  return (depth & 1) === 0 ? byte >> 4 : byte & 15
}

/** Whether the path to a key hash begins with `path`. */
export const isBelow = (keyHash: string, path: string): boolean => {
  for (let depth = 0; depth < path.length; depth++)
    if (nibbleAt(keyHash, depth) !== path.charCodeAt(depth)) return false
  return true
}

const load = (source: NodeSource, nodeKey: string): TreeNode => {
  const node = source(nodeKey)
  if (node === undefined) {
    throw new TreeError(
      'missing_node',
      `the state tree refers to node ${toHex(fromLatin1(nodeKey))}, which is not stored: that version was pruned, or the database is damaged`,
    )
  }
  return node
}

/** The nodes of an update that is not in the database yet, over those it was made from. */
export const overNodes =
  (update: TreeUpdate, below: NodeSource): NodeSource =>
  nodeKey =>
    update.nodes.get(nodeKey) ?? below(nodeKey)

export const readRoot = (source: NodeSource, version: bigint): Hash =>
  toHash(fromLatin1(hashNode(load(source, versionToLatin1(version)))))

const sortChanges = (changes: readonly StateChange[]): Change[] => {
  const sorted = changes.map(({ key, value }) => ({
    keyHash: sha256Latin1(key),
    key,
    valueHash: value === undefined ? undefined : sha256Latin1(value),
  }))
  sorted.sort((a, b) => (a.keyHash < b.keyHash ? -1 : 1))
  for (let i = 1; i < sorted.length; i++) {
    const { keyHash, key } = sorted[i] as Change
    if (keyHash === sorted[i - 1]?.keyHash) {
      throw new RangeError(`state key ${toHex(key)} stands twice among the changes`)
    }
  }
  return sorted
}

/**
 * Asks for all nodes on the way to the key hashes, which are sorted, a level of the tree at a time: an update reads
 * them one by one, and a database gives many at once in far less time.
 */
const askByLevel = (root: string, keyHashes: readonly string[], nodesOf: NodesSource): void => {
  let level = [{ nodeKey: root, path: '', from: 0, to: keyHashes.length }]
  while (level.length > 0) {
    const nodes = nodesOf(level.map(({ nodeKey }) => nodeKey))
    const below: typeof level = []
    for (const [i, { path, from, to }] of level.entries()) {
      const node = nodes[i]
      if (node?.kind !== 'inner') continue
      for (let start = from; start < to; ) {
        const nibble = nibbleAt(keyHashes[start] as string, path.length)
        let end = start + 1
        while (end < to && nibbleAt(keyHashes[end] as string, path.length) === nibble) end++
        const child = node.children[nibble]
        const childPath = path + NIBBLES[nibble]
        if (child !== undefined)
          below.push({ nodeKey: child.version + childPath, path: childPath, from: start, to: end })
        start = end
      }
    }
    level = below
  }
}

class Updater {
  readonly nodes = new Map<string, TreeNode>()
  readonly stale: string[] = []
  readonly #source: NodeSource
  readonly #version: string
  readonly #changes: readonly Change[]

  constructor(source: NodeSource, version: string, changes: readonly Change[]) {
    this.#source = source
    this.#version = version
    this.#changes = changes
  }

  /** From the previous root to the new one; returns the new root's hash. */
  run(previous: string | undefined): string {
    const before = previous === undefined ? EMPTY_NODE : load(this.#source, previous)
    const after = this.#updateNode(previous ?? '', before, '', 0, this.#changes.length)
    if (after !== undefined && after !== 'same') {
      return after.kind === 'child' ? after.hash : this.#write('', after).hash
    }
    const root = after === 'same' ? before : EMPTY_NODE
    if (after === 'same' && previous !== undefined) this.stale.push(previous)
    return this.#write('', root).hash
  }

  /** A tree of sorted leaves alone, or its part below `path`. */
  build(leaves: readonly LeafNode[], path: string): Child | undefined {
    const top = this.#build(leaves, path, 0, leaves.length)
    return top?.kind === 'leaf' ? this.#write(path, top) : top
  }

  /** The changes from `from` to `to` all lie below `path`. `same`: they change nothing. */
  #updateNode(nodeKey: string, node: TreeNode, path: string, from: number, to: number): Standing | 'same' {
    switch (node.kind) {
      case 'inner':
        return this.#updateInner(nodeKey, node, path, from, to)
      case 'leaf':
        return this.#updateLeaf(nodeKey, node, path, from, to)
      case 'empty': {
        const leaves = this.#insertions(from, to)
        if (leaves.length === 0) return 'same'
        if (nodeKey !== '') this.stale.push(nodeKey)
        return this.#build(leaves, path, 0, leaves.length)
      }
    }
  }

  #updateInner(nodeKey: string, node: InnerNode, path: string, from: number, to: number): Standing | 'same' {
    const children: Standing[] = [...node.children]
    let changed = false
    for (let start = from; start < to; ) {
      const nibble = nibbleAt((this.#changes[start] as Change).keyHash, path.length)
      const end = this.#endOfNibble(start, to, path.length, nibble)
      const before = node.children[nibble]
      const childPath = path + NIBBLES[nibble]
      if (before === undefined) {
        const leaves = this.#insertions(start, end)
        if (leaves.length > 0) {
          children[nibble] = this.#build(leaves, childPath, 0, leaves.length)
          changed = true
        }
      } else {
        const key = before.version + childPath
        const after = this.#updateNode(key, load(this.#source, key), childPath, start, end)
        if (after !== 'same') {
          children[nibble] = after
          changed = true
        }
      }
      start = end
    }
    if (!changed) return 'same'
    this.stale.push(nodeKey)
    return this.#join(children, path, node)
  }

  #updateLeaf(nodeKey: string, leaf: LeafNode, path: string, from: number, to: number): Standing | 'same' {
    const leaves = this.#insertions(from, to)
    const own = this.#changes.slice(from, to).find(change => change.keyHash === leaf.keyHash)
    if (own === undefined) {
      if (leaves.length === 0) return 'same'
      const place = leaves.findIndex(other => other.keyHash > leaf.keyHash)
      leaves.splice(place < 0 ? leaves.length : place, 0, leaf)
    } else if (own.valueHash === leaf.valueHash && leaves.length === 1) return 'same'
    this.stale.push(nodeKey)
    return this.#build(leaves, path, 0, leaves.length)
  }

  #endOfNibble(start: number, to: number, depth: number, nibble: number): number {
    let end = start + 1
    while (end < to && nibbleAt((this.#changes[end] as Change).keyHash, depth) === nibble) end++
    return end
  }

  #insertions(from: number, to: number): LeafNode[] {
    const leaves: LeafNode[] = []
    for (let i = from; i < to; i++) {
      const { keyHash, key, valueHash } = this.#changes[i] as Change
      if (valueHash !== undefined) leaves.push({ kind: 'leaf', keyHash, valueHash, key: toLatin1(key) })
    }
    return leaves
  }

  /** A subtree of sorted leaves where nothing stood before. */
  #build(leaves: readonly LeafNode[], path: string, from: number, to: number): Standing {
    if (to - from <= 1) return leaves[from]
    const children: Standing[] = Array.from({ length: 16 }, () => undefined)
    for (let start = from; start < to; ) {
      const nibble = nibbleAt((leaves[start] as LeafNode).keyHash, path.length)
      let end = start + 1
      while (end < to && nibbleAt((leaves[end] as LeafNode).keyHash, path.length) === nibble) end++
      children[nibble] = this.#build(leaves, path + NIBBLES[nibble], start, end)
      start = end
    }
    return this.#join(children, path)
  }

  /** An inner node of these children; or, if all there is is one leaf, that leaf, loose. */
  #join(children: Standing[], path: string, before?: InnerNode): Standing {
    let count = 0
    let last = 0
    for (let nibble = 0; nibble < 16; nibble++) {
      if (children[nibble] === undefined) continue
      count++
      last = nibble
    }
    const only = children[last]
    if (only === undefined) return undefined
    if (count === 1 && only.kind === 'leaf') return only
    if (count === 1 && only.kind === 'child' && only.isLeaf) return this.#pickUp(only, path + NIBBLES[last])
    for (let nibble = 0; nibble < 16; nibble++) {
      const child = children[nibble]
      if (child?.kind === 'leaf') children[nibble] = this.#write(path + NIBBLES[nibble], child)
    }
    return this.#write(path, { kind: 'inner', children: children as (Child | undefined)[] }, before)
  }

  /** Takes a leaf of an earlier version from its place. */
  #pickUp(child: Child, path: string): LeafNode {
    const nodeKey = child.version + path
    const leaf = load(this.#source, nodeKey)
    if (leaf.kind !== 'leaf') {
      throw new TreeError('bad_node', `node ${toHex(fromLatin1(nodeKey))} of the state tree should be a leaf`)
    }
    this.stale.push(nodeKey)
    return leaf
  }

  #write(path: string, node: TreeNode, before?: InnerNode): Child {
    this.nodes.set(this.#version + path, node)
    return {
      kind: 'child',
      hash: hashNode(node, before),
      version: this.#version,
      isLeaf: node.kind === 'leaf',
    }
  }
}

/**
 * Applies `changes` to the tree of version `previous` (`undefined`: to nothing) and gives it the number
 * `version`, which must be later. Keys must be unique; a change to the value that is there already, or the
 * deletion of what is not, changes nothing. With `nodesOf`, what `source` will be asked for is asked of that before,
 * many nodes at once, so that a cache has them.
 */
export const updateTree = (
  source: NodeSource,
  previous: bigint | undefined,
  version: bigint,
  changes: readonly StateChange[],
  nodesOf?: NodesSource,
): TreeUpdate => {
  if (previous !== undefined && version <= previous) {
    throw new RangeError(`version ${version} of the state tree cannot follow version ${previous}`)
  }
  const sorted = sortChanges(changes)
  const before = previous === undefined ? undefined : versionToLatin1(previous)
  if (before !== undefined && nodesOf !== undefined)
    askByLevel(
      before,
      sorted.map(({ keyHash }) => keyHash),
      nodesOf,
    )
  const updater = new Updater(source, versionToLatin1(version), sorted)
  const root = updater.run(before)
  return { version, root: toHash(fromLatin1(root)), nodes: updater.nodes, stale: updater.stale }
}

export interface Subtree {
  /** How the inner node above knows it. */
  readonly top: Child
  /** Node key -> node. */
  readonly nodes: ReadonlyMap<string, TreeNode>
}

/**
 * What stands at `path` of a tree in which these leaves, one or more, are all there is below it: the whole tree with an
 * empty path. They are sorted by key hash. Other than at the root, a single leaf stands there only if the node above is
 * an inner node: if not, it has risen.
 */
export const buildSubtree = (version: bigint, path: string, leaves: readonly LeafNode[]): Subtree => {
  const updater = new Updater(() => undefined, versionToLatin1(version), [])
  const top = updater.build(leaves, path)
  if (top === undefined) throw new RangeError('no leaves make no subtree')
  return { top, nodes: updater.nodes }
}

export const EMPTY_ROOT: Hash = toHash(fromLatin1(hashNode(EMPTY_NODE)))
