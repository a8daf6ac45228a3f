/** The question for transactions of a block that came in the compact form, by their places in it, and its answer. */
import { LIMITS } from '../params.ts'
import { byteString, checked, type Codec, createCodec, list, struct, u16 } from '../types/codec.ts'
import { type Hash, hashType } from '../types/primitives.ts'
import { REQUESTS } from './request-table.ts'

const { maxRequestBytes, maxAnswerBytes } = REQUESTS.blockTransactions

export interface TransactionsWanted {
  hash: Hash
  /** Ascending, at least one. */
  indexes: number[]
}

const checkIndexes = (wanted: TransactionsWanted): TransactionsWanted => {
  const { indexes } = wanted
  if (indexes.length === 0) throw new TypeError('nothing is asked for')
  if (indexes.some((index, i) => i > 0 && index <= (indexes[i - 1] as number)))
    throw new TypeError('an index is out of order')
  return wanted
}

const shapeType = struct('TransactionsWanted', {
  hash: hashType,
  indexes: list(u16, LIMITS.blockTransactions),
})

export const transactionsWantedCodec: Codec<TransactionsWanted> = createCodec(
  checked(shapeType, checkIndexes),
  maxRequestBytes,
)

/** The first of those asked for, in order: as many as an answer takes. */
export const transactionsCodec: Codec<Uint8Array[]> = createCodec(
  list(byteString(LIMITS.transactionBytes), LIMITS.blockTransactions),
  maxAnswerBytes,
)

/** Of a length below 2^21. */
const LENGTH_BYTES = 3

/** `undefined`: the block has no such transaction. */
export const answerTransactions = (
  transactions: readonly Uint8Array[],
  indexes: readonly number[],
): Uint8Array | undefined => {
  const answer: Uint8Array[] = []
  let sizeBytes = LENGTH_BYTES
  for (const index of indexes) {
    const transaction = transactions[index]
    if (transaction === undefined) return undefined
    sizeBytes += LENGTH_BYTES + transaction.length
    if (sizeBytes > maxAnswerBytes) break
    answer.push(transaction)
  }
  return transactionsCodec.encode(answer)
}
