/**
 * A block: a header that commits to everything, and a body of transactions.
 *
 *   block hash = SHA-256("vex/header/v1" | BCS(header))
 */
import { LIMITS } from '../params.ts'
import { TAGS, taggedHash } from '../crypto/hash.ts'
import { BcsReader } from './bcs.ts'
import { byteView, createCodec, fixedBytes, list, option, struct, text, u64, versionByte } from './codec.ts'
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
import { VRF_PROOF_BYTES } from './validator.ts'
import { type Certificate, certificateType } from './vote.ts'

export interface BlockHeader {
  version: 1
  chainId: string
  /** The genesis block has height 0. */
  height: Height
  epoch: bigint
  view: bigint
  parentHash: Hash
  /** The view in which the parent was certified, if it is of the same epoch; else 0: views start anew. */
  parentView: bigint
  /** That more than two thirds voted for the parent, and who: notarize or finalize. Absent after the genesis block. */
  parentCertificate: Certificate | undefined
  timeMs: TimeMs
  proposer: Address
  /** By the proposer's VRF key, that it leads this view (crypto/vrf.ts). */
  vrfProof: Uint8Array
  /** The randomness that all proofs up to this block's make together. */
  eta: Hash
  /** Of the next epoch, from the block on that fixes it (epoch.ts). */
  nextNonce: Hash | undefined
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
  /** Each the bytes of one transaction (types/transaction.ts); of a block that was decoded, parts of its own bytes. */
  transactions: Uint8Array[]
}

export const headerType = struct('BlockHeader', {
  version: versionByte('block', 1),
  chainId: text(LIMITS.chainIdBytes),
  height: u64,
  epoch: u64,
  view: u64,
  parentHash: hashType,
  parentView: u64,
  parentCertificate: option(certificateType),
  timeMs: u64,
  proposer: addressType,
  vrfProof: fixedBytes(VRF_PROOF_BYTES),
  eta: hashType,
  nextNonce: option(hashType),
  transactionsRoot: hashType,
  stateRoot: hashType,
  receiptsRoot: hashType,
  validatorsHash: hashType,
  nextValidatorsHash: hashType,
  gasUsed: u64,
  gasLimit: u64,
  baseFee: amountType,
})

export const headerCodec = createCodec<BlockHeader>(headerType, 2048)

export const blockCodec = createCodec<Block>(
  struct('Block', {
    header: headerType,
    // Whoever reads a block would else copy each of its transactions.
    transactions: list(byteView(LIMITS.transactionBytes), LIMITS.blockTransactions),
  }),
  LIMITS.blockBytes,
)

/** The header's bytes, which stand first in a block's. Of a block that was decoded before: nothing is checked here. */
export const headerBytesOf = (blockBytes: Uint8Array): Uint8Array => {
  const reader = new BcsReader(blockBytes)
  headerType.read(reader)
  return Uint8Array.from(blockBytes.subarray(0, reader.position))
}

export const blockHash = (header: BlockHeader): Hash => taggedHash(TAGS.header, headerCodec.encode(header))

/** The same of a block's bytes; no transaction is decoded. */
export const blockHashOfBytes = (blockBytes: Uint8Array): Hash =>
  taggedHash(TAGS.header, headerBytesOf(blockBytes))
