/**
 * withdraw(validator): what the sender undelegated and is liable for nothing any more, the oldest pools first.
 *
 * By an action and not by itself, because a boundary that paid out would have as much to do as there are delegators.
 */
import { formatAddress } from '../../crypto/address.ts'
import { LIMITS } from '../../params.ts'
import { poolSharesRange, readPoolSharesKey } from '../../state/staking-keys.ts'
import type { StateWriter } from '../../state/view.ts'
import type { Address } from '../../types/primitives.ts'
import { credit } from '../accounts.ts'
import { moved, refused, type StakeContext, type StakeOutcome } from './context.ts'
import { isMature } from './expiry.ts'
import { addTotals, entriesOf, readPool, readPoolShares, writePool, writePoolShares } from './records.ts'
import { worthOf } from './shares.ts'

/** `pools`: how many it took from. */
export const withdraw = (
  state: StateWriter,
  sender: Address,
  { validator: operator }: { validator: Address },
  context: StakeContext,
): { outcome: StakeOutcome; pools: number } => {
  let paid = 0n
  let pools = 0
  let waiting: bigint | undefined
  for (const { key } of entriesOf(state, poolSharesRange(sender, operator))) {
    const { epoch } = readPoolSharesKey(key)
    const pool = readPool(state, operator, epoch)
    if (pool === undefined) throw new Error(`shares of a pool of epoch ${epoch} that is not there`)
    if (!isMature(state, context, pool)) {
      waiting = epoch
      break
    }
    if (pools === LIMITS.withdrawnPools) break
    const shares = readPoolShares(state, sender, operator, epoch)
    const amount = worthOf(shares, pool)
    const left = { ...pool, tokens: pool.tokens - amount, shares: pool.shares - shares }
    writePool(state, operator, epoch, left.shares === 0n ? undefined : left)
    writePoolShares(state, sender, operator, epoch, 0n)
    paid += amount
    pools += 1
  }
  if (pools === 0) {
    const why =
      waiting === undefined
        ? `the account has undelegated nothing from ${formatAddress(operator)}`
        : `what was undelegated from ${formatAddress(operator)} in epoch ${waiting} may still be slashed`
    return { outcome: refused('nothing_to_withdraw', why), pools }
  }
  credit(state, sender, paid)
  addTotals(state, { unbonding: -paid })
  return { outcome: moved(paid), pools }
}
