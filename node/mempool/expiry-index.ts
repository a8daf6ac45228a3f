/** Waiting transactions by the last height at which a block may hold them. */
import type { Height } from '../types/primitives.ts'
import type { Entry } from './entry.ts'

export class ExpiryIndex {
  readonly #entries = new Map<Height, Set<Entry>>()
  /** Nothing in the index is valid only below this height. */
  #nextHeight = 0n

  add(entry: Entry): void {
    const height = entry.validUntilHeight
    const sameHeight = this.#entries.get(height)
    if (sameHeight === undefined) this.#entries.set(height, new Set([entry]))
    else sameHeight.add(entry)
    if (height < this.#nextHeight) this.#nextHeight = height
  }

  remove(entry: Entry): void {
    const sameHeight = this.#entries.get(entry.validUntilHeight)
    sameHeight?.delete(entry)
    if (sameHeight?.size === 0) this.#entries.delete(entry.validUntilHeight)
  }

  /** Those that no block from `nextHeight` on may hold. Cost: one look for each height passed. */
  takeExpired(nextHeight: Height): Entry[] {
    const isFar = nextHeight - this.#nextHeight > BigInt(this.#entries.size)
    const heights = isFar
      ? [...this.#entries.keys()].filter(height => height < nextHeight)
      : Array.from(
          { length: Math.max(0, Number(nextHeight - this.#nextHeight)) },
          (_, i) => this.#nextHeight + BigInt(i),
        )
    const expired = heights.flatMap(height => [...(this.#entries.get(height) ?? [])])
    for (const height of heights) this.#entries.delete(height)
    if (nextHeight > this.#nextHeight) this.#nextHeight = nextHeight
    return expired
  }
}
