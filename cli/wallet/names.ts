/** What the wallet's file tells without its password. A file that is not there, or is damaged, stops nobody who needs no name. */
import { existsSync, readFileSync } from 'node:fs'
import { summarizeWallet, type WalletAccount } from '../../node/wallet/wallet.ts'
import { defaultWalletPath } from './default-path.ts'

export interface WalletNames {
  readonly path: string
  readonly isThere: boolean
  readonly accounts: readonly WalletAccount[]
  /** Why there are none, if the file is there. */
  readonly problem: unknown
}

export const readWalletNames = (path = defaultWalletPath()): WalletNames => {
  const nobody = { path, accounts: [], problem: undefined }
  if (!existsSync(path)) return { ...nobody, isThere: false }
  try {
    const { accounts } = summarizeWallet(readFileSync(path, 'utf8'), `the wallet ${path}`)
    return { path, isThere: true, accounts, problem: undefined }
  } catch (problem) {
    return { ...nobody, isThere: true, problem }
  }
}
