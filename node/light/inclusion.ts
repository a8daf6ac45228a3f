/** Whether a verified header's block holds a transaction, or an ancestor of it does, and what became of it. */
import { merkleLeafHash, verifyMerkleProof } from '../crypto/merkle-proof.ts'
import { type BlockHeader, blockHash } from '../types/block.ts'
import { CodecError } from '../types/codec.ts'
import type { Inclusion } from '../types/inclusion.ts'
import { bytesEqual, type Hash } from '../types/primitives.ts'
import { type Receipt, receiptCodec } from '../types/receipt.ts'
import { type ParsedTransaction, parseTransaction } from '../types/transaction.ts'
import { LightClientError } from './error.ts'

export interface IncludedTransaction {
  /** Of the block that holds it. */
  readonly header: BlockHeader
  readonly hash: Hash
  readonly transaction: ParsedTransaction
  readonly receipt: Receipt
}

const refuse = (message: string): never => {
  throw new LightClientError('proof_refused', message)
}

const decode = <T>(what: string, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    return refuse(`the ${what} cannot be decoded: ${error.message}`)
  }
}

/** `hash`: of the verified block that the headers end with. */
export const verifyInclusion = (hash: Hash, id: Hash, inclusion: Inclusion): IncludedTransaction => {
  const { headers, index, size } = inclusion
  const hashes = headers.map(blockHash)
  const [header] = headers
  const [first] = hashes
  const last = hashes.at(-1)
  if (header === undefined || first === undefined || last === undefined || !bytesEqual(last, hash))
    return refuse('the proof ends with another block than the one that was verified')
  for (const [i, each] of headers.entries())
    if (i > 0 && !bytesEqual(each.parentHash, hashes[i - 1] as Hash))
      refuse(`the proof says that block ${each.height} stands on one that it does not stand on`)
  const check = (what: string, bytes: Uint8Array, proof: readonly Hash[], root: Hash): void => {
    if (!verifyMerkleProof({ leafHash: merkleLeafHash(bytes), index, size, proof, root }))
      refuse(`block ${header.height} does not hold this ${what}`)
  }
  check('transaction', inclusion.transaction, inclusion.transactionProof, header.transactionsRoot)
  check('receipt', inclusion.receipt, inclusion.receiptProof, header.receiptsRoot)
  const transaction = decode('transaction', () => parseTransaction(inclusion.transaction))
  const receipt = decode('receipt', () => receiptCodec.decode(inclusion.receipt))
  if (!bytesEqual(transaction.id, id)) refuse('the proof is of another transaction')
  if (!bytesEqual(receipt.transactionId, id)) refuse('the proof is of the receipt of another transaction')
  return { header, hash: first, transaction, receipt }
}
