/**
 * What an update brought, as the core left it: records and stale keys one after another (assembly/update.ts). Most of
 * it is only copied on, to the database and into the cache; as objects it is there for who asks.
 */
import { u64Bytes } from '../../types/big-endian.ts'
import { type Hash, toHash, toLatin1 } from '../../types/primitives.ts'
import { release } from '../../types/release.ts'
import {
  createLeaf,
  EMPTY_NODE,
  InnerNode,
  type LeafNode,
  leafToLatin1,
  nodeToLatin1,
  type TreeNode,
} from '../tree-node.ts'

/** A change as the core takes it, sorted by key hash. */
export interface CoreChange {
  readonly keyHash: string
  readonly key: string
  /** `undefined` deletes. */
  readonly valueHash: string | undefined
  /** Known to be in the previous version. */
  readonly isHeld: boolean
}

const RECORD = { kind: 4, depth: 5, movedDepth: 6, change: 8, movedVersion: 16, path: 24, node: 56 } as const
const KIND = { inner: 1, leaf: 2, moved: 3, empty: 4 } as const
type Kind = (typeof KIND)[keyof typeof KIND]
const NODE = { bytes: 4, body: 8 } as const
/** Of one stale key. */
export const STALE_BYTES = 48
const STALE = { depth: 8, path: 16 } as const
const VERSION = 8

export class TreeUpdate {
  readonly version: bigint
  readonly root: Hash
  #parts: { readonly records: Buffer; readonly staleKeys: Buffer } | undefined
  readonly #changes: readonly CoreChange[]
  readonly #versionBytes: Uint8Array
  /** By the key that each was read under. */
  #moved: ReadonlyMap<string, LeafNode> = new Map()
  /** Node key -> record. */
  #places: ReadonlyMap<string, number> | undefined
  #stale: readonly string[] | undefined

  constructor(
    version: bigint,
    root: Uint8Array,
    parts: { readonly records: Buffer; readonly staleKeys: Buffer; readonly changes: readonly CoreChange[] },
  ) {
    this.version = version
    this.#versionBytes = u64Bytes(version)
    this.root = toHash(root)
    this.#parts = parts
    this.#changes = parts.changes
  }

  get records(): Buffer {
    return this.#held.records
  }

  get staleKeys(): Buffer {
    return this.#held.staleKeys
  }

  /**
   * Nobody needs it any more. It is a megabyte or two for each block, and outlives the collections of what is young: left to
   * V8, the updates of ten blocks wait for the next one of all.
   */
  release(): void {
    const { records, staleKeys } = this.#held
    this.#parts = undefined
    release(records)
    release(staleKeys)
  }

  get #held(): { readonly records: Buffer; readonly staleKeys: Buffer } {
    if (this.#parts === undefined)
      throw new Error(`the tree’s update to version ${this.version} was released`)
    return this.#parts
  }

