/** `vex wallet list | show`: what can be known without the password, and with it whether all of it is true. */
import type { Command } from 'commander'
import { findAccount, summarizeWallet } from '../../node/wallet/wallet.ts'
import { addExamples } from '../help/examples.ts'
import { createOutput } from '../output.ts'
import { showTable } from '../terminal/table.ts'
import { addWalletOptions } from './creating.ts'
import { describeWallet, readWallet, unlockWallet, type WalletOptions } from './file.ts'
import { describeKdf } from './settings.ts'
import { accountLines, accountToJson } from './show-accounts.ts'

const list = async (options: WalletOptions): Promise<void> => {
  const output = createOutput(options)
  const { wallet: path } = options
  const { accounts } = summarizeWallet(await readWallet(path), describeWallet(path))
  output.result({ path, accounts: accounts.map(accountToJson) }, () =>
    accounts.length === 0 ? `${path} has no accounts` : accountLines(accounts).join('\n'),
  )
}

const show = async (
  name: string | undefined,
  options: WalletOptions & { readonly check?: true },
): Promise<void> => {
  const output = createOutput(options)
  const { wallet: path } = options
  const { accounts, settings } = summarizeWallet(await readWallet(path), describeWallet(path))
  const account = name === undefined ? undefined : findAccount(accounts, name)
  const isChecked = options.check === true
  if (isChecked) await unlockWallet(options)
  if (account !== undefined) {
    const { address, publicKey, path: keyPath } = accountToJson(account)
    output.result({ ...accountToJson(account), isChecked }, () =>
      showTable(account.name, [
        ['address', address],
        ['public key', publicKey],
        ['path', keyPath ?? 'none: an imported key'],
      ]),
    )
    return
  }
  output.result({ path, ...settings, accounts: accounts.map(accountToJson), isChecked }, () =>
    showTable(`The wallet ${path}`, [
      ['accounts', String(accounts.length)],
      ['password', describeKdf(settings.kdf)],
      ['cipher', settings.cipher],
      ['checked', isChecked ? 'the password opens it, and every key belongs to its address' : 'no (--check)'],
    ]),
  )
}

export const defineShowing = (wallet: Command): void => {
  const listing = wallet.command('list').description('show the accounts; needs no password').action(list)
  addExamples(addWalletOptions(listing), ['vex wallet list', 'vex wallet list --json'])

  const showing = wallet
    .command('show')
    .description('show how the wallet is protected, or one account')
    .argument('[name]', 'an account')
    .option('--check', 'open it with the password, and hold every key against its address')
    .action(show)
  addExamples(addWalletOptions(showing), ['vex wallet show --check', 'vex wallet show main --json'])
}
