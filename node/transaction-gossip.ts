/**
 * Between the pool and the gossip: what enters here goes out in batches, what comes in is checked like any submission. What
 * enters while nobody listens goes out once somebody does: an offer every second or so, and no sooner (network/unheard.ts).
 */
import { batchVerdict } from './network/batch-verdict.ts'
import type { Verdict } from './network/topic.ts'
import { batchCodec, TransactionBatches } from './network/transaction-batches.ts'
import { Unheard } from './network/unheard.ts'
import type { Submission } from './submission.ts'
import { CodecError } from './types/codec.ts'
import { bytesEqual, type Hash, toLatin1 } from './types/primitives.ts'
import { type NamedTransaction, type ParsedTransaction, parseTransaction } from './types/transaction.ts'

export interface TransactionGossip {
  /** What the pool has taken, wherever it came from. */
  add(parsed: NamedTransaction): void
  /** What a restart has brought back into the pool: nobody has heard of it since. */
  restored(parsed: NamedTransaction): void
  /** A batch of a peer: into the pool, and whether it is passed on. */
  receive(batch: Uint8Array): Promise<Verdict>
  stop(): void
}

export interface TransactionGossipOptions extends Submission {
  /** `again`: which time it is. */
  readonly publish: (batch: Uint8Array, again?: number) => void
  /** Whether a batch reaches anybody now. */
  readonly isHeard: () => boolean
  readonly isInPool: (id: Hash) => boolean
  /** From 0 up to 1: nodes that restart together do not speak together. */
  readonly random: () => number
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
}

/** Between two offers, half as long to one and a half times as long; and after somebody came, for the gossip to settle. */
const OFFER_EVERY_MS = 1_000

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
  const unheard = new Unheard<NamedTransaction>(options.isInPool)
  let timer: NodeJS.Timeout | undefined
  let offerTimer: NodeJS.Timeout | undefined
  let wasHeard = false

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

  const publish = (parsed: NamedTransaction): void => {
    for (const batch of batches.add(parsed, options.now())) options.publish(batch)
    wait()
  }

  const offer = (): void => {
    offerTimer = undefined
    const isHeard = options.isHeard()
    if (isHeard && wasHeard) {
      const { transactions, again } = unheard.take(options.now())
      batches.forwarded(transactions.map(({ id }) => id))
      const bytes = transactions.map(each => each.bytes)
      if (bytes.length > 0) options.publish(batchCodec.encode(bytes), again)
    }
    wasHeard = isHeard
    waitToOffer()
  }

  const waitToOffer = (): void => {
    if (unheard.size === 0) wasHeard = false
    else offerTimer ??= setTimeout(offer, OFFER_EVERY_MS * (0.5 + options.random())).unref()
  }

  const keep = (parsed: NamedTransaction): void => {
    unheard.add(parsed)
    waitToOffer()
  }

  const publishOrKeep = (parsed: NamedTransaction): void => {
    if (options.isHeard() && !unheard.isWaiting(parsed.sender)) publish(parsed)
    else keep(parsed)
  }

  /** To be passed on although it waits here: those who lack it may not have heard of it either. */
  const isUnheard = ({ id, bytes }: NamedTransaction): boolean => {
    const waiting = unheard.get(id)
    return waiting !== undefined && bytesEqual(waiting.bytes, bytes)
  }

  const verdictOn = async (
    transactions: readonly Uint8Array[],
    parsed: readonly (ParsedTransaction | undefined)[],
  ): Promise<Verdict> => {
    const results = await options.submit(transactions.map((bytes, index) => parsed[index] ?? bytes))
    const verdict = batchVerdict(
      results.map((result, index) => {
        const each = parsed[index]
        return each !== undefined && isUnheard(each) ? { accepted: true, id: each.id } : result
      }),
    )
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
      if (verdict === 'accept') {
        batches.forwarded(known.map(({ id }) => id))
        for (const { id } of known) unheard.delete(id)
      } else for (const { each, state } of states) if (state.isTaken) publish(each)
      return verdict
    } finally {
      for (const { name, state } of states) if (judged.get(name) === state) judged.delete(name)
    }
  }

  return {
    add(parsed) {
      const state = judged.get(toLatin1(parsed.id))
      if (state === undefined) publishOrKeep(parsed)
      else state.isTaken = true
    },
    restored: keep,
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
    stop() {
      clearTimeout(timer)
      clearTimeout(offerTimer)
    },
  }
}
