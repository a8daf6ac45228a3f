/** Who gives way to blocks, and for how long. */
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import {
  awaitDemand,
  awaitWay,
  createWay,
  setEnough,
  type Way,
  withWay,
} from '../../../node/execution/right-of-way.ts'

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

  it('holds those up who verify only while enough transactions wait', async () => {
    const way = createWay()
    setEnough(way, true)
    expect(tookMs(() => awaitDemand(way, 1_000))).toBeLessThan(1_000)
    await withWay(way, () => {
      expect(tookMs(() => awaitDemand(way, 20))).toBeGreaterThan(15)
      setEnough(way, false)
      expect(tookMs(() => awaitDemand(way, 1_000))).toBeLessThan(1_000)
    })
  })
})
