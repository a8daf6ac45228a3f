/** Where the wallet is: `--wallet`, or default-path.ts. */
import { type Command, Option } from 'commander'
import { defaultWalletPath, WALLET_VARIABLE } from './default-path.ts'

const SHOWN_DEFAULT = '~/.vex/wallet.json'

export const addWalletOption = (command: Command): Command =>
  command.addOption(
    new Option('--wallet <file>', `the wallet’s file (or ${WALLET_VARIABLE})`).default(
      defaultWalletPath(),
      SHOWN_DEFAULT,
    ),
  )
