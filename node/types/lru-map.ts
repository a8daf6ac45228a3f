/**
 * A Map that holds at most `capacity` entries, or entries of that size in all, and forgets those used longest ago.
 *
 * The order is a ring of its own, not the Map's: a Map walks over what was deleted at its front to find its first key,
 * so that of a full one each new entry took microseconds, and each reading deleted and inserted.
 */
interface Entry<K, V> {
  readonly key: K
  value: V
  /** Used just before this one. */
  older: Entry<K, V>
  newer: Entry<K, V>
}

export class LruMap<K, V> {
  readonly #capacity: number
  readonly #sizeOf: (value: V) => number
  #size = 0
  readonly #entries = new Map<K, Entry<K, V>>()
  #newest: Entry<K, V> | undefined

  /** `sizeOf` must give the same for the same value. */
  constructor(capacity: number, sizeOf: (value: V) => number = () => 1) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(`an LruMap must hold at least 1 entry, not ${capacity}`)
    }
    this.#capacity = capacity
    this.#sizeOf = sizeOf
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#use(entry)
    return entry.value
  }

  set(key: K, value: V): void {
    const known = this.#entries.get(key)
    this.#size += this.#sizeOf(value)
    if (known === undefined) {
      const entry = { key, value } as Entry<K, V>
      this.#entries.set(key, entry)
      this.#insert(entry)
    } else {
      this.#size -= this.#sizeOf(known.value)
      known.value = value
      this.#use(known)
    }
    // After the newest comes the oldest.
    while (this.#size > this.#capacity && this.#newest !== undefined) this.delete(this.#newest.newer.key)
  }

  clear(): void {
    this.#entries.clear()
    this.#newest = undefined
    this.#size = 0
  }

  delete(key: K): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#size -= this.#sizeOf(entry.value)
    if (entry === this.#newest) this.#newest = entry.older === entry ? undefined : entry.older
    this.#remove(entry)
  }

  #use(entry: Entry<K, V>): void {
    if (entry === this.#newest) return
    this.#remove(entry)
    this.#insert(entry)
  }

  /** The ring closes over it. */
  #remove(entry: Entry<K, V>): void {
    entry.older.newer = entry.newer
    entry.newer.older = entry.older
  }

  #insert(entry: Entry<K, V>): void {
    const newest = this.#newest ?? entry
    const oldest = newest.newer ?? entry
    entry.older = newest
    entry.newer = oldest
    newest.newer = entry
    oldest.older = entry
    this.#newest = entry
  }
}
