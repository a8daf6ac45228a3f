import { expect, it } from 'vitest'
import { blockSize } from '../../node/block-size.ts'
import { LIMITS } from '../../node/params.ts'

const alone = { isAlone: true, isAskedFor: false, minBlockIntervalMs: 5n }

it('is what a block has room for, where others vote, and where somebody asked for the block', () => {
  expect(blockSize({ ...alone, isAlone: false })).toBe(LIMITS.blockTransactions)
  expect(blockSize({ ...alone, isAskedFor: true })).toBe(LIMITS.blockTransactions)
})

it('is a part of that for one who is alone, larger as blocks are further apart, and never none', () => {
  const sizes = [0n, 5n, 25n, 26n, 50n, 250n, 60_000n].map(minBlockIntervalMs =>
    blockSize({ ...alone, minBlockIntervalMs }),
  )
  expect(sizes).toEqual([768, 768, 768, 1_536, 1_536, 7_680, LIMITS.blockTransactions])
})
