/** Penalties and bans of peers. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PeerScores, SCORE_RULES, type ScoreRules } from '../../../node/network/scores.ts'

const RULES: ScoreRules = {
  points: { invalid: 50, useless: 5 },
  threshold: 100,
  halfLifeMs: 1000,
  banMs: 500,
  maxBanMs: 3000,
  forgiveMs: 10_000,
  peers: 3,
}
const make = (rules: Partial<ScoreRules> = {}) => new PeerScores({ ...RULES, ...rules })

/** Until the ban. */
const ban = (scores: PeerScores, peer: string, nowMs: number) => {
  scores.report(peer, 'invalid', nowMs)
  return scores.report(peer, 'invalid', nowMs)
}

describe('penalties', () => {
  it('add up, and halve with time', () => {
    const offence = fc.record({
      after: fc.integer({ min: 0, max: 3000 }),
      kind: fc.constantFrom('invalid', 'useless'),
    })
    fc.assert(
      fc.property(fc.array(offence, { maxLength: 12 }), offences => {
        const scores = make({ threshold: 1e9 })
        const past: { at: number; points: number }[] = []
        let now = 0
        for (const { after, kind } of offences) {
          now += after
          past.push({ at: now, points: RULES.points[kind] })
          expect(scores.report('p', kind, now)).toBeUndefined()
          const sum = past.reduce((total, { at, points }) => total + points * 2 ** ((at - now) / 1000), 0)
          expect(scores.points('p', now)).toBeCloseTo(sum, 6)
        }
        expect(scores.points('q', now)).toBe(0)
      }),
    )
  })

  it('ban at the threshold and not below', () => {
    const scores = make()
    for (let i = 0; i < 19; i++) expect(scores.report('p', 'useless', 0)).toBeUndefined()
    expect(scores.isBanned('p', 0)).toBe(false)
    expect(scores.report('p', 'useless', 0)).toEqual({ peer: 'p', untilMs: 500, count: 1 })
    expect([scores.isBanned('p', 0), scores.isBanned('q', 0), scores.points('p', 0)]).toEqual([
      true,
      false,
      0,
    ])
  })

  it('of one mistake are gone after some half lives', () => {
    const scores = make()
    scores.report('p', 'invalid', 0)
    expect(scores.report('p', 'invalid', 100)).toBeUndefined()
    expect(scores.points('p', 100_000)).toBeLessThan(1e-9)
  })
})

describe('a ban', () => {
  it('ends', () => {
    const scores = make()
    ban(scores, 'p', 0)
    expect([0, 499, 500].map(now => scores.isBanned('p', now))).toEqual([true, true, false])
    expect(scores.bans(499)).toEqual([{ peer: 'p', untilMs: 500, count: 1 }])
    expect(scores.bans(500)).toEqual([])
  })

  it('is twice as long as the last, up to a cap, until the peer has behaved for long', () => {
    const scores = make()
    const lengths: number[] = []
    let now = 0
    for (let i = 0; i < 6; i++) {
      const { untilMs } = ban(scores, 'p', now) as { untilMs: number }
      lengths.push(untilMs - now)
      now = untilMs
    }
    expect(lengths).toEqual([500, 1000, 2000, 3000, 3000, 3000])
    expect(ban(scores, 'p', now + 9_999)?.count).toBe(7)
    now = now + 9_999 + 3000
    expect(ban(scores, 'p', now + 10_000)).toEqual({ peer: 'p', untilMs: now + 10_500, count: 1 })
  })

  it('does not last for ever when the clock is set back', () => {
    const scores = make()
    ban(scores, 'p', 1e12)
    expect(scores.isBanned('p', 1e12)).toBe(true)
    expect(scores.isBanned('p', 1e11)).toBe(false)
    expect(ban(scores, 'p', 1e11)).toEqual({ peer: 'p', untilMs: 1e11 + 500, count: 1 })
  })
})

