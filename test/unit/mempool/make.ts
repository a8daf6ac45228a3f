/** Transactions and pools for the mempool's tests: real shapes, no signatures. */
import {
  type AddOutcome,
  createMempool,
  type Mempool,
  type MempoolLimits,
  type NextBlock,
} from '../../../node/mempool/mempool.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import type { Entry } from '../../../node/mempool/entry.ts'
import type { Refusal } from '../../../node/transition/admission.ts'
import { type Address, toAddress, toLatin1 } from '../../../node/types/primitives.ts'
import type {
  Action,
  NamedTransaction,
  ParsedTransaction,
  TransactionBody,
} from '../../../node/types/transaction.ts'

export const addressOf = (name: string): Address => toAddress(sha256(Buffer.from(name)))

export interface Wish extends Partial<Omit<TransactionBody, 'action' | 'sender'>> {
  from?: string
  sizeBytes?: number
  /** Units that a transfer sends. */
  amount?: bigint
  action?: Action
}

let made = 0

/** Gas 1, fee cap 100, tip 10, unless wished otherwise; every call gives another id. */
export const make = ({
  from = 'alice',
  sizeBytes = 100,
  amount = 0n,
  action,
  ...body
}: Wish = {}): ParsedTransaction => {
  const id = sha256(Buffer.from(`transaction ${made++}`))
  const bytes = new Uint8Array(sizeBytes)
  // Where a signature stands: every one has another short id.
  bytes.set(id.subarray(0, Math.min(32, sizeBytes)), Math.max(0, sizeBytes - 32))
  return {
    bytes,
    id,
    sender: addressOf(from),
    transaction: {
      signature: new Uint8Array(64),
      body: {
        version: 1,
        chainId: 'test',
        sender: new Uint8Array(32),
        nonce: 0n,
        gasLimit: 1n,
        maxFee: 100n,
        tip: 10n,
        validUntilHeight: 1000n,
        action: action ?? { kind: 'transfer', to: addressOf('bob'), amount },
        ...body,
      },
    },
  }
}

/** As the pool keeps it. */
export const kept = ({ bytes, id, sender }: NamedTransaction): NamedTransaction => ({ bytes, id, sender })

export const NEXT: NextBlock = { height: 1n, baseFee: 0n }

export interface Fixture {
  /** As the node does it, without the wait for the signature. */
  pool: Mempool & { add(parsed: ParsedTransaction, next: NextBlock): AddOutcome }
  accounts: Map<string, { nonce: bigint; balance: bigint }>
  /** What the next block makes of an account; the pool hears of it. */
  advance: (changes: Record<string, { nonce?: bigint; balance?: bigint }>, nextHeight?: bigint) => void
}

export const makePool = (
  limits: Partial<MempoolLimits> = {},
  refuseByBlock: (entry: Entry, next: NextBlock) => Refusal | undefined = () => undefined,
  isNamed = true,
): Fixture => {
  const accounts = new Map<string, { nonce: bigint; balance: bigint }>()
  const accountAt = (address: Address) =>
    accounts.get(toLatin1(address)) ?? { nonce: 0n, balance: 1_000_000n }
  const created = createMempool({
    limits: { transactions: 1000, bytes: 1_000_000, transactionsPerAccount: 100, nonceGap: 10, ...limits },
    accountOf: accountAt,
    refuseByBlock,
    isNamed,
  })
  const pool = Object.assign(created, {
    add: (parsed: ParsedTransaction, next: NextBlock) => created.enter(created.prepare(parsed), next),
  })
  const accountOf = (name: string) => accountAt(addressOf(name))
  return {
    pool,
    accounts,
    advance(changes, nextHeight = 2n) {
      for (const [name, change] of Object.entries(changes)) {
        accounts.set(toLatin1(addressOf(name)), { ...accountOf(name), ...change })
      }
      pool.revalidate({ nextHeight, changed: Object.keys(changes).map(addressOf) })
    },
  }
}
