/**
 * delegate(validator, amount): units for shares, floor(amount * shares / tokens) of them, or one each if there are none.
 * They count from the next set that is frozen: bonded in epoch e, live in e + 2.
 */
import { STAKING } from '../../params.ts'
import type { StateWriter } from '../../state/view.ts'
import { formatAddress } from '../../crypto/address.ts'
import type { Address, Amount } from '../../types/primitives.ts'
import type { StakedValidator } from '../../types/staking.ts'
import { debit, readAccount } from '../accounts.ts'
import { moved, refused, type StakeOutcome } from './context.ts'
import { addTotals, readDelegation, readValidator, writeDelegation, writeValidator } from './records.ts'
import { counted, NO_DELEGATION } from './rewards.ts'
import { sharesFor } from './shares.ts'

export const unknownValidator = (operator: Address): StakeOutcome & { ok: false } =>
  refused('unknown_validator', `${formatAddress(operator)} is not a validator`)

/** The caller has taken the units from a balance, or they are the genesis'. */
export const addBond = (
  state: StateWriter,
  delegator: Address,
  operator: Address,
  validator: StakedValidator,
  amount: Amount,
): void => {
  const shares = sharesFor(amount, validator)
  const before = counted(readDelegation(state, delegator, operator) ?? NO_DELEGATION, validator)
  writeDelegation(state, delegator, operator, { ...before, shares: before.shares + shares })
  writeValidator(state, operator, {
    ...validator,
    tokens: validator.tokens + amount,
    shares: validator.shares + shares,
  })
  addTotals(state, { bonded: amount })
}

export const lacksBalance = (
  state: StateWriter,
  sender: Address,
  amount: Amount,
): StakeOutcome & { ok: false } =>
  refused(
    'insufficient_balance',
    `staking ${amount} units needs more than the ${readAccount(state, sender).balance} left after the gas is set aside`,
  )

export const delegate = (
  state: StateWriter,
  sender: Address,
  { validator: operator, amount }: { validator: Address; amount: Amount },
): StakeOutcome => {
  const validator = readValidator(state, operator)
  if (validator === undefined) return unknownValidator(operator)
  if (validator.isTombstoned)
    return refused('tombstoned', `${formatAddress(operator)} equivocated: it never votes again`)
  if (amount < STAKING.minDelegation)
    return refused(
      'stake_too_small',
      `a delegation is at least ${STAKING.minDelegation} units, not ${amount}`,
    )
  if (!debit(state, sender, amount)) return lacksBalance(state, sender, amount)
  addBond(state, sender, operator, validator, amount)
  return moved(amount)
}
