/**
 * Who proposes in a view: drawn by stake from the epoch's nonce (crypto/vrf.ts), so that everybody knows it once the
 * nonce is fixed, and nobody could choose it.
 */
import { leaderDraw } from '../crypto/vrf.ts'
import { LruMap } from '../types/lru-map.ts'
import type { Hash } from '../types/primitives.ts'
import type { Validator } from '../types/validator.ts'

/** Why a validator leads: for people. */
export interface LeaderDraw {
  readonly view: bigint
  /** r, below 2^256. */
  readonly draw: bigint
  /** t = r T >> 256, below the total power T. */
  readonly point: bigint
  readonly leader: number
  /** The leader's part of [0, T): from `from` on, below `to`. */
  readonly from: bigint
  readonly to: bigint
}

const REMEMBERED_VIEWS = 256

export interface Leaders {
  /** A position in the epoch's set. */
  readonly of: (view: bigint) => number
  explain(view: bigint): LeaderDraw
}

export const createLeaders = (epoch: {
  readonly chainId: string
  readonly epoch: bigint
  readonly nonce: Hash
  readonly validators: readonly Pick<Validator, 'power'>[]
}): Leaders => {
  const ends: bigint[] = []
  let total = 0n
  for (const { power } of epoch.validators) ends.push((total += power))
  if (total <= 0n) throw new RangeError('a validator set needs some power')
  const explain = (view: bigint): LeaderDraw => {
    const draw = leaderDraw({ ...epoch, view })
    const point = (draw * total) >> 256n
    const leader = ends.findIndex(end => end > point)
    return { view, draw, point, leader, from: ends[leader - 1] ?? 0n, to: ends[leader] ?? total }
  }
  const known = new LruMap<bigint, number>(REMEMBERED_VIEWS)
  return {
    explain,
    of(view) {
      let leader = known.get(view)
      if (leader === undefined) known.set(view, (leader = explain(view).leader))
      return leader
    },
  }
}
