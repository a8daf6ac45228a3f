/** Accounts of a test: those of every development chain, and more, each from its name alone. */
import { type AddressText, formatAddress, parseAddress, publicKeyToAddress } from '../crypto/address.ts'
import { publicKeyOf, sign } from '../crypto/ed25519.ts'
import { sha256 } from '../crypto/hash.ts'
import { devAccounts } from '../dev.ts'
import { type Address, toAddress } from '../types/primitives.ts'

export interface TestAccount {
  readonly name: string
  readonly address: AddressText
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Of any message, such as what a contract checks with `ed25519Verify`. 64 bytes. */
  sign(message: Uint8Array): Uint8Array
}

/** An account, a contract's handle, or an address. */
export type Someone = { readonly address: AddressText } | AddressText | Address

export const addressOf = (who: Someone): Address => {
  if (who instanceof Uint8Array) return toAddress(who)
  return parseAddress(typeof who === 'string' ? who : who.address)
}

const fromKey = (name: string, secretKey: Uint8Array): TestAccount => {
  const publicKey = publicKeyOf(secretKey)
  return {
    name,
    publicKey,
    address: formatAddress(publicKeyToAddress(publicKey)),
    sign: message => sign(secretKey, message),
  }
}

/** `dev0` to `dev9`, with the keys of development chains. */
export const createDevAccounts = (): TestAccount[] =>
  devAccounts().map(({ name, secretKey }) => fromKey(name, secretKey))

export const createAccount = (name: string): TestAccount =>
  fromKey(name, sha256(Buffer.from(`vex test account ${name}`)))
