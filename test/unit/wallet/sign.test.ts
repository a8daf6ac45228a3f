import { describe, expect, it } from 'vitest'
import { verifyNative } from '../../../node/crypto/ed25519.ts'
import { parseTransaction, type TransactionBody } from '../../../node/types/transaction.ts'
import { signTransaction } from '../../../node/wallet/sign.ts'
import { testAccount } from '../../support/transactions.ts'

const account = testAccount('signer')
const body: TransactionBody = {
  version: 1,
  chainId: 'test',
  sender: account.publicKey,
  nonce: 3n,
  gasLimit: 400_000n,
  maxFee: 3n,
  tip: 1n,
  validUntilHeight: 100n,
  action: { kind: 'transfer', to: testAccount('receiver').address, amount: 5n },
}

describe('a signed transaction', () => {
  it('holds the body as it was, the id that others compute, and a signature over the id', () => {
    const { bytes, id } = signTransaction(account.secretKey, body)
    const parsed = parseTransaction(bytes)
    expect(parsed.transaction.body).toEqual(body)
    expect(parsed.id).toEqual(id)
    expect(parsed.sender).toEqual(account.address)
    expect(verifyNative(account.publicKey, id, parsed.transaction.signature)).toBe(true)
  })

  it('is another one when anything in the body changes', () => {
    const { id } = signTransaction(account.secretKey, body)
    expect(signTransaction(account.secretKey, { ...body, nonce: 4n }).id).not.toEqual(id)
    expect(signTransaction(account.secretKey, { ...body, chainId: 'other' }).id).not.toEqual(id)
  })
})
