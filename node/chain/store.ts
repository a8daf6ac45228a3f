/**
 * Final blocks on the database: how they are laid out, and how they are found again.
 *
 * Everything that one block changes goes into one synced batch, so that after any crash the database holds
 * whole blocks only and its head is the last of them.
 */
import { COLUMNS, type Database, StorageError, type Write } from '../storage/database.ts'
import { getU64, u64Bytes } from '../types/big-endian.ts'
import {
  type Block,
  blockCodec,
  blockHash,
  blockHashOfBytes,
  type BlockHeader,
  headerBytesOf,
  headerCodec,
} from '../types/block.ts'
import { createCodec, struct, u64 } from '../types/codec.ts'
import type { HandOver } from '../types/hand-over.ts'
import { LruMap } from '../types/lru-map.ts'
import { type Hash, HASH_BYTES, hashType, type Height, toHash } from '../types/primitives.ts'
import { type Receipt, receiptCodec } from '../types/receipt.ts'
import { type ParsedTransaction, parseTransaction } from '../types/transaction.ts'
import { type Validator, validatorsCodec } from '../types/validator.ts'
import { type Certificate, certificateCodec } from '../types/vote.ts'
import {
  type BlockTerms,
  decodeIndexes,
  entryKey,
  heightOfEntry,
  indexEntries,
  placeKeyAt,
  type Term,
  termName,
  toPlace,
  type TransactionPlace,
} from '../types/transaction-terms.ts'
import {
  decodeReceiptPage,
  pageOfIndex,
  receiptPageKey,
  receiptPages,
  RECEIPTS_PER_PAGE,
} from '../types/receipt-pages.ts'

/** Decoded blocks at hand, by what they take encoded, and how large one may be. As objects they take three times as much. */
const RECENT_BYTES = 1024 * 1024
const RECENT_BLOCK_BYTES = RECENT_BYTES / 4
/** Of large blocks, too. */
const RECENT_HASHES = 1_024
/** Entries of the index that are read at a time, at most: each may hold the places of a whole block. */
const MAX_ENTRIES_AT_ONCE = 64

export interface StoredBlock {
  readonly hash: Hash
  readonly block: Block
}

const META_HEAD = Buffer.from('head')
const META_KEPT_FROM = Buffer.from('kept_from')

/** Kept for ever: light clients that start from the genesis need every one. */
const validatorsKey = (epoch: bigint): Uint8Array => Buffer.from(`validators/${epoch}`)

const headCodec = createCodec<{ height: bigint; hash: Hash }>(
  struct('Head', { height: u64, hash: hashType }),
  64,
)

export const heightKey = (height: Height): Uint8Array => u64Bytes(height)

export const keyToHeight = (key: Uint8Array): Height => getU64(key, 0)

export interface PlaceRange {
  /** Inclusive. */
  readonly from: TransactionPlace
  /** Exclusive. */
  readonly to: TransactionPlace
  readonly reverse: boolean
  readonly limit: number
}

/** Says that blocks below `height`, but for block 0, are not kept any more: pruning.ts. */
export const keptFromWrite = (height: Height): Write => ({
  column: COLUMNS.meta,
  key: META_KEPT_FROM,
  value: heightKey(height),
})

export const certificateWrite = (height: Height, certificate: Certificate): Write => ({
  column: COLUMNS.certificates,
  key: heightKey(height),
  value: certificateCodec.encode(certificate),
})

/** The writes that make `block` the head, without its state and its certificate: one by one, as those of its state. */
export function* blockWrites(options: {
  hash: Hash
  header: BlockHeader
  blockBytes: Uint8Array
  /** Of its transactions, one after another. */
  ids: Uint8Array
  receiptBytes: readonly Uint8Array[]
  terms: BlockTerms
  /** Of the next epoch, with the last block of one. */
  nextValidators?: Validator[] | undefined
}): Generator<Write, undefined> {
  const { hash, header, blockBytes, ids, receiptBytes, terms, nextValidators } = options
  const { height } = header
  const key = heightKey(height)
  const count = ids.length / HASH_BYTES
  if (receiptBytes.length !== count)
    throw new RangeError(`block ${height} has ${receiptBytes.length} receipts for ${count} transactions`)
  yield { column: COLUMNS.blocks, key, value: blockBytes }
  yield { column: COLUMNS.blockHeights, key: hash, value: key }
  yield { column: COLUMNS.meta, key: META_HEAD, value: headCodec.encode({ height, hash }) }
  if (nextValidators !== undefined) {
    yield {
      column: COLUMNS.meta,
      key: validatorsKey(header.epoch + 1n),
      value: validatorsCodec.encode(nextValidators),
    }
    yield { column: COLUMNS.boundaryHeaders, key, value: headerCodec.encode(header) }
  }
  for (let index = 0; index < count; index++) {
    const id = ids.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)
    yield { column: COLUMNS.transactionPlaces, key: id, value: placeKeyAt(key, index) }
  }
  for (const [key, value] of receiptPages(height, receiptBytes))
    yield { column: COLUMNS.receipts, key, value }
  for (const [key, value] of indexEntries(height, terms))
    yield { column: COLUMNS.transactionIndex, key, value }
}

