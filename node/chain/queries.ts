/**
 * Questions about the head's state, answered without changing anything: accounts, views, simulations.
 *
 * Answers are as of the last final block; what a call would do is told as if it stood in the next one.
 */
import type { CallOutcome } from '../../vm/execution.ts'
import { codeKey } from '../state/keys.ts'
import { readAccount, readSupply } from '../transition/accounts.ts'
import type { AdmissionContext } from '../transition/admission.ts'
import type { BlockContext } from '../transition/execution.ts'
import { nextBaseFee } from '../transition/gas.ts'
import { type Simulation, simulateTransaction, viewContract } from '../transition/simulate.ts'
import type { Account } from '../types/account.ts'
import {
  type Address,
  type Amount,
  type Gas,
  type Height,
  SIGNATURE_BYTES,
  toAddress,
  toHex,
  ZERO_HASH,
} from '../types/primitives.ts'
import { type Action, type Transaction, transactionCodec } from '../types/transaction.ts'
import type { Chain } from './chain.ts'

/** The most gas of a view; about 0.1 s of work at the worst. */
export const MAX_VIEW_GAS = 200_000_000n

export class ChainQueries {
  readonly #chain: Chain

  constructor(chain: Chain) {
    this.#chain = chain
  }

  nextHeight(): Height {
    return this.#chain.head.header.height + 1n
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

  view(call: {
    caller: Address | undefined
    contract: Address
    method: string
    args: Uint8Array
    /** Capped at {@link MAX_VIEW_GAS}. */
    gasLimit: Gas | undefined
    onTrace: (message: string) => void
  }): CallOutcome {
    const { contract, method, args, gasLimit = MAX_VIEW_GAS } = call
    return viewContract({
      vm: this.#chain.vm,
      state: this.#chain.state,
      block: this.#blockContext(),
      caller: call.caller ?? toAddress(ZERO_HASH),
      contract,
      method,
      args,
      gasLimit: gasLimit < MAX_VIEW_GAS ? gasLimit : MAX_VIEW_GAS,
      onTrace: (_, message) => call.onTrace(message),
    })
  }

  /** `gasLimit`: the most to try, the block's limit by default. The sender's balance need not cover the gas. */
  simulate(call: {
    sender: Address
    action: Action
    gasLimit: Gas | undefined
    onTrace: (message: string) => void
  }): Simulation {
    const context = this.admission()
    const unsigned: Transaction = {
      body: {
        version: 1,
        chainId: context.chainId,
        sender: new Uint8Array(32),
        nonce: this.account(call.sender).nonce,
        gasLimit: call.gasLimit ?? context.blockGasLimit,
        maxFee: context.baseFee,
        tip: 0n,
        validUntilHeight: context.height,
        action: call.action,
      },
      signature: new Uint8Array(SIGNATURE_BYTES),
    }
    const parsed = {
      bytes: transactionCodec.encode(unsigned),
      transaction: unsigned,
      id: ZERO_HASH,
      sender: call.sender,
    }
    return simulateTransaction({
      vm: this.#chain.vm,
      state: this.#chain.state,
      block: this.#blockContext(),
      context,
      parsed,
      onTrace: (_, message) => call.onTrace(message),
    })
  }

  #blockContext(): BlockContext {
    const { head, genesis } = this.#chain
    return {
      chainId: genesis.chainId,
      height: this.nextHeight(),
      timeMs: head.header.timeMs + genesis.params.minBlockIntervalMs,
    }
  }
}
