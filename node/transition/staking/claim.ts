/** claimRewards(validator): the whole units that the sender's shares earned and, to the operator, its commission. */
import { formatAddress } from '../../crypto/address.ts'
import type { StateWriter } from '../../state/view.ts'
import { type Address, bytesEqual } from '../../types/primitives.ts'
import { FRACTION_BITS } from '../../types/staking.ts'
import { credit } from '../accounts.ts'
import { moved, refused, type StakeOutcome } from './context.ts'
import { unknownValidator } from './delegate.ts'
import { addTotals, readDelegation, readValidator, writeDelegation, writeValidator } from './records.ts'
import { claimable, counted } from './rewards.ts'

export const claimRewards = (
  state: StateWriter,
  sender: Address,
  { validator: operator }: { validator: Address },
): StakeOutcome => {
  const validator = readValidator(state, operator)
  if (validator === undefined) return unknownValidator(operator)
  const stored = readDelegation(state, sender, operator)
  const held = stored === undefined ? undefined : counted(stored, validator)
  const earned = held === undefined ? 0n : claimable(held)
  const commission = bytesEqual(sender, operator) ? validator.commission : 0n
  const paid = earned + commission
  if (paid === 0n)
    return refused(
      'nothing_to_claim',
      `no reward of ${formatAddress(operator)}'s waits for the account: they are counted at the end of each epoch`,
    )
  if (held !== undefined)
    writeDelegation(state, sender, operator, { ...held, owed: held.owed - (earned << FRACTION_BITS) })
  if (commission > 0n) writeValidator(state, operator, { ...validator, commission: 0n })
  credit(state, sender, paid)
  addTotals(state, { rewards: -paid })
  return moved(paid)
}
