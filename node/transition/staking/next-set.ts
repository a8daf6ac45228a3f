/**
 * The set that follows a frozen one: as far towards what the stakes say as one epoch may go. Pure numbers, no state.
 *
 *   wanted    = the 128 with the most power, ties by address
 *   changes   = max(1, n / 8) members may leave or enter, n = the size of the set before
 *   budget    = max(1, T / 5) of power may move, T = its total power
 *
 * 1. Who is jailed or tombstoned is gone, and counts for neither limit.
 * 2. Members who are not wanted leave, those with the least bonded first; the others shrink to what they have.
 * 3. Whoever is wanted enters, the most powerful first, if there is room; members grow.
 *
 * What shrinks goes before what grows, so that nobody is held by those who want in. If there is more to move than the
 * budget, each moves its part of it, and the units that rounding leaves go one each in order: nobody is starved.
 * A set that would be empty stays as it was: a chain that cannot vote could not let anybody in either.
 */
import { LIMITS, STAKING } from '../../params.ts'
import type { Address } from '../../types/primitives.ts'
import { toLatin1 } from '../../types/primitives.ts'
import type { Validator } from '../../types/validator.ts'

export interface Standing {
  /** Votes of power that its tokens give now. */
  readonly bonded: bigint
  /** Neither jailed nor tombstoned. */
  readonly mayVote: boolean
}

interface Move {
  readonly validator: Validator
  readonly by: bigint
}

/** Ties by address. */
const byPower = (sign: 1 | -1, power: (validator: Validator) => bigint) => (a: Validator, b: Validator) => {
  const [x, y] = [power(a), power(b)]
  return x === y ? Buffer.compare(a.address, b.address) : x < y ? sign : -sign
}

const mostFirst = byPower(1, ({ power }) => power)

/** What each moves of what it would, if together they may move `budget`. */
const withinBudget = (moves: readonly Move[], budget: bigint): bigint[] => {
  const all = moves.reduce((sum, { by }) => sum + by, 0n)
  if (all <= budget) return moves.map(({ by }) => by)
  const parts = moves.map(({ by }) => (by * budget) / all)
  let left = budget - parts.reduce((sum, part) => sum + part, 0n)
  return parts.map((part, index) => {
    if (left === 0n || part === moves[index]?.by) return part
    left -= 1n
    return part + 1n
  })
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n)

export const nextSet = (
  before: readonly Validator[],
  /** The most powerful who may vote, the first first, at most {@link LIMITS.validators}. */
  wanted: readonly Validator[],
  standingOf: (operator: Address) => Standing,
): Validator[] => {
  const members = before
    .map(validator => ({ validator, standing: standingOf(validator.address) }))
    .filter(({ standing }) => standing.mayVote)
  const bondedOf = new Map(
    members.map(({ validator, standing }) => [toLatin1(validator.address), standing.bonded]),
  )
  const bonded = ({ address }: Validator): bigint => bondedOf.get(toLatin1(address)) ?? 0n
  const wantedOf = new Map(wanted.map(validator => [toLatin1(validator.address), validator]))
  const isWanted = ({ address }: Validator): boolean => wantedOf.has(toLatin1(address))

  const changes = Math.max(1, Math.floor(before.length / STAKING.memberChurnDenominator))
  const fifth = sum(before.map(({ power }) => power)) / STAKING.powerChurnDenominator
  const budget = fifth > 1n ? fifth : 1n

  const staying = members.map(({ validator }) => validator)
  const leaving = new Set(
    staying
      .filter(validator => !isWanted(validator))
      .sort(byPower(-1, bonded))
      .slice(0, changes),
  )
  const goal = (validator: Validator): bigint => {
    if (leaving.has(validator)) return 0n
    const power = bonded(validator)
    return power > 1n ? power : 1n
  }

  const shrinking = staying.flatMap(validator =>
    goal(validator) < validator.power ? [{ validator, by: validator.power - goal(validator) }] : [],
  )
  const shrunk = withinBudget(shrinking, budget)
  const entering = wanted
    .filter(({ address }) => !bondedOf.has(toLatin1(address)))
    .slice(0, Math.max(0, Math.min(changes - leaving.size, LIMITS.validators - staying.length)))
  const growing = [
    ...staying.flatMap(validator =>
      goal(validator) > validator.power ? [{ validator, by: goal(validator) - validator.power }] : [],
    ),
    ...entering.map(validator => ({ validator: { ...validator, power: 0n }, by: validator.power })),
  ].sort((a, b) => mostFirst(a.validator, b.validator))
  const grown = withinBudget(growing, budget - sum(shrunk))

  const change = new Map<Validator, bigint>()
  for (const [index, { validator }] of shrinking.entries()) change.set(validator, -(shrunk[index] ?? 0n))
  for (const [index, { validator }] of growing.entries()) change.set(validator, grown[index] ?? 0n)
  const candidates = new Set([...staying, ...growing.map(({ validator }) => validator)])
  const after = [...candidates]
    .map(validator => ({ ...validator, power: validator.power + (change.get(validator) ?? 0n) }))
    .filter(({ power }) => power > 0n)
    .sort(mostFirst)
  return after.length > 0 ? after : [...before]
}
