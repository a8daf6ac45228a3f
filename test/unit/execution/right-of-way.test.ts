/** Who gives way to blocks, and for how long. */
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { awaitGap, awaitWay, createWay, type Way, withWay } from '../../../node/execution/right-of-way.ts'

/** Another thread frees the way, takes it again and only then wakes who waits. */
const freeForAMoment = async (way: Way): Promise<Worker> => {
  const worker = new Worker(
    `const { workerData: way, parentPort } = require('node:worker_threads')
     parentPort.postMessage('ready')
     const until = Date.now() + 5000
     while (Date.now() < until) {
       Atomics.store(way, 0, 0)
       Atomics.store(way, 0, 1)
       if (Atomics.notify(way, 0) > 0) break
     }`,
    { eval: true, workerData: way },
  )
  await new Promise(resolve => worker.once('message', resolve))
  return worker
}

const tookMs = (work: () => void): number => {
  const startMs = performance.now()
  work()
  return performance.now() - startMs
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the way of blocks', () => {
  it('is free but while something holds it, also if that fails', async () => {
    const way = createWay()
    expect(awaitWay(way, 0)).toBe(true)
    await withWay(way, () => expect(awaitWay(way, 1)).toBe(false))
    expect(awaitWay(way, 0)).toBe(true)
    await expect(withWay(way, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(awaitWay(way, 0)).toBe(true)
  })

  it('is not free for who wakes when it is held again', async () => {
    const way = createWay()
    await withWay(way, async () => {
      const worker = await freeForAMoment(way)
      // Woken, not timed out.
      const ms = tookMs(() => expect(awaitWay(way, 4_000)).toBe(false))
      expect(ms).toBeLessThan(4_000)
      await worker.terminate()
    })
  })

  it('has no gap between what is executed and what is committed, but for what never is', async () => {
    const way = createWay()
    const now = vi.spyOn(performance, 'now').mockReturnValue(1_000)
    expect(awaitGap(way, 0)).toBe(true)
    const execute = () => withWay(way, () => expect(awaitGap(way, 0)).toBe(false), { isHeldSoon: true })
    await execute()
    expect(awaitGap(way, 0)).toBe(false)
    expect(awaitGap(way, 1)).toBe(false)
    // Signatures do not wait for it.
    expect(awaitWay(way, 0)).toBe(true)
    await withWay(way, () => undefined)
    expect(awaitGap(way, 0)).toBe(true)

    await execute()
    now.mockReturnValue(1_019)
    expect(awaitGap(way, 0)).toBe(false)
    expect(awaitGap(way, 1_000)).toBe(true)
    now.mockReturnValue(1_020)
    expect(awaitGap(way, 0)).toBe(true)
    // What fails is not committed.
    await expect(
      withWay(way, () => Promise.reject(new Error('broken')), { isHeldSoon: true }),
    ).rejects.toThrow('broken')
    expect(awaitGap(way, 0)).toBe(true)
  })

  it('gives who waits for a gap the one after the commit', async () => {
    const way = createWay()
    await withWay(way, () => undefined, { isHeldSoon: true })
    const committed = withWay(way, () => new Promise(resolve => setTimeout(resolve, 5)))
    const worker = new Worker(
      `const { workerData: way, parentPort } = require('node:worker_threads')
       import(${JSON.stringify(new URL('../../../node/execution/right-of-way.ts', import.meta.url).href)}).then(
         ({ awaitGap }) => parentPort.postMessage(awaitGap(way, 4000)))`,
      { eval: true, workerData: way },
    )
    expect(await new Promise(resolve => worker.once('message', resolve))).toBe(true)
    await committed
    await worker.terminate()
  })
})
