/** Accounts and chain values as the rules see them, on top of any state. */
import { accountKey, chainValueKey } from '../state/keys.ts'
import type { StateReader, StateWriter } from '../state/view.ts'
import { type Account, accountCodec, EMPTY_ACCOUNT } from '../types/account.ts'
import { createCodec, u64 } from '../types/codec.ts'
import type { Address, Amount } from '../types/primitives.ts'

/** An account nobody has used is {@link EMPTY_ACCOUNT}, and is not stored. */
export const readAccount = (state: Pick<StateReader, 'get'>, address: Address): Account => {
  const bytes = state.get(accountKey(address))
  return bytes === undefined ? EMPTY_ACCOUNT : accountCodec.decode(bytes)
}

export const writeAccount = (state: StateWriter, address: Address, account: Account): void => {
  if (account.nonce === 0n && account.balance === 0n && account.contract === undefined) {
    state.delete(accountKey(address))
  } else {
    state.set(accountKey(address), accountCodec.encode(account))
  }
}

export const credit = (state: StateWriter, address: Address, amount: Amount): void => {
  if (amount === 0n) return
  const account = readAccount(state, address)
  writeAccount(state, address, { ...account, balance: account.balance + amount })
}

/** False, and nothing changed, if the account does not hold that much. */
export const debit = (state: StateWriter, address: Address, amount: Amount): boolean => {
  if (amount === 0n) return true
  const account = readAccount(state, address)
  if (account.balance < amount) return false
  writeAccount(state, address, { ...account, balance: account.balance - amount })
  return true
}

export const amountCodec = createCodec<bigint>(u64, 8)
const SUPPLY = chainValueKey('supply')

/** The sum of all balances, deposits and stakes, with what staking owes. Rewards add to it; fees and slashes burn. */
export const readSupply = (state: Pick<StateReader, 'get'>): Amount => {
  const bytes = state.get(SUPPLY)
  return bytes === undefined ? 0n : amountCodec.decode(bytes)
}

export const writeSupply = (state: StateWriter, supply: Amount): void => {
  state.set(SUPPLY, amountCodec.encode(supply))
}
