/** Rate limits against a model that goes millisecond by millisecond. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RateLimit, RateLimits } from '../../../node/network/rate-limits.ts'

const LIMITS: Record<'votes' | 'blocks', RateLimit> = {
  votes: { perSecond: 7, bytesPerSecond: 1_300, burstBytes: 900 },
  blocks: { perSecond: 2, bytesPerSecond: 5_000, burstBytes: 9_000 },
}

/** In thousandths; every bucket there can be, filled each millisecond. */
const slowBuckets = () => {
  const buckets = new Map<string, { kind: 'votes' | 'blocks'; messages: number; bytes: number }>()
  const bucket = (peer: string, kind: 'votes' | 'blocks') => {
    const name = `${peer} ${kind}`
    const { perSecond, burstBytes } = LIMITS[kind]
    const found = buckets.get(name) ?? { kind, messages: perSecond * 1000, bytes: burstBytes * 1000 }
    buckets.set(name, found)
    return found
  }
  return {
    passMs() {
      for (const each of buckets.values()) {
        const { perSecond, bytesPerSecond, burstBytes } = LIMITS[each.kind]
        each.messages = Math.min(each.messages + perSecond, perSecond * 1000)
        each.bytes = Math.min(each.bytes + bytesPerSecond, burstBytes * 1000)
      }
    },
    allow(peer: string, kind: 'votes' | 'blocks', size: number): boolean {
      const each = bucket(peer, kind)
      if (each.messages < 1000 || each.bytes < 1000 * size) return false
      each.messages -= 1000
      each.bytes -= 1000 * size
      return true
    },
  }
}

describe('rate limits', () => {
  it('let through what the model lets through, and in no stretch of time more than they say', () => {
    const event = fc.record({
      after: fc.constantFrom(0, 0, 1, 10, 100, 143, 999),
      peer: fc.constantFrom('p', 'q'),
      kind: fc.constantFrom('votes', 'blocks'),
      size: fc.integer({ min: 0, max: 1000 }),
    })
    const seen = { true: 0, false: 0 }
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60, size: 'max' }), events => {
        const limits = new RateLimits(LIMITS, 10)
        const slow = slowBuckets()
        const passed: { at: number; name: string; size: number }[] = []
        let now = 5
        for (const { after, peer, kind, size } of events) {
          for (let i = 0; i < after; i++) slow.passMs()
          now += after
          const isAllowed = limits.allow(peer, kind, size, now)
          expect(isAllowed).toBe(slow.allow(peer, kind, size))
          seen[`${isAllowed}`]++
          if (!isAllowed) continue
          passed.push({ at: now, name: `${peer} ${kind}`, size })
          const { perSecond, bytesPerSecond, burstBytes } = LIMITS[kind]
          for (const first of passed) {
            const stretch = passed.filter(({ at, name }) => at >= first.at && name === `${peer} ${kind}`)
            const seconds = (now - first.at) / 1000
            expect(stretch.length).toBeLessThanOrEqual(perSecond * (1 + seconds))
            const bytes = stretch.reduce((sum, each) => sum + each.size, 0)
            expect(bytes).toBeLessThanOrEqual(burstBytes + bytesPerSecond * seconds)
          }
        }
      }),
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100)
  })

  it('do not refill while the clock goes back and comes again', () => {
    const limits = new RateLimits(LIMITS, 10)
    const allow = (now: number) => limits.allow('p', 'blocks', 1, now)
    expect([allow(1000), allow(1000), allow(1000)]).toEqual([true, true, false])
    expect([allow(0), allow(999), allow(1000), allow(1499)]).toEqual([false, false, false, false])
    expect(allow(1500)).toBe(true)
  })

  it('forget the peer that was heard of longest ago', () => {
    const limits = new RateLimits({ votes: { ...LIMITS.votes, perSecond: 1 } }, 2)
    const allow = (peer: string) => limits.allow(peer, 'votes', 1, 0)
    expect([allow('a'), allow('b'), allow('a')]).toEqual([true, true, false])
    expect(allow('c')).toBe(true)
    expect([allow('a'), allow('b')]).toEqual([false, true])
  })
})
