/** Questions about the head's state that run no contract: accounts, code, what the next block's rules are. */
import { LIMITS } from '../params.ts'
import { accountsAfter, addressOfAccountKey, codeKey, storagePrefix } from '../state/keys.ts'
import { readAccount, readSupply } from '../transition/accounts.ts'
import type { AdmissionContext } from '../transition/admission.ts'
import { nextBaseFee } from '../transition/gas.ts'
import { epochOf } from '../types/epoch.ts'
import { type Account, accountCodec } from '../types/account.ts'
import {
  type Address,
  type Amount,
  fromLatin1,
  type Hash,
  type Height,
  toHex,
  toLatin1,
} from '../types/primitives.ts'
import type { Head } from './chain.ts'
import type { ChainView } from './chain-view.ts'
import { type EpochInfo, knownEpoch } from './epochs.ts'
import { StakingQueries } from './staking-queries.ts'

/** Above every key of a contract: longer than any, and none higher. */
const LAST_KEY = '\xff'.repeat(LIMITS.storageKeyBytes + 1)

export interface StorageRange {
  readonly from: Uint8Array
  readonly limit: number
  readonly maxBytes: number
}

export interface StoredValue {
  /** Without the contract: its slot and what follows. */
  readonly key: Uint8Array
  readonly value: Uint8Array
}

export class ChainQueries {
  readonly staking: StakingQueries
  readonly #chain: ChainView
  /** Of the head that was asked about last. */
  #admission: { readonly head: Head; readonly rules: AdmissionContext } | undefined

  constructor(chain: ChainView) {
    this.#chain = chain
    this.staking = new StakingQueries(chain)
  }

  nextHeight(): Height {
    return this.#chain.head.header.height + 1n
  }

  /** That the next block is of. */
  epoch(): EpochInfo {
    const { genesis, state } = this.#chain
    return knownEpoch(genesis, state, epochOf(this.nextHeight(), genesis.params.epochBlocks))
  }

  /** Of the next block. */
  baseFee(): Amount {
    return nextBaseFee(this.#chain.head.header)
  }

  supply(): Amount {
    return readSupply(this.#chain.state)
  }

  account(address: Address): Account {
    return readAccount(this.#chain.state, address)
  }

  /** Those that are stored, in the order of their addresses. Read one by one: whoever has enough stops. */
  *accountsAfter(address: Address | undefined): Generator<{ address: Address; account: Account }> {
    for (let last = address; ; ) {
      const entry = this.#chain.state.first(accountsAfter(last))
      if (entry === undefined) return
      last = addressOfAccountKey(entry.key)
      if (last === undefined) throw new Error('a key between those of two accounts is none of an account')
      yield { address: last, account: accountCodec.decode(entry.value) }
    }
  }

  /** That a contract of the state runs. */
  code(codeHash: Hash): Uint8Array {
    const code = this.#chain.state.get(codeKey(codeHash))
    if (code === undefined) throw new Error(`the state holds no code for hash ${toHex(codeHash)}`)
    return code
  }

  /** `undefined` if there is no contract. */
  contractCode(address: Address): Uint8Array | undefined {
    const { contract } = this.account(address)
    return contract === undefined ? undefined : this.code(contract.codeHash)
  }

  /** What a contract has stored under the keys from `from` on, in their order; at most `limit`, and about `maxBytes`. */
  storage(contract: Address, { from, limit, maxBytes }: StorageRange): StoredValue[] {
    const prefix = toLatin1(storagePrefix(contract))
    const to = prefix + LAST_KEY
    const found: StoredValue[] = []
    let at = prefix + toLatin1(from)
    for (let bytes = 0; found.length < limit && bytes < maxBytes; ) {
      const entry = this.#chain.state.first({ from: at, to, isReverse: false })
      if (entry === undefined) break
      found.push({ key: fromLatin1(entry.key.slice(prefix.length)), value: entry.value })
      bytes += entry.key.length + entry.value.length
      at = `${entry.key}\0`
    }
    return found
  }

  hasStorageAfter(contract: Address, key: Uint8Array | undefined): boolean {
    if (key === undefined) return false
    const from = Uint8Array.of(...key, 0)
    return this.storage(contract, { from, limit: 1, maxBytes: 1 }).length > 0
  }

  /** What the next block's rules say of a transaction. */
  admission(): AdmissionContext {
    const { head } = this.#chain
    // It is asked for several times a transaction.
    if (this.#admission?.head !== head) {
      const { chainId, params } = this.#chain.genesis
      const [height, baseFee] = [this.nextHeight(), this.baseFee()]
      this.#admission = { head, rules: { chainId, height, baseFee, blockGasLimit: params.blockGasLimit } }
    }
    return this.#admission.rules
  }
}
