/**
 * Where the state tree meets the database: reading nodes through a cache, the writes of a final update,
 * and pruning of what went stale.
 */
import { COLUMNS, type Database, type Write } from '../storage/database.ts'
import { LruMap } from '../types/lru-map.ts'
import { fromLatin1, toLatin1 } from '../types/primitives.ts'
import { decodeNode, type InnerNode, nodeToLatin1, type TreeNode, versionToLatin1 } from './tree-node.ts'
import type { NodeSource, TreeUpdate } from './tree.ts'

/** Of a million accounts, two thirds of the inner nodes. Taken as they come: a node that starts has none of it. */
const CACHE_BYTES = 128 * 1024 * 1024
/** What a node in the cache costs beside its encoded form: measured, with its key, its places and the hashes of its quads. */
const NODE_OVERHEAD_BYTES = 400

/**
 * The nodes in the database, the inner ones used last kept. Leaves are not: of a change it is mostly known that its
 * leaf is there, and then the leaf is not read (tree.ts, {@link Holds}).
 *
 * Only final nodes may come in: two unfinalised blocks of one height write different nodes under one key,
 * and must lie in layers of their own (tree.ts, overNodes).
 */
export class StoredNodes {
  readonly #database: Database
  readonly #cache: LruMap<string, InnerNode>

  constructor(database: Database, cacheBytes = CACHE_BYTES) {
    this.#database = database
    this.#cache = new LruMap(cacheBytes, ({ encoded }) => encoded.length + NODE_OVERHEAD_BYTES)
  }

  readonly source: NodeSource = Object.assign((nodeKey: string) => this.#many([nodeKey])[0], {
    many: (nodeKeys: readonly string[]) => this.#many(nodeKeys),
  })

  /** Those that are not in the cache are read together. */
  #many(nodeKeys: readonly string[]): (TreeNode | undefined)[] {
    const nodes: (TreeNode | undefined)[] = nodeKeys.map(nodeKey => this.#cache.get(nodeKey))
    const missing = nodeKeys.filter((_, i) => nodes[i] === undefined)
    if (missing.length === 0) return nodes
    const found = storedNodes(this.#database, missing)
    let next = 0
    return nodes.map((node, i) => {
      if (node !== undefined) return node
      const read = found[next++]
      if (read?.kind === 'inner') this.#cache.set(nodeKeys[i] as string, read)
      return read
    })
  }

  /** After the writes of `update` are on disk: its nodes are what the next block will read. */
  keep(update: TreeUpdate): void {
    for (const nodeKey of update.stale) this.#cache.delete(nodeKey)
    for (const [nodeKey, node] of update.nodes) if (node.kind === 'inner') this.#cache.set(nodeKey, node)
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

const NO_BYTES = new Uint8Array(0)

/** What makes `update` final: its nodes, and an index entry for each that went stale with it. */
export const treeWrites = (update: TreeUpdate): Write[] => {
  const writes: Write[] = []
  const texts = Array.from(update.nodes.values(), nodeToLatin1)
  // One piece of memory: thousands of small ones keep the garbage collector busy for longer than the tree takes.
  const bytes = Buffer.allocUnsafeSlow(texts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  let next = 0
  for (const nodeKey of update.nodes.keys()) {
    const { length } = texts[next] as string
    bytes.write(texts[next++] as string, at, 'latin1')
    writes.push({
      column: COLUMNS.treeNodes,
      key: fromLatin1(nodeKey),
      value: new Uint8Array(bytes.buffer, at, length),
    })
    at += length
  }
  const since = versionToLatin1(update.version)
  for (const nodeKey of update.stale)
    writes.push({ column: COLUMNS.staleTreeNodes, key: fromLatin1(since + nodeKey), value: NO_BYTES })
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
