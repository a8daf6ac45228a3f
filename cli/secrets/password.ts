/**
 * Passwords: asked for on the terminal, without an echo; from a file that only its owner may read; and where nobody can
 * type (in CI) from the environment. Never from the command line, which every process on the machine can read.
 */
import type { Command } from 'commander'
import { checkNewPassword } from '../../node/wallet/keystore.ts'
import { CliError, usageError } from '../errors.ts'
import { readSecretFile } from './file.ts'
import { askHidden, canAsk } from './hidden-prompt.ts'

export const PASSWORD_VARIABLE = 'VEX_WALLET_PASSWORD'
const MAX_FILE_BYTES = 4_096

export interface PasswordOptions {
  readonly passwordFile?: string
}

export const addPasswordOption = (command: Command): Command =>
  command.option(
    '--password-file <file>',
    `file with the password, for you alone (mode 600); otherwise you are asked, or in CI ${PASSWORD_VARIABLE} is taken`,
  )

/** The first line without its end. */
const readPasswordFile = async (path: string): Promise<string> => {
  const text = await readSecretFile(path, 'password file', MAX_FILE_BYTES)
  const [line = ''] = text.split(/\r?\n/, 1)
  if (line === '')
    throw new CliError('no_password', `the password file ${path} has nothing in its first line`)
  return line
}

/** Where a person sits, the environment is not asked: it would be in every shell's history and every child. */
const passwordElsewhere = async (path: string | undefined): Promise<string | undefined> => {
  if (path !== undefined) return readPasswordFile(path)
  return canAsk() ? undefined : process.env[PASSWORD_VARIABLE] || undefined
}

const noTerminal = (what: string, option: string): CliError =>
  usageError(`${what} has a password, and there is no terminal to ask for it: give it with ${option} PATH`)

/** `what` it opens, such as `the wallet w.json`. */
export const readPassword = async ({ passwordFile }: PasswordOptions, what: string): Promise<string> => {
  const given = await passwordElsewhere(passwordFile)
  if (given !== undefined) return given
  if (!canAsk()) throw noTerminal(what, '--password-file')
  return askHidden(`Password of ${what}: `)
}

/** Asked for twice on a terminal. Throws `weak_password`. */
export const readNewPassword = async (
  passwordFile: string | undefined,
  what: string,
  option = '--password-file',
): Promise<string> => {
  const given = await passwordElsewhere(passwordFile)
  if (given !== undefined) {
    checkNewPassword(given)
    return given
  }
  if (!canAsk()) throw noTerminal(what, option)
  const password = await askHidden(`New password of ${what}: `)
  checkNewPassword(password)
  if ((await askHidden('The same again: ')) === password) return password
  throw new CliError('passwords_differ', 'the two passwords differ: nothing was done')
}
