/** What a node counts while it runs, for its metrics (metrics.ts): a few additions a block. Pure. */
import type { CommittedBlock } from './execution/blocks.ts'
import type { BlockHeader } from './types/block.ts'
import type { Address } from './types/primitives.ts'
import { bytesEqual } from './types/primitives.ts'

/** Upper bounds in seconds, from an empty block to one that fills its limit. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5] as const

export interface Histogram {
  /** Each bound with how many were at most that. */
  readonly buckets: readonly (readonly [bound: number, count: number])[]
  readonly count: number
  readonly sum: number
  observe(seconds: number): void
}

const createHistogram = (): Histogram => {
  const counts = SECONDS.map(() => 0)
  let count = 0
  let sum = 0
  return {
    get buckets() {
      let below = 0
      return SECONDS.map((bound, i) => [bound, (below += counts[i] ?? 0)] as const)
    },
    get count() {
      return count
    },
    get sum() {
      return sum
    },
    observe(seconds) {
      count++
      sum += seconds
      const bucket = SECONDS.findIndex(bound => seconds <= bound)
      if (bucket >= 0) counts[bucket] = (counts[bucket] ?? 0) + 1
    },
  }
}

export interface Counters {
  readonly blocks: number
  readonly proposedBlocks: number
  readonly transactions: number
  readonly gasUsed: bigint
  readonly votesCast: number
  readonly votesMissed: number
  readonly execution: Histogram
  readonly stateRoot: Histogram
  onCommit(block: CommittedBlock): void
}

export interface CountersOptions {
  /** Of this validator; `undefined`: it is none. */
  readonly operator: Address | undefined
  /** This validator's place among those who voted on a block; `undefined`: it was not one of them. */
  readonly placeIn: (epoch: bigint) => number | undefined
}

export const createCounters = ({ operator, placeIn }: CountersOptions): Counters => {
  let blocks = 0
  let proposedBlocks = 0
  let transactions = 0
  let gasUsed = 0n
  let votesCast = 0
  let votesMissed = 0
  const execution = createHistogram()
  const stateRoot = createHistogram()

  /** As the chain itself counts it: who is in the certificate of a block's parent. */
  const countVote = ({ parentCertificate }: BlockHeader): void => {
    if (operator === undefined || parentCertificate === undefined) return
    const place = placeIn(parentCertificate.epoch)
    if (place === undefined) return
    if (((parentCertificate.signers[place >> 3] ?? 0) >> (place & 7)) & 1) votesCast++
    else votesMissed++
  }

  return {
    get blocks() {
      return blocks
    },
    get proposedBlocks() {
      return proposedBlocks
    },
    get transactions() {
      return transactions
    },
    get gasUsed() {
      return gasUsed
    },
    get votesCast() {
      return votesCast
    },
    get votesMissed() {
      return votesMissed
    },
    execution,
    stateRoot,
    onCommit({ header, timing, transactions: count }) {
      blocks++
      transactions += count
      gasUsed += header.gasUsed
      if (operator !== undefined && bytesEqual(header.proposer, operator)) proposedBlocks++
      execution.observe(timing.executionMs / 1_000)
      stateRoot.observe(timing.stateRootMs / 1_000)
      countVote(header)
    },
  }
}
