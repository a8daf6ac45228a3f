/**
 * A wallet: the words of one mnemonic, accounts derived from them, and keys that were imported; in a keystore of the kind
 * `wallet`. Names, addresses and public keys are its public part: a list needs no password. Opening proves them, twice:
 * the cipher authenticates them, and every key is held against its address.
 *
 * A wallet is a value: what changes one gives another. Strings with secrets cannot be wiped in JavaScript; keep few of
 * them, for as short as it goes.
 */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { formatAddress, publicKeyToAddress } from '../crypto/address.ts'
import { publicKeyOf } from '../crypto/ed25519.ts'
import { fromHex, toHex } from '../types/primitives.ts'
import { ACCOUNT_NAME, isAccountName } from './account-name.ts'
import { accountPath, deriveNode } from './derivation.ts'
import type { CipherName } from './keystore-cipher.ts'
import { KeystoreError } from './keystore-error.ts'
import { parseKeystore } from './keystore-format.ts'
import type { KdfCost } from './keystore-kdf.ts'
import { openKeystore, parseJson, type SealSettings, sealKeystore } from './keystore.ts'
import { entropyBytesFor, mnemonicOf, mnemonicToSeed, parseMnemonic } from './mnemonic.ts'

const KIND = 'wallet'
export const MAX_ACCOUNTS = 1_000
const MAX_INDEX = 2 ** 31 - 1

export interface WalletAccount {
  readonly name: string
  readonly address: string
  /** `0x` hex. */
  readonly publicKey: string
  /** Of the path; `null` for an imported key. */
  readonly index: number | null
}

export interface Wallet {
  readonly accounts: readonly WalletAccount[]
  readonly mnemonic: string
  /** Secret keys as hex, by address. */
  readonly imported: Readonly<Record<string, string>>
}

export type AccountErrorCode = 'no_account' | 'account_exists' | 'bad_name' | 'too_many_accounts'

