/**
 * editValidator(commissionBps): from the next epoch on, so that no reward already earned is shared differently. It may
 * rise by a hundredth at a time, so that delegators can leave; of an epoch's changes the last counts.
 */
import { formatAddress } from '../../crypto/address.ts'
import { STAKING } from '../../params.ts'
import type { StateWriter } from '../../state/view.ts'
import type { Address } from '../../types/primitives.ts'
import { moved, refused, type StakeContext, type StakeOutcome } from './context.ts'
import { unknownValidator } from './delegate.ts'
import { readValidator, writeValidator } from './records.ts'
import { MAX_COMMISSION_BPS } from './register.ts'
import { commissionIn } from './rewards.ts'

export const editValidator = (
  state: StateWriter,
  sender: Address,
  { commissionBps: bps }: { commissionBps: number },
  { epoch }: StakeContext,
): StakeOutcome => {
  const validator = readValidator(state, sender)
  if (validator === undefined) return unknownValidator(sender)
  const commissionBps = commissionIn(epoch, validator)
  const highest = Math.min(commissionBps + STAKING.maxCommissionRiseBps, MAX_COMMISSION_BPS)
  if (bps > highest)
    return refused(
      'bad_commission',
      `${formatAddress(sender)} keeps ${commissionBps} ten-thousandths: in one epoch it may go up to ${highest}, not ${bps}`,
    )
  writeValidator(state, sender, { ...validator, commissionBps, nextCommission: { bps, from: epoch + 1n } })
  return moved(0n)
}
