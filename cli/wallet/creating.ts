/** `vex wallet new | import`: a wallet of new words, of words that are there; a key beside them. */
import { type Command, InvalidArgumentError } from 'commander'
import { parseMnemonic, WORD_COUNTS } from '../../node/wallet/mnemonic.ts'
import { addAccount, createWallet, importKey, type Wallet, walletOf } from '../../node/wallet/wallet.ts'
import { usageError } from '../errors.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions } from '../options.ts'
import { createOutput, type Output } from '../output.ts'
import { mark } from '../terminal/colour.ts'
import { readSecretFile } from '../secrets/file.ts'
import { askHidden, canAsk } from '../secrets/hidden-prompt.ts'
import { addPasswordOption, readNewPassword } from '../secrets/password.ts'
import { readKeyFile } from '../signer.ts'
import { assertNoWallet, changeWallet, describeWallet, type WalletOptions, writeNewWallet } from './file.ts'
import { addWalletOption } from './location.ts'
import { addSealOptions, type SealOptions, sealSettings } from './settings.ts'
import { accountLines, accountToJson } from './show-accounts.ts'

const DEFAULT_NAME = 'main'
const DEFAULT_WORDS = 24
const MAX_MNEMONIC_BYTES = 4_096
const COLUMNS = 4

const parseWords = (text: string): number => {
  const words = Number(text)
  if (WORD_COUNTS.includes(words)) return words
  throw new InvalidArgumentError(`expected ${WORD_COUNTS.join(', ')}`)
}

const numbered = (mnemonic: string): string =>
  mnemonic
    .split(' ')
    .map((word, i) => `${String(i + 1).padStart(4)} ${word.padEnd(9)}`)
    .map((text, i) => (i % COLUMNS === COLUMNS - 1 ? `${text.trimEnd()}\n` : text))
    .join('')
    .trimEnd()

/** Once, and to a person: not into a pipe, a log or JSON. */
const showMnemonic = (mnemonic: string, path: string, output: Output): boolean => {
  if (output.isJson || !canAsk() || !process.stdout.isTTY) {
    output.notice(
      `The words of the wallet were not shown, because this is no terminal: vex wallet export --mnemonic --out FILE --wallet ${path} writes them into a file that only you can read`,
    )
    return false
  }
  output.notice(
    [
      mark(
        'warning',
        'Write these words down, in their order, on paper, and keep them where nobody else comes.',
      ),
      'Whoever has them has every account of this wallet, and nothing else brings it back if the file is lost.',
      'They are not shown again.',
      '',
      numbered(mnemonic),
      '',
    ].join('\n'),
  )
  return true
}

const report = (
  wallet: Wallet,
  path: string,
  title: string,
  output: Output,
  more: Readonly<Record<string, unknown>> = {},
): void =>
  output.result({ path, ...more, accounts: wallet.accounts.map(accountToJson) }, () =>
    [title, ...accountLines(wallet.accounts)].join('\n'),
  )

const make = async (
  name = DEFAULT_NAME,
  options: WalletOptions & SealOptions & { readonly words: number },
): Promise<void> => {
  const output = createOutput(options)
  const { wallet: path, words } = options
  assertNoWallet(path)
  const wallet = await addAccount(createWallet(words), name)
  const password = await readNewPassword(options.passwordFile, describeWallet(path))
  await writeNewWallet(options, wallet, password, sealSettings(options))
  const isMnemonicShown = showMnemonic(wallet.mnemonic, path, output)
  report(wallet, path, `Made the wallet ${path}`, output, { words, isMnemonicShown })
}

interface ImportOptions extends WalletOptions, SealOptions {
  readonly mnemonicFile?: string
  readonly keyFile?: string
}

const readMnemonic = async (path: string | undefined): Promise<string> => {
  if (path !== undefined)
    return parseMnemonic(await readSecretFile(path, 'mnemonic file', MAX_MNEMONIC_BYTES))
  if (!canAsk())
    throw usageError(
      'there is no terminal to ask for the words: give them with --mnemonic-file PATH, a file that only you can read, or a key with --key-file PATH',
    )
  return parseMnemonic(await askHidden('The words of the wallet, with spaces between them (not shown): '))
}

const importSecret = async (name = DEFAULT_NAME, options: ImportOptions): Promise<void> => {
  const output = createOutput(options)
  const { wallet: path, keyFile } = options
  if (keyFile !== undefined) {
    const key = await readKeyFile(keyFile)
    const { after } = await changeWallet(options, wallet => importKey(wallet, name, key))
    key.fill(0)
    report(after, path, `Added ${name} to ${path}; the words of the wallet do not bring it back`, output)
    return
  }
  assertNoWallet(path)
  const wallet = await addAccount(walletOf(await readMnemonic(options.mnemonicFile)), name)
  const password = await readNewPassword(options.passwordFile, describeWallet(path))
  await writeNewWallet(options, wallet, password, sealSettings(options))
  report(
    wallet,
    path,
    `Made the wallet ${path} of these words; vex wallet add brings further accounts`,
    output,
  )
}

export const addWalletOptions = (command: Command): Command =>
  addCommonOptions(addPasswordOption(addWalletOption(command)))

export const defineCreating = (wallet: Command): void => {
  const making = wallet
    .command('new')
    .description('make a wallet of new words, and its first account')
    .argument('[name]', `of the account (default: ${DEFAULT_NAME})`)
    .option('--words <n>', `${WORD_COUNTS.join(', ')} words`, parseWords, DEFAULT_WORDS)
    .action(make)
  addExamples(addWalletOptions(addSealOptions(making)), [
    'vex wallet new',
    'vex wallet new savings --wallet savings.json --password-file password --json',
  ])

  const importing = wallet
    .command('import')
    .description('make a wallet of words that you have; with --key-file, add a key to the wallet')
    .argument('[name]', `of the account (default: ${DEFAULT_NAME})`)
    .option(
      '--mnemonic-file <file>',
      'file with the words, for you alone (mode 600); otherwise you are asked',
    )
    .option('--key-file <file>', 'file with a secret key as hex, for you alone: a further account')
    .action(importSecret)
  addExamples(addWalletOptions(addSealOptions(importing)), [
    'vex wallet import',
    'vex wallet import old --key-file old.key',
  ])
}
