/** The wallet's file: made whole, changed whole, for its owner alone. */
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { writeSynced } from '../../node/storage/synced-files.ts'
import { MAX_KEYSTORE_BYTES } from '../../node/wallet/keystore-format.ts'
import type { SealSettings } from '../../node/wallet/keystore.ts'
import { openWallet, sealWallet, summarizeWallet, type Wallet } from '../../node/wallet/wallet.ts'
import { CliError } from '../errors.ts'
import type { CommonOptions } from '../options.ts'
import { createOutput, type OutputOptions } from '../output.ts'
import { OWNER_ONLY, readSecretFile, writeSecretFile } from '../secrets/file.ts'
import { type PasswordOptions, readPassword } from '../secrets/password.ts'
import { whileShown } from '../terminal/progress.ts'

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
  const wallet = await whileShown(createOutput(options), `Opening ${what}`, () =>
    openWallet(text, password, what),
  )
  return { wallet, password, settings, text }
}

/** A key is made of the password, which takes its time on purpose. */
const seal = (target: OutputOptions, path: string, ...of: Parameters<typeof sealWallet>): Promise<string> =>
  whileShown(createOutput(target), `Encrypting ${describeWallet(path)}`, () => sealWallet(...of))

export const writeNewWallet = async (
  options: WalletOptions,
  wallet: Wallet,
  password: string,
  settings: SealSettings,
): Promise<void> => {
  const { wallet: path } = options
  assertNoWallet(path)
  const text = await seal(options, path, wallet, password, settings)
  const folder = dirname(resolve(path))
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeSecretFile(path, text)
}

/** `before` is the text that was read: whatever another process has written since is not lost. */
export const replaceWallet = async (
  options: WalletOptions,
  before: string,
  wallet: Wallet,
  password: string,
  settings: SealSettings,
): Promise<void> => {
  const { wallet: path } = options
  const text = await seal(options, path, wallet, password, settings)
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
  await replaceWallet(options, text, after, password, settings)
  return { before: wallet, after }
}
