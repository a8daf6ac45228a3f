import { describe, expect, it } from 'vitest'
import {
  splitIntoLanes,
  submitAll,
  toBatches,
  type Submittable,
  type SubmitAnswer,
} from '../../bench/submit.ts'

interface Numbered extends Submittable {
  readonly nonce: number
}

const take = (count: number, senders: number): Numbered[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `t${index}`,
    transaction: '0x',
    sender: index % senders,
    nonce: Math.floor(index / senders),
  }))

const inBatches = (transactions: readonly Numbered[], batchSize: number) =>
  toBatches(transactions, batchSize, batch => batch.map(({ id }) => id))

/** A pool with the node's rules in small: a limit for each account, no nonce above a gap, blocks that empty it. */
const createPool = (limits: { perAccount: number; gap: number }) => {
  const waiting = new Map<number, number[]>()
  const used = new Map<number, number>()
  const accepted: string[] = []
  const waitingOf = (sender: number) => waiting.get(sender) ?? []
  return {
    accepted,
    /** Takes a while, and so lets requests of other lanes in between. */
    async submitMany(batch: readonly Numbered[]): Promise<SubmitAnswer[]> {
      await Promise.resolve()
      return batch.map(({ id, sender, nonce }) => {
        const mine = waitingOf(sender)
        const next = (used.get(sender) ?? 0) + mine.length
        if (nonce > next + limits.gap) return { accepted: false, code: 'nonce_too_high', message: '' }
        if (mine.length >= limits.perAccount) return { accepted: false, code: 'account_full', message: '' }
        if (nonce !== next)
          return { accepted: false, code: 'nonce_too_low', message: `${nonce}, not ${next}` }
        waiting.set(sender, [...mine, nonce])
        accepted.push(id)
        return { accepted: true }
      })
    },
    async block(): Promise<void> {
      await Promise.resolve()
      for (const [sender, mine] of waiting) used.set(sender, (used.get(sender) ?? 0) + mine.length)
      waiting.clear()
    },
  }
}

const submit = async (
  count: number,
  senders: number,
  lanes: number,
  batchSize: number,
  perAccount: number,
) => {
  const pool = createPool({ perAccount, gap: 2 })
  const announced: string[] = []
  const transactions = take(count, senders)
  const counts = await submitAll({
    lanes: splitIntoLanes(transactions, lanes).map(lane => inBatches(lane, batchSize)),
    toBatches: some => inBatches(some, batchSize),
    send: ({ transactions: batch, body }) => {
      expect(body).toEqual(batch.map(({ id }) => id))
      return pool.submitMany(batch)
    },
    untilRoom: () => pool.block(),
    onSubmit: some => announced.push(...some.map(({ id }) => id)),
  })
  return { transactions, pool, announced, counts }
}

describe('submission', () => {
  it('loses no transaction and repeats none that was taken, however small the pool', async () => {
    for (const perAccount of [1, 3, 7, 1_000]) {
      const { transactions, pool, announced } = await submit(500, 10, 3, 40, perAccount)
      const all = transactions.map(({ id }) => id).sort()
      expect([...pool.accepted].sort(), `${perAccount} an account`).toEqual(all)
      expect([...announced].sort(), `${perAccount} an account`).toEqual(all)
    }
  })

  it('sends a lane in batches, and nothing again if all were taken', async () => {
    const { counts } = await submit(100, 4, 2, 20, 1_000)
    expect(counts).toEqual({ requests: 6, repeated: 0 })
  })

  it('counts what it sent again', async () => {
    const { counts } = await submit(3, 1, 1, 3, 2)
    expect(counts).toEqual({ requests: 2, repeated: 1 })
  })

  it('ends with the reason when waiting would not help', async () => {
    const [transaction] = take(1, 1)
    await expect(
      submitAll({
        lanes: [inBatches(transaction === undefined ? [] : [transaction], 1)],
        toBatches: some => inBatches(some, 1),
        send: async () => [{ accepted: false, code: 'expired', message: 'it was valid until height 3' }],
        untilRoom: async () => undefined,
        onSubmit: () => undefined,
      }),
    ).rejects.toThrow('the node refused transaction t0: it was valid until height 3 (expired)')
  })

  it('takes a missing answer for an error', async () => {
    await expect(
      submitAll({
        lanes: [inBatches(take(2, 1), 2)],
        toBatches: some => inBatches(some, 2),
        send: async () => [{ accepted: true }],
        untilRoom: async () => undefined,
        onSubmit: () => undefined,
      }),
    ).rejects.toThrow('no answer for transaction t1')
  })
})

describe('lanes', () => {
  it('keep a sender’s transactions together and in order', () => {
    const lanes = splitIntoLanes(take(30, 5), 2)
    expect(lanes.map(lane => new Set(lane.map(({ sender }) => sender)))).toEqual([
      new Set([0, 2, 4]),
      new Set([1, 3]),
    ])
    for (const lane of lanes) {
      for (const sender of new Set(lane.map(each => each.sender))) {
        const nonces = lane.filter(each => each.sender === sender).map(({ nonce }) => nonce)
        expect(nonces).toEqual([0, 1, 2, 3, 4, 5])
      }
    }
  })
})
