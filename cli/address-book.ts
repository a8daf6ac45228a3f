/**
 * Names for addresses: the accounts of the wallet, and on a development chain `dev0` to `dev9`, the accounts that
 * everybody knows. The wallet's names are read without its password, and are as safe as its file.
 */
import { formatAddress, parseAddress } from '../node/crypto/address.ts'
import type { DevAccount } from '../node/dev.ts'
import type { Address } from '../node/types/primitives.ts'
import { isAccountName } from '../node/wallet/account-name.ts'
import { CliError, usageError } from './errors.ts'
import { readWalletNames, type WalletNames } from './wallet/names.ts'

export interface AddressBook {
  /** Empty on a chain that is not a development chain. */
  readonly devAccounts: readonly DevAccount[]
  readonly wallet: WalletNames
  /** Whether {@link resolve} knows it as a name. */
  isName(text: string): boolean
  /** Throws a CliError for a name that stands for nobody here. */
  resolve(text: string): Address
  /** `dev0`, or the address shortened, for lines. */
  readonly short: (address: string) => string
  /** The whole address, with its name if it has one. */
  readonly full: (address: string) => string
}

export const isDevName = (text: string): boolean => /^dev\d$/.test(text)

const HEAD = 10
const TAIL = 6
const shorten = (address: string): string => `${address.slice(0, HEAD)}…${address.slice(-TAIL)}`

const unknownName = (text: string, { path, accounts, isThere }: WalletNames): CliError => {
  const names = accounts.map(({ name }) => name).join(', ')
  const wallet = isThere ? `the wallet ${path} has ${names || 'none'}` : `there is no wallet ${path}`
  return usageError(
    `${JSON.stringify(text)} is not a Vex address: it does not begin with vex1. Nor is it an account of yours: ${wallet}`,
  )
}

export const loadAddressBook = async (chainId: string, walletPath?: string): Promise<AddressBook> => {
  const wallet = readWalletNames(walletPath)
  const { DEV_CHAIN_ID, devAccounts } = await import('../node/dev.ts')
  const accounts = chainId === DEV_CHAIN_ID ? devAccounts() : []
  const names = new Map<string, string>([
    ...wallet.accounts.map(({ address, name }) => [address, name] as const),
    ...accounts.map(({ address, name }) => [formatAddress(address), name] as const),
  ])
  return {
    devAccounts: accounts,
    wallet,
    isName: text => isDevName(text) || wallet.accounts.some(({ name }) => name === text),
    resolve(text) {
      if (isAccountName(text)) {
        if (wallet.problem !== undefined) throw wallet.problem
        const own = wallet.accounts.find(({ name }) => name === text)
        if (own === undefined) throw unknownName(text, wallet)
        return parseAddress(own.address)
      }
      if (!isDevName(text)) return parseAddress(text)
      const found = accounts.find(({ name }) => name === text)
      if (found !== undefined) return found.address
      throw new CliError(
        'not_a_dev_chain',
        `${text} is an account of development chains, whose key everybody knows; this chain is ${JSON.stringify(chainId)}. Give an address that starts with vex1`,
      )
    },
    short: address => names.get(address) ?? shorten(address),
    full: address => {
      const name = names.get(address)
      return name === undefined ? address : `${address} (${name})`
    },
  }
}
