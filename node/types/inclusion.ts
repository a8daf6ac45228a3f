/** That a final block holds a transaction, and with what receipt: what a node sends to a light client. */
import { LIMITS } from '../params.ts'
import { type BlockHeader, headerType } from './block.ts'
import { byteString, createCodec, list, struct, u32 } from './codec.ts'
import { type Hash, hashType } from './primitives.ts'

/** Blocks that may be final by the certificate of a later one. */
export const MAX_DESCENDANTS = 64
/** Of a tree of as many leaves as a block has transactions, and some. */
const MAX_SIBLINGS = 32
const MAX_BYTES = 4 * 1024 * 1024

export interface Inclusion {
  /** From the block's to that of the next block with a certificate of its own, each the parent of the next. */
  readonly headers: BlockHeader[]
  readonly index: number
  /** How many transactions the block has. */
  readonly size: number
  readonly transaction: Uint8Array
  readonly receipt: Uint8Array
  /** Siblings from the leaf up, under the header's transactions root and receipts root. */
  readonly transactionProof: Hash[]
  readonly receiptProof: Hash[]
}

export const inclusionCodec = createCodec<Inclusion>(
  struct('Inclusion', {
    headers: list(headerType, MAX_DESCENDANTS),
    index: u32,
    size: u32,
    transaction: byteString(LIMITS.transactionBytes),
    receipt: byteString(MAX_BYTES),
    transactionProof: list(hashType, MAX_SIBLINGS),
    receiptProof: list(hashType, MAX_SIBLINGS),
  }),
  MAX_BYTES,
)
