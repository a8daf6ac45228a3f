/** Between the pool and the gossip: what enters here goes out in batches, what comes in is checked like any submission. */
import type { SubmitResult } from './api/backend.ts'
import { batchVerdict } from './network/batch-verdict.ts'
import type { Verdict } from './network/topic.ts'
import { batchCodec, TransactionBatches } from './network/transaction-batches.ts'
import { CodecError } from './types/codec.ts'
import { type ParsedTransaction, parseTransaction } from './types/transaction.ts'

export interface TransactionGossip {
  /** What the pool has taken, wherever it came from. */
  add(parsed: ParsedTransaction): void
  /** A batch of a peer: into the pool, and whether it is passed on. */
  receive(batch: Uint8Array): Promise<Verdict>
  stop(): void
}

export interface TransactionGossipOptions {
  readonly submit: (transactions: readonly Uint8Array[]) => Promise<SubmitResult[]>
  readonly areSignaturesValid: (transactions: readonly ParsedTransaction[]) => Promise<boolean>
  readonly publish: (batch: Uint8Array) => void
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

const parse = (bytes: Uint8Array): ParsedTransaction | undefined => {
  try {
    return parseTransaction(bytes)
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}

export const createTransactionGossip = (options: TransactionGossipOptions): TransactionGossip => {
  const batches = new TransactionBatches()
  let timer: NodeJS.Timeout | undefined

  const wait = (): void => {
    const { dueAt } = batches
    if (dueAt === undefined || timer !== undefined) return
    timer = setTimeout(
      () => {
        timer = undefined
        const batch = batches.take(options.now())
        if (batch !== undefined) options.publish(batch)
        wait()
      },
      Math.max(0, dueAt - options.now()),
    )
  }

  /** Those that gossip passes on by itself must be known as such before the pool takes them. */
  const judge = async (transactions: readonly Uint8Array[]): Promise<Verdict> => {
    const parsed = transactions.map(parse)
    batches.forwarded(parsed.flatMap(each => (each === undefined ? [] : [each.id])))
    const verdict = batchVerdict(await options.submit(transactions))
    if (verdict.kind !== 'verify') return verdict.kind
    const unverified = verdict.indexes.flatMap(index => parsed[index] ?? [])
    return (await options.areSignaturesValid(unverified)) ? 'accept' : 'reject'
  }

  return {
    add(parsed) {
      for (const batch of batches.add(parsed, options.now())) options.publish(batch)
      wait()
    },
    async receive(batch) {
      let transactions: Uint8Array[]
      try {
        transactions = batchCodec.decode(batch)
      } catch (error) {
        if (error instanceof CodecError) return 'reject'
        throw error
      }
      return judge(transactions)
    },
    stop: () => clearTimeout(timer),
  }
}
