/** Proofs that a list of byte strings holds one, by the tree of RFC 6962 (merkle.ts). No Node in here: a browser runs it. */
import { concatBytes } from '#bytes'
import { bytesEqual, type Hash, HASH_BYTES } from '../types/primitives.ts'
import { sha256 } from './hash.ts'

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)

export const merkleLeafHash = (leaf: Uint8Array): Hash => sha256(concatBytes(LEAF, leaf))

const nodeHash = (left: Uint8Array, right: Uint8Array): Hash => sha256(concatBytes(NODE, left, right))

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
  let current: Uint8Array = leafHash
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
    current = place % 2 === 1 ? nodeHash(sibling, current) : nodeHash(current, sibling)
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  while (last > 0 && place === last && place % 2 === 0) {
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && bytesEqual(current, root)
}
