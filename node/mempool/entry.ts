/** A waiting transaction with what the pool asks of it again and again. */
import { type Address, type Amount, type Gas, type Height, toLatin1 } from '../types/primitives.ts'
import { shortIdOf } from '../types/short-id.ts'
import type { NamedTransaction, ParsedTransaction, SimpleAction } from '../types/transaction.ts'

export interface Entry {
  /** Not as it was decoded: that takes as much memory again, and is asked for by few. */
  readonly transaction: NamedTransaction
  /** Id and sender as Map keys (latin1, 32 characters). */
  readonly key: string
  readonly senderKey: string
  readonly shortId: string | undefined
  readonly nonce: bigint
  readonly gasLimit: Gas
  readonly maxFee: Amount
  readonly tip: Amount
  /** The most that it can take from its sender: all of its gas at the fee cap, and what it sends along. */
  readonly cost: Amount
  readonly sizeBytes: number
  readonly validUntilHeight: Height
}

const valueOf = (action: SimpleAction): Amount => {
  switch (action.kind) {
    case 'transfer':
    case 'delegate':
      return action.amount
    case 'registerValidator':
      return action.stake
    case 'deploy':
    case 'call':
      return action.value
    case 'upgrade':
    case 'setOwner':
    case 'editValidator':
    case 'undelegate':
    case 'withdraw':
    case 'claimRewards':
    case 'unjail':
    case 'submitEvidence':
      return 0n
  }
}

/** `isNamed`: with its short id. The sender is given as others of it have it. */
export const createEntry = (
  { bytes, id, transaction }: ParsedTransaction,
  { sender, key: senderKey }: { readonly sender: Address; readonly key: string },
  isNamed: boolean,
): Entry => {
  const { nonce, maxFee, tip, gasLimit, validUntilHeight, action } = transaction.body
  const actions = action.kind === 'batch' ? action.actions : [action]
  return {
    transaction: { bytes, id, sender },
    key: toLatin1(id),
    senderKey,
    shortId: isNamed ? shortIdOf(bytes) : undefined,
    nonce,
    gasLimit,
    maxFee,
    tip,
    cost: actions.reduce((sum, each) => sum + valueOf(each), gasLimit * maxFee),
    sizeBytes: bytes.length,
    validUntilHeight,
  }
}

/** What the proposer gets per unit of gas; negative if the fee cap is below the base fee. */
export const effectiveTip = ({ maxFee, tip }: Entry, baseFee: Amount): Amount =>
  maxFee - baseFee < tip ? maxFee - baseFee : tip
