import { expect, it } from 'vitest'
import { wireFigures } from '../../bench/network-parts/wire.ts'

const wireOf = (
  atMs: number,
  bytesWritten: number,
  transactions: number,
  different: number,
  repeats = 0,
) => ({
  atMs,
  links: 3,
  bytesWritten,
  transactions,
  different,
  repeats,
  unreadable: 0,
})

it('gives what came between two moments, each node by its own clock', () => {
  const before = [wireOf(1_000, 500, 10, 10), wireOf(1_500, 0, 0, 0)]
  const after = [wireOf(3_000, 12_500, 310, 110, 3), wireOf(2_500, 6_000, 100, 100)]
  expect(wireFigures(before, after)).toEqual({
    bytesPerLinkSecond: (6_000 + 6_000) / 6,
    copies: 2,
    repeatsPerThousand: 7.5,
  })
})
