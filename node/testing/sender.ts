/** From what an account wants to a transaction in a block. Each gets a block of its own, unless one is being filled. */
import { setImmediate } from 'node:timers/promises'
import { formatAddress } from '../crypto/address.ts'
import { intrinsicGas } from '../transition/gas.ts'
import { type Address, type Amount, type Gas, SIGNATURE_BYTES } from '../types/primitives.ts'
import {
  type Action,
  parseTransaction,
  type ParsedTransaction,
  type TransactionBody,
  transactionCodec,
  transactionId,
} from '../types/transaction.ts'
import { addressOf, type Someone, type TestAccount } from './accounts.ts'
import { TestError } from './error.ts'
import type { Applied, Ledger, Make } from './ledger.ts'

export interface SendOptions {
  /**
   * Who acts; dev0 if left out. An address whose key the test does not have, such as a contract's, is impersonated:
   * nothing is signed, and it pays no fee. What it stores has its deposit all the same: see TestChain.fund.
   */
  readonly from?: Someone | undefined
  /** Left out: all that a block has room for, or as much as the sender can pay. */
  readonly gasLimit?: bigint | number | undefined
}

const TIP = 1n
const VALIDITY_BLOCKS = 1_000n
/** Of somebody whose key is not there. */
const NO_KEY = new Uint8Array(32)
const NO_SIGNATURE = new Uint8Array(SIGNATURE_BYTES)

const valueOf = (action: Action): Amount =>
  action.kind === 'deploy' || action.kind === 'call' ? action.value : 0n

export const toGas = (gas: bigint | number): Gas => {
  if (typeof gas === 'bigint' ? gas >= 0n : Number.isSafeInteger(gas) && gas >= 0) return BigInt(gas)
  throw new TestError(`a gas limit is a whole number; this is ${gas}`)
}

interface Order {
  readonly sender: Address
  /** `room`: this transaction's part of the block. */
  readonly limit: (room: Gas) => Gas
  readonly create: (nonce: bigint, gasLimit: Gas) => ParsedTransaction
  /** What an impersonated sender is lent for gas, per unit; 0 for those who pay. */
  readonly lentPrice: Amount
}

interface Waiting {
  readonly order: Order
  readonly settle: { resolve(applied: Applied): void; reject(error: unknown): void }
}

export class Sender {
  readonly #ledger: Ledger
  readonly #defaultAccount: TestAccount
  readonly #accounts = new Map<string, TestAccount>()
  /** Of the block that is being filled. */
  #waiting: Waiting[] | undefined

  constructor(ledger: Ledger, accounts: readonly TestAccount[]) {
    const [first] = accounts
    if (first === undefined) throw new TestError('a test chain has at least one account')
    this.#ledger = ledger
    this.#defaultAccount = first
    for (const account of accounts) this.addAccount(account)
  }

  addAccount(account: TestAccount): void {
    this.#accounts.set(account.address, account)
  }

  addressOf(who: Someone | undefined): Address {
    return addressOf(who ?? this.#defaultAccount)
  }

  get isFillingBlock(): boolean {
    return this.#waiting !== undefined
  }

  async send(action: Action, options: SendOptions): Promise<Applied> {
    const order = this.#order(action, options)
    if (this.#waiting === undefined) return this.#apply([order])[0] as Applied
    const { promise, resolve, reject } = Promise.withResolvers<Applied>()
    this.#waiting.push({ order, settle: { resolve, reject } })
    return promise
  }

  /** As {@link send} would make it now. */
  draft(action: Action, options: SendOptions): ParsedTransaction {
    const { create, limit, sender } = this.#order(action, options)
    return create(this.#ledger.account(sender).nonce, limit(this.#ledger.blockGasLimit))
  }

  /** What `start` sends, in its order, in one block. */
  async fillBlock<T>(start: () => T): Promise<T> {
    if (this.#waiting !== undefined) throw new TestError('a block is being filled already')
    const waiting: Waiting[] = []
    this.#waiting = waiting
    let started: T
    try {
      started = start()
      // A call reaches the chain some microtasks after it was made.
      await setImmediate()
    } finally {
      this.#waiting = undefined
    }
    try {
      const applied = this.#apply(waiting.map(({ order }) => order))
      for (const [i, { settle }] of waiting.entries()) settle.resolve(applied[i] as Applied)
    } catch (error) {
      for (const { settle } of waiting) settle.reject(error)
    }
    return started
  }

  /** Whoever names no limit gets an equal part of the block. */
  #apply(orders: readonly Order[]): Applied[] {
    const room = this.#ledger.blockGasLimit / BigInt(Math.max(1, orders.length))
    const planned = orders.map(({ sender, limit, create, lentPrice }) => {
      const gasLimit = limit(room)
      const loan = gasLimit * lentPrice
      this.#ledger.fund(sender, loan)
      const make: Make = nonceOf => create(nonceOf(sender), gasLimit)
      return { sender, loan, make }
    })
    const applied = this.#ledger.block(planned.map(({ make }) => make))
    for (const [i, { sender, loan }] of planned.entries()) {
      const result = applied[i]
      const spent = result?.kind === 'included' ? result.receipt.feePaid : 0n
      if (loan > 0n) this.#ledger.takeBack(sender, loan - spent)
    }
    return applied
  }

  #order(action: Action, { from, gasLimit: givenLimit }: SendOptions): Order {
    const sender = this.addressOf(from)
    const account = this.#accounts.get(formatAddress(sender))
    const { next, chainId } = this.#ledger
    const maxFee = next.baseFee + TIP
    const body = (nonce: bigint, gasLimit: Gas): TransactionBody => ({
      version: 1,
      chainId,
      sender: account?.publicKey ?? NO_KEY,
      nonce,
      gasLimit,
      maxFee,
      tip: TIP,
      validUntilHeight: next.height + VALIDITY_BLOCKS,
      action,
    })
    const encode = (unsigned: TransactionBody): Uint8Array =>
      transactionCodec.encode({
        body: unsigned,
        signature: account?.sign(transactionId(unsigned)) ?? NO_SIGNATURE,
      })
    const affordable = (room: Gas): Gas => {
      if (action.kind === 'transfer') return intrinsicGas(action, encode(body(0n, 0n)).length)
      const left = (this.#ledger.account(sender).balance - valueOf(action)) / maxFee
      return account === undefined || left > room || left < 0n ? room : left
    }
    return {
      sender,
      limit: givenLimit === undefined ? affordable : () => toGas(givenLimit),
      create: (nonce, gasLimit) => ({ ...parseTransaction(encode(body(nonce, gasLimit))), sender }),
      lentPrice: account === undefined ? maxFee : 0n,
    }
  }
}
