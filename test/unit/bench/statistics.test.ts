import { describe, expect, it } from 'vitest'
import { medianBy, percentile } from '../../bench/statistics.ts'

describe('percentile, by nearest rank', () => {
  it('is one of the values, whatever their order', () => {
    const values = [15, 50, 20, 40, 35]
    expect(percentile(values, 0.3)).toBe(20)
    expect(percentile(values, 0.4)).toBe(20)
    expect(percentile(values, 0.5)).toBe(35)
    expect(percentile(values, 1)).toBe(50)
    expect(percentile(values, 0)).toBe(15)
  })

  it('sorts as numbers, not as text', () => {
    expect(percentile([9, 10, 100], 0.5)).toBe(10)
  })

  it('leaves the values as they were', () => {
    const values = [3, 1, 2]
    percentile(values, 0.5)
    expect(values).toEqual([3, 1, 2])
  })

  it('of nothing is no number', () => {
    expect(percentile([], 0.5)).toBeNaN()
  })
})

describe('the median run', () => {
  it('is the one in the middle; of two the lower', () => {
    expect(medianBy([3, 1, 2], x => x)).toBe(2)
    expect(medianBy([4, 1, 3, 2], x => x)).toBe(2)
    expect(medianBy([{ rate: 7 }], run => run.rate)).toEqual({ rate: 7 })
  })

  it('does not exist for no runs', () => {
    expect(() => medianBy([], () => 0)).toThrow(RangeError)
  })
})
