/**
 * Gets every transaction into the pool, in batches, over several requests at a time.
 *
 * A lane holds all transactions of its senders, each sender's in order of nonce, and has one request under
 * way: so no nonce overtakes another. What the pool has no room for goes back to the front of its lane, in
 * order, and is sent again when a block has made room; any other refusal ends the run.
 */
import { BenchError } from './error.ts'

export interface Submittable {
  readonly id: string
  /** `0x` hex. */
  readonly transaction: string
  /** 0 … senders - 1. */
  readonly sender: number
}

export type SubmitAnswer =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly code: string; readonly message: string }

/** For these, waiting helps. A nonce is too high when those before it were refused for lack of room. */
const ROOM_CODES: ReadonlySet<string> = new Set(['pool_full', 'account_full', 'nonce_too_high'])

export interface SubmitOptions<T extends Submittable> {
  readonly transactions: readonly T[]
  readonly lanes: number
  readonly batchSize: number
  readonly submitMany: (batch: readonly T[]) => Promise<readonly SubmitAnswer[]>
  /** Resolves at the next block. */
  readonly untilRoom: () => Promise<void>
  /** Before the first time that a transaction is sent. */
  readonly onSubmit: (transaction: T) => void
}

/** The transactions by lane; those of one sender share one. Keeps their order. */
export const splitIntoLanes = <T extends Pick<Submittable, 'sender'>>(
  transactions: readonly T[],
  lanes: number,
): T[][] => {
  const split: T[][] = Array.from({ length: lanes }, () => [])
  for (const transaction of transactions) split[transaction.sender % lanes]?.push(transaction)
  return split
}

export interface SubmitCounts {
  readonly requests: number
  /** How many transactions were sent again. */
  readonly repeated: number
}

export const submitAll = async <T extends Submittable>(options: SubmitOptions<T>): Promise<SubmitCounts> => {
  const { batchSize, submitMany, untilRoom, onSubmit } = options
  let requests = 0
  let repeated = 0

  const drain = async (lane: readonly T[]): Promise<void> => {
    let waiting = lane
    let sent = 0
    for (let first = 0; first < waiting.length; ) {
      const batch = waiting.slice(first, first + batchSize)
      for (const transaction of batch.slice(Math.max(0, sent - first))) onSubmit(transaction)
      sent = Math.max(sent, first + batch.length)
      requests++
      const answers = await submitMany(batch)
      const refused = batch.filter((transaction, index) => isRefused(transaction, answers[index]))
      first += batch.length
      if (refused.length === 0) continue
      repeated += refused.length
      // `sent` counts from the front of `waiting`: what is dropped was sent.
      sent -= first - refused.length
      waiting = [...refused, ...waiting.slice(first)]
      first = 0
      await untilRoom()
    }
  }

  await Promise.all(splitIntoLanes(options.transactions, options.lanes).map(drain))
  return { requests, repeated }
}

const isRefused = ({ id }: Submittable, answer: SubmitAnswer | undefined): boolean => {
  if (answer === undefined) throw new BenchError('refused', `the node gave no answer for transaction ${id}`)
  if (answer.accepted) return false
  if (ROOM_CODES.has(answer.code)) return true
  throw new BenchError('refused', `the node refused transaction ${id}: ${answer.message} (${answer.code})`)
}
