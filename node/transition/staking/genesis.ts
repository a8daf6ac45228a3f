/** What the genesis stakes: each validator with its own stake. */
import type { StateWriter } from '../../state/view.ts'
import type { GenesisValidator } from '../../types/genesis.ts'
import { addBond } from './delegate.ts'
import { enrol } from './register.ts'

/** Keys and proofs have been checked. The stakes are part of the supply, beside all balances. */
export const stakeGenesis = (state: StateWriter, validators: readonly GenesisValidator[]): void => {
  for (const validator of validators)
    addBond(
      state,
      validator.address,
      validator.address,
      enrol(state, validator.address, validator),
      validator.stake,
    )
}
