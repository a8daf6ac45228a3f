/** The records of staking on top of any state. */
import {
  absentKey,
  delegationKey,
  epochEndKey,
  offencesKey,
  poolKey,
  poolSharesKey,
  proposalsKey,
  rankKey,
  stakedValidatorKey,
  stakeTotalsKey,
  uptimeKey,
} from '../../state/staking-keys.ts'
import type { KeyRange, StateEntry, StateReader, StateWriter } from '../../state/view.ts'
import { STAKE_UNIT } from '../../params.ts'
import { type Codec, createCodec, u64 } from '../../types/codec.ts'
import type { Address, TimeMs } from '../../types/primitives.ts'
import {
  absentCodec,
  countCodec,
  type Delegation,
  delegationCodec,
  type Offence,
  offencesCodec,
  poolSharesCodec,
  type StakedValidator,
  stakedValidatorCodec,
  type StakeTotals,
  stakeTotalsCodec,
  type UnbondingPool,
  unbondingPoolCodec,
  type Uptime,
  uptimeCodec,
} from '../../types/staking.ts'

type Source = Pick<StateReader, 'get'>

const read = <T>(state: Source, key: Uint8Array, codec: Codec<T>): T | undefined => {
  const bytes = state.get(key)
  return bytes === undefined ? undefined : codec.decode(bytes)
}

/** `undefined` deletes. */
const write = <T>(state: StateWriter, key: Uint8Array, codec: Codec<T>, value: T | undefined): void =>
  value === undefined ? state.delete(key) : state.set(key, codec.encode(value))

const NO_TOTALS: StakeTotals = { bonded: 0n, unbonding: 0n, rewards: 0n, registered: 0, oldestEpoch: 0n }

export const readTotals = (state: Source): StakeTotals =>
  read(state, stakeTotalsKey(), stakeTotalsCodec) ?? NO_TOTALS

/** Adds to the module's sums. */
export const addTotals = (
  state: StateWriter,
  change: { bonded?: bigint; unbonding?: bigint; rewards?: bigint },
): void => {
  const totals = readTotals(state)
  writeTotals(state, {
    ...totals,
    bonded: totals.bonded + (change.bonded ?? 0n),
    unbonding: totals.unbonding + (change.unbonding ?? 0n),
    rewards: totals.rewards + (change.rewards ?? 0n),
  })
}

export const writeTotals = (state: StateWriter, totals: StakeTotals): void =>
  write(state, stakeTotalsKey(), stakeTotalsCodec, totals)

/** Votes of power that its tokens would give it. */
export const powerOf = ({ tokens }: Pick<StakedValidator, 'tokens'>): bigint => tokens / STAKE_UNIT

export const mayVote = ({ jailedUntil, isTombstoned }: StakedValidator): boolean =>
  jailedUntil === undefined && !isTombstoned

/** Its place among those who may enter a set, if it is one of them. */
const rankOf = (operator: Address, validator: StakedValidator | undefined): Uint8Array | undefined =>
  validator !== undefined && mayVote(validator) && powerOf(validator) > 0n
    ? rankKey(powerOf(validator), operator)
    : undefined

export const readValidator = (state: Source, operator: Address): StakedValidator | undefined =>
  read(state, stakedValidatorKey(operator), stakedValidatorCodec)

export const writeValidator = (state: StateWriter, operator: Address, validator: StakedValidator): void => {
  const before = rankOf(operator, readValidator(state, operator))
  const after = rankOf(operator, validator)
  if (before !== undefined) state.delete(before)
  if (after !== undefined) state.set(after, new Uint8Array(0))
  write(state, stakedValidatorKey(operator), stakedValidatorCodec, validator)
}

/** Of a validator that a set or an offence names. */
export const knownValidator = (state: Source, operator: Address): StakedValidator => {
  const validator = readValidator(state, operator)
  if (validator === undefined) throw new Error('a set names a validator that was never registered')
  return validator
}

export const readDelegation = (
  state: Source,
  delegator: Address,
  operator: Address,
): Delegation | undefined => read(state, delegationKey(delegator, operator), delegationCodec)

export const writeDelegation = (
  state: StateWriter,
  delegator: Address,
  operator: Address,
  delegation: Delegation | undefined,
): void => write(state, delegationKey(delegator, operator), delegationCodec, delegation)

export const readPool = (state: Source, operator: Address, epoch: bigint): UnbondingPool | undefined =>
  read(state, poolKey(operator, epoch), unbondingPoolCodec)

export const writePool = (
  state: StateWriter,
  operator: Address,
  epoch: bigint,
  pool: UnbondingPool | undefined,
): void => write(state, poolKey(operator, epoch), unbondingPoolCodec, pool)

export const readPoolShares = (state: Source, delegator: Address, operator: Address, epoch: bigint): bigint =>
  read(state, poolSharesKey(delegator, operator, epoch), poolSharesCodec) ?? 0n

export const writePoolShares = (
  state: StateWriter,
  delegator: Address,
  operator: Address,
  epoch: bigint,
  shares: bigint,
): void =>
  write(state, poolSharesKey(delegator, operator, epoch), poolSharesCodec, shares === 0n ? undefined : shares)

const timeCodec = createCodec<bigint>(u64, 8)

/** When the epoch's last block was made; `undefined` while it runs, and once it is forgotten. */
export const readEpochEnd = (state: Source, epoch: bigint): TimeMs | undefined =>
  read(state, epochEndKey(epoch), timeCodec)

export const writeEpochEnd = (state: StateWriter, epoch: bigint, timeMs: TimeMs | undefined): void =>
  write(state, epochEndKey(epoch), timeCodec, timeMs)

/** In the order in which they were proved. */
export const readOffences = (state: Source): Offence[] => read(state, offencesKey(), offencesCodec) ?? []

export const writeOffences = (state: StateWriter, offences: Offence[]): void =>
  write(state, offencesKey(), offencesCodec, offences.length === 0 ? undefined : offences)

export const readUptime = (state: Source): Uptime | undefined => read(state, uptimeKey(), uptimeCodec)

export const writeUptime = (state: StateWriter, uptime: Uptime): void =>
  write(state, uptimeKey(), uptimeCodec, uptime)

/** Who did not vote for the block that has this place in the window. */
export const readAbsent = (state: Source, place: number): number[] =>
  read(state, absentKey(place), absentCodec) ?? []

export const writeAbsent = (state: StateWriter, place: number, ids: number[]): void =>
  write(state, absentKey(place), absentCodec, ids.length === 0 ? undefined : ids)

export const readProposals = (state: Source, operator: Address): number =>
  read(state, proposalsKey(operator), countCodec) ?? 0

export const writeProposals = (state: StateWriter, operator: Address, count: number): void =>
  write(state, proposalsKey(operator), countCodec, count === 0 ? undefined : count)

/** The entries of a range, each read when it is asked for; what was read may be changed meanwhile. */
export const entriesOf = function* (
  state: Pick<StateReader, 'first'>,
  range: KeyRange,
): Generator<StateEntry> {
  let rest = range
  for (;;) {
    const entry = state.first(rest)
    if (entry === undefined) return
    yield entry
    rest = range.isReverse ? { ...rest, to: entry.key } : { ...rest, from: `${entry.key}\0` }
  }
}
