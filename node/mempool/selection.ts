/**
 * The transactions of the next block, in its order: each sender's by nonce, among senders the highest
 * effective tip first, the smaller id among equals. The same pool always gives the same block.
 */
import type { Amount, Gas } from '../types/primitives.ts'
import type { NamedTransaction } from '../types/transaction.ts'
import type { AccountQueue } from './account-queue.ts'
import { effectiveTip, type Entry } from './entry.ts'
import { Heap } from './heap.ts'

export interface SelectOptions {
  readonly baseFee: Amount
  /** The gas limits of the selected sum up to at most this. */
  readonly gasLimit: Gas
  /** The same for their bytes, with what a block adds to each (a length of up to 3 bytes). */
  readonly maxBytes: number
  readonly maxCount: number
  /** By id, in latin1: those that a block below, not final yet, holds already. */
  readonly isIncluded?: (id: string) => boolean
}

const LENGTH_BYTES = 3

/** A sender and the transaction that it would add next. */
interface Head {
  readonly queue: AccountQueue
  index: number
  entry: Entry
  tip: Amount
}

const goesFirst = (a: Head, b: Head): boolean => (a.tip === b.tip ? a.entry.key < b.entry.key : a.tip > b.tip)

type IsIncluded = SelectOptions['isIncluded']

/** The sender's first that can run, from `index` on, and is not included already. */
const nextRunnable = (
  queue: AccountQueue,
  index: number,
  isIncluded: IsIncluded,
): { index: number; entry: Entry } | undefined => {
  for (let at = index; ; at++) {
    const entry = queue.runnable(at)
    if (entry === undefined) return undefined
    if (isIncluded?.(entry.key) !== true) return { index: at, entry }
  }
}

/** Whether any can run, whatever it pays: blocks lower the base fee until it can pay too. */
export const hasRunnable = (queues: Iterable<AccountQueue>, isIncluded: IsIncluded): boolean => {
  for (const queue of queues) if (nextRunnable(queue, 0, isIncluded) !== undefined) return true
  return false
}

/** Cost: linear in the number of senders, then logarithmic in it for each transaction. */
export const selectTransactions = (
  queues: Iterable<AccountQueue>,
  { baseFee, gasLimit, maxBytes, maxCount, isIncluded }: SelectOptions,
): NamedTransaction[] => {
  /** The sender's next from `index` on; none if it cannot run or pay. */
  const headAt = (queue: AccountQueue, index: number): Head | undefined => {
    const found = nextRunnable(queue, index, isIncluded)
    if (found === undefined || found.entry.maxFee < baseFee) return undefined
    return { queue, ...found, tip: effectiveTip(found.entry, baseFee) }
  }

  const firsts: Head[] = []
  for (const queue of queues) {
    const head = headAt(queue, 0)
    if (head !== undefined) firsts.push(head)
  }
  const heads = new Heap(goesFirst, firsts)

  const selected: NamedTransaction[] = []
  let gasLeft = gasLimit
  let bytesLeft = maxBytes
  for (let head = heads.peek(); head !== undefined && selected.length < maxCount; head = heads.peek()) {
    const { transaction, gasLimit: gas, sizeBytes } = head.entry
    const isFitting = gas <= gasLeft && sizeBytes + LENGTH_BYTES <= bytesLeft
    if (isFitting) {
      selected.push(transaction)
      gasLeft -= gas
      bytesLeft -= sizeBytes + LENGTH_BYTES
    }
    const next = isFitting ? headAt(head.queue, head.index + 1) : undefined
    if (next === undefined) heads.pop()
    else heads.replaceTop(next)
  }
  return selected
}
