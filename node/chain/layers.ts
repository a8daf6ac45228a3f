/**
 * The state of the head on the database, and above it the layers of blocks that are not final yet.
 *
 * A layer holds what one block changed: flat values for reads, tree nodes for the root. Reading goes from
 * the newest layer down to the database. Only a committed layer's values enter the caches, so that competing
 * blocks never see each other.
 */
import { COLUMNS, type Database, StorageError, type Write } from '../storage/database.ts'
import { type NodeSource, overNodes, readRoot, type TreeUpdate, updateTree } from '../state/tree.ts'
import { addressOfAccountKey } from '../state/keys.ts'
import { pruneWrites, StoredNodes, treeWrites } from '../state/tree-store.ts'
import { Gaps } from '../state/gaps.ts'
import { encodeUndo } from '../state/undo.ts'
import { verifyState } from '../state/verify.ts'
import type { KeyRange, StateChange, StateEntry, StateReader } from '../state/view.ts'
import { LruMap } from '../types/lru-map.ts'
import {
  type Address,
  bytesEqual,
  fromLatin1,
  type Hash,
  type Height,
  toHex,
  toLatin1,
} from '../types/primitives.ts'
import { firstBesideGaps, LayerReader } from './layer-reader.ts'
import { heightKey, keyToHeight } from './store.ts'

/** About 100 bytes each beside the value: some 30 MB of hot accounts and storage. */
const VALUE_CACHE_ENTRIES = 100_000
/** Versions of the state tree that stay readable below the head; older nodes go as blocks come. */
const KEPT_VERSIONS = 256n
/** Blocks whose replaced values are kept, so that the states before them can be read. */
export const DEFAULT_HISTORY_BLOCKS = 256
/** Records of one commit that go, after a node was told to keep fewer. */
const RECORDS_PRUNED_PER_COMMIT = 64n
/** Bounds the work of one commit; a block makes far fewer nodes stale than this. */
const PRUNED_PER_COMMIT = 20_000

export interface StateLayer {
  readonly height: Height
  readonly root: Hash
  readonly values: ReadonlyMap<string, Uint8Array | undefined>
  readonly tree: TreeUpdate
  /** Cut when the parent is committed: from then on the database answers for it. */
  parent: StateLayer | undefined
}

/** Whose nonce, balance or contract the layer changed. */
export const changedAccounts = (layer: StateLayer): Address[] =>
  [...layer.values.keys()].flatMap(key => addressOfAccountKey(key) ?? [])

export class LayeredState {
  readonly base: StateReader
  readonly #db: Database
  readonly #values = new LruMap<string, { readonly value: Uint8Array | undefined }>(VALUE_CACHE_ENTRIES)
  readonly #gaps = new Gaps()
  readonly #readers = new WeakMap<StateLayer, StateReader>()
  readonly #nodes: StoredNodes
  /** Of the tree on the database; `undefined` before block 0. */
  #version: Height | undefined
  /** Versions below this have nothing left to prune; known once a whole pass was made. */
  #prunedTo: Height = 0n
  readonly #historyBlocks: bigint
  /** The oldest block that has a record of what it replaced; known from the first commit on. */
  #oldestRecord: Height | undefined

