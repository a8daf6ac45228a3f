import { assert, bigInt, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatAmount, formatInteger, parseAmount } from '../../../cli/amounts.ts'
import { MAX_SUPPLY } from '../../../node/params.ts'

const amountOf = (text: string): bigint => {
  const parsed = parseAmount(text)
  if ('problem' in parsed) throw new Error(parsed.problem)
  return parsed.amount
}
const problemOf = (text: string): string => {
  const parsed = parseAmount(text)
  return 'problem' in parsed ? parsed.problem : `none: ${parsed.amount}`
}

describe('an amount', () => {
  it.each([
    ['1.5vex', 1_500_000_000n],
    ['1.5 VEX', 1_500_000_000n],
    ['0.000000001vex', 1n],
    ['250vex', 250_000_000_000n],
    ['1500', 1_500n],
    ['1_500_000', 1_500_000n],
    ['7 units', 7n],
    ['0', 0n],
    [String(MAX_SUPPLY), MAX_SUPPLY],
  ])('%s is %s units', (text, units) => {
    expect(amountOf(text)).toBe(units)
  })

  it.each([
    ['1.5', 'a unit cannot be split: write 1.5vex'],
    ['1.0000000001vex', '1 VEX has 9 decimals'],
    ['-1', 'expected an amount'],
    ['1.5eth', 'expected an amount'],
    ['', 'expected an amount'],
    ['.5vex', 'expected an amount'],
    ['1e9', 'expected an amount'],
    ['0x10', 'expected an amount'],
    [String(MAX_SUPPLY + 1n), 'more than there can ever be'],
    ['9'.repeat(60), 'more than there can ever be'],
  ])('%j is refused and the reason given', (text, reason) => {
    expect(problemOf(text)).toContain(reason)
  })

  it('is shown exactly: what is shown reads back as the same', () => {
    assert(
      property(bigInt({ min: 0n, max: MAX_SUPPLY }), units => {
        expect(amountOf(formatAmount(units).replaceAll(',', ''))).toBe(units)
      }),
    )
  })

  it('is grouped by thousands', () => {
    expect(formatAmount(1_234_567_000_000_321n)).toBe('1,234,567.000000321 VEX')
    expect([formatInteger(999n), formatInteger(1_000n), formatInteger(0n)]).toEqual(['999', '1,000', '0'])
  })
})
