/**
 * A set of keys (latin1, so that they sort as their bytes do) in order, cut into short runs: finding a key
 * takes two binary searches, adding or removing one moves a single run.
 */

/** Half of the longest run. */
const RUN = 128

/** How many of `count` sorted items are below `key`; `at` gives the item at a place. */
const countBelow = (count: number, at: (place: number) => string, key: string): number => {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (at(middle) < key) low = middle + 1
    else high = middle
  }
  return low
}

export class SortedKeys {
  /** None is empty. */
  readonly #runs: string[][] = []

  /** In any order, each once. */
  constructor(keys: Iterable<string>) {
    const sorted = [...keys].sort()
    for (let at = 0; at < sorted.length; at += RUN) this.#runs.push(sorted.slice(at, at + RUN))
  }

  /** The place of the last run that starts at or below `key`, or -1. */
  #runOf(key: string): number {
    const runs = this.#runs
    const below = countBelow(runs.length, place => (runs[place] as string[])[0] as string, key)
    return runs[below]?.[0] === key ? below : below - 1
  }

  #countBelowIn(run: readonly string[], key: string): number {
    return countBelow(run.length, place => run[place] as string, key)
  }

  /** Nothing happens if the key is there. */
  add(key: string): void {
    const place = Math.max(0, this.#runOf(key))
    const run = this.#runs[place]
    if (run === undefined) {
      this.#runs.push([key])
      return
    }
    const at = this.#countBelowIn(run, key)
    if (run[at] === key) return
    run.splice(at, 0, key)
    if (run.length > 2 * RUN) this.#runs.splice(place + 1, 0, run.splice(RUN))
  }

  /** Nothing happens if the key is not there. */
  delete(key: string): void {
    const place = this.#runOf(key)
    const run = this.#runs[place]
    if (run === undefined) return
    const at = this.#countBelowIn(run, key)
    if (run[at] !== key) return
    run.splice(at, 1)
    if (run.length === 0) this.#runs.splice(place, 1)
  }

  /** The smallest key that is not below `key`. */
  atOrAbove(key: string): string | undefined {
    const place = Math.max(0, this.#runOf(key))
    const run = this.#runs[place]
    if (run === undefined) return undefined
    return run[this.#countBelowIn(run, key)] ?? this.#runs[place + 1]?.[0]
  }

  /** The largest key below `key`. */
  below(key: string): string | undefined {
    const place = this.#runOf(key)
    const run = this.#runs[place]
    if (run === undefined) return undefined
    return run[this.#countBelowIn(run, key) - 1] ?? this.#runs[place - 1]?.at(-1)
  }
}
