import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decodeEvent, decodeReturn, decodeRevert, encodeArguments } from '../../../node/abi/values.ts'
import { contractAddress, formatAddress } from '../../../node/crypto/address.ts'
import { codeKey } from '../../../node/state/keys.ts'
import { STORAGE_DEPOSIT_PER_BYTE } from '../../../node/params.ts'
import { simulateTransaction, viewContract } from '../../../node/transition/simulate.ts'
import { type Address, ZERO_HASH } from '../../../node/types/primitives.ts'
import type { Receipt } from '../../../node/types/receipt.ts'
import type { SimpleAction } from '../../../node/types/transaction.ts'
import { exampleContract, fixtureContract, type TestContract } from '../../support/contracts.ts'
import { signedTransaction, TEST_CHAIN_ID, testAccount } from '../../support/transactions.ts'
import { TestChain } from '../../support/test-chain.ts'

const alice = testAccount('alice')
const bob = testAccount('bob')
const START = 1_000_000_000_000_000n
const NOTHING = new Uint8Array(0)

let token: TestContract
let counter: TestContract
let caller: TestContract
beforeAll(async () => {
  token = await exampleContract('token')
  counter = await exampleContract('counter')
  caller = await fixtureContract('caller')
})

let chain: TestChain
let nonces: Map<string, bigint>
beforeEach(() => {
  chain = new TestChain([
    [alice.address, START],
    [bob.address, START],
  ])
  nonces = new Map()
})

const send = (account: typeof alice, action: SimpleAction, body: object = {}): Receipt => {
  const name = formatAddress(account.address)
  const nonce = nonces.get(name) ?? 0n
  nonces.set(name, nonce + 1n)
  const before = chain.totalUnits()
  const receipt = chain.run(signedTransaction(account, nonce, action, { gasLimit: 200_000_000n, ...body }))
  expect(chain.totalUnits(), 'units that were burned').toBe(before - receipt.gasUsed * chain.baseFee)
  return receipt
}

const deploy = (contract: TestContract, args: unknown[] = [], owner?: Address): Address => {
  const encoded = contract.abi.methods.some(({ name }) => name === 'init')
    ? encodeArguments(contract.abi, 'init', args)
    : NOTHING
  const receipt = send(alice, { kind: 'deploy', code: contract.code, args: encoded, value: 0n, owner })
  expect(receipt.error).toBeUndefined()
  return receipt.created[0] as Address
}

const call = (
  from: typeof alice,
  at: Address,
  contract: TestContract,
  method: string,
  args: unknown[] = [],
  value = 0n,
  body = {},
) =>
  send(
    from,
    { kind: 'call', contract: at, method, args: encodeArguments(contract.abi, method, args), value },
    body,
  )

const view = (at: Address, contract: TestContract, method: string, args: unknown[] = []): unknown => {
  const outcome = viewContract({
    vm: chain.vm,
    state: chain.reader,
    block: { chainId: TEST_CHAIN_ID, height: 1n, timeMs: 1n, randomness: ZERO_HASH },
    caller: alice.address,
    contract: at,
    method,
    args: encodeArguments(contract.abi, method, args),
    gasLimit: 100_000_000n,
  })
  if (outcome.kind !== 'returned') return outcome
  return decodeReturn(contract.abi, method, outcome.data)
}

const TOKEN_ARGS = ['Token', 'TOK', 2, '1000']

describe('deploying', () => {
  it('puts the contract at hash(deployer, nonce), runs init and emits its events', () => {
    const at = deploy(token, TOKEN_ARGS)
    expect(at).toEqual(contractAddress(alice.address, 0n))
    expect(view(at, token, 'balanceOf', [formatAddress(alice.address)])).toBe(1000n)
  })

  it('holds a deposit for code and storage and refuses who cannot pay it', () => {
    const at = deploy(token, TOKEN_ARGS)
    const info = chain.account(at).contract
    expect(info?.storageBytes).toBeGreaterThan(BigInt(token.code.length))
    expect(info?.deposit).toBe((info?.storageBytes ?? 0n) * STORAGE_DEPOSIT_PER_BYTE)

    const poor = testAccount('poor')
    send(alice, { kind: 'transfer', to: poor.address, amount: 610_000_000n })
    const receipt = send(
      poor,
      {
        kind: 'deploy',
        code: token.code,
        args: encodeArguments(token.abi, 'init', TOKEN_ARGS),
        value: 0n,
        owner: undefined,
      },
      { maxFee: 3n },
    )
    expect(receipt.error?.code).toBe('insufficient_deposit')
    expect(receipt.created).toEqual([])
  })

  it('refuses code outside the profile as bad_code, charged', () => {
    const receipt = send(alice, {
      kind: 'deploy',
      code: new Uint8Array([1, 2, 3]),
      args: NOTHING,
      value: 0n,
      owner: undefined,
    })
    expect(receipt.error?.code).toBe('bad_code')
    expect(receipt.feePaid).toBeGreaterThan(0n)
  })

  it('keeps one copy of the code for many contracts, and drops it with the last', () => {
    const first = deploy(counter, [], alice.address)
    const second = deploy(counter, [], alice.address)
    const codeHash = chain.account(first).contract?.codeHash
    if (codeHash === undefined) throw new Error('no contract')
    const upgradeTo = (contract: Address) =>
      send(alice, { kind: 'upgrade', contract, code: caller.code, args: NOTHING }).error
    expect(upgradeTo(first)).toBeUndefined()
    expect(chain.reader.get(codeKey(codeHash))).toBeDefined()
    expect(upgradeTo(second)).toBeUndefined()
    expect(chain.reader.get(codeKey(codeHash))).toBeUndefined()
  })
})

