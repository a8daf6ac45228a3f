import { beforeEach, describe, expect, it } from 'vitest'
import { readSupply } from '../../../node/transition/accounts.ts'
import { intrinsicGas } from '../../../node/transition/gas.ts'
import { signedTransaction, testAccount } from '../../support/transactions.ts'
import { TestChain } from '../../support/test-chain.ts'

const alice = testAccount('alice')
const bob = testAccount('bob')
const MILLION = 1_000_000_000_000_000n

const transferTo = (to: typeof bob, amount: bigint) => ({ kind: 'transfer' as const, to: to.address, amount })

describe('a transaction', () => {
  let chain: TestChain
  beforeEach(() => {
    chain = new TestChain([[alice.address, MILLION]])
  })

  it('moves the amount, charges gas at base fee and tip, and moves the nonce on', () => {
    const parsed = signedTransaction(alice, 0n, transferTo(bob, 500n))
    const receipt = chain.run(parsed)
    const gas = intrinsicGas(parsed.transaction.body.action, parsed.bytes.length)
    expect(receipt).toMatchObject({ status: 'success', gasUsed: gas, feePaid: gas * 3n, error: undefined })
    expect(chain.account(bob.address).balance).toBe(500n)
    expect(chain.account(alice.address)).toMatchObject({ nonce: 1n, balance: MILLION - 500n - gas * 3n })
  })

  it('burns the base fee and gives the tip to the proposer', () => {
    const { gasUsed } = chain.run(signedTransaction(alice, 0n, transferTo(bob, 500n)))
    expect(chain.account(chain.proposer).balance).toBe(gasUsed * 1n)
    expect(readSupply(chain.reader)).toBe(MILLION - gasUsed * 2n)
    expect(chain.totalUnits()).toBe(MILLION - gasUsed * 2n)
  })

  it('that fails is charged, keeps its nonce used, and changes nothing else', () => {
    const receipt = chain.run(signedTransaction(alice, 0n, transferTo(bob, MILLION)))
    expect(receipt).toMatchObject({ status: 'failed', error: { code: 'insufficient_balance' } })
    expect(receipt.feePaid).toBe(receipt.gasUsed * 3n)
    expect(chain.account(bob.address).balance).toBe(0n)
    expect(chain.account(alice.address)).toMatchObject({ nonce: 1n, balance: MILLION - receipt.feePaid })
  })

  it('in a batch applies all actions or none', () => {
    const both = signedTransaction(alice, 0n, {
      kind: 'batch',
      actions: [transferTo(bob, 1n), transferTo(bob, 2n)],
    })
    expect(chain.run(both).status).toBe('success')
    expect(chain.account(bob.address).balance).toBe(3n)
    const broken = signedTransaction(alice, 1n, {
      kind: 'batch',
      actions: [transferTo(bob, 1n), transferTo(bob, MILLION)],
    })
    expect(chain.run(broken).status).toBe('failed')
    expect(chain.account(bob.address).balance).toBe(3n)
  })

  it('to oneself keeps the balance but for the fee', () => {
    const receipt = chain.run(signedTransaction(alice, 0n, transferTo(alice, 500n)))
    expect(chain.account(alice.address).balance).toBe(MILLION - receipt.feePaid)
  })

  const refusals: [string, ConstructorParameters<typeof Object>[0], bigint, string][] = [
    ['for another chain', { chainId: 'other' }, 0n, 'wrong_chain'],
    ['with a gas limit below its intrinsic gas', { gasLimit: 1_000n }, 0n, 'gas_limit_too_low'],
    ['with a gas limit above the block’s', { gasLimit: 2_000_000_000n }, 0n, 'gas_limit_too_high'],
    ['with a tip above its fee cap', { tip: 11n }, 0n, 'tip_above_max_fee'],
    ['with a fee cap below the base fee', { maxFee: 1n }, 0n, 'fee_below_base'],
    ['whose last valid height is past', { validUntilHeight: 0n }, 0n, 'expired'],
    ['that stays valid too long', { validUntilHeight: 1_000_000n }, 0n, 'expiry_too_far'],
    ['with a nonce that leaves a gap', {}, 5n, 'nonce_too_high'],
    ['that cannot pay for its gas limit', { maxFee: MILLION }, 0n, 'insufficient_balance'],
  ]
  for (const [what, body, nonce, code] of refusals) {
    it(`${what} never enters a block and changes nothing`, () => {
      const before = new Map(chain.state)
      const { receipts, refused } = chain.block([
        signedTransaction(alice, nonce, transferTo(bob, 1n), body as object),
      ])
      expect(receipts).toEqual([])
      expect(refused.map(({ code }) => code)).toEqual([code])
      expect(chain.state).toEqual(before)
    })
  }

  it('with a used nonce never enters a block again', () => {
    const parsed = signedTransaction(alice, 0n, transferTo(bob, 1n))
    chain.run(parsed)
    expect(chain.block([parsed]).refused.map(({ code }) => code)).toEqual(['nonce_too_low'])
  })

  it('that does not fit the gas the block has left is refused, not failed', () => {
    chain.gasLimit = 60_000_000n
    const { receipts, refused } = chain.block([
      signedTransaction(alice, 0n, transferTo(bob, 1n), { gasLimit: 60_000_000n }),
      signedTransaction(alice, 1n, transferTo(bob, 1n), { gasLimit: 60_000_000n }),
    ])
    expect(receipts).toHaveLength(1)
    expect(refused.map(({ code }) => code)).toEqual(['gas_limit_too_high'])
  })
})
