/**
 * A block: a header that commits to everything, and a body of transactions.
 *
 *   block hash = SHA-256("vex/header/v1" | BCS(header))
 */
import { LIMITS } from '../params.ts'
import { TAGS, taggedHash } from '../crypto/hash.ts'
import { byteString, createCodec, list, struct, text, u64, versionByte } from './codec.ts'
import {
  type Address,
  addressType,
  type Amount,
  amountType,
  type Gas,
  type Hash,
  hashType,
  type Height,
  type TimeMs,
} from './primitives.ts'
import type { BcsType } from '@mysten/bcs'

export interface BlockHeader {
  version: 1
  chainId: string
  /** The genesis block has height 0. */
  height: Height
  epoch: bigint
  view: bigint
  parentHash: Hash
  parentView: bigint
  timeMs: TimeMs
  proposer: Address
  /** RFC 6962 tree over the transactions' bytes, signatures included. */
  transactionsRoot: Hash
  /** Root of the state tree after this block. */
  stateRoot: Hash
  /** RFC 6962 tree over the receipts' BCS bytes. */
  receiptsRoot: Hash
  /** Of the set that votes on this block, and of the next epoch's. */
  validatorsHash: Hash
  nextValidatorsHash: Hash
  gasUsed: Gas
  gasLimit: Gas
  /** Units burned per unit of gas in this block. */
  baseFee: Amount
}

export interface Block {
  header: BlockHeader
  /** Each the bytes of one transaction (types/transaction.ts). */
  transactions: Uint8Array[]
}

const headerType = struct('BlockHeader', {
  version: versionByte('block', 1),
  chainId: text(LIMITS.chainIdBytes),
  height: u64,
  epoch: u64,
  view: u64,
  parentHash: hashType,
  parentView: u64,
  timeMs: u64,
  proposer: addressType,
  transactionsRoot: hashType,
  stateRoot: hashType,
  receiptsRoot: hashType,
  validatorsHash: hashType,
  nextValidatorsHash: hashType,
  gasUsed: u64,
  gasLimit: u64,
  baseFee: amountType,
}) as unknown as BcsType<BlockHeader, BlockHeader>

export const headerCodec = createCodec<BlockHeader, BlockHeader>(headerType, 1024)

export const blockCodec = createCodec<Block, Block>(
  struct('Block', {
    header: headerType,
    transactions: list(byteString(LIMITS.transactionBytes), LIMITS.blockTransactions),
  }) as never,
  LIMITS.blockBytes,
)

export const blockHash = (header: BlockHeader): Hash => taggedHash(TAGS.header, headerCodec.encode(header))
