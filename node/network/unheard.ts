/**
 * Transactions that were taken while nobody was there to hear of them: what a restart brought back, and what came while the
 * node was alone. They are offered later, a few at a time. No I/O and no clock:
 * times, in milliseconds, are passed in.
 *
 * What holds:
 * - an offer is at most `transactions`, and at most `bytes` but for one that alone is larger; the caller spaces them;
 * - each is offered three times at most, seconds apart: a link that has just come may carry nothing yet, and nobody confirms
 *   what gossip brings. All that were never offered go first, the one taken first first, so that a sender's go out in the
 *   order of their nonces;
 * - none that has left the pool by then is offered, and none that a peer's batch brought here meanwhile: where everybody
 *   restarts and holds the same, whoever speaks first speaks for all. Such a batch is to be passed on as news
 *   (transaction-gossip.ts), or it would end at those who hold it already;
 * - a sender of whom something waits is known (`isWaiting`): what it sends next waits behind that, since a pool refuses a
 *   nonce too far above those that it has;
 * - it holds no more than `remembered`: a pool holds fewer, so what has left the pool makes room.
 */
import { type Address, type Hash, toLatin1 } from '../types/primitives.ts'
import { BATCH_LIMITS, type BatchLimits } from './transaction-batches.ts'

/** After each offer but the last: how long until the next. */
const AGAIN_MS = [5_000, 20_000] as const

interface Waiting {
  readonly id: Hash
  readonly sender: Address
  readonly bytes: Uint8Array
}

interface Held<T> {
  readonly transaction: T
  /** So far. */
  offers: number
  dueMs: number
}

export interface Offer<T> {
  readonly transactions: readonly T[]
  /** 0 for what is offered for the first time. All of an offer have the same. */
  readonly again: number
}

export class Unheard<T extends Waiting> {
  readonly #isInPool: (id: Hash) => boolean
  readonly #limits: BatchLimits
  /** The one taken first first. */
  readonly #held = new Map<string, Held<T>>()
  /** How many of each sender have never been offered. */
  readonly #senders = new Map<string, number>()

  constructor(isInPool: (id: Hash) => boolean, limits: BatchLimits = BATCH_LIMITS) {
    this.#isInPool = isInPool
    this.#limits = limits
  }

  get size(): number {
    return this.#held.size
  }

  add(transaction: T): void {
    if (this.#held.size >= this.#limits.remembered) this.#forgetGone()
    const key = toLatin1(transaction.id)
    if (this.#held.size >= this.#limits.remembered || this.#held.has(key)) return
    this.#held.set(key, { transaction, offers: 0, dueMs: 0 })
    this.#count(transaction.sender, 1)
  }

  isWaiting(sender: Address): boolean {
    return this.#senders.has(toLatin1(sender))
  }

  get(id: Hash): T | undefined {
    return this.#held.get(toLatin1(id))?.transaction
  }

  /** Peers have it, or will. */
  delete(id: Hash): void {
    const key = toLatin1(id)
    const held = this.#held.get(key)
    if (held === undefined) return
    this.#held.delete(key)
    if (held.offers === 0) this.#count(held.transaction.sender, -1)
  }

  /** The next offer; empty if none is due. */
  take(nowMs: number): Offer<T> {
    this.#forgetGone()
    for (let again = 0; again <= AGAIN_MS.length; again++) {
      const due = [...this.#held.values()].filter(({ offers, dueMs }) => offers === again && dueMs <= nowMs)
      if (due.length > 0) return { transactions: this.#offer(due, nowMs), again }
    }
    return { transactions: [], again: 0 }
  }

  #offer(due: readonly Held<T>[], nowMs: number): T[] {
    const offer: T[] = []
    let sizeBytes = 0
    for (const held of due) {
      const { transaction, offers } = held
      sizeBytes += transaction.bytes.length
      const isFull = offer.length >= this.#limits.transactions || sizeBytes > this.#limits.bytes
      if (isFull && offer.length > 0) break
      offer.push(transaction)
      const waitMs = AGAIN_MS[offers]
      if (waitMs === undefined) this.delete(transaction.id)
      else {
        if (offers === 0) this.#count(transaction.sender, -1)
        held.offers++
        held.dueMs = nowMs + waitMs
      }
    }
    return offer
  }

  #count(sender: Address, by: number): void {
    const key = toLatin1(sender)
    const left = (this.#senders.get(key) ?? 0) + by
    if (left > 0) this.#senders.set(key, left)
    else this.#senders.delete(key)
  }

  #forgetGone(): void {
    for (const { transaction } of this.#held.values())
      if (!this.#isInPool(transaction.id)) this.delete(transaction.id)
  }
}
