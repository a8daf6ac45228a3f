/**
 * The Merkle tree of RFC 6962 (2.1), over a list of byte strings:
 *
 *   leaf = SHA-256(00 | data)   node = SHA-256(01 | left | right)   empty = SHA-256("")
 *
 * Built from the bottom, pairing neighbours and passing an odd last one up: the same tree as the RFC's
 * split at the largest power of two. Hashes are latin1 strings inside (see state/tree-node.ts for why).
 * Proofs are verified by merkle-proof.ts, in browsers too.
 */
import { hash } from 'node:crypto'
import { fromLatin1, type Hash, HASH_BYTES, toHash } from '../types/primitives.ts'

const EMPTY = hash('sha256', '', 'binary')
// Reused for every node: what one call writes, it hashes before it returns.
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, 1)

/** As most transactions and receipts are; zero in front. */
const SMALL_LEAF_BYTES = 1024
const smallLeaf = new Uint8Array(1 + SMALL_LEAF_BYTES)

const hashLeaf = (data: Uint8Array): string => {
  const input = data.length <= SMALL_LEAF_BYTES ? smallLeaf : new Uint8Array(1 + data.length)
  input.set(data, 1)
  return hash('sha256', input.subarray(0, 1 + data.length), 'binary')
}

const hashNode = (left: string, right: string): string => {
  nodeInput.write(left, 1, HASH_BYTES, 'latin1')
  nodeInput.write(right, 1 + HASH_BYTES, HASH_BYTES, 'latin1')
  return hash('sha256', nodeInput, 'binary')
}

const levelAbove = (level: readonly string[]): string[] => {
  const above: string[] = []
  for (let i = 0; i < level.length; i += 2) {
    const left = level[i] as string
    const right = level[i + 1]
    above.push(right === undefined ? left : hashNode(left, right))
  }
  return above
}

export const merkleRoot = (leaves: readonly Uint8Array[]): Hash => {
  let level = leaves.map(hashLeaf)
  while (level.length > 1) level = levelAbove(level)
  return toHash(fromLatin1(level[0] ?? EMPTY))
}

/** The siblings on the way from leaf `index` to the root, lowest first. */
export const merkleProof = (leaves: readonly Uint8Array[], index: number): Hash[] => {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length) {
    throw new RangeError(`leaf ${index} does not exist: there are ${leaves.length}`)
  }
  const proof: Hash[] = []
  let level = leaves.map(hashLeaf)
  for (let place = index; level.length > 1; place >>= 1) {
    const sibling = level[place ^ 1]
    if (sibling !== undefined) proof.push(toHash(fromLatin1(sibling)))
    level = levelAbove(level)
  }
  return proof
}
