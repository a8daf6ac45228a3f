/** Whose key signs: `--from dev0`, `--key-file PATH`, or the environment's VEX_KEY, in this order. */
import { readFile, stat } from 'node:fs/promises'
import { SECRET_KEY_BYTES } from '../node/crypto/ed25519.ts'
import { fromHex } from '../node/types/primitives.ts'
import type { AddressBook } from './address-book.ts'
import { CliError } from './errors.ts'
import type { SignerOptions } from './options.ts'

const DEFAULT_DEV_ACCOUNT = 'dev0'
/** Permission bits of the group and of everybody else. */
const OTHERS = 0o077

/** `where` names the place of the key in the error; the text itself is never shown. */
const parseSecretKey = (text: string, where: string): Uint8Array => {
  const digits = text.trim()
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(digits)) return fromHex(digits)
  throw new CliError(
    'bad_key',
    `${where} does not hold a secret key: expected ${SECRET_KEY_BYTES} bytes as ${2 * SECRET_KEY_BYTES} hex digits, got ${digits.length} characters`,
  )
}

const readKeyFile = async (path: string): Promise<Uint8Array> => {
  const { mode } = await stat(path)
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
    const shown = (mode & 0o777).toString(8)
    throw new CliError(
      'key_file_open',
      `others on this machine may use the key file ${path} (mode ${shown}). Close it with: chmod 600 ${path}`,
    )
  }
  return parseSecretKey(await readFile(path, 'utf8'), `the file ${path}`)
}

const devKey = (name: string, chainId: string, book: AddressBook): Uint8Array => {
  const found = book.devAccounts.find(account => account.name === name)
  if (found !== undefined) return found.secretKey
  throw new CliError(
    'not_a_dev_chain',
    `--from ${name} works on a development chain only; this chain is ${JSON.stringify(chainId)}. Give your key with --key-file`,
  )
}

export const resolveSigner = async (
  options: SignerOptions,
  chainId: string,
  book: AddressBook,
): Promise<Uint8Array> => {
  if (options.from !== undefined) return devKey(options.from, chainId, book)
  if (options.keyFile !== undefined) return readKeyFile(options.keyFile)
  const fromEnvironment = process.env['VEX_KEY']
  if (fromEnvironment !== undefined && fromEnvironment !== '')
    return parseSecretKey(fromEnvironment, 'VEX_KEY')
  if (book.devAccounts.length > 0) return devKey(DEFAULT_DEV_ACCOUNT, chainId, book)
  throw new CliError('no_key', `nobody signs: give a secret key with --key-file, or in VEX_KEY`)
}
