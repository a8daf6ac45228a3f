/** What a client has sent, and what the node has told it is final. It outlives every kill. */
import type { Address } from '../../node/types/primitives.ts'
import { toHex } from '../../node/types/primitives.ts'
import type { ParsedTransaction } from '../../node/types/transaction.ts'
import type { TestAccount } from '../support/transactions.ts'

/** Where a receipt said that the transaction stands. */
export interface FinalPlace {
  readonly height: string
  readonly index: number
  readonly blockHash: string
  readonly status: string
}

export interface Sender {
  readonly account: TestAccount
  nextNonce: bigint
  /** By nonce, not known to be final. An answer may have been lost: the node may know them or not. */
  open: ParsedTransaction[]
}

export interface Ledger {
  readonly senders: readonly Sender[]
  /** By id (hex). */
  readonly final: Map<string, FinalPlace>
  /** The greatest height that the node has shown in any answer. */
  seenHeight: bigint
  /** Once it is deployed. */
  token: { readonly address: Address; readonly gasLimit: bigint } | undefined
}

export const createLedger = (accounts: readonly TestAccount[]): Ledger => ({
  senders: accounts.map(account => ({ account, nextNonce: 0n, open: [] })),
  final: new Map(),
  seenHeight: 0n,
  token: undefined,
})

/** Throws if the node moves a transaction that was final already. */
export const recordFinal = (ledger: Ledger, id: string, place: FinalPlace): void => {
  const before = ledger.final.get(id)
  if (before !== undefined && JSON.stringify(before) !== JSON.stringify(place)) {
    throw new Error(
      `transaction ${id} was final at ${JSON.stringify(before)}, and now at ${JSON.stringify(place)}`,
    )
  }
  ledger.final.set(id, place)
  if (BigInt(place.height) > ledger.seenHeight) ledger.seenHeight = BigInt(place.height)
}

export const idOf = (parsed: ParsedTransaction): string => `0x${toHex(parsed.id)}`
