/** What a transaction's fee should be, from what the last blocks took. Pure. */
import type { Amount, Gas } from '../types/primitives.ts'

export interface FeeSample {
  readonly gasUsed: Gas
  readonly gasLimit: Gas
  /** What its transactions paid above the base fee, per gas. */
  readonly tips: readonly Amount[]
}

export interface FeeSuggestion {
  readonly maxFee: Amount
  readonly tip: Amount
}

export type FeeSpeed = 'slow' | 'normal' | 'fast'

/** Of the tips in blocks that were full, and how many full blocks in a row the fee survives. */
const SPEEDS: Readonly<Record<FeeSpeed, { readonly percentile: number; readonly blocks: number }>> = {
  slow: { percentile: 25, blocks: 2 },
  normal: { percentile: 50, blocks: 6 },
  fast: { percentile: 75, blocks: 12 },
}

/** From here on a block is called full: whoever tips more gets in first. */
const FULL_PERCENT = 90n

const atPercentile = (sorted: readonly Amount[], percentile: number): Amount =>
  sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percentile) / 100))] ?? 0n

/** The base fee rises by at most an eighth, and at least by one, with every full block. */
const afterFullBlocks = (baseFee: Amount, blocks: number): Amount => {
  let fee = baseFee
  for (let i = 0; i < blocks; i++) fee += fee / 8n > 1n ? fee / 8n : 1n
  return fee
}

/** `baseFee` is the next block's. Where blocks have room no tip is needed. */
export const suggestFees = (
  baseFee: Amount,
  samples: readonly FeeSample[],
): Record<FeeSpeed, FeeSuggestion> => {
  const full = samples.filter(({ gasUsed, gasLimit }) => gasUsed * 100n >= gasLimit * FULL_PERCENT)
  const tips = full.flatMap(sample => sample.tips).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const suggest = (speed: FeeSpeed): FeeSuggestion => {
    const { percentile, blocks } = SPEEDS[speed]
    const tip = atPercentile(tips, percentile)
    return { tip, maxFee: afterFullBlocks(baseFee, blocks) + tip }
  }
  return { slow: suggest('slow'), normal: suggest('normal'), fast: suggest('fast') }
}
