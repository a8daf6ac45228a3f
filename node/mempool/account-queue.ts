/** One sender's waiting transactions, by nonce. Gaps may be among them: what stands behind one cannot run. */
import type { Account } from '../types/account.ts'
import type { Address, Amount } from '../types/primitives.ts'
import { effectiveTip, type Entry } from './entry.ts'

export type AccountFunds = Pick<Account, 'nonce' | 'balance'>

/** The worth of what stands behind a gap: below any fee. */
export const WORTHLESS: Amount = -(1n << 64n)

export class AccountQueue {
  readonly sender: Address
  /** The sender in latin1. */
  readonly key: string
  /** As the last block left it. */
  account: AccountFunds
  /** In order of nonce. */
  readonly #entries: Entry[] = []
  #cost: Amount = 0n

  constructor(sender: Address, key: string, account: AccountFunds) {
    this.sender = sender
    this.key = key
    this.account = account
  }

  get size(): number {
    return this.#entries.length
  }

  /** The most that all of them together can take from the sender. */
  get cost(): Amount {
    return this.#cost
  }

  get tail(): Entry | undefined {
    return this.#entries.at(-1)
  }

  /** Those that can run now come first: the i-th as long as its nonce is the account's plus i. */
  at(index: number): Entry | undefined {
    return this.#entries[index]
  }

  /** The i-th if it and all before it can run one after another. */
  runnable(index: number): Entry | undefined {
    const entry = this.#entries[index]
    return entry?.nonce === this.account.nonce + BigInt(index) ? entry : undefined
  }

  /** The position of the first with a nonce not below `nonce`. */
  #position(nonce: bigint): number {
    let [low, high] = [0, this.#entries.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#entries[middle] as Entry).nonce < nonce) low = middle + 1
      else high = middle
    }
    return low
  }

  find(nonce: bigint): Entry | undefined {
    const entry = this.#entries[this.#position(nonce)]
    return entry?.nonce === nonce ? entry : undefined
  }

  /** The caller has removed what had this nonce. */
  insert(entry: Entry): void {
    this.#entries.splice(this.#position(entry.nonce), 0, entry)
    this.#cost += entry.cost
  }

  remove(entry: Entry): void {
    const index = this.#position(entry.nonce)
    if (this.#entries[index] !== entry) return
    this.#entries.splice(index, 1)
    this.#cost -= entry.cost
  }

  /** The first nonce that is neither used nor waiting. */
  pendingNonce(): bigint {
    // Nonces ascend, so "the i-th can run" holds up to some i and for none behind it.
    let [low, high] = [0, this.#entries.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.runnable(middle) === undefined) high = middle
      else low = middle + 1
    }
    return this.account.nonce + BigInt(low)
  }

  /**
   * What the proposer gains per unit of gas by keeping the transaction with this nonce: it cannot run before
   * those in front of it, so the least that any of them pays. Never rises along a queue.
   */
  worth(nonce: bigint, baseFee: Amount): Amount {
    let worth: Amount | undefined
    for (let i = 0; ; i++) {
      const entry = this.runnable(i)
      if (entry === undefined || worth === WORTHLESS) return WORTHLESS
      const tip = effectiveTip(entry, baseFee)
      if (worth === undefined || tip < worth) worth = tip
      if (entry.nonce === nonce) return worth
    }
  }

  /** Removes those whose nonce is used, and from the first on that the balance does not cover, all. */
  takeInvalid(): Entry[] {
    const invalid = this.#entries.splice(0, this.#position(this.account.nonce))
    for (const { cost } of invalid) this.#cost -= cost
    // Mostly the balance covers all that is left.
    while (this.#cost > this.account.balance) {
      const last = this.#entries.pop() as Entry
      this.#cost -= last.cost
      invalid.push(last)
    }
    return invalid
  }
}
