/** unjail: the sender's validator may enter a set again, once its time is over and it has its own stake. */
import { formatAddress } from '../../crypto/address.ts'
import { STAKING } from '../../params.ts'
import type { StateWriter } from '../../state/view.ts'
import type { Address } from '../../types/primitives.ts'
import { moved, refused, type StakeContext, type StakeOutcome } from './context.ts'
import { unknownValidator } from './delegate.ts'
import { readDelegation, readValidator, writeValidator } from './records.ts'
import { worthOf } from './shares.ts'

export const unjail = (state: StateWriter, sender: Address, { timeMs }: StakeContext): StakeOutcome => {
  const validator = readValidator(state, sender)
  if (validator === undefined) return unknownValidator(sender)
  const { isTombstoned, jailedUntil } = validator
  if (isTombstoned) return refused('tombstoned', `${formatAddress(sender)} equivocated: it never votes again`)
  if (jailedUntil === undefined) return refused('not_jailed', `${formatAddress(sender)} is not jailed`)
  if (timeMs < jailedUntil)
    return refused('jailed', `${formatAddress(sender)} is jailed for ${jailedUntil - timeMs} ms more`)
  const own = worthOf(readDelegation(state, sender, sender)?.shares ?? 0n, validator)
  if (own < STAKING.minSelfStake)
    return refused(
      'stake_too_small',
      `a validator has at least ${STAKING.minSelfStake} units of its own, not ${own}. Delegate to yourself first`,
    )
  writeValidator(state, sender, { ...validator, jailedUntil: undefined })
  return moved(0n)
}
