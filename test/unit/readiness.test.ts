import { describe, expect, it } from 'vitest'
import { type Place, reasonsNotReady } from '../../node/readiness.ts'

const place: Place = {
  phase: 'following',
  height: 1_000n,
  peerHeights: [],
  quietMs: 0,
  idleBlockIntervalMs: 5_000n,
  isCutOff: false,
  warnings: [],
}

describe('a node is not ready', () => {
  it.each<[string, Partial<Place>, RegExp]>([
    ['while it catches up', { phase: 'catching_up' }, /catching up/],
    ['when it has stopped', { phase: 'stopped' }, /stopped/],
    ['without any other node', { isCutOff: true }, /no other node/],
    [
      'far behind its peers',
      { peerHeights: [1_033n, 1_040n, 9_999n] },
      /at block 1000, its peers at about 1040/,
    ],
    ['without blocks for more than three idle intervals and 10 s', { quietMs: 25_001 }, /25 s/],
    ['without room for blocks', { warnings: [{ code: 'disk_low', message: 'free some' }] }, /free some/],
  ])('%s', (_, change, reason) => {
    const reasons = reasonsNotReady({ ...place, ...change })
    expect(reasons.length).toBe(1)
    expect(reasons[0]).toMatch(reason)
  })
})

describe('a node is ready', () => {
  it.each<[string, Partial<Place>]>([
    ['alone on its chain', {}],
    ['a little behind', { peerHeights: [1_032n] }],
    ['whatever one peer of three claims', { peerHeights: [1_000n, 1_001n, 10n ** 18n] }],
    ['whatever one peer of two claims', { peerHeights: [10n ** 18n, 1_000n] }],
    ['in a quiet moment', { quietMs: 25_000 }],
    ['with a clock that is behind', { warnings: [{ code: 'clock_behind', message: 'set it' }] }],
  ])('%s', (_, change) => expect(reasonsNotReady({ ...place, ...change })).toEqual([]))
})
