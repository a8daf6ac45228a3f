/**
 * The state tree's update in plain TypeScript: the slow twin of node/state/tree-core, and its reference. It reads nodes
 * and makes new ones, and keeps nothing between two updates.
 */
import { fromLatin1, type Hash, toHash, toHex, toLatin1 } from '../../node/types/primitives.ts'
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
  sha256Latin1,
  TreeError,
  type TreeNode,
  versionToLatin1,
} from '../../node/state/tree-node.ts'
import { missingNode } from '../../node/state/tree-core/tree-core.ts'
import { type Holds, NIBBLES, nibbleAt, type NodeSource } from '../../node/state/tree.ts'
import type { StateChange } from '../../node/state/view.ts'

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

/** Where the lowest set bit is. */
const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits)

const NO_CHILDREN: readonly Standing[] = NIBBLES.map(() => undefined)

const load = (source: NodeSource, nodeKey: string): TreeNode => {
  const node = source(nodeKey)
  if (node === undefined) throw missingNode(nodeKey)
  return node
}

const loadMany = (source: NodeSource, nodeKeys: readonly string[]): readonly (TreeNode | undefined)[] =>
  source.many?.(nodeKeys) ?? nodeKeys.map(source)

const sortChanges = (changes: readonly StateChange[], holds: Holds): Change[] => {
  const sorted = changes.map(({ key, value }) => ({
    keyHash: sha256Latin1(key),
    key,
    valueHash: value === undefined ? undefined : sha256Latin1(value),
    isHeld: holds(key, toLatin1(key)),
  }))
  sorted.sort((a, b) => (a.keyHash < b.keyHash ? -1 : 1))
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
    const after = NIBBLES.map((_, nibble) =>
      (changed & (1 << nibble)) === 0 ? before?.child(nibble) : (children[nibble] as Child | undefined),
    )
    return this.#write(path, createInner(after))
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

/** What node/state/tree-core/tree-update.ts holds, as plain collections. */
export interface PlainUpdate {
  readonly version: bigint
  readonly root: Hash
  readonly nodes: ReadonlyMap<string, TreeNode>
  readonly stale: readonly string[]
}

/** As `updateTree` (node/state/tree.ts), of changes with unique keys. */
export const updateTreePlainly = (
  source: NodeSource,
  previous: bigint | undefined,
  version: bigint,
  changes: readonly StateChange[],
  holds: Holds = () => false,
): PlainUpdate => {
  const updater = new Updater(source, versionToLatin1(version), sortChanges(changes, holds))
  const root = updater.run(previous === undefined ? undefined : versionToLatin1(previous))
  return { version, root: toHash(fromLatin1(root)), nodes: updater.nodes, stale: updater.stale }
}
