/**
 * The pool of transactions that wait for a block. Pure: no clock, no disk; what it must know of the chain is
 * handed in.
 *
 * What holds after every call:
 * - every transaction passed the rules and its signature was verified, both by the caller;
 * - one transaction for each sender and nonce, none with a used nonce;
 * - each sender's balance, as the last block left it, covers all that its transactions can cost together;
 * - count and bytes are within the limits.
 *
 * Who may push out whom: a newcomer to a full pool replaces only what is worth strictly less than itself
 * (AccountQueue.worth), always the last of an account. So a sender pays more than each transaction that it
 * pushes out, and no gap is made in front of one that stays. What cannot run yet is worth nothing and pushes out
 * nothing. A nonce is replaced by at least a tenth more. No transaction makes another of its sender
 * unaffordable: else one costly replacement would empty a thousand places won from others, for nothing.
 */
import type { Refusal } from '../transition/admission.ts'
import {
  type Address,
  type Amount,
  bytesEqual,
  type Hash,
  type Height,
  toLatin1,
} from '../types/primitives.ts'
import { shortIdOf } from '../types/short-id.ts'
import type { NamedTransaction, ParsedTransaction } from '../types/transaction.ts'
import { type AccountFunds, AccountQueue } from './account-queue.ts'
import { createEntry, type Entry } from './entry.ts'
import { EvictionOrder } from './eviction-order.ts'
import { ExpiryIndex } from './expiry-index.ts'
import { fromRules, type MempoolRefusal, refuse } from './refusals.ts'
import { hasRunnable, type SelectOptions, selectTransactions } from './selection.ts'

export const MEMPOOL_LIMITS = {
  transactions: 50_000,
  bytes: 64 * 1024 * 1024,
  /** Clients send many before the first is in a block. */
  transactionsPerAccount: 1024,
  /** How far above the first missing nonce one may be that came out of order. */
  nonceGap: 64,
} as const
export type MempoolLimits = { readonly [K in keyof typeof MEMPOOL_LIMITS]: number }

/** A replacement pays at least this much more, in fee cap and tip. */
const REPLACEMENT_PERCENT = 10n

/** The block that could hold the transaction first. */
export interface NextBlock {
  readonly height: Height
  readonly baseFee: Amount
}

export interface MempoolOptions {
  readonly limits: MempoolLimits
  /** Whether anybody asks for transactions by their short ids. Default: yes. */
  readonly isNamed?: boolean
  /** As the last block left it. */
  readonly accountOf: (address: Address) => AccountFunds
  /** Of the rules that need no state, those that the next block may judge otherwise than the last (transition/admission.ts). */
  readonly refuseByBlock: (entry: Entry, next: NextBlock) => Refusal | undefined
}

export type AddOutcome = { readonly kind: 'added'; readonly replaced?: Hash } | MempoolRefusal

export interface Mempool {
  readonly size: number
  readonly bytes: number
  /**
   * All that needs to be kept of a transaction that the rules let pass, while its signature is verified: a third of what it
   * was decoded to.
   */
  prepare(parsed: ParsedTransaction): Entry
  /** The caller has verified the signature. */
  enter(entry: Entry, next: NextBlock): AddOutcome
  get(id: Hash): NamedTransaction | undefined
  /** By its short id (types/short-id.ts), if there is such an index: of two that share one, the last or none. */
  named(shortId: string): NamedTransaction | undefined
  /**
   * Whether exactly these bytes are here: then they are a transaction, and its signature was verified. Without an index of
   * short ids it is never known.
   */
  holds(transaction: Uint8Array): boolean
  /** The nonce to sign next: the first that is neither used nor waiting. */
  pendingNonce(address: Address): bigint
  select(options: SelectOptions): NamedTransaction[]
  /** Whether a block is worth making: not for those alone that wait for a nonce. */
  hasRunnable(isIncluded?: SelectOptions['isIncluded']): boolean
  /**
   * After each block, once `accountOf` answers for it: drops what can no longer be in a block. `changed` are
   * all whose nonce or balance may have changed, the block's senders among them. Cost: theirs and what expires.
   */
  revalidate(block: { readonly nextHeight: Height; readonly changed: Iterable<Address> }): void
  /** Every sender's by nonce, so that adding them again in this order leaves no gaps. */
  transactions(): IterableIterator<NamedTransaction>
}

const atLeastMore = (old: Amount): Amount => (old * (100n + REPLACEMENT_PERCENT) + 99n) / 100n

