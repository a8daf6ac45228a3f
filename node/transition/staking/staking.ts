/**
 * Staking: who may vote, with how much, what it earns and what it loses. Pure: state and block in, state out.
 *
 * ## The money
 *
 *   supply  = balances + storage deposits + module
 *   module  = bonded + unbonding + rewards                                      (types/staking.ts: StakeTotals)
 *   bonded    = the sum of all validators' tokens; unbonding = the sum of all pools'
 *   rewards   = the sum of commissions, of what delegations are owed, and of dust, exactly, counted in units / 2^64
 *
 * Each action moves units from one of these to another. Only two things change the supply: the reward of a block,
 * minted at the end of its epoch, and what is slashed, which is burned. (Fees: transaction.ts.)
 *
 * ## The formulas
 *
 *   delegate      shares += floor(amount * S / T)                     S, T: the validator's shares and tokens
 *   undelegate    shares -= ceil(amount * S / T), or all of them; amount goes to the pool (validator, epoch)
 *   withdraw      floor(shares * tokens / shares of the pool), once the pool is liable for nothing
 *   reward        acc += floor((net * 2^64 + dust) / S), dust = the remainder; owed += shares * (acc - countedTo)
 *   claim         floor(owed / 2^64)
 *   slash         tokens -= floor(tokens * part); shares stay
 *   power         floor(T / STAKE_UNIT)
 *
 * ## Invariants, and why they hold
 *
 * 1. Supply: balances + deposits + bonded + unbonding + rewards = supply. Each action takes from one sum what it gives
 *    another, in the same function.
 * 2. Claims <= rewards. Exactly: rewards * 2^64 = sum of commissions * 2^64 + dust + owed + shares * (acc - countedTo).
 *    A reward adds gross * 2^64 on both sides: (whole / S) * S + whole % S = whole. Counting a delegation moves its
 *    last term into `owed`; claiming takes whole units from both sides; who leaves gives its fraction to the dust.
 * 3. T <= S, and T = 0 only if S = 0 or all was slashed: then the validator is tombstoned and nobody buys shares of
 *    nothing. Shares are bought rounded down and sold rounded up, both at T / S <= 1, and slashing lowers T alone.
 * 4. No gain by rounding. Every conversion favours those who stay; the last to leave gets what all before left over.
 * 5. Slashing reaches what voted. Tokens undelegated in epoch u are in sets u and u + 1 and in none from `leftAt` >=
 *    u + 2 on (putOff). For an offence of epoch x, bonded tokens and all pools with leftAt > x pay. Evidence about x
 *    is taken until it expires; a pool matures when evidence about leftAt + 1 expires, which is after two epochs more.
 *    So an offence that is proved in time is settled, at the end of that epoch, before any pool that pays matures.
 * 6. Once: a tombstone is for ever, the address and both keys stay taken, and evidence against it is refused.
 * 7. A set is never empty, has at most 128 members and less than 2^60 power: MAX_SUPPLY / STAKE_UNIT is below 2^33,
 *    and a set lags behind the stakes by no more than it had.
 * 8. Numbers fit. Amounts are below MAX_SUPPLY = 2^62. A member has at least STAKE_UNIT > 2^29 tokens and no fewer
 *    shares, so acc grows by less than 2^(62 + 64 - 29) for every 2^62 units that are minted; `owed` is below
 *    rewards * 2^64 < 2^126. S / T grows only by slashing without a tombstone: a ten-thousandth each ten minutes.
 *
 * Work: an action touches a bounded number of records; a block two (uptime.ts); the end of an epoch at most 128
 * members, the 128 most powerful, and the pools of those who are slashed or late to leave.
 */
import { STAKE_GAS } from '../../params.ts'
import type { StateWriter } from '../../state/view.ts'
import type { Address, Gas } from '../../types/primitives.ts'
import type { StakeAction } from '../../types/transaction.ts'
import { claimRewards } from './claim.ts'
import type { StakeContext, StakeOutcome } from './context.ts'
import { delegate } from './delegate.ts'
import { editValidator } from './edit.ts'
import { submitEvidence } from './evidence.ts'
import { registerValidator } from './register.ts'
import { undelegate } from './undelegate.ts'
import { unjail } from './unjail.ts'
import { withdraw } from './withdraw.ts'

/** `gasUsed`: beyond gas.ts. If it is refused, or the gas does not do, nothing has been written that stays. */
export const runStakeAction = (
  state: StateWriter,
  sender: Address,
  action: StakeAction,
  context: StakeContext,
): { outcome: StakeOutcome; gasUsed: Gas } => {
  switch (action.kind) {
    case 'registerValidator':
      return { outcome: registerValidator(state, sender, action, context), gasUsed: 0n }
    case 'editValidator':
      return { outcome: editValidator(state, sender, action, context), gasUsed: 0n }
    case 'delegate':
      return { outcome: delegate(state, sender, action), gasUsed: 0n }
    case 'undelegate':
      return { outcome: undelegate(state, sender, action, context), gasUsed: 0n }
    case 'withdraw': {
      const { outcome, pools } = withdraw(state, sender, action, context)
      return { outcome, gasUsed: BigInt(pools) * STAKE_GAS.withdrawnPool }
    }
    case 'claimRewards':
      return { outcome: claimRewards(state, sender, action), gasUsed: 0n }
    case 'unjail':
      return { outcome: unjail(state, sender, context), gasUsed: 0n }
    case 'submitEvidence':
      return { outcome: submitEvidence(state, action, context), gasUsed: 0n }
  }
}
