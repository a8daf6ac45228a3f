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
 * The algorithm: changes sorted by key hash walk the tree once, each inner node taking its slice of them. The nodes on
 * their way were read ahead, a level at a time, for a disk gives many at once faster than one after another.
 * A leaf's place depends on its neighbours, so a new or moved leaf is handed up "loose" until an inner node
 * with company for it fixes its path. Sources: "Jellyfish Merkle Tree" (Gao, Hu, Wu; 2021), penumbra-zone/jmt.
 */
import { fromLatin1, type Hash, toHash, toHex, toLatin1 } from '../types/primitives.ts'
import {
  type Child,
  countBits,
  createChild,
  createInner,
  createLeaf,
  EMPTY_NODE,
  hashNode,
  type InnerNode,
  type LeafNode,
  lowestBit,
  sha256Latin1,
  TreeError,
  type TreeNode,
  versionToLatin1,
} from './tree-node.ts'
import type { StateChange } from './view.ts'

/** Looks a node up by its key: eight characters of version, one character a nibble of path. */
export interface NodeSource {
  (nodeKey: string): TreeNode | undefined
  /** For each key in its order. A source that reads a disk is faster at many than at one after another. */
  readonly many?: (nodeKeys: readonly string[]) => readonly (TreeNode | undefined)[]
}

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
  /** Known to be in the previous version: the only leaf that can stand on its way is its own. */
  readonly isHeld: boolean
}

/** The changes from `from` to `to`, which all lie below `path`, and what stood there in the previous version. */
interface Slice {
  readonly path: string
  readonly from: number
  readonly to: number
  /** Empty where nothing stood. */
  readonly nodeKey: string
  /** Of a leaf that one of the changes replaces or deletes, which need not be read, its hash. */
  readonly heldHash: string | undefined
  /** Read ahead. */
  node: TreeNode | undefined
  /** Of an inner node: the changes again, by its children. */
  below: readonly Slice[]
}

/** What stands at a path: nothing, a node in its place, or a leaf that has no place yet. */
type Standing = undefined | Child | LeafNode

/** By nibble: its part of a path. */
export const NIBBLES: readonly string[] = Array.from({ length: 16 }, (_, nibble) =>
  String.fromCharCode(nibble),
)

const NO_CHILDREN: readonly Standing[] = NIBBLES.map(() => undefined)

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

const missingNode = (nodeKey: string): TreeError =>
  new TreeError(
    'missing_node',
    `the state tree refers to node ${toHex(fromLatin1(nodeKey))}, which is not stored: that version was pruned, or the database is damaged`,
  )

const load = (source: NodeSource, nodeKey: string): TreeNode => {
  const node = source(nodeKey)
  if (node === undefined) throw missingNode(nodeKey)
  return node
}

const loadMany = (source: NodeSource, nodeKeys: readonly string[]): readonly (TreeNode | undefined)[] =>
  source.many?.(nodeKeys) ?? nodeKeys.map(source)

/** The nodes of an update that is not in the database yet, over those it was made from. */
export const overNodes = (update: TreeUpdate, below: NodeSource): NodeSource =>
  Object.assign((nodeKey: string) => update.nodes.get(nodeKey) ?? below(nodeKey), {
    many(nodeKeys: readonly string[]) {
      const rest = loadMany(
        below,
        nodeKeys.filter(nodeKey => !update.nodes.has(nodeKey)),
      )
      let next = 0
      return nodeKeys.map(nodeKey => update.nodes.get(nodeKey) ?? rest[next++])
    },
  })

export const readRoot = (source: NodeSource, version: bigint): Hash =>
  toHash(fromLatin1(hashNode(load(source, versionToLatin1(version)))))

/** Whether the previous version has the key, if that is known without reading the tree. */
export type Holds = (key: Uint8Array) => boolean

