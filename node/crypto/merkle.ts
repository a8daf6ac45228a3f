/**
 * The Merkle tree of RFC 6962 (2.1), over a list of byte strings:
 *
 *   leaf = SHA-256(00 | data)   node = SHA-256(01 | left | right)   empty = SHA-256("")
 *
 * Built from the bottom, pairing neighbours and passing an odd last one up: the same tree as the RFC's
 * split at the largest power of two. Hashes are latin1 strings inside (see state/tree-node.ts for why).
 */
import { hash } from 'node:crypto'
import { bytesEqual, fromLatin1, type Hash, HASH_BYTES, toHash, toLatin1 } from '../types/primitives.ts'

const EMPTY = hash('sha256', '', 'binary')
// Reused for every node: what one call writes, it hashes before it returns.
const nodeInput = Buffer.alloc(1 + 2 * HASH_BYTES, 1)

const hashLeaf = (data: Uint8Array): string => {
  const input = Buffer.allocUnsafe(1 + data.length)
  input[0] = 0
  input.set(data, 1)
  return hash('sha256', input, 'binary')
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

export const merkleLeafHash = (leaf: Uint8Array): Hash => toHash(fromLatin1(hashLeaf(leaf)))

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

export interface MerkleInclusion {
  readonly leafHash: Uint8Array
  readonly index: number
  /** How many leaves the tree has. */
  readonly size: number
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
}

/** RFC 9162, 2.1.3.2. Answers `false` for whatever is malformed. */
export const verifyMerkleProof = ({ leafHash, index, size, proof, root }: MerkleInclusion): boolean => {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false
  if ([leafHash, root, ...proof].some(bytes => bytes.length !== HASH_BYTES)) return false
  let place = index
  let last = size - 1
  let current = toLatin1(leafHash)
  for (const sibling of proof) {
    if (last === 0) return false
    // An odd last node has no sibling: it rises until it is a right child or the root.
    if (place === last) {
      while (place % 2 === 0 && last > 0) {
        place = Math.floor(place / 2)
        last = Math.floor(last / 2)
      }
      if (last === 0) return false
    }
    const other = toLatin1(sibling)
    current = place % 2 === 1 ? hashNode(other, current) : hashNode(current, other)
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  while (last > 0 && place === last && place % 2 === 0) {
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && bytesEqual(fromLatin1(current), root)
}
