/**
 * Transactions that were taken while nobody was there to hear of them: what a restart brought back, and what came while the
 * node was alone. They are offered later, a few at a time. No I/O and no clock.
 *
 * What holds:
 * - an offer is at most `transactions`, and at most `bytes` but for one that alone is larger; the caller spaces them;
 * - each is offered once, the one taken first first, so that a sender's go out in the order of their nonces;
 * - none that has left the pool by then is offered, and none that a peer's batch brought here meanwhile: where everybody
 *   restarts and holds the same, whoever speaks first speaks for all. Such a batch is to be passed on as news
 *   (transaction-gossip.ts), or it would end at those who hold it already;
 * - a sender of whom something waits is known (`isWaiting`): what it sends next waits behind that, since a pool refuses a
 *   nonce too far above those that it has;
 * - it holds no more than `remembered`: a pool holds fewer, so what has left the pool makes room.
 */
import { type Address, type Hash, toLatin1 } from '../types/primitives.ts'
import { BATCH_LIMITS, type BatchLimits } from './transaction-batches.ts'

interface Waiting {
  readonly id: Hash
  readonly sender: Address
  readonly bytes: Uint8Array
}

export class Unheard<T extends Waiting> {
  readonly #isInPool: (id: Hash) => boolean
  readonly #limits: BatchLimits
  /** The one taken first first. */
  readonly #waiting = new Map<string, T>()
  /** How many of each sender. */
  readonly #senders = new Map<string, number>()

  constructor(isInPool: (id: Hash) => boolean, limits: BatchLimits = BATCH_LIMITS) {
    this.#isInPool = isInPool
    this.#limits = limits
  }

  get size(): number {
    return this.#waiting.size
  }

  add(transaction: T): void {
    if (this.#waiting.size >= this.#limits.remembered) this.#forgetGone()
    const key = toLatin1(transaction.id)
    if (this.#waiting.size >= this.#limits.remembered || this.#waiting.has(key)) return
    this.#waiting.set(key, transaction)
    const sender = toLatin1(transaction.sender)
    this.#senders.set(sender, (this.#senders.get(sender) ?? 0) + 1)
  }

  isWaiting(sender: Address): boolean {
    return this.#senders.has(toLatin1(sender))
  }

  get(id: Hash): T | undefined {
    return this.#waiting.get(toLatin1(id))
  }

  /** Peers have it, or will. */
  delete(id: Hash): void {
    const key = toLatin1(id)
    const transaction = this.#waiting.get(key)
    if (transaction === undefined) return
    this.#waiting.delete(key)
    const sender = toLatin1(transaction.sender)
    const left = (this.#senders.get(sender) as number) - 1
    if (left > 0) this.#senders.set(sender, left)
    else this.#senders.delete(sender)
  }

  /** The next offer; empty if there is nothing left. */
  take(): T[] {
    const offer: T[] = []
    let sizeBytes = 0
    for (const transaction of this.#waiting.values()) {
      if (this.#isInPool(transaction.id)) {
        sizeBytes += transaction.bytes.length
        const isFull = offer.length >= this.#limits.transactions || sizeBytes > this.#limits.bytes
        if (isFull && offer.length > 0) break
        offer.push(transaction)
      }
      this.delete(transaction.id)
    }
    return offer
  }

  #forgetGone(): void {
    for (const { id } of this.#waiting.values()) if (!this.#isInPool(id)) this.delete(id)
  }
}