const sortChanges = (changes: readonly StateChange[], holds: Holds): Change[] => {
  const sorted = changes.map(({ key, value }) => ({
    keyHash: sha256Latin1(key),
    key,
    valueHash: value === undefined ? undefined : sha256Latin1(value),
    isHeld: holds(key),
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
    const slice = this.#slice('', 0, this.#changes.length, previous ?? '')
    this.#readAhead(slice)
    const after = this.#update(slice)
    if (after !== undefined && after !== 'same') {
      return after.kind === 'child' ? after.hash : this.#write('', after).hash
    }
    if (after === 'same' && previous !== undefined) this.stale.push(previous)
    return this.#write('', (after === 'same' ? slice.node : undefined) ?? EMPTY_NODE).hash
  }

  /** A tree of sorted leaves alone, or its part below `path`. */
  build(leaves: readonly LeafNode[], path: string): Child | undefined {
    const top = this.#build(leaves, path, 0, leaves.length)
    return top?.kind === 'leaf' ? this.#write(path, top) : top
  }

  #slice(path: string, from: number, to: number, nodeKey: string, heldHash?: string): Slice {
    return { path, from, to, nodeKey, heldHash, node: undefined, below: [] }
  }

  #readAhead(top: Slice): void {
    const isToRead = ({ nodeKey, heldHash }: Slice): boolean => nodeKey !== '' && heldHash === undefined
    for (let level = [top].filter(isToRead); level.length > 0; ) {
      const nodes = loadMany(
        this.#source,
        level.map(({ nodeKey }) => nodeKey),
      )
      for (const [i, slice] of level.entries()) {
        const node = nodes[i]
        if (node === undefined) throw missingNode(slice.nodeKey)
        slice.node = node
        if (node.kind === 'inner') slice.below = this.#split(node, slice)
      }
      level = level.flatMap(({ below }) => below.filter(isToRead))
    }
  }

  #split(node: InnerNode, { path, from, to }: Slice): Slice[] {
    const slices: Slice[] = []
    for (let start = from; start < to; ) {
      const nibble = nibbleAt((this.#changes[start] as Change).keyHash, path.length)
      const end = this.#endOfNibble(start, to, path.length, nibble)
      const child = node.child(nibble)
      const childPath = path + NIBBLES[nibble]
      const heldHash = child?.isLeaf === true && this.#isHeld(start, end) ? child.hash : undefined
      const nodeKey = child === undefined ? '' : child.version + childPath
      slices.push(this.#slice(childPath, start, end, nodeKey, heldHash))
      start = end
    }
    return slices
  }

  /** `same`: the changes change nothing. */
  #update(slice: Slice): Standing | 'same' {
    if (slice.heldHash !== undefined) return this.#replaceLeaf(slice, slice.heldHash)
    if (slice.node?.kind === 'inner') return this.#updateInner(slice, slice.node)
    if (slice.node?.kind === 'leaf') return this.#updateLeaf(slice, slice.node)
    const leaves = this.#insertions(slice)
    if (leaves.length === 0) return 'same'
    if (slice.nodeKey !== '') this.stale.push(slice.nodeKey)
    return this.#build(leaves, slice.path, 0, leaves.length)
  }

  #updateInner({ nodeKey, path, below }: Slice, node: InnerNode): Standing | 'same' {
    const children = [...NO_CHILDREN]
    let changed = 0
    for (const slice of below) {
      const after = this.#update(slice)
      if (after === 'same') continue
      const nibble = slice.path.charCodeAt(path.length)
      children[nibble] = after
      changed |= 1 << nibble
    }
    if (changed === 0) return 'same'
    this.stale.push(nodeKey)
    return this.#join(path, children, changed, node)
  }

  #updateLeaf(slice: Slice, leaf: LeafNode): Standing | 'same' {
    const leaves = this.#insertions(slice)
    const own = this.#changes.slice(slice.from, slice.to).find(change => change.keyHash === leaf.keyHash)
    if (own === undefined) {
      if (leaves.length === 0) return 'same'
      const place = leaves.findIndex(other => other.keyHash > leaf.keyHash)
      leaves.splice(place < 0 ? leaves.length : place, 0, leaf)
    } else if (own.valueHash === leaf.valueHash && leaves.length === 1) return 'same'
    this.stale.push(slice.nodeKey)
    return this.#build(leaves, slice.path, 0, leaves.length)
  }

  /** Whether the leaf on the way of these changes belongs to one of them. */
  #isHeld(from: number, to: number): boolean {
    for (let i = from; i < to; i++) if ((this.#changes[i] as Change).isHeld) return true
    return false
  }

  /** As {@link #updateLeaf}, of a leaf that was not read. */
  #replaceLeaf(slice: Slice, leafHash: string): Standing | 'same' {
    const leaves = this.#insertions(slice)
    const [first] = leaves
    if (first !== undefined && leaves.length === 1 && first.hash === leafHash) return 'same'
    this.stale.push(slice.nodeKey)
    return this.#build(leaves, slice.path, 0, leaves.length)
  }

  #endOfNibble(start: number, to: number, depth: number, nibble: number): number {
    let end = start + 1
    while (end < to && nibbleAt((this.#changes[end] as Change).keyHash, depth) === nibble) end++
    return end
  }

  #insertions({ from, to }: Slice): LeafNode[] {
    const leaves: LeafNode[] = []
    for (let i = from; i < to; i++) {
      const { keyHash, key, valueHash } = this.#changes[i] as Change
      if (valueHash !== undefined) leaves.push(createLeaf(toLatin1(key), keyHash, valueHash))
    }
    return leaves
  }

  /** A subtree of sorted leaves where nothing stood before. */
  #build(leaves: readonly LeafNode[], path: string, from: number, to: number): Standing {
    if (to - from <= 1) return leaves[from]
    const children = [...NO_CHILDREN]
    for (let start = from; start < to; ) {
      const nibble = nibbleAt((leaves[start] as LeafNode).keyHash, path.length)
      let end = start + 1
      while (end < to && nibbleAt((leaves[end] as LeafNode).keyHash, path.length) === nibble) end++
      children[nibble] = this.#build(leaves, path + NIBBLES[nibble], start, end)
      start = end
    }
    return this.#join(path, children)
  }

  /**
   * An inner node of these children, of which those in `changed` are new and the others those of `before`; or, if all
   * there is is one leaf, that leaf, loose.
   */
  #join(path: string, children: Standing[], changed = 0xffff, before?: InnerNode): Standing {
    let present = (before?.present ?? 0) & ~changed
    for (let nibble = 0; nibble < 16; nibble++) if (children[nibble] !== undefined) present |= 1 << nibble
    if (present === 0) return undefined
    if (countBits(present) === 1) {
      const nibble = lowestBit(present)
      const only = (changed & present) === 0 ? before?.child(nibble) : children[nibble]
      if (only?.kind === 'leaf') return only
      if (only?.isLeaf === true) return this.#pickUp(only, path + NIBBLES[nibble])
    }
    for (let nibble = 0; nibble < 16; nibble++) {
      const child = children[nibble]
      if (child?.kind === 'leaf') children[nibble] = this.#write(path + NIBBLES[nibble], child)
    }
    return this.#write(path, createInner(children as (Child | undefined)[], changed, before))
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

  #write(path: string, node: TreeNode): Child {
    this.nodes.set(this.#version + path, node)
    return createChild(this.#version, hashNode(node), node.kind === 'leaf')
  }
}

/**
 * Applies `changes` to the tree of version `previous` (`undefined`: to nothing) and gives it the number
 * `version`, which must be later. Keys must be unique; a change to the value that is there already, or the
 * deletion of what is not, changes nothing. `holds` must be right for each key it affirms; what it denies is looked up.
 */
export const updateTree = (
  source: NodeSource,
  previous: bigint | undefined,
  version: bigint,
  changes: readonly StateChange[],
  holds: Holds = () => false,
): TreeUpdate => {
  if (previous !== undefined && version <= previous) {
    throw new RangeError(`version ${version} of the state tree cannot follow version ${previous}`)
  }
  const updater = new Updater(source, versionToLatin1(version), sortChanges(changes, holds))
  const root = updater.run(previous === undefined ? undefined : versionToLatin1(previous))
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
