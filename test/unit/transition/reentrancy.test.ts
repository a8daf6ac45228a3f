import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decodeReturn, decodeRevert, encodeArguments } from '../../../node/abi/values.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { MAX_CALL_DEPTH, VEX } from '../../../node/params.ts'
import { viewContract } from '../../../node/transition/simulate.ts'
import { type Address, ZERO_HASH } from '../../../node/types/primitives.ts'
import type { Receipt } from '../../../node/types/receipt.ts'
import type { SimpleAction } from '../../../node/types/transaction.ts'
import { fixtureContract, type TestContract } from '../../support/contracts.ts'
import { signedTransaction, TEST_CHAIN_ID, testAccount } from '../../support/transactions.ts'
import { TestChain } from '../../support/test-chain.ts'

const alice = testAccount('alice')

let contract: TestContract
let bounce: TestContract
beforeAll(async () => {
  contract = await fixtureContract('reentrant')
  bounce = await fixtureContract('bounce')
})

let chain: TestChain
let nonce: bigint
let at: Address
let bounceAt: string
beforeEach(() => {
  chain = new TestChain([[alice.address, 1_000_000n * VEX]])
  nonce = 0n
  at = deploy(contract)
  bounceAt = formatAddress(deploy(bounce))
})

const send = (action: SimpleAction): Receipt =>
  chain.run(signedTransaction(alice, nonce++, action, { gasLimit: 500_000_000n }))

const deploy = ({ code }: TestContract): Address => {
  const receipt = send({ kind: 'deploy', code, args: new Uint8Array(0), value: 0n, owner: undefined })
  return receipt.created[0] as Address
}

const call = (method: string, args: unknown[] = [], value = 0n): Receipt =>
  send({ kind: 'call', contract: at, method, args: encodeArguments(contract.abi, method, args), value })

const returned = (method: string, receipt: Receipt): unknown => {
  expect(receipt.error).toBeUndefined()
  return decodeReturn(contract.abi, method, receipt.returnData)
}

const view = (method: string): unknown => {
  const outcome = viewContract({
    vm: chain.vm,
    state: chain.reader,
    block: { chainId: TEST_CHAIN_ID, height: 1n, timeMs: 1n, randomness: ZERO_HASH },
    caller: alice.address,
    contract: at,
    method,
    args: new Uint8Array(0),
    gasLimit: 100_000_000n,
  })
  if (outcome.kind !== 'returned') throw new Error(outcome.kind)
  return decodeReturn(contract.abi, method, outcome.data)
}

describe('a contract that runs', () => {
  it('can be called again where its method says so, and sees what it did so far', () => {
    expect(returned('through', call('through', [bounceAt, 'add', 0]))).toBe(true)
    expect(view('seenInside')).toBe(10n)
    expect(view('total')).toBe(11n)
  })

  it('gets the units that come back with the call', () => {
    call('keep', [], 500n)
    expect(returned('through', call('through', [bounceAt, 'add', 200]))).toBe(true)
    expect(view('balance')).toBe(500n)
    expect(view('total')).toBe(211n)
  })

  it('is refused to everyone where its method says nothing', () => {
    expect(returned('through', call('through', [bounceAt, 'closed', 0]))).toBe(false)
    expect(view('total')).toBe(10n)
    const { error } = call('lookThrough', [bounceAt, 'total'])
    expect(error?.code).toBe('reverted')
    expect(decodeRevert(error?.data ?? new Uint8Array(0))).toContain(
      'the contract is already running, and "total"',
    )
  })

  it('loses what the inner call did when that fails, and only that', () => {
    expect(returned('through', call('through', [bounceAt, 'addAndFail', 0]))).toBe(false)
    expect(view('total')).toBe(10n)
  })

  it('answers views that opted in, which still cannot write', () => {
    expect(returned('lookThrough', call('lookThrough', [bounceAt, 'current']))).toBe(10n)
    expect(call('lookThrough', [bounceAt, 'sneaky']).error?.code).toBe('reverted')
  })

  it('descends into itself no deeper than contracts may', () => {
    expect(returned('descend', call('descend'))).toBe(BigInt(MAX_CALL_DEPTH) - 1n)
  })
})
