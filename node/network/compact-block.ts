/**
 * A block without what its receivers hold already: its header as it is, a short id for each transaction, and in full
 * those that the sender takes for unknown.
 *
 * What a short id is: types/short-id.ts. What holds:
 * - what `outcome` calls the block has the transactions root of its header. A short id that fits another transaction, by
 *   chance or by somebody's work, costs a question to the sender and never gives another block;
 * - block and compact block are in canonical form, so that one expands to exactly the bytes that the other was made of;
 * - the id is of the signature. A transaction's own id does not cover it: whoever signs one body twice could send
 *   different bytes of one id to everybody, and every block with it would have to be sent in full;
 * - what is in the pool is found by the pool's index: each short id of a proposal costs one look-up, whatever the pool holds.
 *
 * The idea is that of Bitcoin's BIP-152. Its short ids of 6 bytes need the block's hash as a salt, or collisions would be
 * found in a moment; with a salt every block costs a hash for each transaction of the pool, 50 ms for 50,000.
 */
import { merkleRoot } from '../crypto/merkle.ts'
import { LIMITS } from '../params.ts'
import { type Block, blockCodec, blockHash, type BlockHeader, headerType } from '../types/block.ts'
import {
  byteString,
  checked,
  type Codec,
  CodecError,
  createCodec,
  list,
  struct,
  u16,
} from '../types/codec.ts'
import { bytesEqual, fromLatin1, type Hash, toLatin1 } from '../types/primitives.ts'
import { SHORT_ID_BYTES, shortIdOf } from '../types/short-id.ts'

export interface CompactBlock {
  header: BlockHeader
  /** One after another, of all transactions but the prefilled, in their order; no two alike. */
  shortIds: Uint8Array
  /** By ascending index. */
  prefilled: { index: number; transaction: Uint8Array }[]
}

const splitIds = (shortIds: Uint8Array): string[] => {
  const all = toLatin1(shortIds)
  return Array.from({ length: all.length / SHORT_ID_BYTES }, (_, i) =>
    all.slice(i * SHORT_ID_BYTES, (i + 1) * SHORT_ID_BYTES),
  )
}

const checkShape = (compact: CompactBlock): CompactBlock => {
  const { shortIds, prefilled } = compact
  if (shortIds.length % SHORT_ID_BYTES !== 0) throw new TypeError('a short id is cut off')
  const ids = splitIds(shortIds)
  if (new Set(ids).size < ids.length) throw new TypeError('two short ids are alike')
  const count = ids.length + prefilled.length
  if (count > LIMITS.blockTransactions) throw new TypeError(`${count} transactions are too many for a block`)
  let next = 0
  for (const { index } of prefilled) {
    if (index < next || index >= count) throw new TypeError('an index is out of order or beyond the last')
    next = index + 1
  }
  return compact
}

const shapeType = struct('CompactBlock', {
  header: headerType,
  shortIds: byteString(SHORT_ID_BYTES * LIMITS.blockTransactions),
  prefilled: list(
    struct('Prefilled', { index: u16, transaction: byteString(LIMITS.transactionBytes) }),
    LIMITS.blockTransactions,
  ),
})

/** Nothing but prefilled transactions: a block, and their indexes. */
const MAX_COMPACT_BYTES = LIMITS.blockBytes + 64 * 1024

export const compactBlockCodec: Codec<CompactBlock> = createCodec(
  checked(shapeType, checkShape),
  MAX_COMPACT_BYTES,
)

/** In latin1; cut to `usedBytes`. */
const nameOf = (transaction: Uint8Array, usedBytes: number): string | undefined =>
  shortIdOf(transaction)?.slice(0, usedBytes).padEnd(SHORT_ID_BYTES, '\0')

export interface CompactOptions {
  /** Worth sending in full: the receivers are not likely to hold it. */
  readonly isUnknown?: (transaction: Uint8Array) => boolean
  /** Of a short id, the others being 0. Fewer make ids collide, in tests. */
  readonly usedBytes?: number
}

