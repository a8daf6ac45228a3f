/**
 * What a contract keeps between calls. A key is the field's slot (one byte, given by the transform in the
 * order of the fields, as in Solidity: append new fields at the end, never reorder) followed by the BCS of
 * the map's key, so that two fields never meet. A value is its BCS.
 */
import { decode, encode, zero } from './bcs'
import * as env from './env'
import { Reader } from './reader'
import { takeRegister } from './register'
import { Writer } from './writer'

const keyBuffer = new Writer(128)
const valueBuffer = new Writer(128)

/** The buffer of the next key, with the slot in it. */
export function startKey(slot: u8): Writer {
  const key = keyBuffer.clear()
  key.u8(slot)
  return key
}

export function readAt<T>(key: Writer): T {
  const length = env.storage_read(key.pointer, key.length)
  if (length < 0) return zero<T>()
  const reader = new Reader(changetype<usize>(takeRegister(length)), length, 'stored value')
  const value = decode<T>(reader)
  reader.end()
  return value
}

export function writeAt<T>(key: Writer, value: T): void {
  const bytes = valueBuffer.clear()
  encode<T>(bytes, value)
  env.storage_write(key.pointer, key.length, bytes.pointer, bytes.length)
}

/** Makes an entry that holds nothing but its key. */
export function mark(key: Writer): void {
  env.storage_write(key.pointer, key.length, 0, 0)
}

export function hasAt(key: Writer): bool {
  return env.storage_has(key.pointer, key.length) != 0
}

export function deleteAt(key: Writer): bool {
  return env.storage_delete(key.pointer, key.length) != 0
}

/** One stored value. Each takes a deposit for its bytes, which goes back to whoever deletes it. */
@final
export class Value<T> {
  constructor(private readonly slot: u8) {}

  /**
   * The stored value, or the zero of `T` (0, false, '', empty, the zero address).
   * Cost: about 10,900 gas of a number, and 90 for each byte of text.
   */
  get(): T {
    return readAt<T>(startKey(this.slot))
  }
  /** Stores a value, in place of the one before. Cost: about 120,500 gas of a number, and 90 for each byte of text. */
  set(value: T): void {
    writeAt<T>(startKey(this.slot), value)
  }
  /** Whether there is a value: of one that is zero, too. Cost: about 10,200 gas. */
  has(): bool {
    return hasAt(startKey(this.slot))
  }
  /** Removes the value, which frees its deposit; true if there was one. Cost: about 110,200 gas. */
  delete(): bool {
    return deleteAt(startKey(this.slot))
  }
}

/** A value for each key, with its deposit. It cannot be listed: use an OrderedMap, or emit events. */
@final
export class Mapping<K, V> {
  constructor(private readonly slot: u8) {}

  private key(key: K): Writer {
    const bytes = startKey(this.slot)
    encode<K>(bytes, key)
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
}

/** A value for each pair of keys, with its deposit: allowances of an owner for a spender. It cannot be listed. */
@final
export class PairMapping<A, B, V> {
  constructor(private readonly slot: u8) {}

  private key(first: A, second: B): Writer {
    const bytes = startKey(this.slot)
    encode<A>(bytes, first)
    encode<B>(bytes, second)
    return bytes
  }

  /** The stored value, or the zero of `V`. Cost: about 11,100 gas of a number, and 90 for each byte of text. */
  get(first: A, second: B): V {
    return readAt<V>(this.key(first, second))
  }
  /** Stores a value, in place of the one before. Cost: about 121,200 gas of a number, and 90 for each byte of text. */
  set(first: A, second: B, value: V): void {
    writeAt<V>(this.key(first, second), value)
  }
  /** Whether there is a value: of one that is zero, too. Cost: about 10,400 gas. */
  has(first: A, second: B): bool {
    return hasAt(this.key(first, second))
  }
  /** Removes the value, which frees its deposit; true if there was one. Cost: about 110,400 gas. */
  delete(first: A, second: B): bool {
    return deleteAt(this.key(first, second))
  }
}
