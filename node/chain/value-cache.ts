/**
 * The values of the state that were used last, by key, both in latin1; and of which keys it is known that they have none.
 *
 * There are two generations. What is used comes into the young one; when that is full it is the old one, and what was in the
 * old one and not used since is forgotten. So nothing is kept in order, and an entry is a slot of a Map and two strings: some
 * 130 bytes where a Uint8Array alone takes 150 to 250. A new account with each transfer fills it within seconds, and a heap
 * grows to twice what is alive.
 */
import { fromLatin1, toLatin1 } from '../types/primitives.ts'

/** A longer value is kept as it is. */
const MAX_TEXT_BYTES = 256

type Kept = string | Uint8Array | null

/** Known to have no value. */
export const NO_VALUE = Symbol('no value')

export class ValueCache {
  readonly #entries: number
  #young = new Map<string, Kept>()
  #old: ReadonlyMap<string, Kept> = new Map()

  /** `entries` of each generation. */
  constructor(entries: number) {
    this.#entries = entries
  }

  /** `undefined`: not known. */
  get(key: string): Uint8Array | typeof NO_VALUE | undefined {
    const kept = this.#use(key)
    if (typeof kept === 'string') return fromLatin1(kept)
    return kept === null ? NO_VALUE : kept
  }

  has(key: string): boolean {
    return this.#use(key) !== undefined
  }

  /** No value: there is none. */
  set(key: string, value: Uint8Array | undefined): void {
    if (value === undefined) this.#put(key, null)
    else this.#put(key, value.length <= MAX_TEXT_BYTES ? toLatin1(value) : value)
  }

  #use(key: string): Kept | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.#put(key, old)
    return old
  }

  #put(key: string, kept: Kept): void {
    if (this.#young.size >= this.#entries && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, kept)
  }
}