/** The second of two transactions that have one short id is sent in full. */
export const toCompact = (
  { header, transactions }: Block,
  { isUnknown = () => false, usedBytes = SHORT_ID_BYTES }: CompactOptions = {},
): Uint8Array => {
  const taken = new Set<string>()
  const prefilled: CompactBlock['prefilled'] = []
  for (const [index, transaction] of transactions.entries()) {
    const id = isUnknown(transaction) ? undefined : nameOf(transaction, usedBytes)
    if (id === undefined || taken.has(id)) prefilled.push({ index, transaction })
    else taken.add(id)
  }
  return compactBlockCodec.encode({ header, shortIds: fromLatin1([...taken].join('')), prefilled })
}

export type Outcome =
  | { readonly kind: 'block'; readonly bytes: Uint8Array; readonly transactions: readonly Uint8Array[] }
  /** Not here yet. */
  | { readonly kind: 'missing'; readonly indexes: readonly number[] }
  /**
   * All are here and they are not the block's. The sender is to be asked for these, which are not from it; if there
   * are none, then what it sent is no block.
   */
  | { readonly kind: 'mismatch'; readonly indexes: readonly number[] }

interface Slot {
  /** `undefined`: prefilled. */
  readonly id: string | undefined
  transaction: Uint8Array | undefined
  isFromSender: boolean
}

/** By a short id, in latin1. */
export type FindInPool = (shortId: string) => { readonly bytes: Uint8Array } | undefined

/** A compact block on its way to be a block. */
export class Expansion {
  readonly header: BlockHeader
  readonly hash: Hash
  readonly #usedBytes: number
  readonly #slots: Slot[] = []

  constructor({ header, shortIds, prefilled }: CompactBlock, usedBytes = SHORT_ID_BYTES) {
    this.header = header
    this.hash = blockHash(header)
    this.#usedBytes = usedBytes
    const put = (id: string | undefined, transaction: Uint8Array | undefined) =>
      this.#slots.push({ id, transaction, isFromSender: transaction !== undefined })
    const ids = splitIds(shortIds).values()
    for (const { index, transaction } of prefilled) {
      while (this.#slots.length < index) put(ids.next().value, undefined)
      put(undefined, transaction)
    }
    for (const id of ids) put(id, undefined)
  }

  /** What the pool holds of it: one look-up for each id. */
  takeFrom(find: FindInPool): void {
    for (const slot of this.#slots)
      if (slot.id !== undefined && slot.transaction === undefined) slot.transaction = find(slot.id)?.bytes
  }

  /**
   * Takes an answer: the first of what was asked for, in order. False, and nothing has changed, if it cannot be one: its
   * short ids are others, or it is more than a block holds.
   */
  addAnswer(indexes: readonly number[], transactions: readonly Uint8Array[], isFromSender: boolean): boolean {
    const slots = transactions.map((_, i) => this.#slots[indexes[i] as number])
    const fits = slots.every(
      (slot, i) =>
        slot?.id !== undefined && slot.id === nameOf(transactions[i] as Uint8Array, this.#usedBytes),
    )
    const sizeBytes = transactions.reduce((sum, { length }) => sum + length, 0)
    if (!fits || sizeBytes > LIMITS.blockBytes) return false
    for (const [i, slot] of (slots as Slot[]).entries()) {
      slot.transaction = transactions[i]
      slot.isFromSender = isFromSender
    }
    return true
  }

  outcome(): Outcome {
    const transactions: Uint8Array[] = []
    const missing: number[] = []
    let sizeBytes = 0
    for (const [index, { transaction }] of this.#slots.entries()) {
      if (transaction === undefined) missing.push(index)
      else {
        transactions.push(transaction)
        sizeBytes += transaction.length
      }
    }
    if (missing.length > 0) return { kind: 'missing', indexes: missing }
    // Before anything is hashed: short ids may name all that the pool holds.
    const bytes = sizeBytes > LIMITS.blockBytes ? undefined : this.#toBlock(transactions)
    if (bytes !== undefined) return { kind: 'block', bytes, transactions }
    const indexes = [...this.#slots.keys()].filter(index => this.#slots[index]?.isFromSender === false)
    return { kind: 'mismatch', indexes }
  }

  #toBlock(transactions: Uint8Array[]): Uint8Array | undefined {
    if (!bytesEqual(merkleRoot(transactions), this.header.transactionsRoot)) return undefined
    try {
      return blockCodec.encode({ header: this.header, transactions })
    } catch (error) {
      // A block above the limit.
      if (error instanceof CodecError) return undefined
      throw error
    }
  }
}
