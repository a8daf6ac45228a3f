/**
 * Ranges that are known to hold no key, remembered so that a run of deleted keys is stepped over once, not on
 * every read. A database finds the next key by walking over what was deleted and not cleaned up yet; without
 * this, a contract could make a long run of deletions and have all nodes walk over it at the price of a read.
 *
 * A cache: forgetting costs time, never a different answer.
 */
import type { KeyRange } from './view.ts'

/** Each is worth remembering only if many keys were deleted in it; nobody can pay for this many of those. */
const MAX_GAPS = 4096

export class Gaps {
  /** Sorted and apart: gap i holds no key k with `from[i]` <= k < `to[i]`. */
  readonly #from: string[] = []
  readonly #to: string[] = []

  /** How many gaps start at or below `key`. */
  #countUpTo(key: string): number {
    let low = 0
    let high = this.#from.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#from[middle] as string) <= key) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The range without the part at its start (its end, in reverse) that is known to be empty. */
  narrow({ from, to, isReverse }: KeyRange): KeyRange {
    if (isReverse) {
      // The last gap that starts below `to`.
      let place = this.#countUpTo(to) - 1
      if (this.#from[place] === to) place--
      const end = this.#to[place]
      return end !== undefined && end >= to
        ? { from, to: this.#from[place] as string, isReverse }
        : { from, to, isReverse }
    }
    const end = this.#to[this.#countUpTo(from) - 1]
    return end !== undefined && end > from ? { from: end, to, isReverse } : { from, to, isReverse }
  }

  /** Reading `range` led to `found`, the first key in it. */
  learn({ from, to, isReverse }: KeyRange, found: string | undefined): void {
    if (found === undefined) this.#add(from, to)
    else if (isReverse) this.#add(`${found}\0`, to)
    else this.#add(from, found)
  }

  #add(from: string, to: string): void {
    if (from >= to) return
    // All gaps that overlap or touch the new one become part of it.
    let first = this.#countUpTo(from)
    const before = this.#to[first - 1]
    if (before !== undefined && before >= from) first--
    const last = this.#countUpTo(to)
    const start = first < last && (this.#from[first] as string) < from ? (this.#from[first] as string) : from
    const lastEnd = last > first ? (this.#to[last - 1] as string) : to
    this.#from.splice(first, last - first, start)
    this.#to.splice(first, last - first, lastEnd > to ? lastEnd : to)
    if (this.#from.length > MAX_GAPS) {
      this.#from.length = 0
      this.#to.length = 0
    }
  }

  /** `key` has a value now. */
  occupy(key: string): void {
    const place = this.#countUpTo(key) - 1
    const from = this.#from[place]
    const to = this.#to[place]
    if (from === undefined || to === undefined || key >= to) return
    const rest: [string, string][] = []
    if (from < key) rest.push([from, key])
    if (`${key}\0` < to) rest.push([`${key}\0`, to])
    this.#from.splice(place, 1, ...rest.map(([start]) => start))
    this.#to.splice(place, 1, ...rest.map(([, end]) => end))
  }
}
