/**
 * Transactions signed ahead of time. The same arguments give the same bytes, in every run and on every
 * machine; within a process they are signed once.
 */
import { sha256 } from '../../node/crypto/hash.ts'
import { type Address, type Gas, toAddress, toHex } from '../../node/types/primitives.ts'
import type { Action } from '../../node/types/transaction.ts'
import { signTransaction } from '../../node/wallet/sign.ts'
import { BENCH_CHAIN_ID, type BenchAccount, MAX_FEE, SENDERS, senderAccounts } from './genesis.ts'
import type { Submittable } from './submit.ts'

/** Far above the height that a run reaches, within what the rules allow. */
const VALID_UNTIL_HEIGHT = 50_000n

/** What a transaction pays somebody who never had anything. */
export interface Payment {
  readonly to: Address
  readonly amount: bigint
}

export interface SignedPayment extends Submittable, Payment {}

/** The `index`-th recipient of a workload: nobody has its key. */
export const paymentAt = (workload: string, index: number): Payment => ({
  to: toAddress(sha256(Buffer.from(`vex benchmark ${workload} recipient ${index}`))),
  amount: BigInt(index + 1),
})

/** Of the bench's chain, with its fees. */
export const signAs = (sender: BenchAccount, nonce: bigint, gasLimit: Gas, action: Action) =>
  signTransaction(sender.secretKey, {
    version: 1,
    chainId: BENCH_CHAIN_ID,
    sender: sender.publicKey,
    nonce,
    gasLimit,
    maxFee: MAX_FEE,
    tip: 1n,
    validUntilHeight: VALID_UNTIL_HEIGHT,
    action,
  })

/** The senders take turns; the i-th transaction of one has nonce i. */
export const signPayments = (options: {
  workload: string
  n: number
  gasLimit: Gas
  toAction: (payment: Payment) => Action
}): SignedPayment[] => {
  const senders = senderAccounts()
  return Array.from({ length: options.n }, (_, index) => {
    const payment = paymentAt(options.workload, index)
    const sender = index % SENDERS
    const nonce = BigInt(Math.floor(index / SENDERS))
    const { bytes, id } = signAs(
      senders[sender] as BenchAccount,
      nonce,
      options.gasLimit,
      options.toAction(payment),
    )
    return { ...payment, id: `0x${toHex(id)}`, transaction: `0x${toHex(bytes)}`, sender }
  })
}

const remembered = new Map<string, SignedPayment[]>()

export const signPaymentsOnce = (options: Parameters<typeof signPayments>[0]): SignedPayment[] => {
  const key = `${options.workload} ${options.n} ${options.gasLimit}`
  let signed = remembered.get(key)
  if (signed === undefined) remembered.set(key, (signed = signPayments(options)))
  return signed
}
