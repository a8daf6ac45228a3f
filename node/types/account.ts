/** An account as the state holds it: a key pair's account, or a contract's. */
import { createCodec, option, struct, u64 } from './codec.ts'
import { type Address, addressType, type Amount, amountType, type Hash, hashType } from './primitives.ts'

export interface ContractInfo {
  codeHash: Hash
  /** Who may upgrade the contract; none: frozen for ever. */
  owner: Address | undefined
  /** Bytes that the deposit is held for: code, and storage keys and values. */
  storageBytes: bigint
  /** Held for `storageBytes`; part of the supply, not of `balance`. */
  deposit: Amount
}

export interface Account {
  /** Of a key's account: the next transaction's nonce. Of a contract: how many contracts it has made. */
  nonce: bigint
  balance: Amount
  contract: ContractInfo | undefined
}

export const EMPTY_ACCOUNT: Account = { nonce: 0n, balance: 0n, contract: undefined }

const contractInfoType = struct('ContractInfo', {
  codeHash: hashType,
  owner: option(addressType),
  storageBytes: u64,
  deposit: amountType,
})

export const accountCodec = createCodec<Account>(
  struct('Account', { nonce: u64, balance: amountType, contract: option(contractInfoType) }),
  256,
)
