import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { setQueryAlarm } from '../../../node/execution/query-alarm.ts'

const LIMIT_MS = 5_000

/** A thread that has `share` of a core from `startsMs` on, and does not answer before. */
const thread = (share: number, startsMs = 0) => ({
  cpuUsage: async () => {
    const waitMs = startsMs - Date.now()
    if (waitMs > 0) await new Promise(resolve => setTimeout(resolve, waitMs))
    const micros = Math.max(0, Date.now() - startsMs) * share * 1000
    return { user: micros * 0.9, system: micros * 0.1 }
  },
})

/** It cannot be asked until it runs, with a core of its own. */
const starting = (runsMs: number) => ({
  cpuUsage: async () => {
    if (Date.now() < runsMs) throw Object.assign(new Error('not running'), { code: 'ERR_WORKER_NOT_RUNNING' })
    return { user: (Date.now() - runsMs) * 1000, system: 0 }
  },
})

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

/** What it told until `untilMs`, each with its time. */
const watch = async (worker: ReturnType<typeof thread>, untilMs = 60_000) => {
  const told: [string, number][] = []
  const tell = (what: string) => () => void told.push([what, Date.now()])
  const cancel = setQueryAlarm({
    limitMs: LIMIT_MS,
    worker,
    onHalf: tell('half'),
    onAlarm: tell('alarm'),
    onStall: waitedMs => void told.push([`stall of ${waitedMs}`, Date.now()]),
  })
  await vi.advanceTimersByTimeAsync(untilMs)
  return { told, cancel }
}

describe('the alarm of a query', () => {
  it('goes off after the limit where the thread has a core of its own', async () => {
    const { told } = await watch(thread(1))
    expect(told).toEqual([
      ['half', 2_500],
      ['alarm', 5_000],
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes off later where it has less of a core', async () => {
    const { told } = await watch(thread(0.25))
    expect(told[1]?.[0]).toBe('alarm')
    expect(told[1]?.[1]).toBeGreaterThanOrEqual(2_500 + 10_000)
    expect(told[1]?.[1]).toBeLessThan(2_500 + 10_100)
  })

  it.each([
    ['has next to nothing of a core', thread(0.01)],
    ['has not started', thread(1, 30_000)],
  ])('is told apart from a thread that %s, which is given up', async (_, worker) => {
    const { told } = await watch(worker)
    expect(told).toEqual([
      ['half', 2_500],
      ['stall of 20000', 20_000],
    ])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not count the start of a thread', async () => {
    const { told } = await watch(thread(1, 6_000))
    expect(told).toEqual([
      ['half', 2_500],
      ['alarm', 8_500],
    ])
  })

  it.each([1_000, 2_500, 4_000])('says nothing more when it is cancelled after %i ms', async untilMs => {
    const { told, cancel } = await watch(thread(1), untilMs)
    cancel()
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(told.map(([what]) => what)).toEqual(untilMs < 2_500 ? [] : ['half'])
  })

  it('asks again a thread that cannot be asked yet', async () => {
    const { told } = await watch(starting(6_000))
    expect(told.map(([what]) => what)).toEqual(['half', 'alarm'])
    expect(told[1]?.[1]).toBeGreaterThanOrEqual(8_500)
    expect(told[1]?.[1]).toBeLessThan(8_600)
  })

  it('gives up a thread that can never be asked', async () => {
    const { told } = await watch(starting(Number.POSITIVE_INFINITY))
    expect(told).toEqual([
      ['half', 2_500],
      ['stall of 20000', 20_000],
    ])
    expect(vi.getTimerCount()).toBe(0)
  })
})
