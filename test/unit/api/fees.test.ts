import { describe, expect, it } from 'vitest'
import { suggestFees } from '../../../node/api/fees.ts'
import { nextBaseFee } from '../../../node/transition/gas.ts'

const LIMIT = 1_000n
const full = (...tips: bigint[]) => ({ gasUsed: LIMIT, gasLimit: LIMIT, tips })
const roomy = (...tips: bigint[]) => ({ gasUsed: LIMIT / 2n, gasLimit: LIMIT, tips })

describe('a suggested fee', () => {
  it('has no tip where blocks have room, whatever others tip', () => {
    for (const { tip } of Object.values(suggestFees(10n, [roomy(50n, 60n), roomy()]))) expect(tip).toBe(0n)
    for (const { tip } of Object.values(suggestFees(10n, []))) expect(tip).toBe(0n)
  })

  it('has the tip of the quarter, half and three quarters where they are full', () => {
    const { slow, normal, fast } = suggestFees(10n, [full(4n, 1n, 3n), roomy(99n), full(2n)])
    expect([slow.tip, normal.tip, fast.tip]).toEqual([2n, 3n, 4n])
  })

  it.each([1n, 7n, 8n, 1_000_000n])('from %s on outlives as many full blocks as it says', baseFee => {
    const blocks = { slow: 2, normal: 6, fast: 12 }
    for (const [speed, { maxFee, tip }] of Object.entries(suggestFees(baseFee, []))) {
      let fee = baseFee
      for (let i = 0; i < blocks[speed as keyof typeof blocks]; i++)
        fee = nextBaseFee({ baseFee: fee, gasUsed: LIMIT, gasLimit: LIMIT })
      expect([speed, maxFee - tip]).toEqual([speed, fee])
    }
  })
})
