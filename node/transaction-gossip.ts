/** Between the pool and the gossip: what enters here goes out in batches, what comes in is checked like any submission. */
import type { SubmitResult } from './api/backend.ts'
import { batchVerdict } from './network/batch-verdict.ts'
import type { Verdict } from './network/topic.ts'
import { batchCodec, TransactionBatches } from './network/transaction-batches.ts'
import { CodecError } from './types/codec.ts'
import { toLatin1 } from './types/primitives.ts'
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

  /** By id: what is being judged, and whether the pool took it meanwhile. */
  const judged = new Map<string, { isTaken: boolean }>()

  const publish = (parsed: ParsedTransaction): void => {
    for (const batch of batches.add(parsed, options.now())) options.publish(batch)
    wait()
  }

  const verdictOn = async (
    transactions: readonly Uint8Array[],
    parsed: readonly (ParsedTransaction | undefined)[],
  ): Promise<Verdict> => {
    const verdict = batchVerdict(await options.submit(transactions))
    if (verdict.kind !== 'verify') return verdict.kind
    const unverified = verdict.indexes.flatMap(index => parsed[index] ?? [])
    return (await options.areSignaturesValid(unverified)) ? 'accept' : 'reject'
  }

  /**
   * What is accepted gossip passes on by itself. Of what is rejected the pool may have taken a part: it goes out anew, or
   * somebody who mixes it with rubbish could keep a transaction from spreading.
   */
  const judge = async (transactions: readonly Uint8Array[]): Promise<Verdict> => {
    const parsed = transactions.map(parse)
    const known = parsed.filter(each => each !== undefined)
    const states = known.map(each => ({ each, name: toLatin1(each.id), state: { isTaken: false } }))
    for (const { name, state } of states) judged.set(name, state)
    try {
      const verdict = await verdictOn(transactions, parsed)
      if (verdict === 'accept') batches.forwarded(known.map(({ id }) => id))
      else for (const { each, state } of states) if (state.isTaken) publish(each)
      return verdict
    } finally {
      for (const { name, state } of states) if (judged.get(name) === state) judged.delete(name)
    }
  }

  return {
    add(parsed) {
      const state = judged.get(toLatin1(parsed.id))
      if (state === undefined) publish(parsed)
      else state.isTaken = true
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
