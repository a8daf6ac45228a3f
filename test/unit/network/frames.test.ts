import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameError, FrameReader, toFrame } from '../../../node/network/frames.ts'

describe('frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 })
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(each => toFrame(each)))
        const reader = new FrameReader(40)
        const got: Uint8Array[] = []
        let at = 0
        for (const size of cuts) {
          got.push(...reader.push(bytes.subarray(at, at + size)))
          at = Math.min(bytes.length, at + size)
        }
        got.push(...reader.push(bytes.subarray(at)))
        expect(got.map(each => [...each])).toEqual(sent.map(each => [...each]))
        expect(reader.isWithinFrame).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  it('of several parts are one', () => {
    expect([...toFrame(Uint8Array.of(1), Uint8Array.of(2, 3))]).toEqual([0, 0, 0, 3, 1, 2, 3])
  })

  it('that were begun are known as such', () => {
    const reader = new FrameReader(10)
    expect(reader.isWithinFrame).toBe(false)
    reader.push(Uint8Array.of(0, 0))
    expect(reader.isWithinFrame).toBe(true)
    reader.push(Uint8Array.of(0, 1, 9))
    expect(reader.isWithinFrame).toBe(false)
  })

  it('above the limit are refused by their length alone', () => {
    expect(new FrameReader(10).push(toFrame(new Uint8Array(10)))).toHaveLength(1)
    expect(() => new FrameReader(10).push(Uint8Array.of(0, 0, 0, 11))).toThrow(FrameError)
  })
})
