/** Stake actions inside transactions: what they cost, what a failure leaves, what a batch of them does. */
import { beforeEach, describe, expect, it } from 'vitest'
import { STAKE_GAS, VEX } from '../../../../node/params.ts'
import { Overlay } from '../../../../node/state/overlay.ts'
import { credit, readAccount, readSupply, writeSupply } from '../../../../node/transition/accounts.ts'
import { BlockExecution } from '../../../../node/transition/block.ts'
import { intrinsicGas } from '../../../../node/transition/gas.ts'
import { readTotals, readValidator } from '../../../../node/transition/staking/records.ts'
import { simulateTransaction } from '../../../../node/transition/simulate.ts'
import { toAddress, toHash, toHex, ZERO_HASH } from '../../../../node/types/primitives.ts'
import { type Receipt, receiptsOf } from '../../../../node/types/receipt.ts'
import type { Action, SimpleAction } from '../../../../node/types/transaction.ts'
import { createVm } from '../../../../vm/vm.ts'
import { addressNamed, brokenInvariants, operatorNamed, StakeWorld } from '../../../support/stake-world.ts'
import { signedTransaction, TEST_CHAIN_ID, testAccount } from '../../../support/transactions.ts'

const vm = createVm()
const proposer = toAddress(new Uint8Array(32).fill(0xbb))
const dan = testAccount('dan')

let world: StakeWorld
let nonce: bigint
beforeEach(() => {
  nonce = 0n
  world = new StakeWorld({ founders: [{ name: 'ada', stake: 1_000n }], accounts: { dan: 5_000n } })
})

const environment = () => {
  const { height, timeMs, epoch, params } = world
  return {
    chainId: TEST_CHAIN_ID,
    height,
    timeMs,
    proposer,
    baseFee: 2n,
    gasLimit: params.blockGasLimit,
    randomness: toHash(ZERO_HASH),
    epochs: { params, epoch, nextNonce: undefined, parentCertificate: undefined },
  }
}

/** In a block of its own, without its end. */
const run = (action: Action, gasLimit = 50_000_000n): Receipt => {
  const parsed = signedTransaction(dan, nonce, action, { gasLimit })
  nonce += 1n
  const execution = new BlockExecution({ environment: environment(), vm, state: world.state })
  const refusal = execution.apply(parsed)
  if (refusal !== undefined) throw new Error(refusal.message)
  const result = execution.finish()
  for (const { key, value } of result.changes)
    if (value === undefined) world.state.delete(key)
    else world.state.set(key, value)
  return receiptsOf(result)[0] as Receipt
}

const ada = addressNamed('ada')
const delegate = (amount: bigint): SimpleAction => ({ kind: 'delegate', validator: ada, amount })

describe('a stake action in a transaction', () => {
  it('costs its own gas on top, and returns what moved', () => {
    const receipt = run(delegate(3n * VEX))
    const size = signedTransaction(dan, 0n, delegate(3n * VEX)).bytes.length
    expect(receipt).toMatchObject({
      status: 'success',
      gasUsed: 300_000n + 20n * BigInt(size) + STAKE_GAS.delegate,
      events: [],
    })
    // 3 VEX, u64 little-endian.
    expect(toHex(receipt.returnData)).toBe('005ed0b200000000')
    expect(readAccount(world.state, dan.address).balance).toBe(4_997n * VEX - receipt.feePaid)
    expect(brokenInvariants(world)).toEqual([])
  })

  it('that is refused is charged, and leaves the state as it was', () => {
    const before = readTotals(world.state)
    const receipt = run(delegate(1n))
    expect(receipt).toMatchObject({ status: 'failed', error: { code: 'stake_too_small' } })
    expect(receipt.gasUsed).toBeGreaterThan(STAKE_GAS.delegate)
    expect(readTotals(world.state)).toEqual(before)
    expect(readSupply(world.state)).toBe(6_000n * VEX - receipt.gasUsed * 2n)
  })

  it('in a batch is undone with the rest', () => {
    const receipt = run({
      kind: 'batch',
      actions: [delegate(10n * VEX), { kind: 'claimRewards', validator: ada }],
    })
    expect(receipt).toMatchObject({ status: 'failed', error: { code: 'nothing_to_claim' } })
    expect(readTotals(world.state).bonded).toBe(1_000n * VEX)
    const both = run({
      kind: 'batch',
      actions: [delegate(10n * VEX), { kind: 'undelegate', validator: ada, amount: 4n * VEX }],
    })
    expect(both.status).toBe('success')
    expect(readTotals(world.state)).toMatchObject({ bonded: 1_006n * VEX, unbonding: 4n * VEX })
  })

  it('cannot register a validator for less than the proofs take', () => {
    const action: SimpleAction = {
      kind: 'registerValidator',
      ...operatorNamed('dan').registration,
      commissionBps: 0,
      stake: 100n * VEX,
    }
    expect(() => run(action, 11_000_000n)).toThrow(/gas limit 11000000 is below/)
    nonce -= 1n
    expect(run(action, 11_400_000n).status).toBe('success')
    expect(readValidator(world.state, dan.address)).toMatchObject({ id: 1 })
  })

  it('that withdraws more pools than its gas pays withdraws none', () => {
    run(delegate(100n * VEX))
    for (let i = 0; i < 3; i++) {
      run({ kind: 'undelegate', validator: ada, amount: VEX })
      world.epochs(1)
    }
    world.epochs(12)
    const action: SimpleAction = { kind: 'withdraw', validator: ada }
    const size = signedTransaction(dan, nonce, action).bytes.length
    const enough = intrinsicGas(action, size) + 3n * STAKE_GAS.withdrawnPool
    const receipt = run(action, enough - 1n)
    expect(receipt).toMatchObject({ status: 'failed', gasUsed: enough - 1n, error: { code: 'out_of_gas' } })
    expect(run(action, enough)).toMatchObject({ status: 'success', gasUsed: enough })
    expect(readTotals(world.state).unbonding).toBe(0n)
  })

  it('is simulated with the gas that it takes', () => {
    const { height, timeMs, params, epoch } = world
    const simulation = simulateTransaction({
      vm,
      state: world.state,
      block: {
        chainId: TEST_CHAIN_ID,
        height,
        timeMs,
        randomness: toHash(ZERO_HASH),
        staking: { params, epoch },
      },
      context: { chainId: TEST_CHAIN_ID, height, baseFee: 1n, blockGasLimit: params.blockGasLimit },
      parsed: signedTransaction(dan, 0n, delegate(VEX), { gasLimit: 500_000_000n }),
    })
    expect(simulation).toMatchObject({ kind: 'ran', receipt: { status: 'success' } })
    if (simulation.kind === 'ran') expect(simulation.gasLimit).toBe(simulation.receipt.gasUsed)
  })

  it('says that there is no staking where nobody votes', () => {
    const state = new Overlay({ get: () => undefined, first: () => undefined })
    credit(state, dan.address, 5_000n * VEX)
    writeSupply(state, 5_000n * VEX)
    const execution = new BlockExecution({ environment: { ...environment(), epochs: undefined }, vm, state })
    expect(execution.apply(signedTransaction(dan, 0n, delegate(VEX)))).toBeUndefined()
    expect(receiptsOf(execution.finish())).toMatchObject([
      { status: 'failed', error: { code: 'staking_unavailable' } },
    ])
  })
})