export const createMempool = ({
  limits,
  accountOf,
  refuseByBlock,
  isNamed = true,
}: MempoolOptions): Mempool => {
  const entries = new Map<string, Entry>()
  const shortIds = new Map<string, Entry>()
  const queues = new Map<string, AccountQueue>()
  const evictionOrder = new EvictionOrder(() => queues.values())
  const expiry = new ExpiryIndex()
  let bytes = 0

  const put = (queue: AccountQueue, entry: Entry): void => {
    queues.set(entry.senderKey, queue)
    queue.insert(entry)
    entries.set(entry.key, entry)
    if (entry.shortId !== undefined) shortIds.set(entry.shortId, entry)
    expiry.add(entry)
    bytes += entry.sizeBytes
    evictionOrder.changed(queue)
  }

  /** What has left its queue. */
  const forget = (entry: Entry): void => {
    entries.delete(entry.key)
    if (entry.shortId !== undefined && shortIds.get(entry.shortId) === entry) shortIds.delete(entry.shortId)
    expiry.remove(entry)
    bytes -= entry.sizeBytes
  }

  const drop = (queue: AccountQueue, entry: Entry): void => {
    queue.remove(entry)
    if (queue.size === 0) queues.delete(entry.senderKey)
    forget(entry)
    evictionOrder.changed(queue)
  }

  /** The sender's queue with its account as it is now. */
  const currentQueue = (sender: Address, key: string): AccountQueue => {
    const account = accountOf(sender)
    const queue = queues.get(key)
    if (queue === undefined) return new AccountQueue(sender, key, account)
    const { nonce, balance } = queue.account
    queue.account = account
    if (nonce !== account.nonce || balance !== account.balance) {
      for (const entry of queue.takeInvalid()) forget(entry)
      if (queue.size === 0) queues.delete(key)
      evictionOrder.changed(queue)
    }
    return queue
  }

  const refuseByQueue = (
    queue: AccountQueue,
    entry: Entry,
    old: Entry | undefined,
  ): MempoolRefusal | undefined => {
    const { account } = queue
    if (entry.nonce < account.nonce) return refuse('nonce_too_low', entry.nonce, account.nonce)
    const pending = queue.pendingNonce()
    if (old === undefined && entry.nonce > pending + BigInt(limits.nonceGap)) {
      return refuse('nonce_too_high', entry.nonce, pending, limits.nonceGap)
    }
    if (old !== undefined) {
      const [maxFee, tip] = [atLeastMore(old.maxFee), atLeastMore(old.tip)]
      if (entry.maxFee < maxFee || entry.tip < tip) {
        return refuse('replacement_underpriced', maxFee, tip, REPLACEMENT_PERCENT)
      }
    } else if (queue.size >= limits.transactionsPerAccount) {
      return refuse('account_full', queue.size)
    }
    const cost = queue.cost - (old?.cost ?? 0n) + entry.cost
    if (cost > account.balance) return refuse('insufficient_balance', account.balance, cost)
    return undefined
  }

  const isOverfull = (): boolean => entries.size > limits.transactions || bytes > limits.bytes

  /** Makes room for `entry`, which is in the pool; false, and nothing has changed, if others are worth as much. */
  const makeRoom = (queue: AccountQueue, entry: Entry, baseFee: Amount): boolean => {
    if (!isOverfull()) return true
    const worth = queue.worth(entry.nonce, baseFee)
    const evicted: { queue: AccountQueue; entry: Entry }[] = []
    while (isOverfull()) {
      const cheapest = evictionOrder.cheapest(baseFee)
      if (cheapest === undefined || cheapest.worth >= worth) {
        for (const back of evicted.reverse()) put(back.queue, back.entry)
        return false
      }
      drop(cheapest.queue, cheapest.entry)
      evicted.push(cheapest)
    }
    return true
  }

  const prepare = (parsed: ParsedTransaction): Entry => {
    const senderKey = toLatin1(parsed.sender)
    const queue = queues.get(senderKey)
    return createEntry(parsed, queue ?? { sender: parsed.sender, key: senderKey }, isNamed)
  }

  const enter = (entry: Entry, next: NextBlock): AddOutcome => {
    if (entries.has(entry.key)) return refuse('duplicate')
    const refusal = refuseByBlock(entry, next)
    if (refusal !== undefined) return fromRules(refusal)

    const queue = currentQueue(entry.transaction.sender, entry.senderKey)
    const old = queue.find(entry.nonce)
    const queueRefusal = refuseByQueue(queue, entry, old)
    if (queueRefusal !== undefined) return queueRefusal

    if (old !== undefined) drop(queue, old)
    put(queue, entry)
    if (!makeRoom(queue, entry, next.baseFee)) {
      drop(queue, entry)
      if (old !== undefined) put(queue, old)
      return refuse('pool_full', evictionOrder.cheapest(next.baseFee)?.worth ?? 0n)
    }
    return old === undefined ? { kind: 'added' } : { kind: 'added', replaced: old.transaction.id }
  }

  const named = (shortId: string): NamedTransaction | undefined => shortIds.get(shortId)?.transaction

  return {
    get size() {
      return entries.size
    },
    get bytes() {
      return bytes
    },
    prepare,
    enter,

    get(id) {
      return entries.get(toLatin1(id))?.transaction
    },

    named,

    holds(transaction) {
      const shortId = isNamed ? shortIdOf(transaction) : undefined
      const found = shortId === undefined ? undefined : named(shortId)
      return found !== undefined && bytesEqual(found.bytes, transaction)
    },

    pendingNonce(address) {
      return queues.get(toLatin1(address))?.pendingNonce() ?? accountOf(address).nonce
    },

    select(options) {
      return selectTransactions(queues.values(), options)
    },

    hasRunnable(isIncluded) {
      return hasRunnable(queues.values(), isIncluded)
    },

    revalidate({ nextHeight, changed }) {
      for (const address of changed) {
        const key = toLatin1(address)
        if (queues.has(key)) currentQueue(address, key)
      }
      for (const entry of expiry.takeExpired(nextHeight)) {
        const queue = queues.get(entry.senderKey)
        if (queue !== undefined) drop(queue, entry)
      }
    },

    *transactions() {
      for (const queue of queues.values()) {
        for (let i = 0; i < queue.size; i++) yield (queue.at(i) as Entry).transaction
      }
    },
  }
}
