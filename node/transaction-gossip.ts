/** Between the pool and the gossip: what enters here goes out in batches, what comes in is checked like any submission. */
import type { SubmitResult } from './api/backend.ts'
import { LIMITS } from './params.ts'
import { byteString, CodecError, createCodec, list, struct } from './types/codec.ts'
import { sha256 } from './crypto/hash.ts'
import { toHex } from './types/primitives.ts'

const BATCH_MS = 20
const BATCH_COUNT = 200
const batchCodec = createCodec<{ transactions: Uint8Array[] }, { transactions: Uint8Array[] }>(
  struct('TransactionBatch', {
    transactions: list(byteString(LIMITS.transactionBytes), BATCH_COUNT),
  }) as never,
  512 * 1024,
)

export interface TransactionGossip {
  add(transaction: Uint8Array): void
  receive(batch: Uint8Array): Promise<'accept' | 'ignore' | 'reject'>
}

export const createTransactionGossip = (options: {
  submit: (transactions: readonly Uint8Array[]) => Promise<SubmitResult[]>
  publish: (batch: Uint8Array) => void
}): TransactionGossip => {
  let waiting: Uint8Array[] = []
  let timer: NodeJS.Timeout | undefined
  const heard = new Set<string>()
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length > 0) options.publish(batchCodec.encode({ transactions: waiting }))
    waiting = []
  }
  return {
    add(transaction) {
      if (heard.delete(toHex(sha256(transaction)))) return
      waiting.push(transaction)
      if (waiting.length >= BATCH_COUNT) flush()
      else timer ??= setTimeout(flush, BATCH_MS)
    },
    async receive(batch) {
      try {
        const { transactions } = batchCodec.decode(batch)
        for (const t of transactions) heard.add(toHex(sha256(t)))
        const results = await options.submit(transactions)
        for (const t of transactions) heard.delete(toHex(sha256(t)))
        return results.some(({ accepted }) => accepted) ? 'accept' : 'ignore'
      } catch (error) {
        if (error instanceof CodecError) return 'reject'
        throw error
      }
    },
  }
}
