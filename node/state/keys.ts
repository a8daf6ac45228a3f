/**
 * The layout of the one key space. The first byte says what a key holds; nothing else makes state keys.
 *
 * | first byte | rest                     | value                                       |
 * | ---------- | ------------------------ | ------------------------------------------- |
 * | 0x01       | address                  | the account (types/account.ts)              |
 * | 0x02       | contract address \| key  | what the contract stored, as it stored it   |
 * | 0x03       | code hash                | a contract's code                           |
 * | 0x04       | name in ASCII            | a value of the chain itself                 |
 * | 0x05       | code hash                | how many contracts run that code, u64       |
 * | 0x06       | epoch, u64 big-endian    | its validators and nonce (types/epoch.ts)   |
 * | 0x07       | see staking-keys.ts      | staking (types/staking.ts)                  |
 *
 * Every part but the last of a key has a fixed length, so no two meanings share a key. A retired first byte
 * stays in the table.
 */
import { concatBytes } from '#bytes'
import { u64Bytes } from '../types/big-endian.ts'
import { newBytes } from '../types/in-heap.ts'
import { type Address, fromLatin1, type Hash, toAddress, toLatin1 } from '../types/primitives.ts'
import type { KeyRange } from './view.ts'

const SPACE = {
  account: 0x01,
  storage: 0x02,
  code: 0x03,
  chain: 0x04,
  codeReferences: 0x05,
  epoch: 0x06,
  staking: 0x07,
} as const

const join = (space: number, first: Uint8Array, second?: Uint8Array): Uint8Array => {
  const key = newBytes(1 + first.length + (second?.length ?? 0))
  key[0] = space
  key.set(first, 1)
  if (second !== undefined) key.set(second, 1 + first.length)
  return key
}

/** The address, if `key` (latin1) is an account's. */
export const addressOfAccountKey = (key: string): Address | undefined =>
  key.charCodeAt(0) === SPACE.account ? toAddress(fromLatin1(key.slice(1))) : undefined

/** Values that belong to the chain, not to an account. */
export type ChainValueName = 'supply'

export const accountKey = (address: Address): Uint8Array => join(SPACE.account, address)

/** The keys of all accounts after this one, in the order of their addresses. */
export const accountsAfter = (address: Address | undefined): KeyRange => ({
  from: address === undefined ? String.fromCharCode(SPACE.account) : `${toLatin1(accountKey(address))}\0`,
  to: String.fromCharCode(SPACE.account + 1),
  isReverse: false,
})

export const storageKey = (contract: Address, key: Uint8Array): Uint8Array =>
  join(SPACE.storage, contract, key)

/** Where a contract's storage keys start: the prefix of a range. */
export const storagePrefix = (contract: Address): Uint8Array => join(SPACE.storage, contract)

export const codeKey = (codeHash: Hash): Uint8Array => join(SPACE.code, codeHash)

export const codeReferencesKey = (codeHash: Hash): Uint8Array => join(SPACE.codeReferences, codeHash)

/** For staking-keys.ts, which says what the parts are. */
export const stakingKey = (part: number, ...rest: readonly Uint8Array[]): Uint8Array =>
  join(SPACE.staking, Uint8Array.of(part), concatBytes(...rest))

/** In the order of the epochs. */
export const epochKey = (epoch: bigint): Uint8Array => join(SPACE.epoch, u64Bytes(epoch))

export const chainValueKey = (name: ChainValueName): Uint8Array =>
  join(SPACE.chain, new TextEncoder().encode(name))
