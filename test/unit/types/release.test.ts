import { describe, expect, it } from 'vitest'
import { release } from '../../../node/types/release.ts'

describe('memory that is given back', () => {
  it('is gone at once', () => {
    for (const bytes of [new Uint8Array(100_000), Buffer.alloc(100_000)]) {
      const { buffer } = bytes
      release(bytes)
      expect([bytes.length, buffer.byteLength]).toEqual([0, 0])
    }
  })

  it('is left alone where others share it', () => {
    const whole = Uint8Array.of(1, 2, 3)
    const parts = [whole.subarray(0, 2), whole.subarray(1), whole.subarray(1, 1)]
    parts.forEach(release)
    expect(parts.map(part => [...part])).toEqual([[1, 2], [2, 3], []])
    const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(4)
    release(shared)
    expect([...shared]).toEqual([4, 4, 4])
    release(new Uint8Array(0))
  })
})