  /** Node key -> node: all of them new. */
  get nodes(): ReadonlyMap<string, TreeNode> {
    return new Map(Array.from(this.#index(), ([nodeKey, at]) => [nodeKey, this.#nodeAt(at)]))
  }

  /** One of {@link nodes}, without making the others. */
  node(nodeKey: string): TreeNode | undefined {
    const at = this.#index().get(nodeKey)
    return at === undefined ? undefined : this.#nodeAt(at)
  }

  /** Keys of nodes that belonged to the previous version and do not belong to this one. */
  get stale(): readonly string[] {
    this.#stale ??= this.staleNodeKeys().map(toLatin1)
    return this.#stale
  }

  /** Node key and stored form of each new node. */
  *stored(): Generator<[key: Uint8Array, value: Uint8Array], undefined> {
    for (let at = 0; at < this.records.length; at += this.records.readUInt32LE(at)) {
      const value = this.#isInner(at) ? this.#innerAt(at) : Buffer.from(this.#storedText(at), 'latin1')
      yield [this.#keyOf(at), value]
    }
  }

  staleNodeKeys(): Uint8Array[] {
    const keys: Uint8Array[] = []
    const all = this.staleKeys
    for (let at = 0; at < all.length; at += STALE_BYTES)
      keys.push(nodeKeyOf(versionAt(all, at), all, at + STALE.path, all[at + STALE.depth] as number))
    return keys
  }

  /** The leaves that moved, under the keys that they had. */
  movedKeys(): string[] {
    return this.#recordsAt()
      .filter(at => this.records[at + RECORD.kind] === KIND.moved)
      .map(at => this.#movedKey(at))
  }

  putMoved(leaves: ReadonlyMap<string, LeafNode>): void {
    this.#moved = leaves
  }

  #index(): ReadonlyMap<string, number> {
    this.#places ??= new Map(this.#recordsAt().map(at => [toLatin1(this.#keyOf(at)), at]))
    return this.#places
  }

  #recordsAt(): number[] {
    const places: number[] = []
    for (let at = 0; at < this.records.length; at += this.records.readUInt32LE(at)) places.push(at)
    return places
  }

  #keyOf(at: number): Uint8Array {
    return nodeKeyOf(
      this.#versionBytes,
      this.records,
      at + RECORD.path,
      this.records[at + RECORD.depth] as number,
    )
  }

  #movedKey(at: number): string {
    const depth = this.records[at + RECORD.movedDepth] as number
    const version = versionAt(this.records, at + RECORD.movedVersion)
    return toLatin1(nodeKeyOf(version, this.records, at + RECORD.path, depth))
  }

  #isInner(at: number): boolean {
    return this.records[at + RECORD.kind] === KIND.inner
  }

  #innerAt(at: number): Buffer {
    const node = at + RECORD.node
    const from = node + NODE.body
    return this.records.subarray(from, from + this.records.readUInt32LE(node + NODE.bytes))
  }

  /** Of what is not an inner node. */
  #storedText(at: number): string {
    if (this.records[at + RECORD.kind] !== KIND.leaf) return nodeToLatin1(this.#nodeAt(at))
    const { key, valueHash } = this.#changeAt(at)
    return leafToLatin1(key, valueHash as string)
  }

  #changeAt(at: number): CoreChange {
    return this.#changes[this.records.readUInt32LE(at + RECORD.change)] as CoreChange
  }

  #nodeAt(at: number): TreeNode {
    switch (this.records[at + RECORD.kind] as Kind) {
      case KIND.inner:
        return new InnerNode(toLatin1(this.#innerAt(at)))
      case KIND.leaf: {
        const { key, keyHash, valueHash } = this.#changeAt(at)
        return createLeaf(key, keyHash, valueHash as string)
      }
      case KIND.moved:
        return this.#moved.get(this.#movedKey(at)) as LeafNode
      case KIND.empty:
        return EMPTY_NODE
    }
  }
}

/** Of the one that lies there in little-endian, for the next key alone. */
const versionAt = (bytes: Uint8Array, at: number): Uint8Array => {
  for (let i = 0; i < VERSION; i++) lastVersion[i] = bytes[at + VERSION - 1 - i] as number
  return lastVersion
}
const lastVersion = new Uint8Array(VERSION)

/** As the database has it: version, big-endian, then a byte a nibble. */
const nodeKeyOf = (version: Uint8Array, bytes: Uint8Array, path: number, depth: number): Uint8Array => {
  const key = new Uint8Array(VERSION + depth)
  for (let i = 0; i < VERSION; i++) key[i] = version[i] as number
  for (let nibble = 0; nibble < depth; nibble++) {
    const byte = bytes[path + (nibble >> 1)] as number
    key[VERSION + nibble] = (nibble & 1) === 0 ? byte >> 4 : byte & 15
  }
  return key
}

export const nodeKeyText = (version: bigint, bytes: Uint8Array, path: number, depth: number): string =>
  toLatin1(nodeKeyOf(u64Bytes(version), bytes, path, depth))
