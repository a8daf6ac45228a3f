/** `vex wallet add | rename | remove | password`. Each opens the wallet and writes it anew, whole. */
import { type Command, InvalidArgumentError } from 'commander'
import {
  addAccount,
  findAccount,
  removeAccount,
  renameAccount,
  summarizeWallet,
} from '../../node/wallet/wallet.ts'
import { confirm } from '../confirm.ts'
import { addExamples } from '../help/examples.ts'
import { createOutput } from '../output.ts'
import { readNewPassword } from '../secrets/password.ts'
import { addWalletOptions } from './creating.ts'
import {
  changeWallet,
  describeWallet,
  readWallet,
  replaceWallet,
  unlockWallet,
  type WalletOptions,
} from './file.ts'
import { addSealOptions, describeKdf, type SealOptions, sealSettings } from './settings.ts'
import { accountLines, accountToJson } from './show-accounts.ts'

const parseIndex = (text: string): number => {
  const index = Number(text)
  if (/^\d{1,10}$/.test(text) && index < 2 ** 31) return index
  throw new InvalidArgumentError('expected a number from 0 to 2147483647')
}

const add = async (name: string, options: WalletOptions & { readonly index?: number }): Promise<void> => {
  const output = createOutput(options)
  const { after } = await changeWallet(options, wallet => addAccount(wallet, name, options.index))
  const account = findAccount(after.accounts, name)
  output.result(accountToJson(account), () => ['Added', ...accountLines([account])].join('\n'))
}

const rename = async (from: string, to: string, options: WalletOptions): Promise<void> => {
  const output = createOutput(options)
  const { after } = await changeWallet(options, wallet => renameAccount(wallet, from, to))
  const account = findAccount(after.accounts, to)
  output.result(accountToJson(account), () =>
    [`${from} is called ${to} now`, ...accountLines([account])].join('\n'),
  )
}

const remove = async (name: string, options: WalletOptions & { readonly yes?: true }): Promise<void> => {
  const output = createOutput(options)
  const { wallet: path } = options
  const { accounts } = summarizeWallet(await readWallet(path), describeWallet(path))
  const account = findAccount(accounts, name)
  const isImported = account.index === null
  if (options.yes !== true)
    await confirm({
      question: isImported
        ? `Remove ${account.name} and its key? It was imported: the words of the wallet do not bring it back.`
        : `Remove ${account.name}? vex wallet add NAME --index ${account.index} brings it back.`,
      asker: 'vex wallet remove asks first',
      kept: `nothing was removed; ${path} is as it was`,
    })
  await changeWallet(options, wallet => removeAccount(wallet, account.name))
  output.result({ removed: accountToJson(account) }, () =>
    isImported
      ? `Removed ${account.name} and its key`
      : `Removed ${account.name}: vex wallet add NAME --index ${account.index} brings it back`,
  )
}

interface PasswordChange extends WalletOptions, SealOptions {
  readonly newPasswordFile?: string
}

const changePassword = async (options: PasswordChange): Promise<void> => {
  const output = createOutput(options)
  const { wallet: path } = options
  const { wallet, settings: before, text } = await unlockWallet(options)
  const password = await readNewPassword(options.newPasswordFile, describeWallet(path), '--new-password-file')
  const settings = sealSettings(options, before)
  await replaceWallet(options, text, wallet, password, settings)
  output.result(
    { path, ...settings },
    () =>
      `${path} has a new password${settings.kdf === undefined ? '' : ` (${describeKdf(settings.kdf)})`}. Copies made before open with the old one`,
  )
}

export const defineChanging = (wallet: Command): void => {
  const adding = wallet
    .command('add')
    .description('derive a further account from the words')
    .argument('<name>', 'what to call it')
    .option(
      '--index <n>',
      'which one of the words’ accounts; default: the first that is not there',
      parseIndex,
    )
    .action(add)
  addExamples(addWalletOptions(adding), ['vex wallet add savings', 'vex wallet add cold --index 7 --json'])

  const renaming = wallet
    .command('rename')
    .description('call an account something else')
    .argument('<name>', 'as it is called')
    .argument('<new>', 'as it shall be called')
    .action(rename)
  addExamples(addWalletOptions(renaming), [
    'vex wallet rename main daily',
    'vex wallet rename daily main --json',
  ])

  const removing = wallet
    .command('remove')
    .description('take an account out of the wallet; asks first')
    .argument('<name>', 'the account')
    .option('--yes', 'do not ask')
    .action(remove)
  addExamples(addWalletOptions(removing), ['vex wallet remove savings', 'vex wallet remove old --yes --json'])

  const changing = wallet
    .command('password')
    .description('give the wallet another password, or other protection')
    .option('--new-password-file <file>', 'file with the new password, for you alone (mode 600)')
    .action(changePassword)
  addExamples(addWalletOptions(addSealOptions(changing)), [
    'vex wallet password',
    'vex wallet password --kdf pbkdf2 --password-file old --new-password-file new --json',
  ])
}
