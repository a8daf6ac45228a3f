/** The wallet's file: made whole, changed whole, for its owner alone. */
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { writeSynced } from '../../node/storage/synced-files.ts'
import { MAX_KEYSTORE_BYTES } from '../../node/wallet/keystore-format.ts'
import type { SealSettings } from '../../node/wallet/keystore.ts'
import { openWallet, sealWallet, summarizeWallet, type Wallet } from '../../node/wallet/wallet.ts'
import { CliError } from '../errors.ts'
import type { CommonOptions } from '../options.ts'
import { OWNER_ONLY, readSecretFile, writeSecretFile } from '../secrets/file.ts'
import { type PasswordOptions, readPassword } from '../secrets/password.ts'

export interface WalletOptions extends CommonOptions, PasswordOptions {
  readonly wallet: string
}

export const describeWallet = (path: string): string => `the wallet ${path}`

export const assertNoWallet = (path: string): void => {
  if (existsSync(path))
    throw new CliError(
      'exists',
      `${path} is there already, and was not changed: name another file with --wallet`,
    )
}

export const readWallet = async (path: string): Promise<string> => {
  if (!existsSync(path))
    throw new CliError(
      'no_wallet',
      `there is no wallet ${path}: make one with vex wallet new, or name another with --wallet`,
    )
  return readSecretFile(path, 'wallet', MAX_KEYSTORE_BYTES)
}

export interface OpenedWallet {
  readonly wallet: Wallet
  readonly password: string
  readonly settings: SealSettings
  /** As it was read. */
  readonly text: string
}

/** Asks for the password, once. */
export const unlockWallet = async (options: WalletOptions): Promise<OpenedWallet> => {
  const { wallet: path } = options
  const what = describeWallet(path)
  const text = await readWallet(path)
  // What is wrong with the file is said before anybody types.
  const { settings } = summarizeWallet(text, what)
  const password = await readPassword(options, what)
  return { wallet: await openWallet(text, password, what), password, settings, text }
}

export const writeNewWallet = async (
  path: string,
  wallet: Wallet,
  password: string,
  settings: SealSettings,
): Promise<void> => {
  assertNoWallet(path)
  const text = await sealWallet(wallet, password, settings)
  const folder = dirname(resolve(path))
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeSecretFile(path, text)
}

/** `before` is the text that was read: whatever another process has written since is not lost. */
export const replaceWallet = async (
  path: string,
  before: string,
  wallet: Wallet,
  password: string,
  settings: SealSettings,
): Promise<void> => {
  const text = await sealWallet(wallet, password, settings)
  const place = realpathSync(path)
  if (readFileSync(place, 'utf8') !== before)
    throw new CliError('changed', `another process has changed ${path} just now: run the command again`)
  writeSynced(dirname(place), basename(place), text, OWNER_ONLY)
}

export const changeWallet = async (
  options: WalletOptions,
  change: (wallet: Wallet) => Wallet | Promise<Wallet>,
): Promise<{ readonly before: Wallet; readonly after: Wallet }> => {
  const { wallet, password, settings, text } = await unlockWallet(options)
  const after = await change(wallet)
  await replaceWallet(options.wallet, text, after, password, settings)
  return { before: wallet, after }
}