describe('memory', () => {
  const remembered = (scores: PeerScores, nowMs: number): string[] =>
    JSON.parse(scores.toJson(nowMs)).bans.map(({ peer }: { peer: string }) => peer)

  it('holds the bans that end last', () => {
    const scores = make()
    for (const [i, peer] of ['a', 'b', 'c', 'd'].entries()) ban(scores, peer, i)
    expect(scores.bans(4).map(({ peer }) => peer)).toEqual(['b', 'c', 'd'])
    ban(scores, 'b', 600)
    ban(scores, 'e', 610)
    expect(remembered(scores, 610)).toEqual(['b', 'd', 'e'])
  })

  it('does not hold bans of a clock that was ahead instead of others', () => {
    const scores = make()
    ban(scores, 'ahead', 1e12)
    for (const peer of ['a', 'b', 'c']) ban(scores, peer, 0)
    expect(scores.bans(0).map(({ peer }) => peer)).toEqual(['a', 'b', 'c'])
  })

  it('holds the points of those who offended last', () => {
    const scores = make()
    for (const peer of ['a', 'b', 'c', 'd']) scores.report(peer, 'useless', 0)
    expect(['a', 'b', 'c', 'd'].map(peer => scores.points(peer, 0))).toEqual([0, 5, 5, 5])
  })
})

describe('the ban list', () => {
  it('comes back from its file, those over among it that make the next one longer', () => {
    const scores = make()
    ban(scores, 'old', 0)
    ban(scores, 'p', 9_000)
    ban(scores, 'p', 9_600)
    const again = make()
    again.load(scores.toJson(10_000), 10_000)
    expect(again.bans(10_000)).toEqual([{ peer: 'p', untilMs: 10_600, count: 2 }])
    expect(ban(again, 'old', 10_001)?.count).toBe(2)
    expect(again.toJson(60_000)).toBe('{\n  "version": 1,\n  "bans": []\n}\n')
    expect(make().toJson(0)).toBe('{\n  "version": 1,\n  "bans": []\n}\n')
  })

  it('is as it is written: this is its format', () => {
    const scores = new PeerScores()
    ban(scores, '12D3KooW', 1_700_000_000_000)
    expect(JSON.parse(scores.toJson(1_700_000_000_000))).toEqual({
      version: 1,
      bans: [{ peer: '12D3KooW', untilMs: 1_700_000_600_000, count: 1 }],
    })
  })

  const bad: [string, unknown][] = [
    ['another version', { version: 2, bans: [] }],
    ['no list', { version: 1 }],
    ['no peer', { version: 1, bans: [{ untilMs: 1, count: 1 }] }],
    ['an empty peer', { version: 1, bans: [{ peer: '', untilMs: 1, count: 1 }] }],
    ['a long peer', { version: 1, bans: [{ peer: 'p'.repeat(129), untilMs: 1, count: 1 }] }],
    ['a count of none', { version: 1, bans: [{ peer: 'p', untilMs: 1, count: 0 }] }],
    ['half a millisecond', { version: 1, bans: [{ peer: 'p', untilMs: 1.5, count: 1 }] }],
    ['something more', { version: 1, bans: [], more: 1 }],
    ['too many', { version: 1, bans: [1, 2, 3, 4].map(i => ({ peer: `${i}`, untilMs: 400, count: 1 })) }],
  ]
  it.each(bad)('is refused whole: %s', (_, value) => {
    const scores = make()
    expect(() => scores.load(JSON.stringify(value), 0)).toThrow()
    expect(scores.bans(0)).toEqual([])
  })

  it('is refused when it is no JSON', () => {
    expect(() => make().load('{', 0)).toThrow(SyntaxError)
  })

  it('bans nobody for longer than the longest ban', () => {
    const scores = make()
    scores.load(JSON.stringify({ version: 1, bans: [{ peer: 'p', untilMs: 1e15, count: 1e9 }] }), 0)
    expect(scores.isBanned('p', 1e15 - 1)).toBe(false)
    scores.load(JSON.stringify({ version: 1, bans: [{ peer: 'p', untilMs: 3000, count: 1e9 }] }), 0)
    expect(scores.isBanned('p', 0)).toBe(true)
    expect(ban(scores, 'p', 3000)?.untilMs).toBe(6000)
  })
})

it('has rules that fit each other', () => {
  expect(SCORE_RULES.banMs).toBeLessThan(SCORE_RULES.maxBanMs)
  expect(SCORE_RULES.points.invalid).toBeLessThan(SCORE_RULES.threshold)
})
