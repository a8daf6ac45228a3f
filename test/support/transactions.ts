/** Signed transactions for tests, from a few words. */
import { publicKeyToAddress } from '../../node/crypto/address.ts'
import { publicKeyOf, sign } from '../../node/crypto/ed25519.ts'
import { sha256 } from '../../node/crypto/hash.ts'
import type { Address } from '../../node/types/primitives.ts'
import {
  type Action,
  type ParsedTransaction,
  parseTransaction,
  type TransactionBody,
  transactionCodec,
  transactionId,
} from '../../node/types/transaction.ts'

export interface TestAccount {
  readonly secretKey: Uint8Array
  readonly publicKey: Uint8Array
  readonly address: Address
}

/** Random histories ask for the same few thousands of times, and a key is slow to derive. */
const accounts = new Map<string, TestAccount>()

export const testAccount = (name: string): TestAccount => {
  const known = accounts.get(name)
  if (known !== undefined) return known
  const secretKey = sha256(Buffer.from(`test account ${name}`))
  const publicKey = publicKeyOf(secretKey)
  const account = { secretKey, publicKey, address: publicKeyToAddress(publicKey) }
  accounts.set(name, account)
  return account
}

export const TEST_CHAIN_ID = 'test'

export const signedTransaction = (
  account: TestAccount,
  nonce: bigint,
  action: Action,
  body: Partial<TransactionBody> = {},
): ParsedTransaction => {
  const full: TransactionBody = {
    version: 1,
    chainId: TEST_CHAIN_ID,
    sender: account.publicKey,
    nonce,
    gasLimit: 50_000_000n,
    maxFee: 10n,
    tip: 1n,
    validUntilHeight: 1_000n,
    action,
    ...body,
  }
  const signature = sign(account.secretKey, transactionId(full))
  return parseTransaction(transactionCodec.encode({ body: full, signature }))
}
