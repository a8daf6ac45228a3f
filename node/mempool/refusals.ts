/** Why the pool does not take a transaction, beyond the rules for any transaction (transition/admission.ts). */
import type { Refusal, RefusalCode } from '../transition/admission.ts'

/** One sentence for each code: what is wrong, and what to do. */
const MESSAGES = {
  duplicate: () => 'the transaction waits in the pool already',
  nonce_too_low: (nonce: bigint, next: bigint) =>
    `nonce ${nonce} is used; the account's next nonce is ${next}`,
  nonce_too_high: (nonce: bigint, next: bigint, gap: number) =>
    `nonce ${nonce} is more than ${gap} above ${next}, the next that is missing. Send the transactions before it first`,
  replacement_underpriced: (maxFee: bigint, tip: bigint, percent: bigint) =>
    `another transaction with this nonce waits. To replace it, pay at least ${percent} % more: maxFee >= ${maxFee} and tip >= ${tip}`,
  account_full: (count: number) =>
    `${count} transactions of this account wait already. Wait until some of them are in a block`,
  insufficient_balance: (balance: bigint, cost: bigint) =>
    `the account holds ${balance} units; together with its waiting transactions this one may cost ${cost} (gasLimit x maxFee and what is sent). Fund the account, lower them, or wait`,
  pool_full: (cheapest: bigint) =>
    `the pool is full, and no transaction of it pays less (${cheapest > 0n ? cheapest : 0n} a unit of gas above the base fee). Raise maxFee and tip, send missing nonces first, or try later`,
} as const

type PoolCode = keyof typeof MESSAGES
export type MempoolRefusalCode = RefusalCode | PoolCode

export interface MempoolRefusal {
  readonly kind: 'refused'
  readonly code: MempoolRefusalCode
  readonly message: string
}

export const refuse = <C extends PoolCode>(
  code: C,
  ...values: Parameters<(typeof MESSAGES)[C]>
): MempoolRefusal => ({
  kind: 'refused',
  code,
  message: (MESSAGES[code] as (...values: readonly unknown[]) => string)(...values),
})

export const fromRules = ({ code, message }: Refusal): MempoolRefusal => ({ kind: 'refused', code, message })
