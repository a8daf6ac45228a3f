/** The bytes of every block that the replica holds, and the answer to peers who lack some. */
import { type Hash, type Height, toHex } from '../types/primitives.ts'
import type { BlockRef } from './block-ref.ts'
import { ConsensusError } from './error.ts'
import type { BlockWithBytes } from './ports.ts'
import { FETCH_BLOCKS } from './messages.ts'

/** Of one answer, but for its first block. */
const ANSWER_BYTES = 1024 * 1024

export class HeldBlocks {
  readonly #blocks = new Map<string, BlockWithBytes>()

  keep(block: BlockWithBytes): void {
    this.#blocks.set(toHex(block.ref.hash), block)
  }

  get({ hash }: Pick<BlockRef, 'hash'>): BlockWithBytes {
    const block = this.find(hash)
    if (block === undefined) throw new ConsensusError('io', `block ${toHex(hash)} was dropped while in use`)
    return block
  }

  find(hash: Hash): BlockWithBytes | undefined {
    return this.#blocks.get(toHex(hash))
  }

  forget(hash: Hash): void {
    this.#blocks.delete(toHex(hash))
  }

  /** Forgets what `isNeeded` does not want. */
  prune(isNeeded: (hash: Hash) => boolean): void {
    for (const [name, { ref }] of this.#blocks) if (!isNeeded(ref.hash)) this.#blocks.delete(name)
  }

  /** This block and its ancestors above a height, as many as one answer takes; `load`: from the database. */
  answer(hash: Hash, above: Height, load: (hash: Hash) => BlockWithBytes | undefined): Uint8Array[] {
    const blocks: Uint8Array[] = []
    let sizeBytes = 0
    for (let next = hash; blocks.length < FETCH_BLOCKS; ) {
      const block = this.find(next) ?? load(next)
      if (block === undefined || (blocks.length > 0 && block.ref.height <= above)) break
      sizeBytes += block.bytes.length
      if (blocks.length > 0 && sizeBytes > ANSWER_BYTES) break
      blocks.push(block.bytes)
      next = block.ref.parentHash
    }
    return blocks
  }
}
