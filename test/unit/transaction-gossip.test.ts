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
const refused = (code: 'bad_signature' | 'duplicate' | 'malformed'): SubmitResult => ({
  accepted: false,
  code,
  message: '',
})

/** The pool gives these answers, and tells the gossip what it takes, as submission.ts does. */
const create = (answers: readonly SubmitResult[], isSigned = true) => {
  const submitted: (Uint8Array | ParsedTransaction)[] = []
  const published: string[][] = []
  const times: number[] = []
  const world = { isHeard: true, gone: new Set<string>() }
  const gossip = createTransactionGossip({
    submit: given => {
      submitted.push(...given)
      for (const [i, answer] of answers.entries())
        if (answer.accepted) gossip.add(given[i] as ParsedTransaction)
      return Promise.resolve([...answers])
    },
    areSignaturesValid: () => Promise.resolve(isSigned),
    publish: (batch, again = 0) => {
      times.push(again)
      published.push(
        batchCodec.decode(batch).map(bytes => Buffer.from(parseTransaction(bytes).id).toString('hex')),
      )
    },
    isHeard: () => world.isHeard,
    isInPool: id => !world.gone.has(Buffer.from(id).toString('hex')),
    random: () => 0.5,
    now: () => Date.now(),
  })
  return { gossip, published, submitted, times, world }
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

  it('are decoded once; what cannot be decoded is submitted as it came', async () => {
    const { gossip, submitted } = create([accepted(first), refused('malformed')])
    const rubbish = Uint8Array.of(1, 2, 3)
    expect(await gossip.receive(batchCodec.encode([first.bytes, rubbish]))).toBe('reject')
    expect(submitted).toEqual([first, rubbish])
  })

  it('that are no batch are rejected', async () => {
    const { gossip } = create([])
    expect(await gossip.receive(Uint8Array.of(1, 2, 3))).toBe('reject')
  })

  it('taken while nobody listens go out a while after somebody came, but for what has left the pool', () => {
    vi.useFakeTimers()
    const { gossip, published, world } = create([])
    world.isHeard = false
    for (const each of [first, second, third]) gossip.add(each)
    vi.advanceTimersByTime(10_000)
    expect(published).toEqual([])
    world.isHeard = true
    world.gone.add(namesOf(second)[0] as string)
    vi.advanceTimersByTime(1_500)
    expect(published).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect(published).toEqual([namesOf(first, third)])
    gossip.add(transactions[3] as ParsedTransaction)
    vi.advanceTimersByTime(50)
    expect(published.slice(1)).toEqual([namesOf(transactions[3] as ParsedTransaction)])
  })

  it('that are offered and stay in the pool are offered twice more, in a message of another hash', () => {
    vi.useFakeTimers()
    const { gossip, published, times } = create([])
    gossip.restored(first)
    vi.advanceTimersByTime(120_000)
    expect(published).toEqual([namesOf(first), namesOf(first), namesOf(first)])
    expect(times).toEqual([0, 1, 2])
  })

  it('brought back by a restart go out in offers, a second apart, and what their sender sends next goes behind them', () => {
    vi.useFakeTimers()
    const { gossip, published } = create([])
    const restored = Array.from({ length: 450 }, (_, i) =>
      signedTransaction(testAccount('restored'), BigInt(i), {
        kind: 'transfer',
        to: testAccount('other').address,
        amount: 1n,
      }),
    )
    for (const each of restored.slice(0, 449)) gossip.restored(each)
    gossip.add(restored[449] as ParsedTransaction)
    gossip.add(first)
    vi.advanceTimersByTime(900)
    expect(published).toEqual([namesOf(first)])
    const perSecond: number[] = []
    for (let second = 0; second < 6; second++) {
      const before = published.flat().length
      vi.advanceTimersByTime(1_000)
      perSecond.push(published.flat().length - before)
    }
    expect(perSecond).toEqual([0, 200, 200, 50, 0, 0])
    expect(published.flat().slice(1)).toEqual(namesOf(...restored))
  })

  it('that wait to be offered and come in a batch are passed on with it, and not offered again', async () => {
    vi.useFakeTimers()
    const { gossip, published } = create([refused('duplicate'), refused('duplicate')])
    for (const each of [first, second, third]) gossip.restored(each)
    expect(await gossip.receive(batchOf(first, second))).toBe('accept')
    expect(await gossip.receive(batchOf(first, second))).toBe('ignore')
    vi.advanceTimersByTime(4_000)
    expect(published).toEqual([namesOf(third)])
  })

  it('that wait to be offered are not passed on beside what is invalid', async () => {
    vi.useFakeTimers()
    const { gossip, published } = create([refused('duplicate'), refused('bad_signature')])
    gossip.restored(first)
    expect(await gossip.receive(batchOf(first, second))).toBe('reject')
    vi.advanceTimersByTime(4_000)
    expect(published).toEqual([namesOf(first)])
  })
})
