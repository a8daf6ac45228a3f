import { describe, expect, it } from 'vitest'
import { createCounters } from '../../node/counters.ts'
import type { CommittedBlock } from '../../node/execution/blocks.ts'
import { toAddress } from '../../node/types/primitives.ts'

const me = toAddress(new Uint8Array(32).fill(1))
const someone = toAddress(new Uint8Array(32).fill(2))

const block = (options: { proposer?: typeof me; signers?: number[]; epoch?: bigint; ms?: number }) =>
  ({
    header: {
      proposer: options.proposer ?? someone,
      gasUsed: 10n,
      parentCertificate: options.signers && {
        epoch: options.epoch ?? 0n,
        signers: Uint8Array.from(options.signers),
      },
    },
    transactions: 3,
    timing: { executionMs: options.ms ?? 1, stateRootMs: 0.1 },
  }) as unknown as CommittedBlock

describe('the counters', () => {
  it('count a vote by its bit in the certificate, in the epochs in which there is one', () => {
    const counters = createCounters({ operator: me, placeIn: epoch => (epoch === 0n ? 9 : undefined) })
    counters.onCommit(block({}))
    counters.onCommit(block({ signers: [0, 0b10] }))
    counters.onCommit(block({ signers: [0xff, 0b1101] }))
    counters.onCommit(block({ signers: [0xff] }))
    counters.onCommit(block({ signers: [0xff, 0xff], epoch: 1n }))
    expect([counters.votesCast, counters.votesMissed]).toEqual([1, 2])
  })

  it('of a node that does not vote have none, and know no block as its own', () => {
    const counters = createCounters({ operator: undefined, placeIn: () => 0 })
    counters.onCommit(block({ proposer: me, signers: [1] }))
    expect([counters.votesCast, counters.votesMissed, counters.proposedBlocks]).toEqual([0, 0, 0])
  })

  it('add up blocks, transactions and gas, and sort times into their buckets', () => {
    const counters = createCounters({ operator: me, placeIn: () => undefined })
    for (const ms of [0.5, 0.6, 2_500, 9_000]) counters.onCommit(block({ proposer: me, ms }))
    expect([counters.blocks, counters.proposedBlocks, counters.transactions, counters.gasUsed]).toEqual([
      4,
      4,
      12,
      40n,
    ])
    const { buckets, count, sum } = counters.execution
    expect(buckets[0]).toEqual([0.0005, 1])
    expect(buckets[1]).toEqual([0.001, 2])
    expect(buckets.at(-1)).toEqual([2.5, 3])
    expect(count).toBe(4)
    expect(sum).toBeCloseTo(11.5011)
  })
})
