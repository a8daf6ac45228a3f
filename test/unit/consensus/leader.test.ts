import { expect, it } from 'vitest'
import { stakeSequence } from '../../../node/consensus/leader.ts'

const count = (powers: bigint[], views: number) => {
  const leaderOf = stakeSequence(powers.map(power => ({ power })))
  const turns = powers.map(() => 0)
  for (let view = 1; view <= views; view++) turns[leaderOf(BigInt(view))]! += 1
  return turns
}

it('gives everyone turns in proportion to its power, in any stretch of views', () => {
  const turns = count([5n, 3n, 2n, 0n], 1000)
  expect(turns[3]).toBe(0)
  for (const [i, share] of [500, 300, 200].entries())
    expect(Math.abs((turns[i] ?? 0) - share)).toBeLessThan(5)
})

it('is a fixed sequence: changing it splits a network', () => {
  const leaderOf = stakeSequence([{ power: 1n }, { power: 1n }, { power: 1n }, { power: 1n }])
  const first = Array.from({ length: 12 }, (_, i) => leaderOf(BigInt(i + 1)))
  expect(first).toEqual([2, 0, 3, 1, 0, 2, 1, 3, 2, 0, 3, 1])
})

it('works for one validator, for powers of 2^60, and for late views', () => {
  expect(count([7n], 50)).toEqual([50])
  const leaderOf = stakeSequence([{ power: 1n << 60n }, { power: 1n << 60n }])
  expect([0, 1]).toContain(leaderOf((1n << 64n) - 1n))
  expect(() => stakeSequence([{ power: 0n }])).toThrow(/power/)
})
