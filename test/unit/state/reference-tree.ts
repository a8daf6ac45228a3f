/** The state tree as its definition reads: a binary tree over all leaves, hashed from scratch. Slow. */
import { createHash } from 'node:crypto'
import { toHex } from '../../../node/types/primitives.ts'

const sha256 = (...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hasher = createHash('sha256')
  for (const part of parts) hasher.update(part)
  return hasher.digest()
}

interface Leaf {
  keyHash: Buffer
  hash: Buffer
}

const bitAt = (bytes: Buffer, bit: number): number => ((bytes[bit >> 3] as number) >> (7 - (bit & 7))) & 1

const hashFrom = (leaves: readonly Leaf[], bit: number): Buffer => {
  if (leaves.length === 0) return Buffer.from('SPARSE_MERKLE_PLACEHOLDER_HASH__')
  if (leaves.length === 1) return (leaves[0] as Leaf).hash
  const side = (wanted: number) => leaves.filter(leaf => bitAt(leaf.keyHash, bit) === wanted)
  return sha256('JMT::IntrnalNode', hashFrom(side(0), bit + 1), hashFrom(side(1), bit + 1))
}

/** In hex. */
export const referenceRoot = (entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>): string =>
  toHex(
    hashFrom(
      Array.from(entries, ([key, value]) => {
        const keyHash = sha256(key)
        return { keyHash, hash: sha256('JMT::LeafNode', keyHash, sha256(value)) }
      }),
      0,
    ),
  )
