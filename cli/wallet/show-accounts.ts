/** A wallet's accounts, as JSON and as lines. */
import { pathOf, type WalletAccount } from '../../node/wallet/wallet.ts'
import { paint } from '../output.ts'

export const accountToJson = (account: WalletAccount) => {
  const { name, address, publicKey } = account
  return { name, address, publicKey, path: pathOf(account) }
}

export const accountLines = (accounts: readonly WalletAccount[]): string[] => {
  const width = Math.max(...accounts.map(({ name }) => name.length))
  return accounts.map(
    account =>
      `  ${account.name.padEnd(width)}  ${account.address}  ${paint('dim', pathOf(account) ?? 'imported key')}`,
  )
}
