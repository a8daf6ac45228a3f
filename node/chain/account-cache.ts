/** Accounts that were read lately, for whoever asks about the same ones again and again, as the pool does. */
import type { Account } from '../types/account.ts'
import { LruMap } from '../types/lru-map.ts'
import { type Address, toLatin1 } from '../types/primitives.ts'

const CAPACITY = 50_000

export class AccountCache {
  readonly #read: (address: Address) => Account
  readonly #accounts = new LruMap<string, Account>(CAPACITY)

  constructor(read: (address: Address) => Account) {
    this.#read = read
  }

  get(address: Address): Account {
    const key = toLatin1(address)
    const known = this.#accounts.get(key)
    if (known !== undefined) return known
    const account = this.#read(address)
    this.#accounts.set(key, account)
    return account
  }

  /** After each commit, with all that it changed. */
  forget(changed: readonly Address[]): void {
    for (const address of changed) this.#accounts.delete(toLatin1(address))
  }
}
