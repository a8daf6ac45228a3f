/** The blocks above the final one: references, whether they are durable, and what the application says of them. */
import { bytesEqual, type Hash, toHex } from '../types/primitives.ts'
import type { BlockRef } from './block-ref.ts'
import { ConsensusError } from './error.ts'

export type BlockStatus = 'unchecked' | 'checking' | 'missing' | 'valid' | 'invalid'

export interface KnownBlock {
  readonly ref: BlockRef
  durable: boolean
  status: BlockStatus
}

/** From the final block's child to the block asked for; or the first ancestor that is not here. */
export type Path = { blocks: KnownBlock[] } | { absent: Hash }

export class BlockTree {
  readonly #blocks = new Map<string, KnownBlock>()

  get(hash: Hash): KnownBlock | undefined {
    return this.#blocks.get(toHex(hash))
  }

  add(ref: BlockRef): KnownBlock {
    const key = toHex(ref.hash)
    let known = this.#blocks.get(key)
    if (known === undefined) this.#blocks.set(key, (known = { ref, durable: false, status: 'unchecked' }))
    return known
  }

  /** Throws `conflict` if the block is certified on another branch than the final one. */
  path(hash: Hash, final: BlockRef): Path {
    const blocks: KnownBlock[] = []
    let next = hash
    while (!bytesEqual(next, final.hash)) {
      const block = this.get(next)
      if (block === undefined) return { absent: next }
      if (block.ref.height <= final.height) {
        throw new ConsensusError(
          'conflict',
          `certified block ${toHex(hash)} does not descend from the final block ${toHex(final.hash)} ` +
            `at height ${final.height}: validators with more than a third of the power voted both ways`,
        )
      }
      blocks.push(block)
      next = block.ref.parentHash
    }
    return { blocks: blocks.reverse() }
  }

  /** Names of the blocks given and of all their ancestors that are here. */
  withAncestors(hashes: Iterable<Hash>): Set<string> {
    const names = new Set<string>()
    for (const hash of hashes) {
      let name = toHex(hash)
      for (let block = this.#blocks.get(name); block !== undefined && !names.has(name); ) {
        names.add(name)
        name = toHex(block.ref.parentHash)
        block = this.#blocks.get(name)
      }
    }
    return names
  }

  values(): IterableIterator<KnownBlock> {
    return this.#blocks.values()
  }

  get size(): number {
    return this.#blocks.size
  }

  /** Removes what `keep` does not want and returns it. */
  prune(keep: (block: KnownBlock, name: string) => boolean): Hash[] {
    const gone: Hash[] = []
    for (const [name, block] of this.#blocks) {
      if (keep(block, name)) continue
      this.#blocks.delete(name)
      gone.push(block.ref.hash)
    }
    return gone
  }
}
