/**
 * Rewards: divided among shares when they come in, counted for a delegation before its shares change.
 *
 *   commission += floor(gross * bps / 10,000)                     all of it if there are no shares
 *   acc        += floor((net * 2^64 + dust) / shares);  dust = the remainder
 *   owed       += shares * (acc - countedTo);  countedTo = acc    exact: nothing is rounded here
 *   claim       = floor(owed / 2^64);  the rest stays owed
 */
import { MAX_SUPPLY } from '../../params.ts'
import type { StateWriter } from '../../state/view.ts'
import type { Address, Amount } from '../../types/primitives.ts'
import { type Delegation, FRACTION_BITS, type StakedValidator } from '../../types/staking.ts'
import { readSupply, writeSupply } from '../accounts.ts'
import { addTotals, writeValidator } from './records.ts'

const BPS = 10_000n

/** What the operator keeps of the epoch's rewards, in ten-thousandths. */
export const commissionIn = (
  epoch: bigint,
  { commissionBps, nextCommission: next }: Pick<StakedValidator, 'commissionBps' | 'nextCommission'>,
): number => (next !== undefined && next.from <= epoch ? next.bps : commissionBps)

/** The validator after it earned `gross` in `epoch`. */
export const distribute = (validator: StakedValidator, epoch: bigint, gross: Amount): StakedValidator => {
  const { shares, rewardDust } = validator
  const commission = shares === 0n ? gross : (gross * BigInt(commissionIn(epoch, validator))) / BPS
  const earned = { ...validator, commission: validator.commission + commission }
  if (shares === 0n) return earned
  const whole = ((gross - commission) << FRACTION_BITS) + rewardDust
  return {
    ...earned,
    rewardPerShare: validator.rewardPerShare + whole / shares,
    rewardDust: whole % shares,
  }
}

/** New money, as far as the greatest supply allows, to a validator and its delegators. */
export const mintReward = (
  state: StateWriter,
  operator: Address,
  validator: StakedValidator,
  epoch: bigint,
  amount: Amount,
): void => {
  const supply = readSupply(state)
  const room = MAX_SUPPLY - supply
  const gross = amount < room ? amount : room
  if (gross === 0n) return
  writeSupply(state, supply + gross)
  addTotals(state, { rewards: gross })
  writeValidator(state, operator, distribute(validator, epoch, gross))
}

export const NO_DELEGATION: Delegation = { shares: 0n, countedTo: 0n, owed: 0n }

/** With all that its shares have earned. Whoever changes the shares of a delegation does this first. */
export const counted = (
  { shares, countedTo, owed }: Delegation,
  { rewardPerShare }: StakedValidator,
): Delegation => ({
  shares,
  countedTo: rewardPerShare,
  owed: owed + shares * (rewardPerShare - countedTo),
})

/** Whole units that may be claimed of a counted delegation. */
export const claimable = ({ owed }: Delegation): Amount => owed >> FRACTION_BITS
