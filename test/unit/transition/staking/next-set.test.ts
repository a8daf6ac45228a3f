/** How far one set may be from the one before. */
import { describe, expect, it } from 'vitest'
import { nextSet } from '../../../../node/transition/staking/next-set.ts'
import { toAddress, toHex } from '../../../../node/types/primitives.ts'
import type { Validator } from '../../../../node/types/validator.ts'
import { createRandom } from '../../../sim/random.ts'

const member = (number: number, power: bigint): Validator => {
  const address = toAddress(new Uint8Array(32))
  new DataView(address.buffer).setUint32(28, number)
  return { address, voteKey: new Uint8Array(48), vrfKey: new Uint8Array(32), power }
}
const numberOf = ({ address }: Validator): number => new DataView(address.buffer).getUint32(28)
const short = (set: readonly Validator[]) => set.map(each => [numberOf(each), each.power])

interface Stake {
  readonly bonded: bigint
  readonly mayVote?: boolean
}

/** From a set as [number, power] and stakes by number; who is not named has nothing. */
const after = (before: readonly Validator[], stakes: Readonly<Record<number, Stake>>): Validator[] => {
  const wanted = Object.entries(stakes)
    .filter(([, { bonded, mayVote = true }]) => mayVote && bonded > 0n)
    .map(([number, { bonded }]) => member(Number(number), bonded))
    .sort((a, b) => (a.power === b.power ? numberOf(a) - numberOf(b) : a.power > b.power ? -1 : 1))
    .slice(0, 128)
  return nextSet(before, wanted, address => {
    const { bonded = 0n, mayVote = true } = stakes[new DataView(address.buffer).getUint32(28)] ?? {}
    return { bonded, mayVote }
  })
}

const ten = Array.from({ length: 10 }, (_, i) => member(i + 1, 100n))
const same = Object.fromEntries(ten.map(each => [numberOf(each), { bonded: 100n }]))

describe('the next set', () => {
  it('is the same when nothing changed, by power and then by address', () => {
    expect(after(ten, same)).toEqual(ten)
    expect(
      short(
        after([member(2, 5n), member(1, 5n), member(3, 9n)], {
          1: { bonded: 5n },
          2: { bonded: 5n },
          3: { bonded: 9n },
        }),
      ),
    ).toEqual([
      [3, 9n],
      [1, 5n],
      [2, 5n],
    ])
  })

  it('takes in one of several in an epoch, of ten: the most powerful', () => {
    const set = after(ten, { ...same, 20: { bonded: 50n }, 21: { bonded: 60n } })
    expect(short(set).filter(([number]) => Number(number) > 10)).toEqual([[21, 60n]])
  })

  it('grows by a fifth of its power at most, each its part of it', () => {
    const set = after(ten, { ...same, 1: { bonded: 400n }, 2: { bonded: 200n }, 20: { bonded: 400n } })
    // 300, 100 and 400 are wanted, 200 may be: a quarter of each.
    expect(short(set)).toEqual([
      [1, 175n],
      [2, 125n],
      ...[3, 4, 5, 6, 7, 8, 9, 10].map(number => [number, 100n]),
      [20, 100n],
    ])
  })

  it('lets out before it lets in, the one with the least first', () => {
    const set = after(ten, { ...same, 3: { bonded: 0n }, 4: { bonded: 0n }, 20: { bonded: 500n } })
    // One may come or go: 3. 4 shrinks to a vote, as far as the 200 that may move go: 199 are wanted of 199.
    expect(short(set)).toEqual([...[1, 2, 5, 6, 7, 8, 9, 10].map(number => [number, 100n]), [4, 1n]])
  })

  it('lets a member that has more than a fifth of the power go in several epochs', () => {
    let set: Validator[] = [member(1, 500n), member(2, 500n)]
    const powers: unknown[] = []
    for (let i = 0; i < 4; i++) {
      set = after(set, { 2: { bonded: 500n } })
      powers.push(short(set))
    }
    expect(powers).toEqual([
      [
        [2, 500n],
        [1, 300n],
      ],
      [
        [2, 500n],
        [1, 140n],
      ],
      [
        [2, 500n],
        [1, 12n],
      ],
      [[2, 500n]],
    ])
  })

  it('drops who is jailed or tombstoned, whatever that is of its power', () => {
    const jailed = { bonded: 100n, mayVote: false }
    const set = after(ten, { ...same, 1: jailed, 2: jailed, 3: jailed, 4: jailed, 20: { bonded: 150n } })
    expect(short(set)).toEqual([[20, 150n], ...[5, 6, 7, 8, 9, 10].map(number => [number, 100n])])
  })

  it('is never empty', () => {
    const jailed = { bonded: 100n, mayVote: false }
    expect(after([member(1, 100n)], { 1: jailed })).toEqual([member(1, 100n)])
    expect(after([member(1, 1n)], {})).toEqual([member(1, 1n)])
    expect(short(after([member(1, 100n)], { 1: jailed, 2: { bonded: 7n } }))).toEqual([[2, 7n]])
  })

  it('moves a vote in an epoch even where a fifth is less than one', () => {
    expect(short(after([member(1, 3n)], { 1: { bonded: 3n }, 2: { bonded: 9n } }))).toEqual([
      [1, 3n],
      [2, 1n],
    ])
  })

  it('never has more than 128 members: a place must be left before it is taken', () => {
    const full = Array.from({ length: 128 }, (_, i) => member(i + 1, 100n))
    const stakes = Object.fromEntries(full.map(each => [numberOf(each), { bonded: 100n }]))
    const better = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [200 + i, { bonded: 110n }]))
    const once = after(full, { ...stakes, ...better })
    expect(once).toHaveLength(112)
    const twice = after(once, { ...stakes, ...better })
    expect(twice.length).toBeLessThanOrEqual(128)
    expect(twice.filter(each => numberOf(each) >= 200).length).toBeGreaterThan(0)
  })

  it('keeps its limits in 2,000 random steps', () => {
    const random = createRandom(5)
    for (let round = 0; round < 100; round++) {
      let set = Array.from({ length: 1 + random.below(20) }, (_, i) =>
        member(i + 1, BigInt(1 + random.below(1_000))),
      )
      const stakes: Record<number, Stake> = {}
      for (let number = 1; number <= 25; number++)
        stakes[number] = { bonded: BigInt(random.below(1_000)), mayVote: random.chance(0.9) }
      for (let epoch = 0; epoch < 20; epoch++) {
        const next = after(set, stakes)
        const isOut = (each: Validator): boolean => stakes[numberOf(each)]?.mayVote === false
        const names = new Set(next.map(({ address }) => toHex(address)))
        const total = set.reduce((sum, { power }) => sum + power, 0n)
        const powerOf = (number: number, of: Validator[]) =>
          of.find(each => numberOf(each) === number)?.power ?? 0n
        const left = set.filter(each => !isOut(each) && !names.has(toHex(each.address))).length
        const entered = next.filter(each => powerOf(numberOf(each), set) === 0n).length
        if (next.some(isOut)) {
          expect(next).toEqual(set)
          break
        }
        expect(left + entered).toBeLessThanOrEqual(Math.max(1, Math.floor(set.length / 8)))
        let moved = 0n
        for (let number = 1; number <= 25; number++) {
          if (stakes[number]?.mayVote === false) continue
          const by = powerOf(number, next) - powerOf(number, set)
          moved += by < 0n ? -by : by
        }
        expect(moved).toBeLessThanOrEqual(total / 5n > 1n ? total / 5n : 1n)
        expect(names.size).toBe(next.length)
        set = next
      }
    }
  })
})
