import { afterEach, describe, expect, it, vi } from 'vitest'
import type { SubmitResult } from '../../node/api/backend.ts'
import { batchCodec } from '../../node/network/transaction-batches.ts'
import { createTransactionGossip } from '../../node/transaction-gossip.ts'
import { type ParsedTransaction, parseTransaction } from '../../node/types/transaction.ts'
import { signedTransaction, testAccount } from '../support/transactions.ts'

const transactions = Array.from({ length: 4 }, (_, i) =>
  signedTransaction(testAccount('gossip'), BigInt(i), {
    kind: 'transfer',
    to: testAccount('other').address,
    amount: 1n,
  }),
)
const [first, second, third] = transactions as [ParsedTransaction, ParsedTransaction, ParsedTransaction]
const accepted = ({ id }: ParsedTransaction): SubmitResult => ({ accepted: true, id })
const refused = (code: 'bad_signature' | 'duplicate'): SubmitResult => ({
  accepted: false,
  code,
  message: '',
})

/** The pool gives these answers, and tells the gossip what it takes, as submission.ts does. */
const create = (answers: readonly SubmitResult[], isSigned = true) => {
  const published: string[][] = []
  const gossip = createTransactionGossip({
    submit: given => {
      for (const [i, answer] of answers.entries())
        if (answer.accepted) gossip.add(parseTransaction(given[i] as Uint8Array))
      return Promise.resolve([...answers])
    },
    areSignaturesValid: () => Promise.resolve(isSigned),
    publish: batch =>
      void published.push(
        batchCodec.decode(batch).map(bytes => Buffer.from(parseTransaction(bytes).id).toString('hex')),
      ),
    now: () => Date.now(),
  })
  return { gossip, published }
}
const batchOf = (...list: readonly ParsedTransaction[]) => batchCodec.encode(list.map(({ bytes }) => bytes))
const namesOf = (...list: readonly ParsedTransaction[]) =>
  list.map(({ id }) => Buffer.from(id).toString('hex'))

describe('transactions between pool and gossip', () => {
  afterEach(() => vi.useRealTimers())

  it('go out together, once each, a moment after the first', () => {
    vi.useFakeTimers()
    const { gossip, published } = create([])
    for (const each of [first, second, first]) gossip.add(each)
    expect(published).toEqual([])
    vi.advanceTimersByTime(50)
    expect(published).toEqual([namesOf(first, second)])
    gossip.add(first)
    vi.advanceTimersByTime(50)
    expect(published).toHaveLength(1)
  })

  it('are not published anew when a batch that is passed on brought them', async () => {
    vi.useFakeTimers()
    const { gossip, published } = create([accepted(first), refused('duplicate')])
    expect(await gossip.receive(batchOf(first, second))).toBe('accept')
    gossip.add(second)
    vi.advanceTimersByTime(50)
    expect(published).toEqual([])
  })

  it('are published when the batch that brought them is not passed on', async () => {
    vi.useFakeTimers()
    const { gossip, published } = create([accepted(first), refused('bad_signature'), accepted(third)])
    expect(await gossip.receive(batchOf(first, second, third))).toBe('reject')
    vi.advanceTimersByTime(50)
    expect(published).toEqual([namesOf(first, third)])
  })

  it('are not passed on beside one whose signature shows to be bad', async () => {
    const { gossip } = create([accepted(first), refused('duplicate')], false)
    expect(await gossip.receive(batchOf(first, second))).toBe('reject')
    gossip.stop()
  })

  it('that are no batch are rejected', async () => {
    const { gossip } = create([])
    expect(await gossip.receive(Uint8Array.of(1, 2, 3))).toBe('reject')
  })
})
