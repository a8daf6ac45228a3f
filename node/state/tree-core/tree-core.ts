/**
 * The state tree's updates, made in the memory of a Wasm module (assembly/): nodes lie there as they are stored and are
 * hashed where they lie. This side hands changes over, supplies the nodes that the core's cache has not got, and copies
 * out what is new. The core's twin in plain TypeScript, its reference in tests, is test/reference/tree-updater.ts.
 */
import { fromLatin1, toHex } from '../../types/primitives.ts'
import { type LeafNode, TreeError, type TreeNode } from '../tree-node.ts'
import { createTreeCore, type TreeCoreExports } from './module.ts'
import { type CoreChange, nodeKeyText, STALE_BYTES, TreeUpdate } from './tree-update.ts'

/** What the core does not have. What is stored may be kept. */
export interface CoreSource {
  many(nodeKeys: readonly string[]): readonly (TreeNode | undefined)[]
  isStored(nodeKey: string): boolean
}

export interface CoreRequest {
  readonly source: CoreSource
  readonly version: bigint
  readonly previous?: bigint | undefined
  /** Sorted by key hash, each key once; all below a path of `depth` nibbles. */
  readonly changes: readonly CoreChange[]
  readonly depth?: number
}

const HASH = 32
const FLAGS = 96
const PAGE_HEAD = 16
/** Of what is handed over at a time: whole stale keys, more than any record takes, and little beside all of a block's. */
const PIECE_BYTES = STALE_BYTES * 4096

export class TreeCore {
  readonly #core: TreeCoreExports
  #memory = Buffer.alloc(0)

  /** `cacheBytes` is for inner nodes that are on disk. */
  constructor(cacheBytes = 0) {
    this.#core = createTreeCore(cacheBytes)
  }

  /** What it has taken: it never gives any back. */
  get memoryBytes(): number {
    return this.#core.memory.buffer.byteLength
  }

  update(request: CoreRequest): { update: TreeUpdate; isLeaf: boolean } {
    const { source, version, previous, changes, depth = 0 } = request
    const core = this.#core
    const at = this.#putChanges(changes)
    const leaves = new Map<string, LeafNode>()
    core.begin(at, changes.length, version, previous === undefined ? 0 : 1, previous ?? 0n, depth)
    try {
      while (core.descend() > 0) this.#supply(source, leaves)
      core.ascend()
      const top = core.putRoot() >>> 0
      const update = new TreeUpdate(version, new Uint8Array(this.#bytes.subarray(top, top + HASH)), {
        records: this.#copyPages(core.records),
        staleKeys: this.#copyPages(core.stale),
        changes,
      })
      update.putMoved(loadMoved(update, leaves, source))
      return { update, isLeaf: core.isTopLeaf() !== 0 }
    } finally {
      core.end()
    }
  }

  /** The update is on disk: its nodes are what the next one will read. */
  keep({ version, records, staleKeys }: TreeUpdate): void {
    const core = this.#core
    this.#putInPieces(staleKeys, (at, bytes) => {
      core.forgetStale(at, bytes)
      return bytes
    })
    this.#putInPieces(records, (at, bytes) => core.absorb(at, bytes, version))
  }

  /** When the memory grows, views of it end. */
  get #bytes(): Buffer {
    if (this.#memory.buffer !== this.#core.memory.buffer) this.#memory = Buffer.from(this.#core.memory.buffer)
    return this.#memory
  }

  /** `take` says how much of a piece it has taken: the next begins there. */
  #putInPieces(bytes: Uint8Array, take: (at: number, bytes: number) => number): void {
    for (let from = 0; from < bytes.length; ) {
      const piece = bytes.subarray(from, from + PIECE_BYTES)
      const at = this.#core.room(piece.length) >>> 0
      this.#bytes.set(piece, at)
      const taken = take(at, piece.length)
      if (taken === 0) throw new TreeError('bad_node', 'a record of an update has no end')
      from += taken
    }
  }

  #putChanges(changes: readonly CoreChange[]): number {
    const size = this.#core.CHANGE.value as number
    const start = this.#core.room(changes.length * size) >>> 0
    const bytes = this.#bytes
    let at = start
    for (const { keyHash, valueHash, isHeld } of changes) {
      bytes.write(keyHash, at, HASH, 'latin1')
      if (valueHash !== undefined) bytes.write(valueHash, at + HASH, HASH, 'latin1')
      bytes.writeUInt32LE((valueHash === undefined ? 1 : 0) | (isHeld ? 2 : 0), at + FLAGS)
      at += size
    }
    return start
  }

  /** The nodes of a level that the core wants, read together. */
  #supply(source: CoreSource, leaves: Map<string, LeafNode>): void {
    const core = this.#core
    const wanted: number[] = []
    const nodeKeys: string[] = []
    for (let at = core.firstWanted(); at !== 0; at = core.nextWanted(at)) {
      wanted.push(at)
      nodeKeys.push(
        nodeKeyText(core.wantedVersion(at), this.#bytes, core.wantedPath(at) >>> 0, core.wantedDepth(at)),
      )
    }
    const nodes = source.many(nodeKeys)
    for (const [i, at] of wanted.entries()) {
      const nodeKey = nodeKeys[i] as string
      const node = nodes[i]
      if (node === undefined) throw missingNode(nodeKey)
      this.#supplyOne(at, node, source.isStored(nodeKey))
      if (node.kind === 'leaf') leaves.set(nodeKey, node)
    }
  }

  #supplyOne(wanted: number, node: TreeNode, isCacheable: boolean): void {
    if (node.kind === 'inner') {
      const at = this.#core.supplyInner(wanted, node.present, node.leaves, isCacheable ? 1 : 0) >>> 0
      this.#bytes.write(node.encoded, at, 'latin1')
    } else if (node.kind === 'leaf') {
      const at = this.#core.supplyLeaf(wanted) >>> 0
      this.#bytes.write(node.keyHash, at, 'latin1')
      this.#bytes.write(node.hash, at + HASH, 'latin1')
    } else this.#core.supplyEmpty(wanted)
  }

  /** To memory of its own, which the update can give back. */
  #copyPages(arena: WebAssembly.Global): Buffer {
    const bytes = this.#bytes
    const parts: Buffer[] = []
    for (let page = bytes.readUInt32LE(arena.value as number); page !== 0; page = bytes.readUInt32LE(page))
      parts.push(bytes.subarray(page + PAGE_HEAD, bytes.readUInt32LE(page + 4)))
    const copy = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const part of parts) at += part.copy(copy, at)
    return copy
  }
}

export const missingNode = (nodeKey: string): TreeError =>
  new TreeError(
    'missing_node',
    `the state tree refers to node ${toHex(fromLatin1(nodeKey))}, which is not stored: that version was pruned, or the database is damaged`,
  )

/** Leaves that moved up were not read yet. */
const loadMoved = (
  update: TreeUpdate,
  read: ReadonlyMap<string, LeafNode>,
  source: CoreSource,
): ReadonlyMap<string, LeafNode> => {
  const missing = update.movedKeys().filter(nodeKey => !read.has(nodeKey))
  if (missing.length === 0) return read
  const found = source.many(missing)
  const moved = new Map(read)
  for (const [i, nodeKey] of missing.entries()) {
    const leaf = found[i]
    if (leaf === undefined) throw missingNode(nodeKey)
    if (leaf.kind !== 'leaf')
      throw new TreeError('bad_node', `node ${toHex(fromLatin1(nodeKey))} of the state tree should be a leaf`)
    moved.set(nodeKey, leaf)
  }
  return moved
}
