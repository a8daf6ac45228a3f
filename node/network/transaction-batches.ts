/**
 * Transactions on their way to gossip: many in one message. No I/O and no clock.
 *
 *   batch = BCS{list of the bytes of transactions}
 *
 * What holds:
 * - a batch has at most `transactions`, and at most `bytes` but for one transaction that alone is larger;
 * - none waits longer than `waitMs` after the first of its batch, if `take` is called at `dueAt`;
 * - each is published once, and none that gossip forwards by itself, as long as it is remembered: the last
 *   `remembered` at least, twice as many at most.
 *
 * What the pool takes must be `add`ed, unless it came in a batch that gossip forwards (batch-verdict.ts): that is
 * `forwarded`. So whatever one node has, its peers hear of.
 */
import { LIMITS } from '../params.ts'
import { byteString, checked, type Codec, createCodec, list } from '../types/codec.ts'
import { type Hash, toLatin1 } from '../types/primitives.ts'

export const BATCH_LIMITS = {
  transactions: 200,
  bytes: 64 * 1024,
  waitMs: 20,
  /** More than a pool holds. */
  remembered: 65_536,
} as const
export type BatchLimits = { readonly [K in keyof typeof BATCH_LIMITS]: number }

/** The length of a list of up to 2^14, and of a byte string of up to 2^21, at most. */
const COUNT_BYTES = 2
const LENGTH_BYTES = 3

const listType = list(byteString(LIMITS.transactionBytes), BATCH_LIMITS.transactions)

const checkBatch = (transactions: Uint8Array[]): Uint8Array[] => {
  if (transactions.length === 0) throw new TypeError('a batch holds at least one transaction')
  return transactions
}

/** Decoding throws a CodecError. */
export const batchCodec: Codec<Uint8Array[]> = createCodec(
  checked(listType, checkBatch, 'TransactionBatch'),
  LIMITS.transactionBytes + LENGTH_BYTES + COUNT_BYTES,
)

/** Two generations: when the young one is full, the old one is forgotten. */
class Remembered {
  readonly #capacity: number
  #young = new Set<string>()
  #old = new Set<string>()

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** True if it is new. */
  add(key: string): boolean {
    if (this.#young.has(key)) return false
    const isNew = !this.#old.has(key)
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(key)
    return isNew
  }
}

export class TransactionBatches {
  readonly #limits: BatchLimits
  readonly #remembered: Remembered
  #waiting: Uint8Array[] = []
  #waitingBytes = COUNT_BYTES
  #dueAt: number | undefined

  constructor(limits: BatchLimits = BATCH_LIMITS) {
    this.#limits = limits
    this.#remembered = new Remembered(limits.remembered)
  }

  /** When `take` has a batch. */
  get dueAt(): number | undefined {
    return this.#dueAt
  }

  /** One that the pool has taken. The batches, encoded, that are to be published at once. */
  add({ id, bytes }: { readonly id: Hash; readonly bytes: Uint8Array }, now: number): Uint8Array[] {
    if (!this.#remembered.add(toLatin1(id))) return []
    const full: Uint8Array[] = []
    const sizeBytes = LENGTH_BYTES + bytes.length
    if (this.#waiting.length > 0 && this.#waitingBytes + sizeBytes > this.#limits.bytes)
      full.push(this.#close())
    this.#waiting.push(bytes)
    this.#waitingBytes += sizeBytes
    this.#dueAt ??= now + this.#limits.waitMs
    const isFull =
      this.#waiting.length >= this.#limits.transactions || this.#waitingBytes >= this.#limits.bytes
    return isFull ? [...full, this.#close()] : full
  }

  /** They came in a batch that gossip forwards. */
  forwarded(ids: Iterable<Hash>): void {
    for (const id of ids) this.#remembered.add(toLatin1(id))
  }

  /** The batch that is due. */
  take(now: number): Uint8Array | undefined {
    return this.#dueAt !== undefined && this.#dueAt <= now ? this.#close() : undefined
  }

  #close(): Uint8Array {
    const batch = batchCodec.encode(this.#waiting)
    this.#waiting = []
    this.#waitingBytes = COUNT_BYTES
    this.#dueAt = undefined
    return batch
  }
}
