import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { merkleProof, merkleRoot } from '../../../node/crypto/merkle.ts'
import { merkleLeafHash, verifyMerkleProof } from '../../../node/crypto/merkle-proof.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'
import vectors from '../../vectors/merkle/rfc6962.json' with { type: 'json' }

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()

/** As the RFC writes it: split at the largest power of two below the size. */
const definition = (leaves: readonly Uint8Array[]): Uint8Array => {
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return sha256(Uint8Array.of(0), leaves[0] as Uint8Array)
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return sha256(Uint8Array.of(1), definition(leaves.slice(0, split)), definition(leaves.slice(split)))
}

const numbered = (size: number) => Array.from({ length: size }, (_, i) => Uint8Array.of(i & 255, i >> 8))

describe('the Merkle tree of RFC 6962', () => {
  test.each(vectors.root_by_size.map((root, size) => ({ root, size })))(
    'the published root over $size leaves',
    ({ root, size }) => {
      const leaves = vectors.leaf_inputs.slice(0, size).map(fromHex)
      expect(toHex(merkleRoot(leaves))).toBe(root)
    },
  )

  test('leaves of any length, one after another', () => {
    const leaves = [1024, 1025, 3, 9000, 0].map(length => Uint8Array.from({ length }, (_, i) => i))
    expect(toHex(merkleRoot(leaves))).toBe(toHex(definition(leaves)))
  })

  test('leaf hashes as published', () => {
    expect(toHex(merkleLeafHash(Buffer.from('L123456')))).toBe(vectors.hash_examples[1]?.out)
  })

  test.each(vectors.inclusion)('inclusion vector $file: $desc', vector => {
    const read = (hex: string | null) => fromHex(hex ?? '')
    const valid = verifyMerkleProof({
      leafHash: read(vector.leafHash),
      index: vector.leafIdx,
      size: vector.treeSize,
      proof: (vector.proof ?? []).map(read),
      root: read(vector.root),
    })
    expect(valid).toBe(vector.valid)
  })

  test('every size has the root of the definition', () => {
    for (let size = 0; size <= 70; size++) {
      expect(toHex(merkleRoot(numbered(size)))).toBe(toHex(definition(numbered(size))))
    }
  })

  test('a proof holds for its own leaf, place and size only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(), (size, a, b) => {
        const leaves = numbered(size)
        const index = a % size
        const inclusion = {
          leafHash: merkleLeafHash(leaves[index] as Uint8Array),
          index,
          size,
          proof: merkleProof(leaves, index),
          root: merkleRoot(leaves),
        }
        expect(verifyMerkleProof(inclusion)).toBe(true)
        expect(verifyMerkleProof({ ...inclusion, proof: [...inclusion.proof, inclusion.root] })).toBe(false)
        expect(verifyMerkleProof({ ...inclusion, leafHash: inclusion.root.map(x => x ^ 1) })).toBe(false)
        const other = b % size
        if (other !== index) expect(verifyMerkleProof({ ...inclusion, index: other })).toBe(false)
        if (size > 1) expect(verifyMerkleProof({ ...inclusion, proof: inclusion.proof.slice(1) })).toBe(false)
      }),
    )
  })

  test('a proof for a leaf that is not there is refused', () => {
    expect(() => merkleProof(numbered(3), 3)).toThrow(RangeError)
    expect(() => merkleProof([], 0)).toThrow(RangeError)
  })
})
