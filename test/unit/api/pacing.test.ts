import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createQueryQueue, paceByReader } from '../../../node/api/pacing.ts'

const busyFor = (ms: number): void => {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe('the queue of queries', () => {
  it('runs them one by one in their order, and others in between', async () => {
    const runQuery = createQueryQueue()
    const order: string[] = []
    const others = (async () => {
      for (let i = 0; i < 3; i++) {
        order.push('other')
        await nextTurn()
      }
    })()
    const results = await Promise.all([1, 2, 3].map(id => runQuery(() => order.push(`query ${id}`))))
    await others
    expect(order.filter(name => name !== 'other')).toEqual(['query 1', 'query 2', 'query 3'])
    expect(order.indexOf('query 3')).toBeGreaterThan(order.lastIndexOf('other'))
    expect(results).toHaveLength(3)
  })

  it('hands each caller its own result or error', async () => {
    const runQuery = createQueryQueue()
    const settled = await Promise.allSettled([
      runQuery(() => 'one'),
      runQuery(() => {
        throw new RangeError('two')
      }),
      runQuery(() => 'three'),
    ])
    expect(
      settled.map(result => (result.status === 'fulfilled' ? result.value : String(result.reason))),
    ).toEqual(['one', 'RangeError: two', 'three'])
  })

  it('leaves half of the time to others', async () => {
    const runQuery = createQueryQueue()
    const startedMs = performance.now()
    await Promise.all(Array.from({ length: 5 }, () => runQuery(() => busyFor(20))))
    // Five runs, and four rests as long as they.
    expect(performance.now() - startedMs).toBeGreaterThan(5 * 20 + 4 * 19)
  })
})

describe('the pace of a subscription', () => {
  it('waits until its reader has read', async () => {
    const reader = { bufferedAmount: 10 * 1024 * 1024 }
    let isReady = false
    const ready = paceByReader(reader)(new AbortController().signal).then(() => (isReady = true))
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(isReady).toBe(false)
    reader.bufferedAmount = 0
    await ready
  })

  it('does not wait once the subscription ends', async () => {
    await paceByReader({ bufferedAmount: Number.MAX_SAFE_INTEGER })(AbortSignal.abort())
  })
})
