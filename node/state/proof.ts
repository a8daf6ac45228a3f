/**
 * Proofs that a key has a value in a version of the state tree, or that it has none: ICS-23 (types/commitment-proof.ts)
 * by the specification that light/ics23.ts has for this tree. Absence is shown by the key's neighbours in the order of
 * the key hashes.
 *
 * A verifier of the standard refuses an empty value: of an entry that holds nothing but its key, such as a member of
 * a contract's set, the proof is well formed, but only this project's own verifier accepts it.
 */
import {
  type CommitmentProof,
  type ExistenceProof,
  HASH_OP,
  type InnerOp,
  LENGTH_OP,
} from '../types/commitment-proof.ts'
import { fromLatin1, toHex } from '../types/primitives.ts'
import {
  type InnerNode,
  type LeafNode,
  INNER_PREFIX,
  LEAF_PREFIX,
  sha256Latin1,
  TreeError,
  type TreeNode,
  versionToLatin1,
} from './tree-node.ts'
import { nibbleAt, type NodeSource } from './tree.ts'

/** A version of the tree, and the values of that version. */
export interface ProvableState {
  readonly source: NodeSource
  readonly version: bigint
  valueOf(key: Uint8Array): Uint8Array | undefined
}

const LEAF_OP = {
  hash: HASH_OP.sha256,
  prehashKey: HASH_OP.sha256,
  prehashValue: HASH_OP.sha256,
  length: LENGTH_OP.none,
  prefix: fromLatin1(LEAF_PREFIX),
}

/** The steps from the child at `nibble` to the inner node itself. */
const stepsWithin = (node: InnerNode, nibble: number): InnerOp[] =>
  node.siblings(nibble).map(({ hash, isLeft }) => ({
    hash: HASH_OP.sha256,
    prefix: fromLatin1(isLeft ? INNER_PREFIX + hash : INNER_PREFIX),
    suffix: fromLatin1(isLeft ? '' : hash),
  }))

class Prover {
  readonly #state: ProvableState

  constructor(state: ProvableState) {
    this.#state = state
  }

  #load(nodeKey: string): TreeNode {
    const node = this.#state.source(nodeKey)
    if (node !== undefined) return node
    throw new TreeError(
      'missing_node',
      `node ${toHex(fromLatin1(nodeKey))} of the state tree is not stored: that version was pruned, or the database is damaged`,
    )
  }

  get root(): TreeNode {
    return this.#load(versionToLatin1(this.#state.version))
  }

  #child(node: InnerNode, nibble: number, path: string): TreeNode | undefined {
    const child = node.child(nibble)
    return child === undefined ? undefined : this.#load(child.version + path + String.fromCharCode(nibble))
  }

  /** The leaf at `keyHash`, with the steps from it to the root; or where it would be, there is none. */
  find(keyHash: string): { leaf: LeafNode; path: InnerOp[] } | undefined {
    const path: InnerOp[] = []
    let at = ''
    let node: TreeNode | undefined = this.root
    while (node?.kind === 'inner') {
      const nibble = nibbleAt(keyHash, at.length)
      path.unshift(...stepsWithin(node, nibble))
      node = this.#child(node, nibble, at)
      at += String.fromCharCode(nibble)
    }
    return node?.kind === 'leaf' && node.keyHash === keyHash ? { leaf: node, path } : undefined
  }

  /** The leaf of the subtree that is nearest to `keyHash` on one side of it, excluding itself. */
  neighbour(
    side: 'below' | 'above',
    keyHash: string,
    node: TreeNode = this.root,
    path = '',
  ): LeafNode | undefined {
    if (node.kind === 'empty') return undefined
    if (node.kind === 'leaf') {
      const isOnSide = side === 'below' ? node.keyHash < keyHash : node.keyHash > keyHash
      return isOnSide ? node : undefined
    }
    const own = nibbleAt(keyHash, path.length)
    const within = this.#child(node, own, path)
    const found = within && this.neighbour(side, keyHash, within, path + String.fromCharCode(own))
    if (found !== undefined) return found
    const step = side === 'below' ? -1 : 1
    for (let nibble = own + step; nibble >= 0 && nibble < 16; nibble += step) {
      const beside = this.#child(node, nibble, path)
      if (beside !== undefined) return this.#outermost(side, beside, path + String.fromCharCode(nibble))
    }
    return undefined
  }

  /** Of a subtree on the one side: its leaf nearest to the other. */
  #outermost(side: 'below' | 'above', node: TreeNode, path: string): LeafNode | undefined {
    if (node.kind !== 'inner') return node.kind === 'leaf' ? node : undefined
    const nibbles = Array.from({ length: 16 }, (_, i) => (side === 'below' ? 15 - i : i))
    const nibble = nibbles.find(i => (node.present & (1 << i)) !== 0) as number
    return this.#outermost(
      side,
      this.#child(node, nibble, path) as TreeNode,
      path + String.fromCharCode(nibble),
    )
  }

  prove({ key, keyHash, valueHash }: LeafNode): ExistenceProof {
    const found = this.find(keyHash)
    const bytes = fromLatin1(key)
    const value = this.#state.valueOf(bytes)
    if (found === undefined || value === undefined || sha256Latin1(value) !== valueHash)
      throw new TreeError(
        'bad_node',
        `the state tree and the value of key ${toHex(bytes)} do not belong to one version of the state`,
      )
    return { key: bytes, value, leaf: LEAF_OP, path: found.path }
  }
}

/** Throws a {@link TreeError} if the version is not stored any more. The tree must not be empty. */
export const proveKey = (state: ProvableState, key: Uint8Array): CommitmentProof => {
  const prover = new Prover(state)
  const keyHash = sha256Latin1(key)
  const found = prover.find(keyHash)
  if (found !== undefined) return { kind: 'exist', proof: prover.prove(found.leaf) }
  const neighbour = (side: 'below' | 'above') => {
    const leaf = prover.neighbour(side, keyHash)
    return leaf === undefined ? undefined : prover.prove(leaf)
  }
  const [left, right] = [neighbour('below'), neighbour('above')]
  if (left === undefined && right === undefined) throw new RangeError('an empty state tree proves nothing')
  return { kind: 'nonexist', proof: { key, left, right } }
}
