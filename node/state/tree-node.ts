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
}

/** How a node knows a child: enough to hash itself without reading it. */
export interface Child {
  readonly kind: 'child'
  readonly hash: string
  /** Eight characters: the version at which the child was written. */
  readonly version: string
  readonly isLeaf: boolean
}

export interface InnerNode {
  readonly kind: 'inner'
  /** Sixteen places. At least two children, or one that is an inner node. */
  readonly children: readonly (Child | undefined)[]
  /** Known once the node was hashed here: not part of it. */
  folds?: Folds
}

/** The places between an inner node's children and itself: eight, then four, two and one. */
interface Folds {
  readonly hashes: readonly (string | undefined)[]
  readonly lone: readonly boolean[]
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

const hashLeaf = ({ keyHash, valueHash }: LeafNode): string => {
  leafInput.write(keyHash, LEAF_PREFIX.length, HASH, 'latin1')
  leafInput.write(valueHash, LEAF_PREFIX.length + HASH, HASH, 'latin1')
  return sha256Latin1(leafInput)
}

const hashPair = (left: string, right: string): string => {
  innerInput.write(left, INNER_PREFIX.length, HASH, 'latin1')
  innerInput.write(right, INNER_PREFIX.length + HASH, HASH, 'latin1')
  return sha256Latin1(innerInput)
}

/** A place in the binary tree over an inner node's children. */
export interface Place {
  /** `undefined`: nothing stands there. */
  readonly hash: string | undefined
  /** All there is below is one leaf, whose hash this is. */
  readonly isLone: boolean
}

/** Two places as one: nothing with nothing is nothing, a lone leaf rises, the rest hashes. */
export const joinHashes = (left: Place | undefined, right: Place | undefined): Place => {
  if (left?.hash === undefined && right?.hash === undefined) return { hash: undefined, isLone: false }
  if (right?.hash === undefined && left?.isLone === true) return left
  if (left?.hash === undefined && right?.isLone === true) return right
  return { hash: hashPair(left?.hash ?? EMPTY_HASH, right?.hash ?? EMPTY_HASH), isLone: false }
}

/**
 * Folds the sixteen places to 8, 4, 2, 1 as {@link joinHashes} does, without making an object of each. Where the node
 * that stood here `before` has the same children, its folds are taken: an update mostly changes one child.
 */
const hashInner = (node: InnerNode, before: InnerNode | undefined): string => {
  const { children } = node
  const known = before?.folds
  const hashes: (string | undefined)[] = []
  const lone: boolean[] = []
  const isNew: boolean[] = []
  for (let i = 0; i < 16; i++) {
    const child = children[i]
    const old = before?.children[i]
    hashes.push(child?.hash)
    lone.push(child?.isLeaf === true)
    isNew.push(known === undefined || child?.hash !== old?.hash || child?.isLeaf !== old?.isLeaf)
  }
  const folded: (string | undefined)[] = []
  const foldedLone: boolean[] = []
  for (let width = 8; width >= 1; width >>= 1) {
    for (let i = 0; i < width; i++) {
      const left = hashes[2 * i]
      const right = hashes[2 * i + 1]
      const changed = isNew[2 * i] === true || isNew[2 * i + 1] === true
      isNew[i] = changed
      if (!changed && known !== undefined) {
        hashes[i] = known.hashes[folded.length]
        lone[i] = known.lone[folded.length] === true
      } else if (left === undefined && right === undefined) {
        hashes[i] = undefined
        lone[i] = false
      } else if (
        right === undefined ? lone[2 * i] === true : left === undefined && lone[2 * i + 1] === true
      ) {
        hashes[i] = left ?? right
        lone[i] = true
      } else {
        hashes[i] = hashPair(left ?? EMPTY_HASH, right ?? EMPTY_HASH)
        lone[i] = false
      }
      folded.push(hashes[i])
      foldedLone.push(lone[i] === true)
    }
  }
  node.folds = { hashes: folded, lone: foldedLone }
  return hashes[0] ?? EMPTY_HASH
}

/** `before`: the node whose place this one takes, if it was one like it. Saves time alone. */
export const hashNode = (node: TreeNode, before?: InnerNode): string => {
  switch (node.kind) {
    case 'empty':
      return EMPTY_HASH
    case 'leaf':
      return hashLeaf(node)
    case 'inner':
      return hashInner(node, before)
  }
}

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

const TAG = { empty: 0, leaf: 1, inner: 2 } as const
const CHILD_BYTES = 6 + HASH

export const encodeNode = (node: TreeNode): Uint8Array => {
  if (node.kind === 'empty') return Uint8Array.of(TAG.empty)
  if (node.kind === 'leaf') return fromLatin1(String.fromCharCode(TAG.leaf) + node.valueHash + node.key)
  const count = node.children.reduce((sum, child) => sum + (child === undefined ? 0 : 1), 0)
  const bytes = Buffer.allocUnsafeSlow(5 + count * CHILD_BYTES)
  let present = 0
  let leaves = 0
  let at = 5
  node.children.forEach((child, nibble) => {
    if (child === undefined) return
    present |= 1 << nibble
    if (child.isLeaf) leaves |= 1 << nibble
    bytes.write(child.version.slice(2) + child.hash, at, CHILD_BYTES, 'latin1')
    at += CHILD_BYTES
  })
  bytes[0] = TAG.inner
  bytes.writeUInt16BE(present, 1)
  bytes.writeUInt16BE(leaves, 3)
  return bytes
}

const decodeInner = (text: string): InnerNode | undefined => {
  if (text.length < 5) return undefined
  const present = (text.charCodeAt(1) << 8) | text.charCodeAt(2)
  const leaves = (text.charCodeAt(3) << 8) | text.charCodeAt(4)
  const children: (Child | undefined)[] = []
  let at = 5
  for (let nibble = 0; nibble < 16; nibble++) {
    if ((present & (1 << nibble)) === 0) {
      children.push(undefined)
      continue
    }
    children.push({
      kind: 'child',
      version: `\0\0${text.slice(at, at + 6)}`,
      hash: text.slice(at + 6, at + CHILD_BYTES),
      isLeaf: (leaves & (1 << nibble)) !== 0,
    })
    at += CHILD_BYTES
  }
  return at === text.length && present !== 0 && (leaves & ~present) === 0
    ? { kind: 'inner', children }
    : undefined
}

/** `at` is the node's key, for the error. */
export const decodeNode = (bytes: Uint8Array, at: string): TreeNode => {
  const text = toLatin1(bytes)
  let node: TreeNode | undefined
  if (bytes[0] === TAG.inner) node = decodeInner(text)
  else if (bytes[0] === TAG.leaf && bytes.length > HASH) {
    const key = text.slice(1 + HASH)
    node = {
      kind: 'leaf',
      keyHash: sha256Latin1(bytes.subarray(1 + HASH)),
      valueHash: text.slice(1, 1 + HASH),
      key,
    }
  } else if (bytes[0] === TAG.empty && bytes.length === 1) node = EMPTY_NODE
  if (node === undefined) {
    throw new TreeError(
      'bad_node',
      `node ${toHex(fromLatin1(at))} of the state tree is damaged: ${bytes.length} bytes that begin with ${toHex(bytes.subarray(0, 5))}`,
    )
  }
  return node
}
