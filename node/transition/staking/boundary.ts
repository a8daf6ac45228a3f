/**
 * The last block of epoch e, in this order:
 *
 *   1. each member of set e earns the reward of every block it proposed, unless it is tombstoned: then nobody does
 *   2. offences are settled                                                             (slash.ts)
 *   3. set e + 2 is frozen                                                              (next-set.ts)
 *   4. what was to leave with e + 2 and still has power in it leaves with e + 3
 *   5. epochs that evidence cannot be about any more are forgotten, a few at a time
 */
import { LIMITS, STAKING } from '../../params.ts'
import { poolsRange, ranksRange, readPoolKey, readRankKey } from '../../state/staking-keys.ts'
import type { StateReader, StateWriter } from '../../state/view.ts'
import type { Address } from '../../types/primitives.ts'
import { unbondingPoolCodec } from '../../types/staking.ts'
import type { Validator } from '../../types/validator.ts'
import { forgetEpoch, frozenEpoch, writeEpoch } from '../epoch-records.ts'
import type { StakeContext } from './context.ts'
import { isExpired } from './expiry.ts'
import { nextSet } from './next-set.ts'
import {
  entriesOf,
  knownValidator,
  mayVote,
  powerOf,
  readOffences,
  readProposals,
  readTotals,
  writeEpochEnd,
  writeOffences,
  writePool,
  writeProposals,
  writeTotals,
} from './records.ts'
import { mintReward } from './rewards.ts'
import { settleOffences } from './slash.ts'

const payRewards = (state: StateWriter, { epoch, params }: StakeContext): void => {
  for (const { address } of frozenEpoch(state, epoch).validators) {
    const proposed = readProposals(state, address)
    if (proposed === 0) continue
    writeProposals(state, address, 0)
    const validator = knownValidator(state, address)
    if (!validator.isTombstoned)
      mintReward(state, address, validator, epoch, BigInt(proposed) * params.blockReward)
  }
}

/** Those with the most power who may vote, the first first. */
export const mostPowerful = (state: Pick<StateReader, 'get' | 'first'>): Validator[] => {
  const found: Validator[] = []
  for (const { key } of entriesOf(state, ranksRange())) {
    if (found.length === LIMITS.validators) break
    const address = readRankKey(key)
    const validator = knownValidator(state, address)
    const { voteKey, vrfKey } = validator
    found.push({ address, voteKey, vrfKey, power: powerOf(validator) })
  }
  return found
}

/** Tokens leave only when no set counts them, which the limits of next-set.ts may put off. */
const putOff = (state: StateWriter, operator: Address, frozen: bigint): void => {
  for (const { key, value } of entriesOf(state, poolsRange(operator))) {
    const pool = unbondingPoolCodec.decode(value)
    if (pool.leftAt < frozen) break
    writePool(state, operator, readPoolKey(key), { ...pool, leftAt: frozen + 1n })
  }
}

const freeze = (state: StateWriter, epoch: bigint): void => {
  const before = frozenEpoch(state, epoch - 1n).validators
  const validators = nextSet(before, mostPowerful(state), operator => {
    const validator = knownValidator(state, operator)
    return { bonded: powerOf(validator), mayVote: mayVote(validator) }
  })
  writeEpoch(state, epoch, { validators, nonce: undefined })
  for (const { address, power } of validators)
    if (power > powerOf(knownValidator(state, address))) putOff(state, address, epoch)
}

const forget = (state: StateWriter, context: StakeContext): void => {
  const { oldestEpoch } = readTotals(state)
  let oldest = oldestEpoch
  while (oldest < oldestEpoch + BigInt(STAKING.epochsForgottenAtOnce)) {
    if (!isExpired(state, context, oldest)) break
    forgetEpoch(state, oldest)
    writeEpochEnd(state, oldest, undefined)
    oldest += 1n
  }
  if (oldest === oldestEpoch) return
  writeTotals(state, { ...readTotals(state), oldestEpoch: oldest })
  const offences = readOffences(state)
  if (offences.length > 0)
    writeOffences(
      state,
      offences.filter(({ epoch }) => epoch >= oldest),
    )
}

export const closeEpoch = (state: StateWriter, context: StakeContext): void => {
  const { epoch, timeMs } = context
  payRewards(state, context)
  settleOffences(state)
  writeEpochEnd(state, epoch, timeMs)
  freeze(state, epoch + 2n)
  forget(state, context)
}
