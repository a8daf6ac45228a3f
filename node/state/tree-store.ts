/**
 * Where the state tree meets the database: reading nodes through a cache, the writes of a final update,
 * and pruning of what went stale.
 */
import { COLUMNS, type Database, type Write } from '../storage/database.ts'
import { LruMap } from '../types/lru-map.ts'
import { fromLatin1, toLatin1 } from '../types/primitives.ts'
import { decodeNode, encodeNode, type TreeNode, versionToLatin1 } from './tree-node.ts'
import type { NodeSource, NodesSource, TreeUpdate } from './tree.ts'

/** About 2.5 kB each where they are full. In a tree of a million leaves there are 70,000. */
const CACHED_INNER_NODES = 50_000
/** Apart, because those of a large tree are seldom read twice, and would push inner nodes out. */
const CACHED_LEAVES = 20_000

/**
 * The nodes in the database, decoded, those used last kept.
 *
 * Only final nodes may come in: two unfinalised blocks of one height write different nodes under one key,
 * and must lie in layers of their own (tree.ts, overNodes).
 */
export class StoredNodes {
  readonly #database: Database
  readonly #inner: LruMap<string, TreeNode>
  readonly #leaves: LruMap<string, TreeNode>

  constructor(database: Database, cachedNodes = CACHED_INNER_NODES) {
    this.#database = database
    this.#inner = new LruMap(cachedNodes)
    this.#leaves = new LruMap(Math.min(cachedNodes, CACHED_LEAVES))
  }

  #cached(nodeKey: string): TreeNode | undefined {
    return this.#inner.get(nodeKey) ?? this.#leaves.get(nodeKey)
  }

  #keep(nodeKey: string, node: TreeNode): void {
    if (node.kind === 'leaf') this.#leaves.set(nodeKey, node)
    else this.#inner.set(nodeKey, node)
  }

  readonly source: NodeSource = nodeKey => {
    const cached = this.#cached(nodeKey)
    if (cached !== undefined) return cached
    const bytes = this.#database.get(COLUMNS.treeNodes, fromLatin1(nodeKey))
    if (bytes === undefined) return undefined
    const node = decodeNode(bytes, nodeKey)
    this.#keep(nodeKey, node)
    return node
  }

  /** Those that are not in the cache are read together, and kept. */
  readonly sources: NodesSource = nodeKeys => {
    const nodes = nodeKeys.map(nodeKey => this.#cached(nodeKey))
    const missing = nodeKeys.filter((_, i) => nodes[i] === undefined)
    const found = storedNodes(this.#database, missing)
    let next = 0
    return nodes.map((node, i) => {
      if (node !== undefined) return node
      const read = found[next++]
      if (read !== undefined) this.#keep(nodeKeys[i] as string, read)
      return read
    })
  }

  /** After the writes of `update` are on disk: its nodes are what the next block will read. */
  keep(update: TreeUpdate): void {
    for (const nodeKey of update.stale) {
      this.#inner.delete(nodeKey)
      this.#leaves.delete(nodeKey)
    }
    for (const [nodeKey, node] of update.nodes) this.#keep(nodeKey, node)
  }
}

/** Many at once, past any cache: for who walks the tree and uses each node once. */
export const storedNodes = (
  database: Pick<Database, 'getMany'>,
  nodeKeys: readonly string[],
): (TreeNode | undefined)[] =>
  database
    .getMany(COLUMNS.treeNodes, nodeKeys.map(fromLatin1))
    .map((bytes, i) => (bytes === undefined ? undefined : decodeNode(bytes, nodeKeys[i] as string)))

/** What makes `update` final: its nodes, and an index entry for each that went stale with it. */
export const treeWrites = (update: TreeUpdate): Write[] => {
  const writes: Write[] = []
  for (const [nodeKey, node] of update.nodes) {
    writes.push({ column: COLUMNS.treeNodes, key: fromLatin1(nodeKey), value: encodeNode(node) })
  }
  const since = versionToLatin1(update.version)
  for (const nodeKey of update.stale) {
    writes.push({
      column: COLUMNS.staleTreeNodes,
      key: fromLatin1(since + nodeKey),
      value: new Uint8Array(0),
    })
  }
  return writes
}

/**
 * Writes that delete at most `limit` of the nodes that no version from `keepFrom` on uses, with their index entries.
 * None below the index entry `from` is looked for: starting at the `next` of the call before spares the database
 * walking over all that was deleted since, which it does at a snail's pace.
 */
export const pruneWrites = (
  database: Database,
  { from, keepFrom, limit }: { from: Uint8Array; keepFrom: bigint; limit: number },
): { writes: Write[]; next: Uint8Array } => {
  const to = fromLatin1(versionToLatin1(keepFrom + 1n))
  const entries = database.range(COLUMNS.staleTreeNodes, { from, to, limit })
  const writes = entries.flatMap(([key]): Write[] => [
    { column: COLUMNS.treeNodes, key: fromLatin1(toLatin1(key).slice(8)), value: undefined },
    { column: COLUMNS.staleTreeNodes, key, value: undefined },
  ])
  const last = entries.at(-1)
  return { writes, next: last === undefined ? from : Buffer.concat([last[0], Uint8Array.of(0)]) }
}
