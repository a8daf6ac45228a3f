/** What was taken while nobody listened, in offers. */
import { expect, it } from 'vitest'
import { BATCH_LIMITS } from '../../../node/network/transaction-batches.ts'
import { type Offer, Unheard } from '../../../node/network/unheard.ts'
import { toAddress, toHash } from '../../../node/types/primitives.ts'

const senderOf = (byte: number) => toAddress(new Uint8Array(32).fill(byte))
const made = (seed: number, sizeBytes = 10, sender = 1) => {
  const id = new Uint8Array(32)
  new DataView(id.buffer).setUint32(0, seed)
  return { seed, id: toHash(id), sender: senderOf(sender), bytes: new Uint8Array(sizeBytes) }
}
const seedOf = (id: Uint8Array) => new DataView(id.buffer, id.byteOffset).getUint32(0)
const limits = { ...BATCH_LIMITS, transactions: 3, bytes: 100, remembered: 5 }
const seeds = ({ transactions }: Offer<ReturnType<typeof made>>) => transactions.map(({ seed }) => seed)

it('an offer is bounded in number and in bytes, and one that alone is larger goes alone', () => {
  const unheard = new Unheard<ReturnType<typeof made>>(() => true, limits)
  for (const each of [made(1), made(2, 90), made(3), made(4, 500), made(5)]) unheard.add(each)
  const offers = Array.from({ length: 6 }, () => seeds(unheard.take(0)))
  expect(offers).toEqual([[1, 2], [3], [4], [5], [], []])
})

it('more than is remembered pushes out what has left the pool, and nothing else', () => {
  const gone = new Set([2, 3])
  const unheard = new Unheard<ReturnType<typeof made>>(id => !gone.has(seedOf(id)), limits)
  for (let seed = 1; seed <= 9; seed++) unheard.add(made(seed))
  expect(unheard.size).toBe(5)
  expect([seeds(unheard.take(0)), seeds(unheard.take(0))]).toEqual([
    [1, 4, 5],
    [6, 7],
  ])
})

it('a sender waits as long as one of its transactions does', () => {
  const unheard = new Unheard<ReturnType<typeof made>>(() => true, limits)
  for (const each of [made(1), made(1), made(2), made(3, 10, 2)]) unheard.add(each)
  unheard.delete(made(1).id)
  unheard.delete(made(1).id)
  expect([unheard.isWaiting(senderOf(1)), unheard.isWaiting(senderOf(2))]).toEqual([true, true])
  unheard.delete(made(2).id)
  expect([unheard.isWaiting(senderOf(1)), unheard.isWaiting(senderOf(2))]).toEqual([false, true])
  unheard.take(0)
  expect([unheard.size, unheard.isWaiting(senderOf(2))]).toEqual([1, false])
})

it('what is still in the pool is offered three times, behind what never was', () => {
  const gone = new Set<number>()
  const unheard = new Unheard<ReturnType<typeof made>>(id => !gone.has(seedOf(id)), limits)
  for (const each of [made(1), made(2)]) unheard.add(each)
  const at = (nowMs: number) => {
    const offer = unheard.take(nowMs)
    return [...seeds(offer), `again ${offer.again}`]
  }
  expect(at(0)).toEqual([1, 2, 'again 0'])
  expect(at(4_999)).toEqual(['again 0'])
  unheard.add(made(3))
  expect(at(5_000)).toEqual([3, 'again 0'])
  expect(at(6_000)).toEqual([1, 2, 'again 1'])
  gone.add(2)
  expect(at(12_000)).toEqual([3, 'again 1'])
  expect(at(26_000)).toEqual([1, 'again 2'])
  unheard.delete(made(3).id)
  expect([at(100_000), unheard.size]).toEqual([['again 0'], 0])
})
