/**
 * undelegate(validator, amount): shares for units that wait in the pool of the validator and the epoch.
 *
 *   shares taken = ceil(amount * shares / tokens); all of them if `amount` is absent, or all that they are worth
 *
 * They are in the sets of this epoch and the next, which are frozen: they leave with the one after. An operator keeps
 * its least stake, or takes everything and stops: it is out like one who is jailed, and may come back the same way.
 */
import { formatAddress } from '../../crypto/address.ts'
import { STAKING } from '../../params.ts'
import type { StateWriter } from '../../state/view.ts'
import { type Address, type Amount, bytesEqual } from '../../types/primitives.ts'
import { FRACTION_BITS } from '../../types/staking.ts'
import { credit } from '../accounts.ts'
import { moved, refused, type StakeContext, type StakeOutcome } from './context.ts'
import { unknownValidator } from './delegate.ts'
import {
  addTotals,
  readDelegation,
  readPool,
  readPoolShares,
  readValidator,
  writeDelegation,
  writePool,
  writePoolShares,
  writeValidator,
} from './records.ts'
import { claimable, counted } from './rewards.ts'
import { sharesToTake, worthOf } from './shares.ts'

const addToPool = (
  state: StateWriter,
  delegator: Address,
  operator: Address,
  epoch: bigint,
  amount: Amount,
): void => {
  // Nothing is slashed within an epoch, so that this epoch's pool gives a share for a unit.
  const pool = readPool(state, operator, epoch) ?? { tokens: 0n, shares: 0n, leftAt: epoch + 2n }
  writePool(state, operator, epoch, {
    ...pool,
    tokens: pool.tokens + amount,
    shares: pool.shares + amount,
  })
  const before = readPoolShares(state, delegator, operator, epoch)
  writePoolShares(state, delegator, operator, epoch, before + amount)
}

export const undelegate = (
  state: StateWriter,
  sender: Address,
  { validator: operator, amount }: { validator: Address; amount: Amount | undefined },
  { epoch, timeMs }: StakeContext,
): StakeOutcome => {
  const validator = readValidator(state, operator)
  if (validator === undefined) return unknownValidator(operator)
  const stored = readDelegation(state, sender, operator)
  const held = stored === undefined ? undefined : counted(stored, validator)
  const worth = worthOf(held?.shares ?? 0n, validator)
  if (held === undefined || worth === 0n)
    return refused('insufficient_stake', `the account has nothing with ${formatAddress(operator)}`)
  const taken = amount ?? worth
  if (taken === 0n) return refused('stake_too_small', 'undelegate at least one unit')
  if (taken > worth)
    return refused(
      'insufficient_stake',
      `the account has ${worth} units with ${formatAddress(operator)}, not ${taken}`,
    )
  const isOperator = bytesEqual(sender, operator)
  const left = worth - taken
  if (isOperator && left > 0n && left < STAKING.minSelfStake)
    return refused(
      'stake_too_small',
      `a validator keeps at least ${STAKING.minSelfStake} units of its own, and ${left} would be left. Undelegate everything to stop`,
    )

  const isAll = left === 0n
  const shares = isAll ? held.shares : sharesToTake(taken, validator)
  // Whoever leaves takes its rewards along; the fraction of a unit is the others'.
  const paid = isAll ? claimable(held) : 0n
  const dust = isAll ? held.owed - (paid << FRACTION_BITS) : 0n
  credit(state, sender, paid)
  writeDelegation(state, sender, operator, isAll ? undefined : { ...held, shares: held.shares - shares })
  const isStopping = isOperator && isAll && !validator.isTombstoned
  writeValidator(state, operator, {
    ...validator,
    tokens: validator.tokens - taken,
    shares: validator.shares - shares,
    rewardDust: validator.rewardDust + dust,
    jailedUntil: isStopping ? (validator.jailedUntil ?? timeMs) : validator.jailedUntil,
  })
  addToPool(state, sender, operator, epoch, taken)
  addTotals(state, { bonded: -taken, unbonding: taken, rewards: -paid })
  return moved(taken)
}