describe('calling', () => {
  it('a token transfer moves tokens and leaves a typed event', () => {
    const at = deploy(token, TOKEN_ARGS)
    const receipt = call(alice, at, token, 'transfer', [formatAddress(bob.address), '250'])
    expect(receipt.status).toBe('success')
    const [event] = receipt.events
    expect(event && decodeEvent(token.abi, event)).toMatchObject({
      name: 'Transfer',
      fields: { from: formatAddress(alice.address), to: formatAddress(bob.address), amount: 250n },
    })
    expect(view(at, token, 'balanceOf', [formatAddress(bob.address)])).toBe(250n)
  })

  it('a revert keeps the contract’s message, charges exact gas and undoes the rest', () => {
    const at = deploy(token, TOKEN_ARGS)
    const receipt = call(bob, at, token, 'transfer', [formatAddress(alice.address), '1'])
    expect(receipt.error?.code).toBe('reverted')
    expect(decodeRevert(receipt.error?.data ?? NOTHING)).toBe('insufficient balance')
    expect(receipt.gasUsed).toBeLessThan(10_000_000n)
    expect(receipt.events).toEqual([])
  })

  it('names an unknown contract and an unknown method', () => {
    const at = deploy(counter)
    const unknown = (contract: Address, method: string) =>
      send(alice, { kind: 'call', contract, method, args: NOTHING, value: 0n }).error
    expect(unknown(bob.address, 'get')).toMatchObject({ code: 'unknown_contract' })
    expect(unknown(at, 'nothing')).toMatchObject({ code: 'unknown_method' })
    expect(unknown(at, 'init')).toMatchObject({ code: 'unknown_method' })
    expect(unknown(at, '_start')).toMatchObject({ code: 'unknown_method' })
  })

  it('refuses arguments of the wrong length with what is wrong', () => {
    const at = deploy(counter)
    const receipt = send(alice, {
      kind: 'call',
      contract: at,
      method: 'increment',
      args: new Uint8Array(3),
      value: 0n,
    })
    expect(receipt.error?.code).toBe('reverted')
    expect(decodeRevert(receipt.error?.data ?? NOTHING)).toMatch(/argument/)
  })

  it('refuses value that a method does not take, and hands it to one that does', () => {
    const at = deploy(caller)
    expect(call(alice, at, caller, 'divide', [1], 5n).error?.code).toBe('reverted')
    expect(call(alice, at, caller, 'keep', [], 5n).error).toBeUndefined()
    expect(chain.account(at).balance).toBe(5n)
    expect(call(alice, at, caller, 'payOut', [formatAddress(bob.address), '3']).error).toBeUndefined()
    expect(chain.account(at).balance).toBe(2n)
    expect(call(alice, at, caller, 'payOut', [formatAddress(bob.address), '3']).error?.code).toBe('reverted')
    expect(chain.account(at).balance).toBe(2n)
  })

  it('an endless loop and a trap burn the whole limit, each with its own code', () => {
    const at = deploy(caller)
    const spin = call(alice, at, caller, 'spin', [], 0n, { gasLimit: 5_000_000n })
    expect(spin).toMatchObject({ gasUsed: 5_000_000n, error: { code: 'out_of_gas' } })
    const divided = call(alice, at, caller, 'divide', [0], 0n, { gasLimit: 5_000_000n })
    expect(divided).toMatchObject({ gasUsed: 5_000_000n, error: { code: 'trapped' } })
  })

  it('another contract sees the calling contract as caller and keeps both changes', () => {
    const counterAt = deploy(counter)
    const callerAt = deploy(caller)
    const receipt = call(alice, callerAt, caller, 'incrementOther', [formatAddress(counterAt), '7'])
    expect(receipt.error).toBeUndefined()
    expect(view(counterAt, counter, 'get')).toBe(7n)
    expect(view(counterAt, counter, 'lastBy')).toBe(formatAddress(callerAt))
    expect(view(callerAt, caller, 'getNote')).toBe(7n)
  })

  it('a failed nested call leaves nothing, and its caller may go on', () => {
    const one = deploy(caller)
    const two = deploy(caller)
    const receipt = call(alice, one, caller, 'tryFailing', [formatAddress(two)])
    expect(receipt.error).toBeUndefined()
    expect(decodeReturn(caller.abi, 'tryFailing', receipt.returnData)).toBe(false)
    expect(view(one, caller, 'getNote')).toBe(1n)
    expect(view(two, caller, 'getNote')).toBe(0n)
  })

  it('a contract that is running cannot be entered again', () => {
    const at = deploy(caller)
    const receipt = call(alice, at, caller, 'callSelf')
    expect(decodeReturn(caller.abi, 'callSelf', receipt.returnData)).toBe(false)
  })

  it('storage that is freed gives its deposit back', () => {
    const at = deploy(caller)
    const before = chain.account(at).contract
    const fill = call(alice, at, caller, 'fill', [0, 20])
    const filled = chain.account(at).contract
    expect(filled?.storageBytes).toBeGreaterThan(before?.storageBytes ?? 0n)
    const held = (filled?.deposit ?? 0n) - (before?.deposit ?? 0n)
    expect(fill).toMatchObject({ depositPaid: held, depositReturned: 0n })
    expect(call(bob, at, caller, 'clear', [0, 20])).toMatchObject({ depositPaid: 0n, depositReturned: held })
    expect(chain.account(at).contract).toEqual(before)
  })
})

