import { describe, expect, it } from 'vitest'
import { createClockWatch } from '../../node/clock-watch.ts'
import { formatDuration } from '../../node/format-duration.ts'

const NOON = Date.UTC(2027, 0, 1, 12)
const HOUR = 3_600_000

const watched = () => {
  const told: string[] = []
  const clock = { wallMs: NOON, steadyMs: 5 }
  const head = { height: 7n, timeMs: BigInt(NOON) }
  const watch = createClockWatch({
    nowMs: () => clock.wallMs,
    steadyMs: () => clock.steadyMs,
    head: () => head,
    warn: sentence => told.push(sentence),
  })
  /** A second passes, and the clock is set by `setMs` as well. */
  const pass = (setMs = 0): void => {
    clock.steadyMs += 1_000
    clock.wallMs += 1_000 + setMs
    watch.check()
  }
  return { watch, told, head, pass }
}

describe('a wrong clock', () => {
  it('is not suspected where it goes as time does, or is corrected by little', () => {
    const { told, pass } = watched()
    for (let i = 0; i < 100; i++) pass(i % 2 === 0 ? 900 : -900)
    pass(10_000)
    expect(told).toEqual([])
  })

  it('that jumps is told of, each time', () => {
    const { told, head, pass } = watched()
    head.timeMs = 0n
    pass(26 * HOUR)
    pass()
    pass(-26 * HOUR)
    expect(told).toEqual([
      'the clock went ahead by 1 d 2 h, to 2027-01-02T14:00:01.000Z, or this machine slept: blocks take their times from it. If the clock is wrong, set it: timedatectl set-ntp true',
      'the clock went back by 1 d 2 h, to 2027-01-01T12:00:03.000Z: blocks take their times from it. If the clock is wrong, set it: timedatectl set-ntp true',
    ])
  })

  it('that is behind the last block is told of once, until it has passed it', () => {
    const { watch, told, head, pass } = watched()
    head.timeMs = BigInt(NOON + 13_000)
    pass()
    expect(watch.problem).toMatch(
      /^the clock says 2027-01-01T12:00:01\.000Z, and block 7 was made 12 s after that: the clock is behind, or was ahead/,
    )
    pass()
    expect(told).toEqual([expect.stringContaining('was made 12 s after that')])
    pass()
    expect(watch.problem).toBeUndefined()
    expect(told).toHaveLength(2)
    expect(told[1]).toBe('the clock has passed the time of block 7: block times come from it again')
  })

  it('is told of where the block’s time is no date', () => {
    const { watch, head, pass } = watched()
    head.timeMs = 2n ** 64n - 1n
    pass()
    expect(watch.problem).toContain('block 7 was made')
  })
})

it('writes durations in two units', () => {
  expect([400, 12_000, 61_000, HOUR, 90_000_000, 86_400_000 * 400 + 5_000].map(formatDuration)).toEqual([
    '400 ms',
    '12 s',
    '1 min 1 s',
    '1 h',
    '1 d 1 h',
    '400 d',
  ])
})
