import { describe, expect, it } from 'vitest'
import { gasCases, uncoveredFunctions } from '../../bench/gas-cases.ts'
import { priceVerdict } from '../../bench/workloads/gas.ts'

describe('the gas workload', () => {
  it('calls every host function', () => {
    expect(uncoveredFunctions(gasCases())).toEqual([])
    expect(uncoveredFunctions([])).toContain('storage_read')
  })
  it('has a name for each case', () => {
    const names = gasCases().map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
  it('says of a price that it is off by more than twice, and which way', () => {
    expect([0.5, 0.26, 0.99].map(priceVerdict)).toEqual([undefined, undefined, undefined])
    expect(priceVerdict(1.5)).toBe('too cheap, x 3.0')
    expect(priceVerdict(0.1)).toBe('too dear, x 5.0')
  })
})
