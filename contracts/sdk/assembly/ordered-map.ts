/** A map that can be listed. Its keys are stored differently from a Mapping's: the two cannot read each other. */
import { decode } from './bcs'
import { Cursor } from './cursor'
import { decodeOrdered, encodeOrdered, stepBelow } from './ordered-key'
import { Reader } from './reader'
import { deleteAt, hasAt, readAt, startKey, writeAt } from './storage'
import { Writer } from './writer'

/** One key and its value: of a page of an {@link OrderedMap}. */
@final
export class Entry<K, V> {
  constructor(
    readonly key: K,
    readonly value: V,
  ) {}
}

/**
 * A value for each key, which can be read in the order of the keys, page by page: numbers by size, text and bytes as in
 * a dictionary. A key on the way that was deleted in the same block costs a page 25,000 gas.
 */
@final
export class OrderedMap<K, V> {
  constructor(private readonly slot: u8) {}

  private key(key: K): Writer {
    const bytes = startKey(this.slot)
    encodeOrdered<K>(bytes, key)
    return bytes
  }

  /** The stored value, or the zero of `V`. Cost: about 11,000 gas of a number, and 90 for each byte of text. */
  get(key: K): V {
    return readAt<V>(this.key(key))
  }
  /** Stores a value, in place of the one before. Cost: about 120,900 gas of a number, and 90 for each byte of text. */
  set(key: K, value: V): void {
    writeAt<V>(this.key(key), value)
  }
  /** Whether there is a value: of one that is zero, too. Cost: about 10,300 gas. */
  has(key: K): bool {
    return hasAt(this.key(key))
  }
  /** Removes the value, which frees its deposit; true if there was one. Cost: about 110,300 gas. */
  delete(key: K): bool {
    return deleteAt(this.key(key))
  }

  /**
   * The `limit` entries with the lowest keys, upwards; fewer if there are no more.
   * Cost: about 41,400 gas for each entry, and 40,000 where there are no more.
   */
  first(limit: i32): Array<Entry<K, V>> {
    return page<K, V>(new Cursor(this.slot, 0, 0, false), limit)
  }
  /**
   * The next `limit` entries above `key`, which need not be there, upwards.
   * Cost: about 41,400 gas for each entry, and 40,000 where there are no more.
   */
  after(key: K, limit: i32): Array<Entry<K, V>> {
    return page<K, V>(Cursor.beyond(this.slot, this.key(key), false), limit)
  }
  /**
   * The `limit` entries with the highest keys, downwards.
   * Cost: about 41,400 gas for each entry, and 40,000 where there are no more.
   */
  last(limit: i32): Array<Entry<K, V>> {
    return page<K, V>(new Cursor(this.slot, 0, 0, true), limit)
  }
  /**
   * The next `limit` entries below `key`, downwards.
   * Cost: about 41,400 gas for each entry, and 40,000 where there are no more.
   */
  before(key: K, limit: i32): Array<Entry<K, V>> {
    return page<K, V>(Cursor.beyond(this.slot, this.key(key), true), limit)
  }
  /**
   * The first `limit` entries with `from <= key < to`, upwards.
   * Cost: about 41,400 gas for each entry, and 40,000 where there are no more.
   */
  range(from: K, to: K, limit: i32): Array<Entry<K, V>> {
    const end = new Writer()
    end.u8(this.slot)
    encodeOrdered<K>(end, to)
    const start = this.key(from)
    stepBelow<K>(start)
    return page<K, V>(Cursor.beyond(this.slot, start, false), limit, end)
  }
}

function page<K, V>(cursor: Cursor, limit: i32, end: Writer | null = null): Array<Entry<K, V>> {
  const entries: Array<Entry<K, V>> = []
  while (entries.length < limit && cursor.next(end)) {
    const reader = new Reader(cursor.value, cursor.valueLength, 'stored value')
    const value = decode<V>(reader)
    reader.end()
    entries.push(new Entry<K, V>(decodeOrdered<K>(cursor.key, cursor.keyLength), value))
  }
  return entries
}
