/**
 * The state of the head on the database, and above it the layers of blocks that are not final yet.
 *
 * A layer holds what one block changed: flat values for reads, tree nodes for the root. Reading goes from
 * the newest layer down to the database. Only a committed layer's values enter the caches, so that competing
 * blocks never see each other.
 */
import { COLUMNS, type Database, StorageError, type Write } from '../storage/database.ts'
import { readRoot } from '../state/tree.ts'
import type { TreeUpdate } from '../state/tree-core/tree-update.ts'
import { addressOfAccountKey } from '../state/keys.ts'
import { StoredTree, treeWrites } from '../state/tree-store.ts'
import { Gaps } from '../state/gaps.ts'
import { encodeUndo } from '../state/undo.ts'
import { verifyState } from '../state/verify.ts'
import type { KeyRange, StateChange, StateEntry, StateReader } from '../state/view.ts'
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
import { heightKey } from './store.ts'
import { NO_VALUE, ValueCache } from './value-cache.ts'

/** Of hot accounts and storage, twice so many, of some 130 bytes each. */
const VALUE_CACHE_ENTRIES = 8_192

export interface StateLayer {
  readonly height: Height
  readonly root: Hash
  readonly changes: readonly StateChange[]
  /** The same by key, in latin1, in the same order. */
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
  readonly #values = new ValueCache(VALUE_CACHE_ENTRIES)
  readonly #gaps = new Gaps()
  readonly #readers = new WeakMap<StateLayer, StateReader>()
  readonly #tree: StoredTree
  /** Of the tree on the database; `undefined` before block 0. */
  #version: Height | undefined

  constructor(db: Database) {
    this.#db = db
    this.#tree = new StoredTree(db)
    this.base = {
      get: (key, name) => this.#readValue(key, name),
      first: range => firstBesideGaps(this.#gaps, range, rest => this.#readFirst(rest)),
    }
  }

  /** Checks that the database's tree is the one the head's header names. */
  open(height: Height, root: Hash): void {
    this.#version = height
    const found = readRoot(this.#tree.source, height)
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

  /**
   * What execution is about to read, read together: the database gives many values in a fraction of the time that it takes
   * to ask for them one by one. Changes no answer. By key in latin1.
   */
  readAhead(keys: ReadonlyMap<string, Uint8Array>): void {
    this.#readAll([...keys.values()], [...keys.keys()])
  }

  /** The layer of a block at `height` on `parent` (`undefined`: on the head). Nothing is stored. */
  derive(parent: StateLayer | undefined, height: Height, changes: readonly StateChange[]): StateLayer {
    const layers: TreeUpdate[] = []
    for (let at = parent; at !== undefined; at = at.parent) layers.unshift(at.tree)
    const previous = parent?.height ?? this.#version
    const names = changes.map(({ key }) => toLatin1(key))
    const values = new Map(changes.map(({ value }, i) => [names[i] as string, value]))
    // Mostly in the cache: what execution changes it has read before.
    this.#readAll(
      changes.map(({ key }) => key),
      names,
    )
    const before = this.reader(parent)
    const holds = (key: Uint8Array, name: string): boolean => before.get(key, name) !== undefined
    const tree = this.#tree.update({ previous, version: height, changes, holds }, layers)
    return { height, root: tree.root, changes, values, tree, parent }
  }

  /**
   * What makes the layer the state on the database, once its parent's is: the layers below may still wait for that. Made one
   * by one: all of a block's together are as much as it took to execute it.
   */
  *writes(layer: StateLayer): Generator<Write, undefined> {
    const replaced: StateChange[] = []
    // As the changes are.
    const names = [...layer.values.keys()]
    this.#readAll(
      layer.changes.map(({ key }) => key),
      names,
    )
    const before = this.reader(layer.parent)
    for (const [i, { key, value }] of layer.changes.entries()) {
      yield { column: COLUMNS.state, key, value }
      replaced.push({ key, value: before.get(key, names[i]) })
    }
    yield* treeWrites(layer.tree)
    if (layer.height > 0n)
      yield { column: COLUMNS.undo, key: heightKey(layer.height), value: encodeUndo(replaced) }
  }

  /** The layer's writes are on disk: it is the base now. No other may have it for a parent after this. */
  committed(layer: StateLayer): void {
    this.#version = layer.height
    for (const [key, value] of layer.values) {
      this.#values.set(key, value)
      if (value !== undefined) this.#gaps.occupy(key)
    }
    this.#tree.keep(layer.tree)
    layer.tree.release()
  }

  /** See {@link verifyState}. */
  verify(height: Height, root: Hash): { leaves: number } {
    return verifyState(this.#db, { height, root })
  }

  #readValue(key: Uint8Array, name = toLatin1(key)): Uint8Array | undefined {
    const cached = this.#values.get(name)
    if (cached !== undefined) return cached === NO_VALUE ? undefined : cached
    const value = this.#db.get(COLUMNS.state, key)
    this.#values.set(name, value)
    return value
  }

  /** Puts the values of the keys, whose names are `names`, into the cache. */
  #readAll(keys: readonly Uint8Array[], names: readonly string[]): void {
    const missing: number[] = []
    for (let i = 0; i < names.length; i++) if (!this.#values.has(names[i] as string)) missing.push(i)
    if (missing.length === 0) return
    const values = this.#db.getMany(
      COLUMNS.state,
      missing.map(i => keys[i] as Uint8Array),
    )
    missing.forEach((at, i) => this.#values.set(names[at] as string, values[i]))
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
