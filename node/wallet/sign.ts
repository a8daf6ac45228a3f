/** Signs transactions. The key never leaves the process that calls this; nodes hold none. */
import { sign } from '#signing'
import type { Hash } from '../types/primitives.ts'
import { type TransactionBody, transactionCodec, transactionId } from '../types/transaction.ts'

export interface SignedTransaction {
  /** What a node takes. */
  readonly bytes: Uint8Array
  readonly id: Hash
}

/**
 * `secretKey` is an Ed25519 seed of 32 bytes, and `body.sender` must be its public key. Throws a CodecError if
 * the body exceeds a limit of the chain.
 */
export const signTransaction = (secretKey: Uint8Array, body: TransactionBody): SignedTransaction => {
  const id = transactionId(body)
  return { bytes: transactionCodec.encode({ body, signature: sign(secretKey, id) }), id }
}
