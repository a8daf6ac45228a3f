/**
 * Verifying ICS-23 proofs against a tree's specification: https://github.com/cosmos/ics23 (go/proof.go, go/ops.go),
 * for trees of two children and the hash functions that they use.
 *
 *   presence: the leaf's hash, taken up the path step by step, is the root; every step has the specified form
 *   absence:  two such leaves that are neighbours with the key between them, or the first or the last leaf
 */
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import {
  type CommitmentProof,
  type ExistenceProof,
  HASH_OP,
  type InnerOp,
  type LeafOp,
  LENGTH_OP,
} from '../types/commitment-proof.ts'

export interface TreeSpec {
  readonly leaf: LeafOp
  readonly inner: {
    readonly hash: number
    readonly childBytes: number
    readonly minPrefixBytes: number
    readonly maxPrefixBytes: number
    /** What stands for no child; absent where every inner node has two. */
    readonly emptyChild: Uint8Array | undefined
  }
  readonly minDepth: number
  readonly maxDepth: number
  /** Keys are compared by their hashes. */
  readonly comparesKeyHashes: boolean
  /** Whether a leaf may hold no bytes. The standard says no. */
  readonly allowsEmptyValue: boolean
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Of the chain's state: state/tree-node.ts. The specification is penumbra-zone/jmt's with SHA-256. */
export const STATE_TREE: TreeSpec = {
  leaf: {
    hash: HASH_OP.sha256,
    prehashKey: HASH_OP.sha256,
    prehashValue: HASH_OP.sha256,
    length: LENGTH_OP.none,
    prefix: ascii('JMT::LeafNode'),
  },
  inner: {
    hash: HASH_OP.sha256,
    childBytes: 32,
    minPrefixBytes: 16,
    maxPrefixBytes: 16,
    emptyChild: ascii('SPARSE_MERKLE_PLACEHOLDER_HASH__'),
  },
  minDepth: 0,
  maxDepth: 256,
  comparesKeyHashes: true,
  allowsEmptyValue: true,
}

/** What is wrong with a proof: the same words for every verifier. */
export class ProofError extends Error {
  override readonly name = 'ProofError'
  readonly code = 'proof_refused'
}

const refuse = (why: string): never => {
  throw new ProofError(`the proof does not hold: ${why}`)
}

const compare = (a: Uint8Array, b: Uint8Array): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
const same = (a: Uint8Array, b: Uint8Array): boolean => compare(a, b) === 0
const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean =>
  bytes.length >= prefix.length && same(bytes.subarray(0, prefix.length), prefix)

const concat = (...parts: readonly Uint8Array[]): Uint8Array => {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

export const applyHash = (op: number, data: Uint8Array): Uint8Array => {
  if (op === HASH_OP.sha256) return sha256(data)
  if (op === HASH_OP.sha512) return sha512(data)
  return refuse(`hash function ${op} is not known here`)
}

const withLength = (op: number, data: Uint8Array): Uint8Array => {
  if (op === LENGTH_OP.none) return data
  if (op !== LENGTH_OP.varProto) return refuse(`length encoding ${op} is not known here`)
  const length: number[] = []
  let rest = data.length
  while (rest >= 128) {
    length.push((rest & 127) | 128)
    rest >>= 7
  }
  return concat(Uint8Array.of(...length, rest), data)
}

const prepare = (op: number, length: number, data: Uint8Array): Uint8Array =>
  withLength(length, op === HASH_OP.none ? data : applyHash(op, data))

export const applyLeaf = (
  op: LeafOp,
  key: Uint8Array,
  value: Uint8Array,
  allowsEmptyValue = false,
): Uint8Array => {
  if (key.length === 0) refuse('a leaf has a key')
  if (value.length === 0 && !allowsEmptyValue) refuse('a leaf has a value')
  return applyHash(
    op.hash,
    concat(op.prefix, prepare(op.prehashKey, op.length, key), prepare(op.prehashValue, op.length, value)),
  )
}

export const applyInner = (op: InnerOp, child: Uint8Array): Uint8Array => {
  if (child.length === 0) refuse('an inner node has a child')
  return applyHash(op.hash, concat(op.prefix, child, op.suffix))
}

const checkLeaf = (op: LeafOp, spec: LeafOp): void => {
  if (
    op.hash !== spec.hash ||
    op.prehashKey !== spec.prehashKey ||
    op.prehashValue !== spec.prehashValue ||
    op.length !== spec.length
  )
    refuse('a leaf is hashed in another way than the tree hashes')
  if (!startsWith(op.prefix, spec.prefix)) refuse('a leaf begins with something else than a leaf')
}

const checkInner = (op: InnerOp, { leaf, inner }: TreeSpec): void => {
  if (op.hash !== inner.hash) refuse('an inner node is hashed in another way than the tree hashes')
  if (startsWith(op.prefix, leaf.prefix)) refuse('an inner node begins as a leaf does')
  if (op.prefix.length < inner.minPrefixBytes) refuse('an inner node begins with too little')
  if (op.prefix.length > inner.maxPrefixBytes + inner.childBytes) refuse('an inner node begins with too much')
  if (op.suffix.length % inner.childBytes !== 0) refuse('an inner node ends in part of a child')
}

/** The root that the proof leads to. */
export const calculateRoot = (
  { key, value, leaf, path }: ExistenceProof,
  allowsEmptyValue = false,
): Uint8Array =>
  path.reduce((child, op) => applyInner(op, child), applyLeaf(leaf, key, value, allowsEmptyValue))

export const checkAgainstSpec = ({ leaf, path }: ExistenceProof, spec: TreeSpec): void => {
  checkLeaf(leaf, spec.leaf)
  if (path.length < spec.minDepth) refuse(`it is less than ${spec.minDepth} deep`)
  if (path.length > spec.maxDepth) refuse(`it is deeper than ${spec.maxDepth}`)
  for (const op of path) checkInner(op, spec)
}

const checkExistence = (
  proof: ExistenceProof,
  spec: TreeSpec,
  root: Uint8Array,
  key: Uint8Array,
  value: Uint8Array,
): void => {
  checkAgainstSpec(proof, spec)
  if (!same(proof.key, key)) refuse('it is of another key')
  if (!same(proof.value, value)) refuse('it is of another value')
  if (!same(calculateRoot(proof, spec.allowsEmptyValue), root)) refuse('it leads to another root')
}

type Side = 'left' | 'right'

/** Which child of the inner node the step comes from, by how much stands before and after it. */
const sideOf = ({ prefix, suffix }: InnerOp, { inner }: TreeSpec): Side | undefined => {
  const { minPrefixBytes, maxPrefixBytes, childBytes } = inner
  const isBetween = (least: number, most: number) => prefix.length >= least && prefix.length <= most
  if (isBetween(minPrefixBytes, maxPrefixBytes) && suffix.length === childBytes) return 'left'
  if (isBetween(minPrefixBytes + childBytes, maxPrefixBytes + childBytes) && suffix.length === 0)
    return 'right'
  return undefined
}

/** Whether nothing stands beside the step on that side. */
export const isOutermost = (op: InnerOp, side: Side, spec: TreeSpec): boolean => {
  const own = sideOf(op, spec)
  if (own === side) return true
  const { emptyChild, childBytes } = spec.inner
  if (own === undefined || emptyChild === undefined) return false
  // The child is on the other side: its sibling on this side has to be no child.
  const sibling = side === 'left' ? op.prefix.slice(op.prefix.length - childBytes) : op.suffix
  return same(sibling, emptyChild)
}

const areOutermost = (path: readonly InnerOp[], side: Side, spec: TreeSpec): boolean =>
  path.every(op => isOutermost(op, side, spec))

const sameStep = (a: InnerOp, b: InnerOp): boolean => same(a.prefix, b.prefix) && same(a.suffix, b.suffix)

/** Nothing stands between two leaves: they part at one node, and go along its inner side from there. */
const areNeighbours = (left: readonly InnerOp[], right: readonly InnerOp[], spec: TreeSpec): boolean => {
  let [i, j] = [left.length - 1, right.length - 1]
  while (i >= 0 && j >= 0 && sameStep(left[i] as InnerOp, right[j] as InnerOp)) {
    i--
    j--
  }
  const [a, b] = [left[i], right[j]]
  if (a === undefined || b === undefined || sideOf(a, spec) !== 'left' || sideOf(b, spec) !== 'right')
    return false
  return areOutermost(left.slice(0, i), 'right', spec) && areOutermost(right.slice(0, j), 'left', spec)
}

/** Throws a {@link ProofError} unless the tree with this root has `value` at `key`. */
export const verifyPresence = (
  spec: TreeSpec,
  root: Uint8Array,
  commitment: CommitmentProof,
  key: Uint8Array,
  value: Uint8Array,
): void => {
  if (commitment.kind !== 'exist') return refuse('it is of absence, and presence was asked for')
  checkExistence(commitment.proof, spec, root, key, value)
}

/** Throws a {@link ProofError} unless the tree with this root has nothing at `key`. */
export const verifyAbsence = (
  spec: TreeSpec,
  root: Uint8Array,
  commitment: CommitmentProof,
  key: Uint8Array,
): void => {
  if (commitment.kind !== 'nonexist') return refuse('it is of presence, and absence was asked for')
  const { left, right } = commitment.proof
  const place = (bytes: Uint8Array): Uint8Array =>
    spec.comparesKeyHashes ? applyHash(spec.leaf.prehashKey, bytes) : bytes
  for (const side of [left, right])
    if (side !== undefined) checkExistence(side, spec, root, side.key, side.value)
  if (left !== undefined && compare(place(left.key), place(key)) >= 0)
    refuse('its left neighbour is not left')
  if (right !== undefined && compare(place(right.key), place(key)) <= 0)
    refuse('its right neighbour is not right')
  if (left === undefined && right === undefined) refuse('it names no neighbour')
  if (left === undefined) {
    if (!areOutermost(right?.path ?? [], 'left', spec)) refuse('there is something left of its neighbour')
  } else if (right === undefined) {
    if (!areOutermost(left.path, 'right', spec)) refuse('there is something right of its neighbour')
  } else if (!areNeighbours(left.path, right.path, spec)) refuse('there is something between its neighbours')
}
