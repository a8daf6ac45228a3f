/** A wallet's accounts, as JSON and as lines. */
import { pathOf, type WalletAccount } from '../../node/wallet/wallet.ts'
import { paint } from '../terminal/colour.ts'
import { type GridColumn, showGrid } from '../terminal/table.ts'

export const accountToJson = (account: WalletAccount) => {
  const { name, address, publicKey } = account
  return { name, address, publicKey, path: pathOf(account) }
}

const ACCOUNT_TABLE: readonly GridColumn[] = [{ head: '' }, { head: '' }, { head: '', dropsAt: 1 }]

export const accountLines = (accounts: readonly WalletAccount[]): string[] => {
  const rows = accounts.map(account => [
    `  ${account.name}`,
    account.address,
    paint('dim', pathOf(account) ?? 'imported key'),
  ])
  return showGrid(ACCOUNT_TABLE, rows).split('\n')
}
