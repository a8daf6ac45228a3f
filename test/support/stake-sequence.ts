/**
 * Leaders in proportion to their power, hardly ever twice in a row, without any VRF: for tests whose subject is not
 * the draw.
 *
 *   point(view) = (view * K mod 2^64) * T >> 64      K = floor(2^64 / golden ratio), T = total power
 */
import type { LeaderOf } from '../../node/consensus/protocol.ts'
import type { Validator } from '../../node/types/validator.ts'

const K = 0x9e37_79b9_7f4a_7c15n
const MASK = (1n << 64n) - 1n

export const stakeSequence = (validators: readonly Pick<Validator, 'power'>[]): LeaderOf => {
  const ends: bigint[] = []
  let total = 0n
  for (const { power } of validators) ends.push((total += power))
  if (total <= 0n) throw new RangeError('a validator set needs some power')
  return view => {
    const point = (((view * K) & MASK) * total) >> 64n
    return ends.findIndex(end => end > point)
  }
}
