/**
 * Whose key signs: `--from NAME`, `--key-file PATH`, or the environment's VEX_KEY, in this order. A name is one of the
 * wallet's accounts, whose password is then asked for, or of a development chain's.
 */
import { publicKeyToAddress } from '../node/crypto/address.ts'
import { publicKeyOf, SECRET_KEY_BYTES } from '../node/crypto/ed25519.ts'
import { type Address, fromHex } from '../node/types/primitives.ts'
import { findAccount, secretKeyOf } from '../node/wallet/wallet.ts'
import { type AddressBook, isDevName } from './address-book.ts'
import { CliError } from './errors.ts'
import type { SignerOptions } from './options.ts'
import { readSecretFile } from './secrets/file.ts'
import { readWallet, unlockWallet } from './wallet/file.ts'

const DEFAULT_DEV_ACCOUNT = 'dev0'
const MAX_KEY_FILE_BYTES = 1_024

/** `where` names the place of the key in the error; the text itself is never shown. */
const parseSecretKey = (text: string, where: string): Uint8Array => {
  const digits = text.trim()
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(digits)) return fromHex(digits)
  throw new CliError(
    'bad_key',
    `${where} does not hold a secret key: expected ${SECRET_KEY_BYTES} bytes as ${2 * SECRET_KEY_BYTES} hex digits, got ${digits.length} characters`,
  )
}

export const readKeyFile = async (path: string): Promise<Uint8Array> =>
  parseSecretKey(await readSecretFile(path, 'key file', MAX_KEY_FILE_BYTES), `the file ${path}`)

const devKey = (name: string, chainId: string, book: AddressBook): Uint8Array => {
  const found = book.devAccounts.find(account => account.name === name)
  if (found !== undefined) return found.secretKey
  throw new CliError(
    'not_a_dev_chain',
    `--from ${name} works on a development chain only; this chain is ${JSON.stringify(chainId)}. Name an account of your wallet, or give your key with --key-file`,
  )
}

/** The name is looked for before the password is asked. */
const walletKey = async (
  from: string,
  options: SignerOptions,
  { wallet }: AddressBook,
): Promise<Uint8Array> => {
  if (!wallet.isThere) await readWallet(wallet.path)
  if (wallet.problem !== undefined) throw wallet.problem
  findAccount(wallet.accounts, from)
  const unlocked = await unlockWallet({ ...options, wallet: wallet.path })
  return secretKeyOf(unlocked.wallet, from)
}

export const resolveSigner = async (
  options: SignerOptions,
  chainId: string,
  book: AddressBook,
): Promise<Uint8Array> => {
  const { from, keyFile } = options
  if (from !== undefined)
    return isDevName(from) ? devKey(from, chainId, book) : walletKey(from, options, book)
  if (keyFile !== undefined) return readKeyFile(keyFile)
  const fromEnvironment = process.env['VEX_KEY']
  if (fromEnvironment !== undefined && fromEnvironment !== '')
    return parseSecretKey(fromEnvironment, 'VEX_KEY')
  if (book.devAccounts.length > 0) return devKey(DEFAULT_DEV_ACCOUNT, chainId, book)
  throw new CliError(
    'no_key',
    `nobody signs: name an account of your wallet with --from (vex wallet list), or give a secret key with --key-file, or in VEX_KEY`,
  )
}

/** Of who would sign: a wallet's account needs no password for that. */
export const resolveSignerAddress = async (
  options: SignerOptions,
  chainId: string,
  book: AddressBook,
): Promise<Address> =>
  options.from !== undefined && book.isName(options.from) && !isDevName(options.from)
    ? book.resolve(options.from)
    : publicKeyToAddress(publicKeyOf(await resolveSigner(options, chainId, book)))
