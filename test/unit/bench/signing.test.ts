import { describe, expect, it } from 'vitest'
import { BENCH_CHAIN_ID, benchGenesis, SENDERS, senderAccounts } from '../../bench/genesis.ts'
import { paymentAt, signPayments } from '../../bench/signing.ts'
import { checkGenesis } from '../../../node/chain/genesis.ts'
import { verifyNative } from '../../../node/crypto/ed25519.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'
import { parseTransaction } from '../../../node/types/transaction.ts'
import { createValidatorKeys } from '../../../node/validator-keys.ts'

const sign = (n: number, workload = 'test') =>
  signPayments({ workload, n, gasLimit: 500_000n, toAction: payment => ({ kind: 'transfer', ...payment }) })

describe('the workload generator', () => {
  const payments = sign(SENDERS + 3)
  const parsed = payments.map(({ transaction }) => parseTransaction(fromHex(transaction)))

  it('makes the same bytes every time', () => {
    expect(sign(SENDERS + 3)).toEqual(payments)
    expect(payments[0]?.id).toBe('0x005895411b71b3f383a00e7bffc7cfc498f5173e2e248e78224288395708267b')
  })

  it('lets the senders take turns, each with nonces from 0 on', () => {
    const senders = senderAccounts()
    for (const [index, { transaction, sender }] of parsed.entries()) {
      expect(toHex(sender)).toBe(toHex(senders[index % SENDERS]?.address ?? new Uint8Array(32)))
      expect(transaction.body.nonce).toBe(index < SENDERS ? 0n : 1n)
    }
  })

  it('signs for the measured chain, and says the right id', () => {
    for (const [index, { transaction, id }] of parsed.entries()) {
      expect(transaction.body.chainId).toBe(BENCH_CHAIN_ID)
      expect(payments[index]?.id).toBe(`0x${toHex(id)}`)
      expect(verifyNative(transaction.body.sender, id, transaction.signature)).toBe(true)
    }
  })

  it('pays everybody once, another amount each, and others in another workload', () => {
    const recipients = new Set([...payments, ...sign(10, 'other')].map(({ to }) => toHex(to)))
    expect(recipients.size).toBe(SENDERS + 3 + 10)
    expect(payments.map(({ amount }) => amount)).toEqual(payments.map((_, index) => BigInt(index + 1)))
    expect(paymentAt('test', 5)).toEqual({ to: payments[5]?.to, amount: 6n })
  })
})

it('the measured chain’s genesis holds', () => {
  expect(() => checkGenesis(benchGenesis(createValidatorKeys(), 1n))).not.toThrow()
})
