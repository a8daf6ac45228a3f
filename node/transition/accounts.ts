/** Accounts and chain values as the rules see them, on top of any state. */
import { accountKey, chainValueKey } from '../state/keys.ts'
import type { StateReader, StateWriter } from '../state/view.ts'
import { type Account, accountCodec, EMPTY_ACCOUNT } from '../types/account.ts'
import { createCodec, u64 } from '../types/codec.ts'
import { type Address, type Amount, toLatin1 } from '../types/primitives.ts'

/** Where an account lies in the state, made once for what is read and written several times. */
export interface AccountPlace {
  readonly key: Uint8Array
  /** The same in latin1. */
  readonly name: string
}

export const accountPlace = (address: Address): AccountPlace => {
  const key = accountKey(address)
  return { key, name: toLatin1(key) }
}

/** An account nobody has used is {@link EMPTY_ACCOUNT}, and is not stored. */
export const readAccountAt = (state: Pick<StateReader, 'get'>, { key, name }: AccountPlace): Account => {
  const bytes = state.get(key, name)
  return bytes === undefined ? EMPTY_ACCOUNT : accountCodec.decode(bytes)
}

export const writeAccountAt = (state: StateWriter, { key, name }: AccountPlace, account: Account): void => {
  if (account.nonce === 0n && account.balance === 0n && account.contract === undefined)
    state.delete(key, name)
  else state.set(key, accountCodec.encode(account), name)
}

export const creditAt = (state: StateWriter, place: AccountPlace, amount: Amount): void => {
  if (amount === 0n) return
  const account = readAccountAt(state, place)
  writeAccountAt(state, place, { ...account, balance: account.balance + amount })
}

/** False, and nothing changed, if the account does not hold that much. */
export const debitAt = (state: StateWriter, place: AccountPlace, amount: Amount): boolean => {
  if (amount === 0n) return true
  const account = readAccountAt(state, place)
  if (account.balance < amount) return false
  writeAccountAt(state, place, { ...account, balance: account.balance - amount })
  return true
}

export const readAccount = (state: Pick<StateReader, 'get'>, address: Address): Account =>
  readAccountAt(state, accountPlace(address))

export const writeAccount = (state: StateWriter, address: Address, account: Account): void =>
  writeAccountAt(state, accountPlace(address), account)

export const credit = (state: StateWriter, address: Address, amount: Amount): void =>
  creditAt(state, accountPlace(address), amount)

/** See {@link debitAt}. */
export const debit = (state: StateWriter, address: Address, amount: Amount): boolean =>
  debitAt(state, accountPlace(address), amount)

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