  constructor(
    db: Database,
    { historyBlocks = DEFAULT_HISTORY_BLOCKS }: { historyBlocks?: number | undefined } = {},
  ) {
    this.#db = db
    this.#historyBlocks = BigInt(historyBlocks)
    this.#nodes = new StoredNodes(db)
    this.base = {
      get: key => this.#readValue(key),
      first: range => firstBesideGaps(this.#gaps, range, rest => this.#readFirst(rest)),
    }
  }

  /** Checks that the database's tree is the one the head's header names. */
  open(height: Height, root: Hash): void {
    this.#version = height
    const found = readRoot(this.#nodes.source, height)
    if (!bytesEqual(found, root)) {
      throw new StorageError(
        'corrupt',
        `the state tree of block ${height} has the root ${toHex(found)}; its header says ${toHex(root)}. Restore the data directory from a copy`,
      )
    }
  }

  reader(layer: StateLayer | undefined): StateReader {
    if (layer === undefined) return this.base
    let reader = this.#readers.get(layer)
    if (reader === undefined) {
      reader = new LayerReader(layer, this.base, () => this.reader(layer.parent))
      this.#readers.set(layer, reader)
    }
    return reader
  }

  /** The layer of a block at `height` on `parent` (`undefined`: on the head). Nothing is stored. */
  derive(parent: StateLayer | undefined, height: Height, changes: readonly StateChange[]): StateLayer {
    let source: NodeSource = this.#nodes.source
    const chain: StateLayer[] = []
    for (let at = parent; at !== undefined; at = at.parent) chain.unshift(at)
    for (const layer of chain) source = overNodes(layer.tree, source)
    const previous = parent?.height ?? this.#version
    const tree = updateTree(source, previous, height, changes)
    const values = new Map(changes.map(({ key, value }) => [toLatin1(key), value]))
    return { height, root: tree.root, values, tree, parent }
  }

  /** What makes the layer, whose parent is the head, the state on the database. */
  writes(layer: StateLayer): Write[] {
    const writes: Write[] = []
    const replaced: StateChange[] = []
    for (const [name, value] of layer.values) {
      const key = fromLatin1(name)
      writes.push({ column: COLUMNS.state, key, value })
      replaced.push({ key, value: this.#readValue(key, name) })
    }
    writes.push(...treeWrites(layer.tree), ...this.#recordWrites(layer.height, replaced))
    if (layer.height > KEPT_VERSIONS) {
      const keepFrom = layer.height - KEPT_VERSIONS
      const pruned = pruneWrites(this.#db, { from: this.#prunedTo, keepFrom, limit: PRUNED_PER_COMMIT })
      writes.push(...pruned.writes)
      if (pruned.isComplete) this.#prunedTo = keepFrom
    }
    return writes
  }

  /** Keeps what the block replaced, and lets go of records that are old enough. */
  #recordWrites(height: Height, replaced: readonly StateChange[]): Write[] {
    if (height === 0n || this.#historyBlocks === 0n) return []
    const writes: Write[] = [{ column: COLUMNS.undo, key: heightKey(height), value: encodeUndo(replaced) }]
    if (this.#oldestRecord === undefined) {
      const [first] = this.#db.range(COLUMNS.undo, { limit: 1 })
      this.#oldestRecord = first === undefined ? height : keyToHeight(first[0])
    }
    const keepFrom = height - this.#historyBlocks + 1n
    for (let n = 0n; n < RECORDS_PRUNED_PER_COMMIT && this.#oldestRecord < keepFrom; n++)
      writes.push({ column: COLUMNS.undo, key: heightKey(this.#oldestRecord++), value: undefined })
    return writes
  }

  /** The layer's writes are on disk: it is the base now. */
  committed(layer: StateLayer): void {
    this.#version = layer.height
    for (const [key, value] of layer.values) {
      this.#values.set(key, { value })
      if (value !== undefined) this.#gaps.occupy(key)
    }
    this.#nodes.keep(layer.tree)
  }

  /** See {@link verifyState}. */
  verify(height: Height, root: Hash): { leaves: number } {
    return verifyState(this.#db, { height, root })
  }

  #readValue(key: Uint8Array, name = toLatin1(key)): Uint8Array | undefined {
    const cached = this.#values.get(name)
    if (cached !== undefined) return cached.value
    const value = this.#db.get(COLUMNS.state, key)
    this.#values.set(name, { value })
    return value
  }

  #readFirst({ from, to, isReverse }: KeyRange): StateEntry | undefined {
    const [row] = this.#db.range(COLUMNS.state, {
      from: fromLatin1(from),
      to: fromLatin1(to),
      reverse: isReverse,
      limit: 1,
    })
    return row === undefined ? undefined : { key: toLatin1(row[0]), value: row[1] }
  }
}
