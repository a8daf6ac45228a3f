/**
 * How many transactions a leader takes into its block.
 *
 * Where others vote: as many as there is room for. While their votes travel it could do nothing better.
 *
 * Who is alone begins the next block when this one is made: a larger block saves little, its transactions wait for one another,
 * and all of them take memory at a time. So it takes what can be executed in {@link BUILD_MS}, or in the least time between two
 * blocks; a block that somebody asked for takes all that waits.
 *
 * With blocks of as many as there was room for, 500 to 3,300 of 60,000 transfers, a node had 336 MB in the end, and the median
 * transfer was final after 250 ms. With blocks of 20 ms it has 315, after 185 ms, and takes no more CPU; with 15 ms 303, but 7 %
 * more CPU, for a block has its price whatever is in it.
 */
import type { Timing } from './chain/chain.ts'

const BUILD_MS = 20
/** In the first block, when nothing is known yet. */
const FIRST = 512
/** Of fewer the time says little: what a block takes whatever is in it is most of it. */
const LEAST_MEASURED = 64
/** The last block's part of the mean. */
const WEIGHT = 1 / 4

export interface BlockSizeOptions {
  /** Of the genesis. */
  readonly minBlockIntervalMs: bigint
  /** What a block may hold. */
  readonly most: number
}

export interface BlockSize {
  /** How many to take. */
  limit(block: { readonly isAlone: boolean; readonly isAskedFor: boolean }): number
  /** A block of so many was built here. */
  built(transactions: number, timing: Timing): void
}

export const createBlockSize = ({ minBlockIntervalMs, most }: BlockSizeOptions): BlockSize => {
  const budgetMs = Math.max(BUILD_MS, Number(minBlockIntervalMs))
  let meanMs = BUILD_MS / FIRST
  return {
    limit({ isAlone, isAskedFor }) {
      if (!isAlone || isAskedFor) return most
      return Math.min(Math.max(Math.floor(budgetMs / meanMs), LEAST_MEASURED), most)
    },

    built(transactions, { executionMs, stateRootMs }) {
      if (transactions < LEAST_MEASURED) return
      meanMs += WEIGHT * ((executionMs + stateRootMs) / transactions - meanMs)
    },
  }
}
