/**
 * Final blocks on the database: how they are laid out, and how they are found again.
 *
 * Everything that one block changes goes into one synced batch, so that after any crash the database holds
 * whole blocks only and its head is the last of them.
 */
import { COLUMNS, type Database, StorageError, type Write } from '../storage/database.ts'
import { type Block, blockCodec, blockHash, type BlockHeader, headerCodec } from '../types/block.ts'
import { createCodec, struct, u64 } from '../types/codec.ts'
import type { HandOver } from '../types/hand-over.ts'
import { type Hash, hashType, type Height, toHash } from '../types/primitives.ts'
import { type Receipt, receiptCodec } from '../types/receipt.ts'
import { type ParsedTransaction, parseTransaction } from '../types/transaction.ts'
import { type Validator, validatorsCodec } from '../types/validator.ts'
import { type Certificate, certificateCodec } from '../types/vote.ts'

export interface StoredBlock {
  readonly hash: Hash
  readonly block: Block
}

export interface TransactionPlace {
  readonly height: Height
  readonly index: number
}

const META_HEAD = Buffer.from('head')

/** Kept for ever: light clients that start from the genesis need every one. */
const validatorsKey = (epoch: bigint): Uint8Array => Buffer.from(`validators/${epoch}`)

/** Of the last header of an epoch whose blocks are not kept. */
const handOverHeaderKey = (height: Height): Uint8Array => Buffer.from(`hand-over/${height}`)

const headCodec = createCodec<{ height: bigint; hash: Hash }, { height: bigint; hash: Hash }>(
  struct('Head', { height: u64, hash: hashType }),
  64,
)

export const heightKey = (height: Height): Uint8Array => {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setBigUint64(0, height)
  return key
}

export const keyToHeight = (key: Uint8Array): Height =>
  new DataView(key.buffer, key.byteOffset, key.byteLength).getBigUint64(0)

const placeKey = (height: Height, index: number): Uint8Array => {
  const key = new Uint8Array(12)
  const view = new DataView(key.buffer)
  view.setBigUint64(0, height)
  view.setUint32(8, index)
  return key
}

const toPlace = (bytes: Uint8Array): TransactionPlace => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { height: view.getBigUint64(0), index: view.getUint32(8) }
}

/** The writes that make `block` the head, without its state. */
export const blockWrites = (options: {
  hash: Hash
  block: Block
  blockBytes: Uint8Array
  transactions: readonly ParsedTransaction[]
  receiptBytes: readonly Uint8Array[]
  certificate: Certificate | undefined
  /** Of the next epoch, with the last block of one. */
  nextValidators?: Validator[] | undefined
}): Write[] => {
  const { hash, block, blockBytes, transactions, receiptBytes, certificate, nextValidators } = options
  const { height } = block.header
  const key = heightKey(height)
  const writes: Write[] = [
    { column: COLUMNS.blocks, key, value: blockBytes },
    { column: COLUMNS.blockHeights, key: hash, value: key },
    { column: COLUMNS.meta, key: META_HEAD, value: headCodec.encode({ height, hash }) },
  ]
  if (certificate !== undefined) {
    writes.push({ column: COLUMNS.certificates, key, value: certificateCodec.encode(certificate) })
  }
  if (nextValidators !== undefined) {
    const key = validatorsKey(block.header.epoch + 1n)
    writes.push({ column: COLUMNS.meta, key, value: validatorsCodec.encode(nextValidators) })
  }
  for (const [index, parsed] of transactions.entries()) {
    const place = placeKey(height, index)
    const receipt = receiptBytes[index]
    if (receipt === undefined) throw new RangeError(`block ${height} has no receipt for transaction ${index}`)
    writes.push({ column: COLUMNS.receipts, key: place, value: receipt })
    writes.push({ column: COLUMNS.transactionPlaces, key: parsed.id, value: place })
  }
  return writes
}

/** What stays of an epoch whose blocks are not kept: all that leads light clients from it to the next. */
export const handOverWrites = ({ header, certificate, nextValidators }: HandOver): Write[] => [
  { column: COLUMNS.meta, key: handOverHeaderKey(header.height), value: headerCodec.encode(header) },
  {
    column: COLUMNS.certificates,
    key: heightKey(header.height),
    value: certificateCodec.encode(certificate),
  },
  {
    column: COLUMNS.meta,
    key: validatorsKey(header.epoch + 1n),
    value: validatorsCodec.encode(nextValidators),
  },
]

/** Reads of final blocks. Each returns `undefined` for what the chain does not hold. */
export class BlockStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  head(): { height: Height; hash: Hash } | undefined {
    const bytes = this.#db.get(COLUMNS.meta, META_HEAD)
    return bytes === undefined ? undefined : headCodec.decode(bytes)
  }

  /** From there on up to the head every block is here, and block 0 is; of those between nothing is. */
  keptFrom(): Height {
    const [row] = this.#db.range(COLUMNS.blocks, { from: heightKey(1n), limit: 1 })
    return row === undefined ? 0n : keyToHeight(row[0])
  }

  /** Of a block that is here, or that was the last of an epoch. */
  header(height: Height): BlockHeader | undefined {
    const kept = this.#db.get(COLUMNS.meta, handOverHeaderKey(height))
    return kept === undefined ? this.blockByHeight(height)?.block.header : headerCodec.decode(kept)
  }

  blockBytes(height: Height): Uint8Array | undefined {
    return this.#db.get(COLUMNS.blocks, heightKey(height))
  }

  blockByHeight(height: Height): StoredBlock | undefined {
    const bytes = this.blockBytes(height)
    if (bytes === undefined) return undefined
    const block = blockCodec.decode(bytes)
    return { block, hash: blockHash(block.header) }
  }

  blockByHash(hash: Hash): StoredBlock | undefined {
    const key = this.#db.get(COLUMNS.blockHeights, hash)
    if (key === undefined) return undefined
    const found = this.blockByHeight(keyToHeight(key))
    if (found === undefined)
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
    return bytes === undefined ? undefined : toPlace(bytes)
  }

  receipt({ height, index }: TransactionPlace): Receipt | undefined {
    const bytes = this.#db.get(COLUMNS.receipts, placeKey(height, index))
    return bytes === undefined ? undefined : receiptCodec.decode(bytes)
  }

  receipts(height: Height): Receipt[] {
    const from = placeKey(height, 0)
    const to = placeKey(height + 1n, 0)
    return this.#db.range(COLUMNS.receipts, { from, to }).map(([, bytes]) => receiptCodec.decode(bytes))
  }

  transaction(id: Hash): { parsed: ParsedTransaction; place: TransactionPlace; blockHash: Hash } | undefined {
    const place = this.transactionPlace(id)
    if (place === undefined) return undefined
    const stored = this.blockByHeight(place.height)
    const bytes = stored?.block.transactions[place.index]
    if (stored === undefined || bytes === undefined) {
      throw new StorageError(
        'corrupt',
        `the index says block ${place.height} holds a transaction that is not there`,
      )
    }
    return { parsed: parseTransaction(bytes), place, blockHash: toHash(stored.hash) }
  }
}
