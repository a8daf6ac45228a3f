import { describe, expect, it } from 'vitest'
import { createLeaders } from '../../../node/transition/leaders.ts'
import { toHash } from '../../../node/types/primitives.ts'

const leaders = (powers: readonly bigint[], nonceByte = 1) =>
  createLeaders({
    chainId: 'vex-test',
    epoch: 3n,
    nonce: toHash(new Uint8Array(32).fill(nonceByte)),
    validators: powers.map(power => ({ power })),
  })

/** Pearson's statistic of `draws` leaders against their shares of the power. */
const chiSquare = (powers: readonly bigint[], draws: number, nonceByte: number): number => {
  const turns = powers.map(() => 0)
  const { of } = leaders(powers, nonceByte)
  for (let view = 1; view <= draws; view++) turns[of(BigInt(view))]! += 1
  const total = Number(powers.reduce((sum, power) => sum + power, 0n))
  return turns.reduce((sum, seen, i) => {
    const expected = (draws * Number(powers[i])) / total
    return sum + (seen - expected) ** 2 / expected
  }, 0)
}

describe('the leader of a view', () => {
  it('is drawn in proportion to power: chi-square over 100,000 draws', () => {
    const powers = [1n, 2n, 3n, 5n, 8n, 13n, 21n, 34n, 55n, 89n]
    // 9 degrees of freedom: above 27.88 once in a thousand honest draws.
    expect(chiSquare(powers, 100_000, 1)).toBeLessThan(27.88)
    expect(chiSquare(powers, 100_000, 2)).toBeLessThan(27.88)
  })

  it('would not pass that test if the draw favoured anybody by a twenty-fifth', () => {
    const fair = [10n, 10n, 10n, 10n]
    const { of } = leaders([104n, 100n, 100n, 96n])
    const turns = fair.map(() => 0)
    for (let view = 1; view <= 100_000; view++) turns[of(BigInt(view))]! += 1
    const statistic = turns.reduce((sum, seen) => sum + (seen - 25_000) ** 2 / 25_000, 0)
    // 3 degrees of freedom, one in a thousand.
    expect(statistic).toBeGreaterThan(16.27)
  })

  it('is fixed by chain, nonce, epoch and view: changing the draw splits a network', () => {
    const { of } = leaders([1n, 1n, 1n, 1n])
    expect(Array.from({ length: 12 }, (_, i) => of(BigInt(i + 1)))).toMatchInlineSnapshot(`
      [
        2,
        1,
        0,
        2,
        0,
        3,
        1,
        2,
        0,
        3,
        2,
        0,
      ]
    `)
  })

  it('is explained by numbers that lead to it', () => {
    const drawn = leaders([5n, 0n, 3n, 2n])
    for (let view = 1n; view < 200n; view++) {
      const { draw, point, leader, from, to } = drawn.explain(view)
      expect(point).toBe((draw * 10n) >> 256n)
      expect(from <= point && point < to).toBe(true)
      expect([0, 2, 3]).toContain(leader)
    }
  })

  it('exists for one validator, for powers of 2^59 and for late views', () => {
    expect(leaders([7n]).of(1n)).toBe(0)
    expect([0, 1]).toContain(leaders([1n << 59n, 1n << 59n]).of((1n << 64n) - 1n))
    expect(() => leaders([0n])).toThrow(/power/)
  })
})
