/**
 * Who may sign from the screen: the development accounts, and the wallet's while it is open. It locks itself when no key was
 * pressed for a while. Passwords and keys never reach the state that frames are drawn from.
 */
import { secretKeyOf, openWallet, type Wallet } from '../../node/wallet/wallet.ts'
import type { AddressBook } from '../address-book.ts'
import { CliError } from '../errors.ts'
import { describeWallet, readWallet } from '../wallet/file.ts'
import type { State } from './state.ts'

export interface Signing {
  readonly signers: State['signers']
  /** When it locks itself; `undefined`: it is locked, or there is none. */
  readonly lockAtMs: number | undefined
  /** Opens the wallet if `name` is in it and it is locked. Throws a sentence. */
  keyOf(name: string, password: string): Promise<Uint8Array>
  /** A key was pressed. */
  touch(nowMs: number): void
  /** Locks it if the time has come; `isNow`: in any case. True if that changed something. */
  lock(nowMs: number, isNow?: boolean): boolean
}

export const createSigning = (
  book: Pick<AddressBook, 'devAccounts' | 'wallet'>,
  lockAfterMs: number,
  clock: () => number,
): Signing => {
  let opened: Wallet | undefined
  let lockAtMs: number | undefined
  return {
    get signers() {
      return [
        ...book.devAccounts.map(({ name }) => ({ name, isLocked: false })),
        ...book.wallet.accounts.map(({ name }) => ({ name, isLocked: opened === undefined })),
      ]
    },
    get lockAtMs() {
      return lockAtMs
    },
    async keyOf(name, password) {
      const dev = book.devAccounts.find(account => account.name === name)
      if (dev !== undefined) return dev.secretKey
      if (!book.wallet.accounts.some(account => account.name === name)) {
        const known = [...book.devAccounts, ...book.wallet.accounts].map(each => each.name).join(', ')
        throw new CliError('no_account', `there is no account "${name}" here: there are ${known || 'none'}`)
      }
      if (opened === undefined) {
        const { path } = book.wallet
        if (password === '')
          throw new CliError(
            'no_password',
            `${name} is in the wallet ${path}, which is locked: give its password`,
          )
        opened = await openWallet(await readWallet(path), password, describeWallet(path))
      }
      lockAtMs = clock() + lockAfterMs
      return secretKeyOf(opened, name)
    },
    touch(nowMs) {
      if (lockAtMs !== undefined) lockAtMs = nowMs + lockAfterMs
    },
    lock(nowMs, isNow = false) {
      if (lockAtMs === undefined || (!isNow && nowMs < lockAtMs)) return false
      opened = undefined
      lockAtMs = undefined
      return true
    },
  }
}
