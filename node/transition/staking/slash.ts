/**
 * Taking tokens and no shares, so that all who hold shares lose the same part; what is taken is burned.
 *
 * An equivocation costs max(5 %, 3 x the part of the power that equivocated) of what its validator has bonded and of
 * what has left since, or leaves still: the pools with leftAt > the epoch of the offence. The part is the sum over all
 * offences that are remembered, whichever epoch they were in, so a coordinated attack costs everything. It is settled
 * at the end of an epoch, for all alike: when it has grown, those who were slashed before lose the difference, and
 * nobody gains by being first to be caught.
 *
 * From f to g of the whole is (g - f) / (1 - f) of what is left.
 */
import { STAKING } from '../../params.ts'
import { poolsRange, readPoolKey } from '../../state/staking-keys.ts'
import type { StateWriter } from '../../state/view.ts'
import type { Address, Amount } from '../../types/primitives.ts'
import { type Offence, SLASH_ONE, unbondingPoolCodec } from '../../types/staking.ts'
import { readSupply, writeSupply } from '../accounts.ts'
import {
  addTotals,
  entriesOf,
  knownValidator,
  readOffences,
  writeOffences,
  writePool,
  writeValidator,
} from './records.ts'

/** `part` of `of`. */
export interface Fraction {
  readonly part: bigint
  readonly of: bigint
}

const partOf = (amount: Amount, { part, of }: Fraction): Amount => (amount * part) / of

const burn = (state: StateWriter, amount: Amount): void => writeSupply(state, readSupply(state) - amount)

export const burnBonded = (state: StateWriter, operator: Address, fraction: Fraction): void => {
  const validator = knownValidator(state, operator)
  const lost = partOf(validator.tokens, fraction)
  writeValidator(state, operator, { ...validator, tokens: validator.tokens - lost })
  addTotals(state, { bonded: -lost })
  burn(state, lost)
}

/** Of the pools whose tokens still voted in `epoch` or later. */
const burnUnbonding = (state: StateWriter, operator: Address, epoch: bigint, fraction: Fraction): void => {
  let lost = 0n
  for (const { key, value } of entriesOf(state, poolsRange(operator))) {
    const pool = unbondingPoolCodec.decode(value)
    if (pool.leftAt <= epoch) break
    const part = partOf(pool.tokens, fraction)
    writePool(state, operator, readPoolKey(key), { ...pool, tokens: pool.tokens - part })
    lost += part
  }
  addTotals(state, { unbonding: -lost })
  burn(state, lost)
}

/** What an equivocation costs, in billionths, when these are all that are remembered. */
export const equivocationSlash = (offences: readonly Pick<Offence, 'part'>[]): bigint => {
  const correlated = STAKING.correlationFactor * offences.reduce((sum, { part }) => sum + part, 0n)
  if (correlated < STAKING.minEquivocationSlash) return STAKING.minEquivocationSlash
  return correlated < SLASH_ONE ? correlated : SLASH_ONE
}

export const settleOffences = (state: StateWriter): void => {
  const offences = readOffences(state)
  const due = equivocationSlash(offences)
  if (offences.every(({ slashed }) => slashed >= due)) return
  writeOffences(
    state,
    offences.map(offence => {
      const { operator, epoch, slashed } = offence
      if (slashed >= due) return offence
      const fraction = { part: due - slashed, of: SLASH_ONE - slashed }
      burnBonded(state, operator, fraction)
      burnUnbonding(state, operator, epoch, fraction)
      return { ...offence, slashed: due }
    }),
  )
}
