/**
 * Nodes of the state tree: what they hold, how they hash, how they lie on disk.
 *
 * Hashing is that of penumbra-zone/jmt with SHA-256, so that its ICS-23 specification fits our proofs:
 *
 *   leaf  = SHA-256("JMT::LeafNode" | SHA-256(key) | SHA-256(value))
 *   inner = SHA-256("JMT::IntrnalNode" | left | right)
 *   empty = "SPARSE_MERKLE_PLACEHOLDER_HASH__"
 *
 * The hashes form a binary tree over the bits of SHA-256(key), the first bit at the top; a subtree with a
 * single leaf is that leaf. A stored inner node covers four levels of it: sixteen children, one a nibble.
 *
 * Inside the tree every hash, version and node key is a latin1 string, a character a byte: such strings
 * compare and concatenate as their bytes do, are keys of Maps as they are, and `crypto.hash` returns them
 * four times faster than a Buffer.
 *
 * | on disk    | bytes                                                                                  |
 * | ---------- | -------------------------------------------------------------------------------------- |
 * | node key   | u64 version, big-endian \| one byte a nibble of the path                               |
 * | empty node | 00                                                                                     |
 * | leaf       | 01 \| SHA-256(value) \| key                                                            |
 * | inner node | 02 \| u16 children \| u16 which are leaves \| for each child: u48 version \| hash      |
 *
 * In the two bit fields, bit i is nibble i. A leaf keeps its key, because a proof of absence names it.
 */
import { hash } from 'node:crypto'
import { toHex, toLatin1, fromLatin1 } from '../types/primitives.ts'

export type TreeErrorCode = 'missing_node' | 'bad_node'

