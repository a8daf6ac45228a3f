/**
 * Which transaction a full pool gives up first: of the last of every account, the one worth least
 * (AccountQueue.worth). Because worth never rises along a queue, that is the cheapest of the whole pool, and
 * taking it leaves no gap in front of one that stays.
 *
 * A heap that is brought up to date lazily: a queue that changes gets a new item, and its old one is skipped
 * when it comes up. It is built when it is first needed at a base fee, since the base fee changes every worth.
 */
import type { Amount } from '../types/primitives.ts'
import type { AccountQueue } from './account-queue.ts'
import type { Entry } from './entry.ts'
import { Heap } from './heap.ts'

interface Item {
  readonly queue: AccountQueue
  readonly tail: Entry
  readonly worth: Amount
  readonly stamp: number
}

export interface Cheapest {
  readonly queue: AccountQueue
  readonly entry: Entry
  readonly worth: Amount
}

/** The later id goes first among equals, so that every order of arrival gives the same pool. */
const goesFirst = (a: Item, b: Item): boolean =>
  a.worth === b.worth ? a.tail.key > b.tail.key : a.worth < b.worth

export class EvictionOrder {
  readonly #queues: () => Iterable<AccountQueue>
  #heap: Heap<Item> | undefined
  #baseFee = 0n
  #stamps = new WeakMap<AccountQueue, number>()
  #nextStamp = 0
  #sizeWhenBuilt = 0

  constructor(queues: () => Iterable<AccountQueue>) {
    this.#queues = queues
  }

  /** Must hear of every change to a queue. */
  changed(queue: AccountQueue): void {
    if (this.#heap === undefined) return
    const item = this.#itemOf(queue)
    if (item !== undefined) this.#heap.push(item)
    if (this.#heap.size > 2 * this.#sizeWhenBuilt + 1024) this.#heap = undefined
  }

  cheapest(baseFee: Amount): Cheapest | undefined {
    const heap = this.#heapAt(baseFee)
    for (let item = heap.peek(); item !== undefined; item = heap.peek()) {
      if (this.#stamps.get(item.queue) === item.stamp) {
        return { queue: item.queue, entry: item.tail, worth: item.worth }
      }
      heap.pop()
    }
    return undefined
  }

  #itemOf(queue: AccountQueue): Item | undefined {
    const stamp = this.#nextStamp++
    this.#stamps.set(queue, stamp)
    const { tail } = queue
    return tail && { queue, tail, worth: queue.worth(tail.nonce, this.#baseFee), stamp }
  }

  #heapAt(baseFee: Amount): Heap<Item> {
    if (this.#heap !== undefined && this.#baseFee === baseFee) return this.#heap
    this.#baseFee = baseFee
    const items = [...this.#queues()].flatMap(queue => this.#itemOf(queue) ?? [])
    this.#sizeWhenBuilt = items.length
    this.#heap = new Heap(goesFirst, items)
    return this.#heap
  }
}
