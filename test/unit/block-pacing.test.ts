/** When blocks are built and voted for, on a clock of the test's. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPacing, type PacingOptions, type Turn } from '../../node/block-pacing.ts'

const START_MS = 1_700_000_000_000
const MIN_INTERVAL_MS = 10n

const never = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

const pacingWith = (options: Partial<PacingOptions> = {}) =>
  createPacing({
    params: { minBlockIntervalMs: MIN_INTERVAL_MS, idleBlockIntervalMs: 60_000n },
    nowMs: Date.now,
    room: async () => false,
    transactionArrives: never,
    ...options,
  })

/** Milliseconds on the test's clock. */
const timed = async (waiting: Promise<unknown>): Promise<number> => {
  const startMs = Date.now()
  await waiting
  return Date.now() - startMs
}

describe('the pacing of blocks', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'], now: START_MS })
    vi.setTimerTickMode('nextTimerAsync')
  })
  afterEach(() => void vi.useRealTimers())

  const turn = (changes: Partial<Turn> = {}): Turn => ({
    parentTimeMs: BigInt(START_MS - 1_000),
    isAlone: false,
    hasTransactions: () => true,
    poolSize: () => 33,
    signal: new AbortController().signal,
    ...changes,
  })

  it('gathers what others were given before it builds, but alone it does not', async () => {
    expect(await timed(pacingWith().untilTurn(turn()))).toBe(60)
    expect(await timed(pacingWith().untilTurn(turn({ isAlone: true })))).toBe(0)
  })

  it('gathers few until none has come for a while, and no longer than many', async () => {
    const arrivingAt = (...times: number[]): PacingOptions['transactionArrives'] => {
      const startMs = Date.now()
      return signal =>
        Promise.race([
          never(signal),
          ...times
            .filter(time => startMs + time > Date.now())
            .slice(0, 1)
            .map(time => new Promise<void>(resolve => setTimeout(resolve, startMs + time - Date.now()))),
        ])
    }
    const few = turn({ poolSize: () => 32 })
    expect(await timed(pacingWith().untilTurn(few))).toBe(30)
    expect(await timed(pacingWith({ transactionArrives: arrivingAt(5, 20) }).untilTurn(few))).toBe(50)
    expect(await timed(pacingWith({ transactionArrives: arrivingAt(20, 55) }).untilTurn(few))).toBe(50)
    expect(await timed(pacingWith({ transactionArrives: arrivingAt(20, 40, 59) }).untilTurn(few))).toBe(60)
    expect(await timed(pacingWith({ transactionArrives: arrivingAt(20, 40, 59) }).untilTurn(turn()))).toBe(60)
  })

  it('leaves nobody behind who waits for transactions when few are gathered', async () => {
    const waiting = new Set<AbortSignal>()
    const transactionArrives = async (signal: AbortSignal): Promise<void> => {
      waiting.add(signal)
      await never(signal)
      waiting.delete(signal)
    }
    const pacing = pacingWith({ transactionArrives })
    await pacing.untilTurn(turn({ poolSize: () => 1 }))
    expect(waiting.size).toBe(0)
    const over = new AbortController()
    setTimeout(() => over.abort(), 10)
    expect(await timed(pacing.untilTurn(turn({ poolSize: () => 1, signal: over.signal })))).toBe(10)
    expect(waiting.size).toBe(0)
  })

  it('builds at once when somebody asks for a block', async () => {
    expect(await timed(pacingWith({ isBlockWanted: () => true }).untilTurn(turn()))).toBe(0)
  })

  it('says whether the block that it let through was asked for', async () => {
    for (const isAskedFor of [true, false])
      expect(await pacingWith({ room: async () => isAskedFor }).untilTurn(turn())).toBe(isAskedFor)
  })

  it('keeps the least interval from the parent, within which it gathers', async () => {
    const parentTimeMs = BigInt(START_MS - 3)
    expect(await timed(pacingWith().untilTurn(turn({ parentTimeMs, isAlone: true })))).toBe(7)
    expect(await timed(pacingWith().untilTurn(turn({ parentTimeMs })))).toBe(60)
    const slow = pacingWith({ params: { minBlockIntervalMs: 250n, idleBlockIntervalMs: 5_000n } })
    expect(await timed(slow.untilTurn(turn({ parentTimeMs: BigInt(Date.now()) })))).toBe(250)
  })

  it('does not wait for a clock that is behind the parent', async () => {
    const parentTimeMs = BigInt(START_MS + 1_000_000)
    expect(await timed(pacingWith().untilTurn(turn({ parentTimeMs, isAlone: true })))).toBe(10)
  })

  it('waits for a transaction, and gathers from it on', async () => {
    let count = 0
    const transactionArrives = () =>
      new Promise<void>(resolve => {
        setTimeout(() => {
          count++
          resolve()
        }, 400)
      })
    const pacing = pacingWith({ transactionArrives })
    expect(await timed(pacing.untilTurn(turn({ hasTransactions: () => count === 2 })))).toBe(860)
  })

  it('lets the idle interval pass without any, and gathers nothing then', async () => {
    const pacing = pacingWith({ params: { minBlockIntervalMs: MIN_INTERVAL_MS, idleBlockIntervalMs: 20n } })
    expect(await timed(pacing.untilTurn(turn({ hasTransactions: () => false })))).toBe(0)
  })

  it('ends when the view does, also while it gathers', async () => {
    const over = new AbortController()
    setTimeout(() => over.abort(), 25)
    expect(await timed(pacingWith().untilTurn(turn({ signal: over.signal })))).toBe(25)
    const waiting = turn({ signal: over.signal, hasTransactions: () => false })
    expect(await timed(pacingWith().untilTurn(waiting))).toBe(0)
  })

  it('holds a block from the future until half a second before its time', async () => {
    const { signal } = new AbortController()
    const parentTimeMs = BigInt(START_MS)
    const hold = (aheadMs: number) =>
      pacingWith().hold({ timeMs: BigInt(Date.now() + aheadMs), parentTimeMs, signal })
    expect(await timed(hold(400))).toBe(0)
    expect(await timed(hold(3_700))).toBe(3_200)
  })

  it('goes on where the parent is ahead of the clocks', async () => {
    const { signal } = new AbortController()
    const parentTimeMs = BigInt(START_MS + 86_400_000)
    const timeMs = parentTimeMs + MIN_INTERVAL_MS
    expect(await timed(pacingWith().hold({ timeMs, parentTimeMs, signal }))).toBe(10)
  })
})