/** What stays of an epoch whose blocks are not kept: all that leads light clients from it to the next. */
export const handOverWrites = ({ header, certificate, nextValidators }: HandOver): Write[] => [
  { column: COLUMNS.boundaryHeaders, key: heightKey(header.height), value: headerCodec.encode(header) },
  certificateWrite(header.height, certificate),
  {
    column: COLUMNS.meta,
    key: validatorsKey(header.epoch + 1n),
    value: validatorsCodec.encode(nextValidators),
  },
]

/**
 * Reads of final blocks. Each returns `undefined` for what the chain does not hold, or holds no more: what lies below
 * {@link keptFrom} may be half removed.
 */
export class BlockStore {
  readonly #db: Database
  /** Final blocks never change. */
  readonly #recent = new LruMap<Height, { readonly stored: StoredBlock; readonly sizeBytes: number }>(
    RECENT_BYTES,
    ({ sizeBytes }) => sizeBytes,
  )
  readonly #hashes = new LruMap<Height, Hash>(RECENT_HASHES)

  constructor(db: Database) {
    this.#db = db
  }

  head(): { height: Height; hash: Hash } | undefined {
    const bytes = this.#db.get(COLUMNS.meta, META_HEAD)
    return bytes === undefined ? undefined : headCodec.decode(bytes)
  }

  /** The lowest block above block 0, which always stays, that is kept. */
  keptFrom(): Height {
    const bytes = this.#db.get(COLUMNS.meta, META_KEPT_FROM)
    return bytes === undefined ? 1n : keyToHeight(bytes)
  }

  #isKept(height: Height): boolean {
    return height === 0n || height >= this.keptFrom()
  }

  blockBytes(height: Height): Uint8Array | undefined {
    return this.#isKept(height) ? this.#db.get(COLUMNS.blocks, heightKey(height)) : undefined
  }

  blockByHeight(height: Height): StoredBlock | undefined {
    const recent = this.#recent.get(height)
    if (recent !== undefined && this.#isKept(height)) return recent.stored
    const bytes = this.blockBytes(height)
    if (bytes === undefined) return undefined
    const block = blockCodec.decode(bytes)
    const stored = { block, hash: blockHash(block.header) }
    if (bytes.length <= RECENT_BLOCK_BYTES) this.#recent.set(height, { stored, sizeBytes: bytes.length })
    return stored
  }

  /** Of a block that is kept. No transaction is decoded. */
  hashAt(height: Height): Hash | undefined {
    const known = this.#hashes.get(height)
    if (known !== undefined) return this.#isKept(height) ? known : undefined
    const bytes = this.blockBytes(height)
    if (bytes === undefined) return undefined
    const hash = blockHashOfBytes(bytes)
    this.#hashes.set(height, hash)
    return hash
  }

  /** Of a block that is kept, or of an epoch's last, whose header always is. */
  header(height: Height): BlockHeader | undefined {
    const stored = this.blockByHeight(height)
    if (stored !== undefined) return stored.block.header
    const bytes = this.#db.get(COLUMNS.boundaryHeaders, heightKey(height))
    return bytes === undefined ? undefined : headerCodec.decode(bytes)
  }

  /** As {@link header}, for who passes it on: no transaction is decoded. `readBytes` is what it took to find it. */
  headerBytes(height: Height): { readonly bytes: Uint8Array; readonly readBytes: number } | undefined {
    const boundary = this.#db.get(COLUMNS.boundaryHeaders, heightKey(height))
    if (boundary !== undefined) return { bytes: boundary, readBytes: boundary.length }
    const block = this.blockBytes(height)
    return block === undefined ? undefined : { bytes: headerBytesOf(block), readBytes: block.length }
  }

  blockByHash(hash: Hash): StoredBlock | undefined {
    const key = this.#db.get(COLUMNS.blockHeights, hash)
    if (key === undefined) return undefined
    const height = keyToHeight(key)
    const found = this.blockByHeight(height)
    if (found === undefined && this.#isKept(height))
      throw new StorageError('corrupt', 'the index of block hashes names a block that is not there')
    return found
  }

  certificate(height: Height): Certificate | undefined {
    const bytes = this.#db.get(COLUMNS.certificates, heightKey(height))
    return bytes === undefined ? undefined : certificateCodec.decode(bytes)
  }

  /** Who votes on an epoch that has begun, but for the first, which the genesis names. */
  validators(epoch: bigint): Validator[] | undefined {
    const bytes = this.#db.get(COLUMNS.meta, validatorsKey(epoch))
    return bytes === undefined ? undefined : validatorsCodec.decode(bytes)
  }

  transactionPlace(id: Hash): TransactionPlace | undefined {
    const bytes = this.#db.get(COLUMNS.transactionPlaces, id)
    if (bytes === undefined) return undefined
    const place = toPlace(bytes)
    return this.#isKept(place.height) ? place : undefined
  }

  /** Places of transactions that may have `term` (see types/transaction-terms.ts), in the chain's order or against it. */
  places(term: Term, { from, to, reverse, limit }: PlaceRange): TransactionPlace[] {
    const name = termName(term)
    const places: TransactionPlace[] = []
    let [lowest, end] = [from.height, to.index > 0 ? to.height + 1n : to.height]
    const isInRange = ({ height, index }: TransactionPlace): boolean =>
      (height > from.height || index >= from.index) && (height < to.height || index < to.index)
    // Most terms have few places in a block, a few have all of them.
    for (
      let atOnce = 1;
      places.length < limit && lowest < end;
      atOnce = Math.min(2 * atOnce, MAX_ENTRIES_AT_ONCE)
    ) {
      const entries = this.#db.range(COLUMNS.transactionIndex, {
        from: entryKey(name, lowest),
        to: entryKey(name, end),
        reverse,
        limit: Math.min(limit - places.length, atOnce),
      })
      for (const [key, value] of entries) {
        const height = heightOfEntry(key)
        if (reverse) end = height
        else lowest = height + 1n
        const indexes = decodeIndexes(value)
        if (reverse) indexes.reverse()
        for (const index of indexes) {
          const place = { height, index }
          if (isInRange(place) && places.length < limit) places.push(place)
        }
      }
      if (entries.length === 0) break
    }
    return places
  }

  receipt(place: TransactionPlace): Receipt | undefined {
    const { height, index } = place
    if (!this.#isKept(height)) return undefined
    const page = this.#db.get(COLUMNS.receipts, receiptPageKey(height, pageOfIndex(index)))
    const bytes = page && decodeReceiptPage(page)[index % RECEIPTS_PER_PAGE]
    return bytes && receiptCodec.decode(bytes)
  }

  /** Of a block that is kept, in the order of its transactions; none for any other. */
  receipts(height: Height): Receipt[] {
    return this.receiptBytes(height).map(bytes => receiptCodec.decode(bytes))
  }

  /** The leaves of the header's receipts root. */
  receiptBytes(height: Height): Uint8Array[] {
    if (!this.#isKept(height)) return []
    const [from, to] = [receiptPageKey(height, 0), receiptPageKey(height + 1n, 0)]
    return this.#db.range(COLUMNS.receipts, { from, to }).flatMap(([, page]) => decodeReceiptPage(page))
  }

  transaction(id: Hash): { parsed: ParsedTransaction; place: TransactionPlace; blockHash: Hash } | undefined {
    const place = this.transactionPlace(id)
    if (place === undefined) return undefined
    const stored = this.blockByHeight(place.height)
    const bytes = stored?.block.transactions[place.index]
    if (stored === undefined || bytes === undefined) {
      if (!this.#isKept(place.height)) return undefined
      throw new StorageError(
        'corrupt',
        `the index says block ${place.height} holds a transaction that is not there`,
      )
    }
    return { parsed: parseTransaction(bytes), place, blockHash: toHash(stored.hash) }
  }
}