describe('a plain transfer to a contract', () => {
  it('is refused: most contracts could never pay it out again', () => {
    const at = deploy(counter)
    const receipt = send(alice, { kind: 'transfer', to: at, amount: 5n })
    expect(receipt.error).toMatchObject({ code: 'not_payable' })
    expect(chain.account(at).balance).toBe(0n)
  })
})

describe('a view', () => {
  it('cannot write', () => {
    const at = deploy(caller)
    expect(view(at, caller, 'sneakyView')).toMatchObject({ kind: 'failed', code: 'static_violation' })
  })
})

describe('ownership', () => {
  it('only the owner upgrades, and nobody once there is none', () => {
    const at = deploy(counter, [], alice.address)
    const upgrade = (who: typeof alice) =>
      send(who, { kind: 'upgrade', contract: at, code: caller.code, args: NOTHING })
    expect(upgrade(bob).error?.code).toBe('not_owner')
    expect(send(bob, { kind: 'setOwner', contract: at, owner: bob.address }).error?.code).toBe('not_owner')
    expect(upgrade(alice).error).toBeUndefined()
    expect(send(alice, { kind: 'setOwner', contract: at, owner: undefined }).error).toBeUndefined()
    expect(upgrade(alice).error?.code).toBe('not_owner')
  })
})

describe('a simulation', () => {
  const simulate = (action: SimpleAction) =>
    simulateTransaction({
      vm: chain.vm,
      state: chain.reader,
      block: { chainId: TEST_CHAIN_ID, height: 10n, timeMs: 1n, randomness: ZERO_HASH },
      context: { chainId: TEST_CHAIN_ID, height: 10n, baseFee: chain.baseFee, blockGasLimit: chain.gasLimit },
      parsed: signedTransaction(alice, nonces.get(formatAddress(alice.address)) ?? 0n, action, {
        gasLimit: chain.gasLimit,
        maxFee: chain.baseFee,
        tip: 0n,
      }),
    })

  it('gives a limit that succeeds, also where a nested call may spend only 63/64', () => {
    const counterAt = deploy(counter)
    const callerAt = deploy(caller)
    const args = encodeArguments(caller.abi, 'incrementOther', [formatAddress(counterAt), '7'])
    const action: SimpleAction = {
      kind: 'call',
      contract: callerAt,
      method: 'incrementOther',
      args,
      value: 0n,
    }
    const simulation = simulate(action)
    if (simulation.kind !== 'ran') throw new Error('refused')
    expect(simulation.receipt.status).toBe('success')
    expect(view(counterAt, counter, 'get')).toBe(0n)
    expect(send(alice, action, { gasLimit: simulation.gasLimit }).error).toBeUndefined()
  })

  it('shows the failure that the transaction would have', () => {
    const at = deploy(token, TOKEN_ARGS)
    const args = encodeArguments(token.abi, 'transfer', [formatAddress(bob.address), '5000'])
    const simulation = simulate({ kind: 'call', contract: at, method: 'transfer', args, value: 0n })
    expect(simulation).toMatchObject({
      kind: 'ran',
      receipt: { status: 'failed', error: { code: 'reverted' } },
    })
  })
})
