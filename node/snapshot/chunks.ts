/**
 * A state cut into chunks. Each is one subtree of the state tree: all entries whose key hash begins with the chunk's
 * prefix.
 *
 * Which prefixes there are: the whole state if it fits the budget, else its sixteen parts, and each that does not fit
 * is parted again. What is parted has two entries or more, so that an inner node of the tree stands there, and each
 * part is what one child of it stands for. Below a place with one entry its leaf has risen: no chunk is from there.
 */
import type { StateLeaf } from '../state/leaves.ts'
import { isBelow, NIBBLES } from '../state/tree.ts'
import { entryBytes } from './chunk-file.ts'

/** What a chunk should not be larger than. Only one of a single entry may be. */
export const CHUNK_BUDGET_BYTES = 4 << 20

export interface Chunk {
  /** A character a nibble, as in the tree's paths. */
  readonly prefix: string
  /** At least one, in the order of their key hashes. */
  readonly leaves: readonly StateLeaf[]
}

interface Part {
  readonly leaves: StateLeaf[]
  bytes: number
}

/**
 * `leaves` in the order of their key hashes; the chunks come in that order, too. In memory there is one chunk: who
 * must not be kept waiting takes them one at a time.
 */
export function* cutIntoChunks(
  leaves: Iterator<StateLeaf>,
  budgetBytes = CHUNK_BUDGET_BYTES,
): Generator<Chunk> {
  let next = leaves.next()
  const fits = (part: Part): boolean => part.leaves.length <= 1 || part.bytes <= budgetBytes

  /** `read`: the first leaves below `prefix`; those after them have not been read. */
  function* cut(prefix: string, read: readonly StateLeaf[]): Generator<Chunk> {
    const part: Part = { leaves: [], bytes: 0 }
    const take = (leaf: StateLeaf): void => {
      part.leaves.push(leaf)
      part.bytes += entryBytes(leaf)
    }
    for (const leaf of read) take(leaf)
    while (next.done !== true && fits(part) && isBelow(next.value.keyHash, prefix)) {
      take(next.value)
      next = leaves.next()
    }
    if (part.leaves.length === 0) return
    if (fits(part)) {
      yield { prefix, leaves: part.leaves }
      return
    }
    let end = 0
    for (const nibble of NIBBLES) {
      const start = end
      const path = prefix + nibble
      while (end < part.leaves.length && isBelow((part.leaves[end] as StateLeaf).keyHash, path)) end++
      yield* cut(path, part.leaves.slice(start, end))
    }
  }
  yield* cut('', [])
}
