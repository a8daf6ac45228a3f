import { describe, expect, it } from 'vitest'
import { type Callable, Dialer } from '../../../node/network/dialer.ts'

const LIMITS = { enoughPeers: 3, fewPeers: 2, callsAtOnce: 2 }
const of = (tier: Callable['tier'], ...peers: string[]): Callable[] =>
  peers.map(peer => ({ peer, addresses: [], tier }))
const names = (callables: readonly Callable[]): string => callables.map(({ peer }) => peer).join(' ')
const nobody = new Set<string>()

describe('a dialer', () => {
  it('calls persistent peers first, then bootstrap peers, then those it has heard of, a few at once', () => {
    const dialer = new Dialer(LIMITS)
    const all = [...of('known', 'k'), ...of('bootstrap', 'b'), ...of('persistent', 'p')]
    expect(names(dialer.next(all, nobody, 0))).toBe('p b')
    dialer.succeeded('p')
    dialer.succeeded('b')
    expect(names(dialer.next(all, new Set(['p', 'b']), 0))).toBe('k')
  })

  it('calls nobody who is there or is being called', () => {
    const dialer = new Dialer(LIMITS)
    expect(names(dialer.next(of('persistent', 'a', 'b'), new Set(['a']), 0))).toBe('b')
    expect(names(dialer.next(of('persistent', 'a', 'b'), new Set(['a']), 0))).toBe('')
  })

  it('has enough of bootstrap peers before it has enough of others, and never of persistent ones', () => {
    const dialer = new Dialer(LIMITS)
    const connected = new Set(['x', 'y'])
    expect(names(dialer.next([...of('bootstrap', 'b'), ...of('known', 'k')], connected, 0))).toBe('k')
    const many = new Set(['x', 'y', 'z', 'u'])
    expect(names(new Dialer(LIMITS).next([...of('known', 'k'), ...of('persistent', 'p')], many, 0))).toBe('p')
  })

  it('waits twice as long after each failure, up to a limit by tier, and not at all after a success', () => {
    const dialer = new Dialer(LIMITS)
    const [peer] = of('persistent', 'p') as [Callable]
    let nowMs = 0
    const waits: number[] = []
    for (let i = 0; i < 5; i++) {
      const since = nowMs
      while (dialer.next([peer], nobody, nowMs).length === 0) nowMs += 100
      waits.push(nowMs - since)
      dialer.failed(peer, nowMs)
    }
    expect(waits).toEqual([0, 500, 1_000, 1_500, 1_500])
    expect(dialer.next([peer], nobody, nowMs)).toEqual([])
    dialer.succeeded('p')
    expect(names(dialer.next([peer], nobody, nowMs))).toBe('p')
  })
})
