/**
 * Gets every transaction into the pool, in batches, over several requests at a time.
 *
 * A lane holds all transactions of its senders, each sender's in order of nonce, and has one request under
 * way: so no nonce overtakes another. What the pool has no room for goes back to the front of its lane, in
 * order, and is sent again when a block has made room; any other refusal ends the run.
 *
 * Requests are made before the clock starts, as the peer's are: the driver shares the machine with what it measures.
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

/** A request that is ready to be sent. */
export interface Batch<T extends Submittable, Body> {
  readonly transactions: readonly T[]
  readonly body: Body
}

export interface SubmitOptions<T extends Submittable, Body> {
  /** See {@link prepareLanes}. */
  readonly lanes: readonly (readonly Batch<T, Body>[])[]
  /** Of what is sent again. */
  readonly toBatches: (transactions: readonly T[]) => readonly Batch<T, Body>[]
  readonly send: (batch: Batch<T, Body>) => Promise<readonly SubmitAnswer[]>
  /** Resolves at the next block. */
  readonly untilRoom: () => Promise<void>
  /** Before transactions are sent for the first time. */
  readonly onSubmit: (transactions: readonly T[]) => void
}

/** The requests for `transactions`, in their order. */
export const toBatches = <T extends Submittable, Body>(
  transactions: readonly T[],
  batchSize: number,
  encode: (transactions: readonly T[]) => Body,
): Batch<T, Body>[] =>
  Array.from({ length: Math.ceil(transactions.length / batchSize) }, (_, i) => {
    const part = transactions.slice(i * batchSize, (i + 1) * batchSize)
    return { transactions: part, body: encode(part) }
  })

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

export const submitAll = async <T extends Submittable, Body>(
  options: SubmitOptions<T, Body>,
): Promise<SubmitCounts> => {
  const { send, untilRoom, onSubmit } = options
  let requests = 0
  let repeated = 0

  const drain = async (lane: readonly Batch<T, Body>[]): Promise<void> => {
    let waiting = lane
    /** The first of the lane that was not sent yet: so many are behind it. */
    let unsent = countOf(lane)
    while (waiting.length > 0) {
      const [batch, ...rest] = waiting as [Batch<T, Body>, ...Batch<T, Body>[]]
      const { transactions } = batch
      const behind = countOf(rest)
      if (behind < unsent) onSubmit(transactions.slice(-(unsent - behind)))
      unsent = Math.min(unsent, behind)
      requests++
      const answers = await send(batch)
      const refused = transactions.filter((transaction, index) => isRefused(transaction, answers[index]))
      waiting = rest
      if (refused.length === 0) continue
      repeated += refused.length
      waiting = options.toBatches([...refused, ...rest.flatMap(each => each.transactions)])
      await untilRoom()
    }
  }

  await Promise.all(options.lanes.map(drain))
  return { requests, repeated }
}

const countOf = (batches: readonly Batch<Submittable, unknown>[]): number =>
  batches.reduce((sum, { transactions }) => sum + transactions.length, 0)

const isRefused = ({ id }: Submittable, answer: SubmitAnswer | undefined): boolean => {
  if (answer === undefined) throw new BenchError('refused', `the node gave no answer for transaction ${id}`)
  if (answer.accepted) return false
  if (ROOM_CODES.has(answer.code)) return true
  throw new BenchError('refused', `the node refused transaction ${id}: ${answer.message} (${answer.code})`)
}
