/**
 * Where the state tree meets the database: updates over what is stored, reading nodes through a cache, the writes of a
 * final update, and pruning of what went stale.
 */
import { COLUMNS, type Database, type Write } from '../storage/database.ts'
import { decodeStalePage, STALE_PER_PAGE, stalePages } from '../storage/stale-pages.ts'
import { LruMap } from '../types/lru-map.ts'
import { fromLatin1 } from '../types/primitives.ts'
import { TreeCore } from './tree-core/tree-core.ts'
import type { TreeUpdate } from './tree-core/tree-update.ts'
import { decodeNode, type InnerNode, type TreeNode, versionToLatin1 } from './tree-node.ts'
import { type Holds, type NodeSource, overNodes, updateTree } from './tree.ts'
import type { StateChange } from './view.ts'

/** All inner nodes of a million accounts. Taken as they come: a node that starts has none of it. */
const CACHE_BYTES = 128 * 1024 * 1024
/** What a node in a cache of objects costs beside its encoded form: measured, with its key and hashes. */
const NODE_OVERHEAD_BYTES = 400

interface UpdateRequest {
  readonly previous: bigint | undefined
  readonly version: bigint
  readonly changes: readonly StateChange[]
  readonly holds?: Holds
}

/**
 * The tree of the database. Its cache is the core's, and may hold final nodes only: two unfinalised blocks of one height
 * write different nodes under one key, and lie in layers of their own.
 */
export class StoredTree {
  readonly #database: Database
  readonly #core: TreeCore

  constructor(database: Database, cacheBytes = CACHE_BYTES) {
    this.#database = database
    this.#core = new TreeCore(cacheBytes)
  }

  readonly source: NodeSource = Object.assign(
    (nodeKey: string) => storedNodes(this.#database, [nodeKey])[0],
    {
      many: (nodeKeys: readonly string[]) => storedNodes(this.#database, nodeKeys),
      isStored: () => true,
    },
  )

  /** See {@link updateTree}. `layers`, the first at the bottom, are updates before it that are not in the database yet. */
  update(
    { previous, version, changes, holds }: UpdateRequest,
    layers: readonly TreeUpdate[] = [],
  ): TreeUpdate {
    let { source } = this
    for (const layer of layers) source = overNodes(layer, source)
    return updateTree(source, previous, version, changes, holds, this.#core)
  }

  /** The writes of `update` are on disk: its nodes are what the next one will read. */
  keep(update: TreeUpdate): void {
    this.#core.keep(update)
  }
}

/** For who reads single paths: the inner nodes used last are kept, as objects. Leaves are not. */
export class StoredNodes {
  readonly #database: Database
  readonly #cache: LruMap<string, InnerNode>

  constructor(database: Database, cacheBytes: number) {
    this.#database = database
    this.#cache = new LruMap(cacheBytes, ({ encoded }) => encoded.length + NODE_OVERHEAD_BYTES)
  }

  readonly source: NodeSource = nodeKey => {
    const kept = this.#cache.get(nodeKey)
    if (kept !== undefined) return kept
    const [read] = storedNodes(this.#database, [nodeKey])
    if (read?.kind === 'inner') this.#cache.set(nodeKey, read)
    return read
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

/** What makes `update` final: its nodes, and the keys of those that went stale with it. */
export function* treeWrites(update: TreeUpdate): Generator<Write, undefined> {
  for (const [key, value] of update.stored()) yield { column: COLUMNS.treeNodes, key, value }
  for (const [key, value] of stalePages(update.version, update.staleNodeKeys()))
    yield { column: COLUMNS.staleTreeNodes, key, value }
}

/**
 * Writes that delete nodes that no version from `keepFrom` on uses, with the pages that name them: about `limit` keys, and
 * a page at least. No page below `from` is looked for: starting at the `next` of the call before spares the database
 * walking over all that was deleted since, which it does at a snail's pace.
 */
export const pruneWrites = (
  database: Database,
  { from, keepFrom, limit }: { from: Uint8Array; keepFrom: bigint; limit: number },
): { writes: Write[]; next: Uint8Array; isDone: boolean } => {
  const to = fromLatin1(versionToLatin1(keepFrom + 1n))
  const pages = Math.max(1, Math.floor(limit / (STALE_PER_PAGE + 1)))
  const entries = database.range(COLUMNS.staleTreeNodes, { from, to, limit: pages })
  const writes = entries.flatMap(([key, value]): Write[] => [
    ...decodeStalePage(value).map(
      (nodeKey): Write => ({ column: COLUMNS.treeNodes, key: nodeKey, value: undefined }),
    ),
    { column: COLUMNS.staleTreeNodes, key, value: undefined },
  ])
  const last = entries.at(-1)
  return {
    writes,
    next: last === undefined ? from : Buffer.concat([last[0], Uint8Array.of(0)]),
    isDone: entries.length < pages,
  }
}
