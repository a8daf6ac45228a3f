/**
 * Who proposes in a view: a fixed sequence over the stake, known to everyone in advance.
 *
 *   point(view) = (view * K mod 2^64) * T >> 64      K = floor(2^64 / golden ratio), T = total power
 *   leader      = the first i with power_0 + ... + power_i > point(view)
 *
 * Multiples of the golden ratio spread evenly over [0, 1), so in any stretch of views each validator leads
 * in proportion to its power and hardly ever twice in a row. It is not secret and not random: whoever wants
 * to silence the next leader knows whom to attack, which a VRF would prevent.
 */
import type { Validator } from '../types/validator.ts'

export type LeaderOf = (view: bigint) => number

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
