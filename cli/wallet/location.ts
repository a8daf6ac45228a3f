/** Where the wallet is: `--wallet`, or the environment's VEX_WALLET, or in the user's home. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'

export const WALLET_VARIABLE = 'VEX_WALLET'
const SHOWN_DEFAULT = '~/.vex/wallet.json'

export const defaultWalletPath = (): string =>
  process.env[WALLET_VARIABLE] || join(homedir(), '.vex', 'wallet.json')

export const addWalletOption = (command: Command): Command =>
  command.addOption(
    new Option('--wallet <path>', `the wallet’s file (or ${WALLET_VARIABLE})`).default(
      defaultWalletPath(),
      SHOWN_DEFAULT,
    ),
  )
