import { beforeAll, describe, expect, it } from 'vitest'
import { publicKeyOf } from '../../../node/crypto/ed25519.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { isAccountName } from '../../../node/wallet/account-name.ts'
import { accountOf } from '../../../node/wallet/hd-account.ts'
import { openKeystore, sealKeystore } from '../../../node/wallet/keystore.ts'
import { mnemonicToSeed } from '../../../node/wallet/mnemonic.ts'
import {
  addAccount,
  createWallet,
  importKey,
  MAX_ACCOUNTS,
  openWallet,
  removeAccount,
  renameAccount,
  sealWallet,
  secretKeyOf,
  summarizeWallet,
  type Wallet,
  walletOf,
} from '../../../node/wallet/wallet.ts'

const MNEMONIC =
  'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about'
const CHEAP = { kdf: { name: 'scrypt', n: 2 ** 13, r: 8, p: 2 } } as const
const PASSWORD = 'a good password'
const KEY = new Uint8Array(32).fill(7)

let wallet: Wallet
beforeAll(async () => {
  wallet = await addAccount(walletOf(MNEMONIC), 'ada')
  wallet = importKey(await addAccount(wallet, 'ben'), 'old', KEY)
})

describe('a wallet', () => {
  it('derives its accounts from its words, one after the other', async () => {
    const seed = await mnemonicToSeed(MNEMONIC)
    expect(wallet.accounts.map(({ name, index, address }) => [name, index, address])).toEqual([
      ['ada', 0, accountOf(seed, 0).address],
      ['ben', 1, accountOf(seed, 1).address],
      ['old', null, expect.stringMatching(/^vex1/)],
    ])
    expect(await secretKeyOf(wallet, 'ben')).toEqual(accountOf(seed, 1).secretKey)
    expect(toHex(await secretKeyOf(wallet, 'old'))).toBe(toHex(KEY))
    const [ada] = wallet.accounts
    expect(ada?.publicKey).toBe(`0x${toHex(publicKeyOf(await secretKeyOf(wallet, ada?.address ?? '')))}`)
  })

  it('comes back from its file, and is listed without the password', async () => {
    const text = await sealWallet(wallet, PASSWORD, CHEAP)
    expect(await openWallet(text, PASSWORD, 'w')).toEqual(wallet)
    expect(summarizeWallet(text, 'w')).toEqual({
      accounts: wallet.accounts,
      settings: { ...CHEAP, cipher: 'xchacha20-poly1305' },
    })
    for (const secret of ['abandon', toHex(KEY)]) expect(text).not.toContain(secret)
  })

  it('fills the first gap, or takes the index that it is told', async () => {
    const without = removeAccount(wallet, 'ada')
    expect(without.accounts.map(({ name }) => name)).toEqual(['ben', 'old'])
    expect((await addAccount(without, 'eve')).accounts.at(-1)).toMatchObject({ index: 0 })
    expect((await addAccount(wallet, 'far', 9)).accounts.at(-1)).toMatchObject({ index: 9 })
    await expect(addAccount(wallet, 'twin', 1)).rejects.toThrow('as ben: vex wallet rename ben twin')
  })

  it('forgets an imported key with its account', () => {
    expect(removeAccount(wallet, 'old').imported).toEqual({})
    expect(removeAccount(wallet, 'ada').imported).toEqual(wallet.imported)
  })

  it('renames', async () => {
    const renamed = renameAccount(wallet, 'old', 'new')
    expect(renamed.accounts.map(({ name }) => name)).toEqual(['ada', 'ben', 'new'])
    expect(await secretKeyOf(renamed, 'new')).toEqual(KEY)
  })

  it.each<[string, () => unknown, string]>([
    ['a name twice', () => addAccount(wallet, 'ada'), 'has an account ada already'],
    ['a name twice, by renaming', () => renameAccount(wallet, 'ben', 'ada'), 'has an account ada already'],
    ['a key twice', () => importKey(wallet, 'again', KEY), 'as old: vex wallet rename old again'],
    ['an unknown account', () => secretKeyOf(wallet, 'eve'), 'no account "eve"; it has: ada, ben, old'],
    ['a development account’s name', () => addAccount(wallet, 'dev3'), '"dev3" names no account'],
  ])('refuses %s', async (_, act, sentence) => {
    await expect((async () => act())()).rejects.toThrow(sentence)
  })

  it('has at most 1,000 accounts', async () => {
    const account = { address: '', publicKey: '', index: null }
    const accounts = Array.from({ length: MAX_ACCOUNTS }, (_, i) => ({ ...account, name: `n${i}` }))
    await expect(addAccount({ ...wallet, accounts }, 'more')).rejects.toThrow('at most 1000')
  })

  it('is made of new words each time', () => {
    const { mnemonic } = createWallet(12)
    expect(mnemonic.split(' ')).toHaveLength(12)
    expect(createWallet(12).mnemonic).not.toBe(mnemonic)
  })

  it('whose addresses are not those of its keys does not open', async () => {
    const { secret } = await openKeystore(await sealWallet(wallet, PASSWORD, CHEAP), 'wallet', PASSWORD, 'w')
    const [ada, ben, old] = wallet.accounts
    for (const accounts of [
      [{ ...ada, address: ben?.address }, ben, old],
      [{ ...ada, publicKey: ben?.publicKey }, ben, old],
      [ada, ben, { ...old, address: ada?.address }],
      [{ ...ada, index: 1 }, ben, old],
      [{ ...ada, name: 'vex1' }],
    ]) {
      const text = await sealKeystore({ kind: 'wallet', public: { accounts }, secret }, PASSWORD, CHEAP)
      await expect(openWallet(text, PASSWORD, 'w')).rejects.toMatchObject({ code: 'tampered' })
    }
  })
})

describe('a name', () => {
  it.each(['a', 'ada', 'cold-wallet_2', 'x'.repeat(32)])('may be %j', name => {
    expect(isAccountName(name)).toBe(true)
  })
  it.each([
    '',
    'Ada',
    '1a',
    'dev0',
    'devil',
    'vex1abc',
    'none',
    'nobody',
    'a b',
    '../x',
    'x'.repeat(33),
    '-a',
  ])('may not be %j', name => {
    expect(isAccountName(name)).toBe(false)
  })
})
