/** Names for addresses. On a development chain `dev0` to `dev9` stand for the accounts that everybody knows. */
import { formatAddress, parseAddress } from '../node/crypto/address.ts'
import type { DevAccount } from '../node/dev.ts'
import type { Address } from '../node/types/primitives.ts'
import { CliError } from './errors.ts'

export interface AddressBook {
  /** Empty on a chain that is not a development chain. */
  readonly devAccounts: readonly DevAccount[]
  /** Throws a CliError for the name of a development account on another chain. */
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

export const loadAddressBook = async (chainId: string): Promise<AddressBook> => {
  const { DEV_CHAIN_ID, devAccounts } = await import('../node/dev.ts')
  const accounts = chainId === DEV_CHAIN_ID ? devAccounts() : []
  const names = new Map<string, string>(accounts.map(({ address, name }) => [formatAddress(address), name]))
  return {
    devAccounts: accounts,
    resolve(text) {
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
