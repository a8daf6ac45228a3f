import { describe, expect, it } from 'vitest'
import { BASE_FEE } from '../../../node/params.ts'
import { gasPrice, intrinsicGas, nextBaseFee } from '../../../node/transition/gas.ts'
import { toAddress } from '../../../node/types/primitives.ts'
import type { SimpleAction } from '../../../node/types/transaction.ts'

const transfer: SimpleAction = { kind: 'transfer', to: toAddress(new Uint8Array(32)), amount: 1n }

describe('the base fee (EIP-1559)', () => {
  const gasLimit = 1_000n
  it('stays when the block used exactly half', () => {
    expect(nextBaseFee({ baseFee: 800n, gasUsed: 500n, gasLimit })).toBe(800n)
  })
  it('rises by an eighth after a full block and falls by an eighth after an empty one', () => {
    expect(nextBaseFee({ baseFee: 800n, gasUsed: 1_000n, gasLimit })).toBe(900n)
    expect(nextBaseFee({ baseFee: 800n, gasUsed: 0n, gasLimit })).toBe(700n)
  })
  it('rises by at least one, so that it can leave the minimum', () => {
    expect(nextBaseFee({ baseFee: 1n, gasUsed: 501n, gasLimit })).toBe(2n)
  })
  it('falls by at least one, so that it comes down again', () => {
    expect(nextBaseFee({ baseFee: 7n, gasUsed: 499n, gasLimit })).toBe(6n)
    let baseFee = 7n
    for (let block = 0; block < 10; block++) baseFee = nextBaseFee({ baseFee, gasUsed: 0n, gasLimit })
    expect(baseFee).toBe(BASE_FEE.minimum)
  })
  it('never falls below the minimum', () => {
    expect(nextBaseFee({ baseFee: BASE_FEE.minimum, gasUsed: 0n, gasLimit })).toBe(BASE_FEE.minimum)
  })
})

describe('what a sender pays per gas', () => {
  it('is base fee and tip, capped by maxFee', () => {
    expect(gasPrice({ maxFee: 10n, tip: 3n }, 5n)).toBe(8n)
    expect(gasPrice({ maxFee: 6n, tip: 3n }, 5n)).toBe(6n)
  })
})

describe('intrinsic gas', () => {
  it('grows with the bytes, with each further action and with code', () => {
    const one = intrinsicGas(transfer, 200)
    expect(intrinsicGas(transfer, 201)).toBeGreaterThan(one)
    expect(intrinsicGas({ kind: 'batch', actions: [transfer, transfer] }, 200)).toBeGreaterThan(one)
    const deploy = (bytes: number): SimpleAction => ({
      kind: 'deploy',
      code: new Uint8Array(bytes),
      args: new Uint8Array(0),
      value: 0n,
      owner: undefined,
    })
    expect(intrinsicGas(deploy(2_000), 200) - intrinsicGas(deploy(1_000), 200)).toBe(1_000_000n)
  })
})
