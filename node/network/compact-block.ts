/**
 * A block without what its receivers hold already: its header as it is, a short id for each transaction, and in full
 * those that the sender takes for unknown.
 *
 *   short id = the first 6 bytes of SHA-256(u8 length of tag | tag | block hash | signature of the transaction)
 *
 * What holds:
 * - what `outcome` calls the block has the transactions root of its header. A short id that fits another transaction, by
 *   chance or by somebody's work, costs a question to the sender and never gives another block;
 * - block and compact block are in canonical form, so that one expands to exactly the bytes that the other was made of;
 * - the block's hash is in every short id: before there is a block, nobody can make transactions whose ids collide in it;
 * - the id is of the signature. A transaction's own id does not cover it: whoever signs one body twice could send
 *   different bytes of one id to everybody, and every block with it would have to be sent in full. (No two
 *   transactions share a valid signature.)
 *
 * The idea is that of Bitcoin's BIP-152.
 */
import { hash as digest } from 'node:crypto'
import { merkleRoot } from '../crypto/merkle.ts'
import { LIMITS } from '../params.ts'
import { type Block, blockCodec, blockHash, type BlockHeader, headerType } from '../types/block.ts'
import { byteString, type Codec, CodecError, createCodec, list, struct, u16 } from '../types/codec.ts'
import {
  bytesEqual,
  fromLatin1,
  type Hash,
  HASH_BYTES,
  SIGNATURE_BYTES,
  toLatin1,
} from '../types/primitives.ts'
import { type BcsType, BcsType as BcsTypeClass } from '@mysten/bcs'

export const SHORT_ID_BYTES = 6
const TAG = 'vex/short-id/v1'

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
}) as unknown as BcsType<CompactBlock, CompactBlock>

/** Nothing but prefilled transactions: a block, and their indexes. */
const MAX_COMPACT_BYTES = LIMITS.blockBytes + 64 * 1024

export const compactBlockCodec: Codec<CompactBlock> = createCodec(
  new BcsTypeClass<CompactBlock, CompactBlock>({
    name: shapeType.name,
    read: reader => checkShape(shapeType.read(reader)),
    write: (value, writer) => shapeType.write(checkShape(value), writer),
  }),
  MAX_COMPACT_BYTES,
)

class ShortIds {
  readonly #input: Buffer
  readonly #signatureAt: number
  readonly #usedBytes: number

  constructor(block: Hash, usedBytes: number) {
    const prefix = Buffer.from(TAG)
    this.#signatureAt = 1 + prefix.length + HASH_BYTES
    this.#input = Buffer.concat([Uint8Array.of(prefix.length), prefix, block, Buffer.alloc(SIGNATURE_BYTES)])
    this.#usedBytes = usedBytes
  }

  /** In latin1. None of bytes that are too short for a transaction. */
  of(transaction: Uint8Array): string | undefined {
    const start = transaction.length - SIGNATURE_BYTES
    if (start < 0) return undefined
    this.#input.set(transaction.subarray(start), this.#signatureAt)
    return digest('sha256', this.#input, 'binary').slice(0, this.#usedBytes).padEnd(SHORT_ID_BYTES, '\0')
  }
}

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
  const ids = new ShortIds(blockHash(header), usedBytes)
  const taken = new Set<string>()
  const prefilled: CompactBlock['prefilled'] = []
  for (const [index, transaction] of transactions.entries()) {
    const id = isUnknown(transaction) ? undefined : ids.of(transaction)
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

/** A compact block on its way to be a block. */
export class Expansion {
  readonly header: BlockHeader
  readonly hash: Hash
  readonly #ids: ShortIds
  readonly #slots: Slot[] = []

  constructor({ header, shortIds, prefilled }: CompactBlock, usedBytes = SHORT_ID_BYTES) {
    this.header = header
    this.hash = blockHash(header)
    this.#ids = new ShortIds(this.hash, usedBytes)
    const put = (id: string | undefined, transaction: Uint8Array | undefined) =>
      this.#slots.push({ id, transaction, isFromSender: transaction !== undefined })
    const ids = splitIds(shortIds).values()
    for (const { index, transaction } of prefilled) {
      while (this.#slots.length < index) put(ids.next().value, undefined)
      put(undefined, transaction)
    }
    for (const id of ids) put(id, undefined)
  }

  /**
   * What the pool holds of it: one pass, a hash for each transaction of the pool, until every id has been found. Two that
   * have one id are left for `missing`.
   */
  takeFrom(pool: Iterable<{ readonly bytes: Uint8Array }>): void {
    const wanted = new Map<string, Slot>()
    for (const slot of this.#slots)
      if (slot.id !== undefined && slot.transaction === undefined) wanted.set(slot.id, slot)
    const ambiguous = new Set<Slot>()
    let notFound = wanted.size
    if (notFound === 0) return
    for (const { bytes } of pool) {
      const slot = wanted.get(this.#ids.of(bytes) ?? '')
      if (slot === undefined) continue
      if (slot.transaction === undefined) slot.transaction = bytes
      else if (!bytesEqual(slot.transaction, bytes)) ambiguous.add(slot)
      else continue
      if (!ambiguous.has(slot) && --notFound === 0) break
    }
    for (const slot of ambiguous) slot.transaction = undefined
  }

  /**
   * Takes an answer: the first of what was asked for, in order. False, and nothing has changed, if it cannot be one: its
   * short ids are others, or it is more than a block holds.
   */
  addAnswer(indexes: readonly number[], transactions: readonly Uint8Array[], isFromSender: boolean): boolean {
    const slots = transactions.map((_, i) => this.#slots[indexes[i] as number])
    const fits = slots.every(
      (slot, i) => slot?.id !== undefined && slot.id === this.#ids.of(transactions[i] as Uint8Array),
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
