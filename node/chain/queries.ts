/** Questions about the head's state that run no contract: accounts, code, what the next block's rules are. */
import { codeKey } from '../state/keys.ts'
import { readAccount, readSupply } from '../transition/accounts.ts'
import type { AdmissionContext } from '../transition/admission.ts'
import { nextBaseFee } from '../transition/gas.ts'
import { epochOf } from '../types/epoch.ts'
import type { Account } from '../types/account.ts'
import { type Address, type Amount, type Height, toHex } from '../types/primitives.ts'
import type { ChainView } from './chain-view.ts'
import { type EpochInfo, knownEpoch } from './epochs.ts'
import { StakingQueries } from './staking-queries.ts'

export class ChainQueries {
  readonly staking: StakingQueries
  readonly #chain: ChainView

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

  /** `undefined` if there is no contract. */
  contractCode(address: Address): Uint8Array | undefined {
    const { contract } = this.account(address)
    if (contract === undefined) return undefined
    const code = this.#chain.state.get(codeKey(contract.codeHash))
    if (code === undefined) throw new Error(`the state holds no code for hash ${toHex(contract.codeHash)}`)
    return code
  }

  /** What the next block's rules say of a transaction. */
  admission(): AdmissionContext {
    const { chainId, params } = this.#chain.genesis
    return {
      chainId,
      height: this.nextHeight(),
      baseFee: this.baseFee(),
      blockGasLimit: params.blockGasLimit,
    }
  }
}
