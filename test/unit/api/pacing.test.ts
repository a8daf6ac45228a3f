import { describe, expect, it } from 'vitest'
import { paceByReader } from '../../../node/api/pacing.ts'

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