/** The stored tree is damaged: the node's fault, never a transaction's. */
export class TreeError extends Error {
  override readonly name = 'TreeError'
  readonly code: TreeErrorCode
  constructor(code: TreeErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export interface LeafNode {
  readonly kind: 'leaf'
  readonly keyHash: string
  readonly valueHash: string
  readonly key: string
  readonly hash: string
}

/** The root of a tree without leaves; never anywhere else. */
export interface EmptyNode {
  readonly kind: 'empty'
}

export type TreeNode = EmptyNode | LeafNode | InnerNode

export const EMPTY_NODE: EmptyNode = { kind: 'empty' }
export const EMPTY_HASH = 'SPARSE_MERKLE_PLACEHOLDER_HASH__'

const HASH = 32
export const LEAF_PREFIX = 'JMT::LeafNode'
export const INNER_PREFIX = 'JMT::IntrnalNode'
// Reused for every hash: what one call writes, it hashes before it returns.
const leafInput = Buffer.alloc(LEAF_PREFIX.length + 2 * HASH, LEAF_PREFIX)
const innerInput = Buffer.alloc(INNER_PREFIX.length + 2 * HASH, INNER_PREFIX)

export const sha256Latin1 = (data: Uint8Array): string => hash('sha256', data, 'binary')

/** `keyHash` is the hash of `key`. */
export const createLeaf = (key: string, keyHash: string, valueHash: string): LeafNode => {
  leafInput.write(keyHash, LEAF_PREFIX.length, HASH, 'latin1')
  leafInput.write(valueHash, LEAF_PREFIX.length + HASH, HASH, 'latin1')
  return { kind: 'leaf', keyHash, valueHash, key, hash: sha256Latin1(leafInput) }
}

const hashPair = (left: string, right: string): string => {
  innerInput.write(left, INNER_PREFIX.length, HASH, 'latin1')
  innerInput.write(right, INNER_PREFIX.length + HASH, HASH, 'latin1')
  return sha256Latin1(innerInput)
}

const VERSION = 6
const CHILD_BYTES = VERSION + HASH
const INNER_HEAD = 5
const TAG = { empty: 0, leaf: 1, inner: 2 } as const

/**
 * How a node knows a child: enough to hash itself without reading it. A view of 38 characters of the encoded node, for
 * of its sixteen children mostly one is looked at.
 */
export class Child {
  readonly isLeaf: boolean
  readonly #text: string
  readonly #at: number

  constructor(text: string, at: number, isLeaf: boolean) {
    this.#text = text
    this.#at = at
    this.isLeaf = isLeaf
  }

  get kind(): 'child' {
    return 'child'
  }

  get hash(): string {
    return this.#text.slice(this.#at + VERSION, this.#at + CHILD_BYTES)
  }

  /** Eight characters: the version at which the child was written. */
  get version(): string {
    return `\0\0${this.#text.slice(this.#at, this.#at + VERSION)}`
  }

  /** As it stands in its parent. */
  get encoded(): string {
    return this.#text.slice(this.#at, this.#at + CHILD_BYTES)
  }
}

export const createChild = (version: string, hash: string, isLeaf: boolean): Child =>
  new Child(version.slice(-VERSION) + hash, 0, isLeaf)

/** How many of the lowest 16 bits are set. */
export const countBits = (bits: number): number => {
  let pairs = bits - ((bits >> 1) & 0x5555)
  pairs = (pairs & 0x3333) + ((pairs >> 2) & 0x3333)
  const nibbles = (pairs + (pairs >> 4)) & 0x0f0f
  return (nibbles + (nibbles >> 8)) & 31
}

const isSingle = (bits: number): boolean => (bits & (bits - 1)) === 0

/** What is hashed together with a place: to the left of it, or to the right. */
export interface Sibling {
  readonly hash: string
  readonly isLeft: boolean
}

/** Of a node with fewer children no hashes are kept: there is little to save, and most nodes are such. */
const MIN_KEPT_CHILDREN = 5

/**
 * Sixteen places, of which at least two are taken, or one by an inner node. It is kept as it is encoded, with the hashes
 * of the binary tree over its children that were made.
 */
export class InnerNode {
  readonly encoded: string
  /** Bit i: whether there is a child at nibble i; whether it is a leaf. */
  readonly present: number
  readonly leaves: number
  /** Place 1 is the node itself; below place i are 2i and 2i + 1; places 16 to 31 are the children. */
  #hashes: (string | undefined)[] | undefined

  constructor(encoded: string) {
    this.encoded = encoded
    this.present = (encoded.charCodeAt(1) << 8) | encoded.charCodeAt(2)
    this.leaves = (encoded.charCodeAt(3) << 8) | encoded.charCodeAt(4)
  }

  get kind(): 'inner' {
    return 'inner'
  }

  child(nibble: number): Child | undefined {
    const bit = 1 << nibble
    if ((this.present & bit) === 0) return undefined
    return new Child(this.encoded, this.offset(nibble), (this.leaves & bit) !== 0)
  }

  /** Of the child at `nibble`, or, if there is none, of the next. */
  offset(nibble: number): number {
    return INNER_HEAD + CHILD_BYTES * countBits(this.present & ((1 << nibble) - 1))
  }

  get children(): (Child | undefined)[] {
    return Array.from({ length: 16 }, (_, nibble) => this.child(nibble))
  }

  /** What a proof needs on the way from the child at `nibble` up to this node: what stands beside it, four times. */
  siblings(nibble: number): Sibling[] {
    const siblings: Sibling[] = []
    let width = 1
    for (let place = 16 + nibble; place > 1; place >>= 1) {
      const [own, other] = [this.#below(place, width), this.#below(place ^ 1, width)]
      const isLone = isSingle(own) && (this.leaves & own) !== 0
      // A lone leaf rises as it is.
      if (other !== 0 || !isLone) {
        const hash = other === 0 ? EMPTY_HASH : this.#hashOf(place ^ 1, width)
        siblings.push({ hash, isLeft: (place & 1) === 1 })
      }
      width *= 2
    }
    return siblings
  }

  /** The bits of the children below a place that has room for `width` of them. */
  #below(place: number, width: number): number {
    return this.present & (((1 << width) - 1) << (place * width - 16))
  }

  get hash(): string {
    if (this.#hashes === undefined && countBits(this.present) >= MIN_KEPT_CHILDREN)
      this.#hashes = [...NO_HASHES]
    return this.#hashOf(1, 16)
  }

  /** Of a place that has `width` children below it, one of them at least. */
  #hashOf(place: number, width: number): string {
    const kept = this.#hashes?.[place]
    if (kept !== undefined) return kept
    const present = this.#below(place, width)
    // A lone leaf rises.
    if (isSingle(present) && (width === 1 || (this.leaves & present) !== 0)) {
      const at = this.offset(31 - Math.clz32(present)) + VERSION
      return this.encoded.slice(at, at + HASH)
    }
    const half = width >> 1
    const split = 1 << (place * width - 16 + half)
    const left = (present & (split - 1)) === 0 ? EMPTY_HASH : this.#hashOf(2 * place, half)
    const right = present < split ? EMPTY_HASH : this.#hashOf(2 * place + 1, half)
    const joined = hashPair(left, right)
    if (this.#hashes !== undefined) this.#hashes[place] = joined
    return joined
  }
}

const NO_HASHES: readonly (string | undefined)[] = Array.from({ length: 16 }, () => undefined)

/** Of its sixteen places. */
export const createInner = (children: readonly (Child | undefined)[]): InnerNode => {
  let present = 0
  let leaves = 0
  let text = ''
  for (const [nibble, child] of children.entries()) {
    if (child === undefined) continue
    present |= 1 << nibble
    if (child.isLeaf) leaves |= 1 << nibble
    text += child.encoded
  }
  const head = String.fromCharCode(TAG.inner, present >> 8, present & 255, leaves >> 8, leaves & 255)
  return new InnerNode(head + text)
}

export const hashNode = (node: TreeNode): string => (node.kind === 'empty' ? EMPTY_HASH : node.hash)

/** What six bytes hold: at a block a millisecond, 8,900 years. */
const MAX_VERSION = 2n ** 48n - 1n

export const versionToLatin1 = (version: bigint): string => {
  if (version < 0n || version > MAX_VERSION) {
    throw new RangeError(`a tree version must lie between 0 and ${MAX_VERSION}, not ${version}`)
  }
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(version)
  return toLatin1(bytes)
}

export const leafToLatin1 = (key: string, valueHash: string): string =>
  String.fromCharCode(TAG.leaf) + valueHash + key

/** A character a byte. */
export const nodeToLatin1 = (node: TreeNode): string => {
  switch (node.kind) {
    case 'empty':
      return String.fromCharCode(TAG.empty)
    case 'leaf':
      return leafToLatin1(node.key, node.valueHash)
    case 'inner':
      return node.encoded
  }
}

export const encodeNode = (node: TreeNode): Uint8Array => fromLatin1(nodeToLatin1(node))

const decodeInner = (text: string): InnerNode | undefined => {
  if (text.length < INNER_HEAD) return undefined
  const node = new InnerNode(text)
  const isWhole = text.length === node.offset(16) && node.present !== 0
  return isWhole && (node.leaves & ~node.present) === 0 ? node : undefined
}

const decodeLeaf = (text: string): LeafNode => {
  const key = text.slice(1 + HASH)
  return createLeaf(key, sha256Latin1(fromLatin1(key)), text.slice(1, 1 + HASH))
}

/** `at` is the node's key, for the error. */
export const decodeNode = (bytes: Uint8Array, at: string): TreeNode => {
  const text = toLatin1(bytes)
  let node: TreeNode | undefined
  if (bytes[0] === TAG.inner) node = decodeInner(text)
  else if (bytes[0] === TAG.leaf && bytes.length > HASH) node = decodeLeaf(text)
  else if (bytes[0] === TAG.empty && bytes.length === 1) node = EMPTY_NODE
  if (node === undefined) {
    throw new TreeError(
      'bad_node',
      `node ${toHex(fromLatin1(at))} of the state tree is damaged: ${bytes.length} bytes that begin with ${toHex(bytes.subarray(0, 5))}`,
    )
  }
  return node
}
