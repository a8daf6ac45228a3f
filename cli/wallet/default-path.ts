/** Where the wallet is if no option says: the environment's VEX_WALLET, or in the user's home. */
import { homedir } from 'node:os'
import { join } from 'node:path'

export const WALLET_VARIABLE = 'VEX_WALLET'

export const defaultWalletPath = (): string =>
  process.env[WALLET_VARIABLE] || join(homedir(), '.vex', 'wallet.json')
