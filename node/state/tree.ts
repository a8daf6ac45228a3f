/**
 * The authenticated state: a Jellyfish Merkle tree, versioned by block height.
 *
 * Each version has its own root node, at (version, empty path); below it, versions share every node that
 * did not change. An update reads the previous version and returns what to write and what went stale: it stores
 * nothing itself, so that an unfinalised block lies as a layer in memory over the database.
 *
 * Invariants
 * - A node is written once and never changed: its key is (version it was written at, path).
 * - The root hash depends on the keys and values only, not on the order or the blocks they came in.
 * - Every node of version p that version v does not use is in v's stale list exactly once, and nothing
 *   else is. Deleting the stale nodes of all versions up to v leaves exactly the nodes of v.
 *
 * Updates are made in the memory of a Wasm module, see tree-core/. Sources: "Jellyfish Merkle Tree" (Gao, Hu, Wu; 2021),
 * penumbra-zone/jmt.
 */
import { fromLatin1, type Hash, toHash, toHex, toLatin1 } from '../types/primitives.ts'
import { missingNode, type CoreSource, TreeCore } from './tree-core/tree-core.ts'
import type { CoreChange, TreeUpdate } from './tree-core/tree-update.ts'
import {
  type Child,
  createChild,
  EMPTY_NODE,
  hashNode,
  type LeafNode,
  sha256Latin1,
  type TreeNode,
  versionToLatin1,
} from './tree-node.ts'
import type { StateChange } from './view.ts'

type Nodes = readonly (TreeNode | undefined)[]

/** Looks a node up by its key: eight characters of version, one character a nibble of path. */
export interface NodeSource {
  (nodeKey: string): TreeNode | undefined
  /** For each key in its order. A source that reads a disk is faster at many than at one after another. */
  readonly many?: (nodeKeys: readonly string[]) => Nodes
  /** Whether a node is on disk, so that it may be kept from one update to the next. */
  readonly isStored?: (nodeKey: string) => boolean
}

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
  if (node === undefined) throw missingNode(nodeKey)
  return node
}

const loadMany = (source: NodeSource, nodeKeys: readonly string[]): Nodes =>
  source.many?.(nodeKeys) ?? nodeKeys.map(source)

/** The nodes of an update that is not in the database yet, over those it was made from. */
export const overNodes = (update: TreeUpdate, below: NodeSource): NodeSource => {
  const version = versionToLatin1(update.version)
  const own = (nodeKey: string): TreeNode | undefined =>
    nodeKey.startsWith(version) ? update.node(nodeKey) : undefined
  return Object.assign((nodeKey: string) => own(nodeKey) ?? below(nodeKey), {
    isStored: (nodeKey: string) => !nodeKey.startsWith(version) && below.isStored?.(nodeKey) === true,
    many(nodeKeys: readonly string[]) {
      const nodes = nodeKeys.map(own)
      const rest = loadMany(
        below,
        nodeKeys.filter((_, i) => nodes[i] === undefined),
      )
      let next = 0
      return nodes.map(node => node ?? rest[next++])
    },
  })
}

export const readRoot = (source: NodeSource, version: bigint): Hash =>
  toHash(fromLatin1(hashNode(load(source, versionToLatin1(version)))))

/** Whether the previous version has the key (`name` in latin1), if that is known without reading the tree. */
export type Holds = (key: Uint8Array, name: string) => boolean

/** Throws a RangeError for a key that stands there twice. */
const sortChanges = (changes: readonly StateChange[], holds: Holds): CoreChange[] => {
  const sorted = changes.map(({ key, value }) => {
    const name = toLatin1(key)
    return {
      keyHash: sha256Latin1(key),
      key: name,
      valueHash: value === undefined ? undefined : sha256Latin1(value),
      isHeld: holds(key, name),
    }
  })
  sorted.sort((a, b) => (a.keyHash < b.keyHash ? -1 : 1))
  for (let i = 1; i < sorted.length; i++) {
    const { keyHash, key } = sorted[i] as CoreChange
    if (keyHash === sorted[i - 1]?.keyHash) {
      throw new RangeError(`state key ${toHex(fromLatin1(key))} stands twice among the changes`)
    }
  }
  return sorted
}

let shared: TreeCore | undefined
/** Keeps nothing between two updates. */
const sharedCore = (): TreeCore => (shared ??= new TreeCore())

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
  core: TreeCore = sharedCore(),
): TreeUpdate => {
  if (previous !== undefined && version <= previous) {
    throw new RangeError(`version ${version} of the state tree cannot follow version ${previous}`)
  }
  const many = (nodeKeys: readonly string[]): Nodes => loadMany(source, nodeKeys)
  const isStored = (nodeKey: string): boolean => source.isStored?.(nodeKey) === true
  return core.update({ source: { many, isStored }, previous, version, changes: sortChanges(changes, holds) })
    .update
}

/** What is built is built of nothing. */
const NOWHERE: CoreSource = { many: () => [], isStored: () => false }

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
  if (leaves.length === 0) throw new RangeError('no leaves make no subtree')
  const changes = leaves.map(({ keyHash, key, valueHash }) => ({ keyHash, key, valueHash, isHeld: false }))
  const { update, isLeaf } = sharedCore().update({ source: NOWHERE, version, changes, depth: path.length })
  return {
    top: createChild(versionToLatin1(version), toLatin1(update.root), isLeaf),
    nodes: update.nodes,
  }
}

export const EMPTY_ROOT: Hash = toHash(fromLatin1(hashNode(EMPTY_NODE)))