export class AccountError extends Error {
  override readonly name = 'AccountError'
  readonly code: AccountErrorCode
  constructor(code: AccountErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

const accountSchema = z.strictObject({
  name: z.string().refine(isAccountName),
  address: z.string().max(100),
  publicKey: z.string().regex(/^0x[0-9a-f]{64}$/),
  index: z.int().min(0).max(MAX_INDEX).nullable(),
})
const publicSchema = z.strictObject({ accounts: z.array(accountSchema).max(MAX_ACCOUNTS) })
const secretSchema = z.strictObject({
  mnemonic: z.string(),
  imported: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
})

export const pathOf = ({ index }: WalletAccount): string | null =>
  index === null ? null : accountPath(index)

const describeKey = (secretKey: Uint8Array): Pick<WalletAccount, 'address' | 'publicKey'> => {
  const publicKey = publicKeyOf(secretKey)
  return { address: formatAddress(publicKeyToAddress(publicKey)), publicKey: `0x${toHex(publicKey)}` }
}

export const findAccount = <T extends Pick<WalletAccount, 'name' | 'address'>>(
  accounts: readonly T[],
  nameOrAddress: string,
): T => {
  const found = accounts.find(({ name, address }) => name === nameOrAddress || address === nameOrAddress)
  if (found !== undefined) return found
  const names = accounts.map(({ name }) => name).join(', ')
  throw new AccountError(
    'no_account',
    `the wallet has no account ${JSON.stringify(nameOrAddress)}; ${names === '' ? 'it has none' : `it has: ${names}`}`,
  )
}

const assertFree = ({ accounts }: Wallet, name: string): void => {
  if (!isAccountName(name))
    throw new AccountError('bad_name', `${JSON.stringify(name)} names no account: expected ${ACCOUNT_NAME}`)
  if (accounts.some(account => account.name === name))
    throw new AccountError('account_exists', `the wallet has an account ${name} already: choose another name`)
}

const withAccount = (wallet: Wallet, account: WalletAccount): Wallet => {
  assertFree(wallet, account.name)
  const same = wallet.accounts.find(({ address }) => address === account.address)
  if (same !== undefined)
    throw new AccountError(
      'account_exists',
      `the wallet has this account already, as ${same.name}: vex wallet rename ${same.name} ${account.name}`,
    )
  if (wallet.accounts.length >= MAX_ACCOUNTS)
    throw new AccountError('too_many_accounts', `a wallet has at most ${MAX_ACCOUNTS} accounts`)
  return { ...wallet, accounts: [...wallet.accounts, account] }
}

export const walletOf = (mnemonic: string): Wallet => ({
  accounts: [],
  mnemonic: parseMnemonic(mnemonic),
  imported: {},
})

export const createWallet = (wordCount: number): Wallet => {
  const entropy = randomBytes(entropyBytesFor(wordCount))
  try {
    return walletOf(mnemonicOf(entropy))
  } finally {
    entropy.fill(0)
  }
}

const derive = async (
  { mnemonic }: Wallet,
  indices: readonly number[],
): Promise<ReadonlyMap<number, Uint8Array>> => {
  const seed = await mnemonicToSeed(mnemonic)
  try {
    return new Map(indices.map(index => [index, deriveNode(seed, accountPath(index)).secretKey]))
  } finally {
    seed.fill(0)
  }
}

const firstFree = ({ accounts }: Wallet): number => {
  const used = new Set(accounts.map(({ index }) => index))
  let index = 0
  while (used.has(index)) index++
  return index
}

/** Default: the first index that no account has. */
export const addAccount = async (wallet: Wallet, name: string, given?: number): Promise<Wallet> => {
  assertFree(wallet, name)
  const index = given ?? firstFree(wallet)
  const key = (await derive(wallet, [index])).get(index) as Uint8Array
  try {
    return withAccount(wallet, { name, ...describeKey(key), index })
  } finally {
    key.fill(0)
  }
}

export const importKey = (wallet: Wallet, name: string, secretKey: Uint8Array): Wallet => {
  const account = { name, ...describeKey(secretKey), index: null }
  const imported = { ...wallet.imported, [account.address]: toHex(secretKey) }
  return { ...withAccount(wallet, account), imported }
}

export const renameAccount = (wallet: Wallet, from: string, to: string): Wallet => {
  const renamed = findAccount(wallet.accounts, from)
  assertFree(wallet, to)
  return {
    ...wallet,
    accounts: wallet.accounts.map(account => (account === renamed ? { ...account, name: to } : account)),
  }
}

export const removeAccount = (wallet: Wallet, name: string): Wallet => {
  const removed = findAccount(wallet.accounts, name)
  const { [removed.address]: _, ...imported } = wallet.imported
  return { ...wallet, imported, accounts: wallet.accounts.filter(account => account !== removed) }
}

/** 32 bytes, which whoever asked wipes. */
export const secretKeyOf = async (wallet: Wallet, nameOrAddress: string): Promise<Uint8Array> => {
  const { index, address } = findAccount(wallet.accounts, nameOrAddress)
  if (index !== null) return (await derive(wallet, [index])).get(index) as Uint8Array
  return fromHex(wallet.imported[address] ?? '')
}

/** The file's text. */
export const sealWallet = async (
  { accounts, mnemonic, imported }: Wallet,
  password: string,
  settings?: SealSettings,
): Promise<string> => {
  const secret = Buffer.from(JSON.stringify({ mnemonic, imported }))
  try {
    return await sealKeystore({ kind: KIND, public: { accounts }, secret }, password, settings)
  } finally {
    secret.fill(0)
  }
}

const notWritten = (what: string): never => {
  throw new KeystoreError(
    'tampered',
    `${what} was changed: its accounts are not what Vex writes. Restore it from a copy`,
  )
}

const parsePublic = (known: unknown, what: string): readonly WalletAccount[] => {
  const parsed = publicSchema.safeParse(known)
  return parsed.success ? parsed.data.accounts : notWritten(what)
}

export interface WalletSummary {
  readonly accounts: readonly WalletAccount[]
  readonly settings: { readonly kdf: KdfCost; readonly cipher: CipherName }
}

/** What the file says without its password: not proved. */
export const summarizeWallet = (text: string, what: string): WalletSummary => {
  const { public: known, kdf, cipher } = parseKeystore(text, KIND, what)
  const { salt: _, ...cost } = kdf
  return { accounts: parsePublic(known, what), settings: { kdf: cost, cipher: cipher.name } }
}

/** The address book and the keys agree. */
const assertKeys = async (wallet: Wallet, what: string): Promise<void> => {
  const { accounts, imported } = wallet
  const keys = await derive(
    wallet,
    accounts.flatMap(({ index }) => index ?? []),
  )
  for (const { index, address, publicKey } of accounts) {
    const key = index === null ? fromHex(imported[address] ?? '') : keys.get(index)
    if (key?.length !== 32) return notWritten(what)
    const found = describeKey(key)
    key.fill(0)
    if (found.address !== address || found.publicKey !== publicKey) notWritten(what)
  }
}

/** Throws a {@link KeystoreError}. `what` names the file in it. */
export const openWallet = async (text: string, password: string, what: string): Promise<Wallet> => {
  const { keystore, secret } = await openKeystore(text, KIND, password, what)
  try {
    const parsed = secretSchema.safeParse(parseJson(secret))
    if (!parsed.success) return notWritten(what)
    const wallet = { accounts: parsePublic(keystore.public, what), ...parsed.data }
    await assertKeys(wallet, what)
    return wallet
  } finally {
    secret.fill(0)
  }
}
