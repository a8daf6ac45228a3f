/** Batches of transactions for gossip, against a slow model that looks at all that happened. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../../node/crypto/hash.ts'
import {
  BATCH_LIMITS,
  batchCodec,
  type BatchLimits,
  TransactionBatches,
} from '../../../node/network/transaction-batches.ts'
import { LIMITS } from '../../../node/params.ts'
import { CodecError } from '../../../node/types/codec.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'

const idOf = (seed: number) => sha256(Buffer.from(`transaction ${seed}`))
const made = (seed: number, sizeBytes = 10) => ({
  id: idOf(seed),
  bytes: new Uint8Array(sizeBytes).fill(seed),
})
const sizes = (batches: readonly Uint8Array[]) => batches.map(batch => batchCodec.decode(batch).length)
const range = (length: number, from = 0) => Array.from({ length }, (_, i) => from + i)

const SMALL: BatchLimits = { transactions: 4, bytes: 100, waitMs: 20, remembered: 1000 }

interface Added {
  readonly at: number
  readonly bytes: Uint8Array
}

/** The batches that go out, and when: the list is cut as early as a rule says. */
const slowBatches = (added: readonly Added[], limits: BatchLimits): { at: number; batch: Uint8Array[] }[] => {
  const [first] = added
  if (first === undefined) return []
  const size = (list: readonly Added[]) => list.reduce((sum, { bytes }) => sum + 3 + bytes.length, 2)
  for (let count = 1; count <= added.length; count++) {
    const head = added.slice(0, count)
    const next = added[count]
    const out = (at: number) => [
      { at, batch: head.map(({ bytes }) => bytes) },
      ...slowBatches(added.slice(count), limits),
    ]
    if (count === limits.transactions || size(head) >= limits.bytes) return out(added[count - 1]?.at ?? 0)
    if (next === undefined || next.at >= first.at + limits.waitMs) return out(first.at + limits.waitMs)
    if (size([...head, next]) > limits.bytes) return out(next.at)
  }
  return []
}

describe('batches', () => {
  it('are those of the model, whatever comes when', () => {
    const event = fc.record({
      after: fc.integer({ min: 0, max: 9 }),
      seed: fc.integer({ min: 0, max: 40 }),
      size: fc.integer({ min: 0, max: 120 }),
      isForwarded: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40, size: 'max' }), events => {
        const batches = new TransactionBatches(SMALL)
        const out: { at: number; batch: Uint8Array[] }[] = []
        const added: Added[] = []
        const known = new Set<number>()
        let now = 0
        const publish = (list: readonly (Uint8Array | undefined)[]) => {
          for (const bytes of list)
            if (bytes !== undefined) out.push({ at: now, batch: batchCodec.decode(bytes) })
        }
        const passTo = (time: number) => {
          for (; now < time; now++) if (batches.dueAt !== undefined) publish([batches.take(now)])
          publish([batches.take(now)])
        }
        for (const { after, seed, size, isForwarded } of events) {
          passTo(now + after)
          const transaction = made(seed, size)
          if (isForwarded) batches.forwarded([transaction.id])
          else publish(batches.add(transaction, now))
          if (!isForwarded && !known.has(seed)) added.push({ at: now, bytes: transaction.bytes })
          known.add(seed)
        }
        passTo(now + SMALL.waitMs)
        expect(out).toEqual(slowBatches(added, SMALL))
        expect(batches.dueAt).toBeUndefined()
      }),
    )
  })

  it('go out after 200 transactions, or 64 KiB, or 20 ms', () => {
    const batches = new TransactionBatches()
    const byCount = range(200).map(seed => sizes(batches.add(made(seed), 0)))
    expect([byCount.flat(), byCount.at(-1)]).toEqual([[200], [200]])
    const byBytes = range(70, 1000).flatMap(seed => batches.add(made(seed, 1000), 0))
    expect(sizes(byBytes)).toEqual([65])
    expect(byBytes[0]?.length).toBeLessThanOrEqual(64 * 1024)
    expect(batches.take(19)).toBeUndefined()
    expect(batches.dueAt).toBe(20)
    expect(sizes([batches.take(20) as Uint8Array])).toEqual([5])
    expect(batches.take(1000)).toBeUndefined()
  })

  it('take the longest transaction alone, at once', () => {
    const batches = new TransactionBatches()
    batches.add(made(1), 0)
    expect(sizes(batches.add(made(2, LIMITS.transactionBytes), 0))).toEqual([1, 1])
    expect(batches.dueAt).toBeUndefined()
  })
})

describe('what has been published', () => {
  it('is remembered as long as promised, and not for ever', () => {
    const remembered = 4
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 14 }), { maxLength: 80, size: 'max' }), seeds => {
        const batches = new TransactionBatches({ ...SMALL, transactions: 1, remembered })
        for (const [at, seed] of seeds.entries()) {
          const isNew = batches.add(made(seed), 0).length > 0
          const before = seeds.lastIndexOf(seed, at - 1)
          const since = before < 0 || at === 0 ? undefined : new Set(seeds.slice(before + 1, at)).size
          if (since === undefined) expect(isNew).toBe(true)
          else if (since < remembered) expect([seed, isNew]).toEqual([seed, false])
          else if (since >= 4 * remembered) expect(isNew).toBe(true)
        }
      }),
    )
  })

  it('is forgotten after twice as many others', () => {
    const batches = new TransactionBatches({ ...SMALL, transactions: 1, remembered: 4 })
    const isNew = (seed: number) => batches.add(made(seed), 0).length > 0
    expect(range(9).every(isNew)).toBe(true)
    expect(isNew(4)).toBe(false)
    expect(isNew(0)).toBe(true)
  })
})

describe('a batch from outside', () => {
  it('comes back as it was, of any number up to the limit', () => {
    for (const count of range(BATCH_LIMITS.transactions, 1)) {
      const list = range(count).map(seed => made(seed, seed % 50).bytes)
      expect(batchCodec.decode(batchCodec.encode(list))).toEqual(list)
    }
  })

  it('is refused above its limits, or empty, or cut off', () => {
    const many = range(201).map(seed => made(seed, 1).bytes)
    expect(() => batchCodec.encode(many)).toThrow(/the limit is 200/)
    expect(() => batchCodec.decode(Buffer.concat([fromHex('c901'), Buffer.alloc(201)]))).toThrow(
      /the limit is 200/,
    )
    expect(() => batchCodec.decode(fromHex('00'))).toThrow(CodecError)
    expect(() => batchCodec.encode([])).toThrow(/at least one/)
    expect(() => batchCodec.decode(Buffer.alloc(LIMITS.transactionBytes + 6))).toThrow(/the limit is/)
    expect(() => batchCodec.encode([new Uint8Array(LIMITS.transactionBytes + 1)])).toThrow(/the limit is/)
    const whole = batchCodec.encode([made(1).bytes, made(2).bytes])
    for (let length = 0; length < whole.length; length++)
      expect(() => batchCodec.decode(whole.subarray(0, length))).toThrow(CodecError)
  })

  it('has golden bytes', () => {
    expect(toHex(batchCodec.encode([fromHex('aabb'), fromHex(''), new Uint8Array(128).fill(1)]))).toBe(
      `0302aabb008001${'01'.repeat(128)}`,
    )
  })
})
