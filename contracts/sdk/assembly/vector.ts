/** A list in storage: its length lies under the slot's own key, its elements under the slot and their index. */
import { require, revert } from './errors'
import { deleteAt, readAt, startKey, writeAt } from './storage'
import { Writer } from './writer'

/** A list that grows and shrinks at its end, with the indices from 0. */
@final
export class Vector<T> {
  constructor(private readonly slot: u8) {}

  /** How many elements there are. Cost: about 10,900 gas. */
  get length(): i32 {
    return readAt<i32>(startKey(this.slot))
  }

  /** The element at `index`; ends the call if there is none. Cost: about 21,800 gas of a number. */
  get(index: i32): T {
    this.check(index, this.length)
    return readAt<T>(this.key(index))
  }
  /** Replaces the element at `index`; ends the call if there is none. Cost: about 131,600 gas of a number. */
  set(index: i32, value: T): void {
    this.check(index, this.length)
    writeAt<T>(this.key(index), value)
  }

  /** Appends an element and returns the new length. Cost: about 251,400 gas of a number. */
  push(value: T): i32 {
    const length = this.length
    require(length < i32.MAX_VALUE, 'the vector is full')
    writeAt<T>(this.key(length), value)
    writeAt<i32>(startKey(this.slot), length + 1)
    return length + 1
  }
  /** Takes the last element away; ends the call if there is none. Cost: about 252,500 gas of a number. */
  pop(): T {
    const length = this.length
    require(length > 0, 'pop of an empty vector')
    return this.takeLast(length)
  }
  /**
   * Takes the element at `index` away and puts the last one in its place: the order changes, nothing moves up.
   * Cost: about 384,200 gas of a number.
   */
  swapRemove(index: i32): T {
    const length = this.length
    this.check(index, length)
    if (index == length - 1) return this.takeLast(length)
    const removed = readAt<T>(this.key(index))
    // Before the key of `index` is made: all keys share one buffer.
    const last = this.takeLast(length)
    writeAt<T>(this.key(index), last)
    return removed
  }

  /**
   * Up to `limit` elements from `start` on; none if it is at or beyond the end.
   * Cost: about 11,500 gas, and 11,000 for each number.
   */
  page(start: i32, limit: i32): Array<T> {
    const length = this.length
    const elements: Array<T> = []
    for (let i = max(start, 0); i < length && elements.length < limit; i++)
      elements.push(readAt<T>(this.key(i)))
    return elements
  }

  private key(index: i32): Writer {
    const bytes = startKey(this.slot)
    store<i32>(bytes.reserve(4), index)
    return bytes
  }
  private takeLast(length: i32): T {
    const last = readAt<T>(this.key(length - 1))
    deleteAt(this.key(length - 1))
    writeAt<i32>(startKey(this.slot), length - 1)
    return last
  }
  private check(index: i32, length: i32): void {
    if (<u32>index >= <u32>length)
      revert('index ' + index.toString() + ' is out of range: the length is ' + length.toString())
  }
}
