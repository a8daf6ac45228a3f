/** `vex wallet export`: secrets in the clear, into a file that only its owner can read; never onto the screen. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { toHex } from '../../node/types/primitives.ts'
import { findAccount, secretKeyOf } from '../../node/wallet/wallet.ts'
import { CliError, usageError } from '../errors.ts'
import { addExamples } from '../help/examples.ts'
import { createOutput } from '../output.ts'
import { writeSecretFile } from '../secrets/file.ts'
import { addWalletOptions } from './creating.ts'
import { unlockWallet, type WalletOptions } from './file.ts'

interface ExportOptions extends WalletOptions {
  readonly mnemonic?: true
  readonly out: string
}

const exportSecret = async (name: string | undefined, options: ExportOptions): Promise<void> => {
  const output = createOutput(options)
  const { out } = options
  if ((name === undefined) === (options.mnemonic !== true))
    throw usageError('name the account whose key is to be exported, or give --mnemonic for the words of all')
  if (existsSync(out))
    throw new CliError('exists', `${out} is there already, and was not changed: name another file`)
  const { wallet } = await unlockWallet(options)
  if (name === undefined) {
    writeSecretFile(out, `${wallet.mnemonic}\n`)
    output.result(
      { path: out, exported: 'mnemonic' },
      () => `Wrote the words of the wallet to ${out}, not encrypted: whoever reads it has every account`,
    )
    return
  }
  const { address } = findAccount(wallet.accounts, name)
  const key = await secretKeyOf(wallet, name)
  writeSecretFile(out, `${toHex(key)}\n`)
  key.fill(0)
  output.result(
    { path: out, exported: 'key', name, address },
    () => `Wrote the key of ${name} to ${out}, not encrypted: --key-file ${out} signs with it`,
  )
}

export const defineExporting = (wallet: Command): void => {
  const command = wallet
    .command('export')
    .description('write the words, or the key of one account, into a file that only you can read')
    .argument('[name]', 'the account')
    .option('--mnemonic', 'the words, which are all accounts but the imported')
    .requiredOption('--out <file>', 'where to write it; never over a file that is there')
    .action(exportSecret)
  addExamples(addWalletOptions(command), [
    'vex wallet export main --out main.key',
    'vex wallet export --mnemonic --out words.txt',
  ])
}
