/** What the chain does behind the host functions: iteration, deploys, randomness. */
import * as fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decodeReturn, decodeRevert, encodeArguments } from '../../../node/abi/values.ts'
import { LayeredState } from '../../../node/chain/layers.ts'
import { contractAddress, formatAddress } from '../../../node/crypto/address.ts'
import { LIMITS, STORAGE_DEPOSIT_PER_BYTE } from '../../../node/params.ts'
import { codeReferencesKey, storageKey } from '../../../node/state/keys.ts'
import { Overlay } from '../../../node/state/overlay.ts'
import { deployContract, STACK_WORDS } from '../../../node/transition/call.ts'
import { ContractHost } from '../../../node/transition/contract-host.ts'
import { COLUMNS } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { Execution } from '../../../node/transition/execution.ts'
import { viewContract } from '../../../node/transition/simulate.ts'
import { type Address, toAddress, toHash, toHex, ZERO_HASH } from '../../../node/types/primitives.ts'
import type { Receipt } from '../../../node/types/receipt.ts'
import type { Action } from '../../../node/types/transaction.ts'
import { PRICE } from '../../../vm/host-prices.ts'
import { createVm } from '../../../vm/vm.ts'
import { exampleContract, fixtureContract, type TestContract } from '../../support/contracts.ts'
import { TestChain } from '../../support/test-chain.ts'
import { signedTransaction, TEST_CHAIN_ID, testAccount } from '../../support/transactions.ts'

const alice = testAccount('alice')
const bob = testAccount('bob')
const GAS = 900_000_000n

let ledger: TestContract
let counter: TestContract
beforeAll(async () => {
  ledger = await fixtureContract('ledger')
  counter = await exampleContract('counter')
})

let chain: TestChain
let nonce: bigint
beforeEach(() => {
  chain = new TestChain([alice, bob].map(({ address }) => [address, 1_000_000_000_000_000n]))
  nonce = 0n
})

const deploy = (contract: TestContract, args: unknown[]): Address => {
  const { created, error } = chain.run(
    signedTransaction(
      alice,
      nonce++,
      {
        kind: 'deploy',
        code: contract.code,
        args: encodeArguments(contract.abi, 'init', args),
        value: 0n,
        owner: undefined,
      },
      { gasLimit: GAS },
    ),
  )
  expect(error).toBeUndefined()
  return created[0] as Address
}
const call = (at: Address, method: string, args: unknown[] = [], value = 0n): Receipt => {
  const before = chain.totalUnits()
  const receipt = chain.run(
    signedTransaction(
      alice,
      nonce++,
      { kind: 'call', contract: at, method, args: encodeArguments(ledger.abi, method, args), value },
      { gasLimit: GAS },
    ),
  )
  expect(chain.totalUnits(), 'units that were burned').toBe(before - receipt.gasUsed * chain.baseFee)
  return receipt
}
const answer = (at: Address, method: string, args: unknown[] = [], value = 0n): unknown => {
  const { error, returnData } = call(at, method, args, value)
  if (error !== undefined) throw new Error(`${error.code}: ${error.message} ${revertText(error.data)}`)
  return decodeReturn(ledger.abi, method, returnData)
}
const revertText = (data: Uint8Array): string => (data.length === 0 ? '' : decodeRevert(data))
const view = (at: Address, method: string, args: unknown[] = []): unknown => {
  const outcome = viewContract({
    vm: chain.vm,
    state: chain.reader,
    block: { chainId: TEST_CHAIN_ID, height: 1n, timeMs: 1n, randomness: ZERO_HASH },
    caller: alice.address,
    contract: at,
    method,
    args: encodeArguments(ledger.abi, method, args),
    gasLimit: GAS,
  })
  return outcome.kind === 'returned' ? decodeReturn(ledger.abi, method, outcome.data) : outcome
}
const keysOf = (rows: unknown): number[] => (rows as { key: number }[]).map(({ key }) => key)

describe('iteration', () => {
  it('sees what earlier transactions left and what this one wrote and deleted', () => {
    const at = deploy(ledger, ['one'])
    for (const key of [5, 1, 300, 2]) answer(at, 'put', [key, 'x'])
    expect(keysOf(view(at, 'first', [10]))).toEqual([1, 2, 5, 300])
    expect(keysOf(answer(at, 'dropBelow', [3]))).toEqual([5])
    expect(keysOf(view(at, 'last', [10]))).toEqual([300, 5])
  })

  it('stays inside the contract: neighbours in the key space are not seen', () => {
    const first = deploy(ledger, ['one'])
    const second = deploy(ledger, ['two'])
    for (const at of [first, second]) answer(at, 'put', [1, formatAddress(at)])
    for (const at of [first, second]) {
      expect(view(at, 'first', [10])).toEqual([{ key: 1, value: formatAddress(at) }])
      expect(view(at, 'last', [10])).toEqual([{ key: 1, value: formatAddress(at) }])
    }
  })

  it('pays for the deleted keys that it steps over', () => {
    const at = deploy(ledger, ['one'])
    for (const key of [0, 1, 2, 3, 9]) answer(at, 'put', [key, 'x'])
    const few = call(at, 'dropBelow', [1])
    answer(at, 'put', [0, 'x'])
    const many = call(at, 'dropBelow', [4])
    const removals = 3n * PRICE.storageDelete
    expect(many.gasUsed - few.gasUsed).toBeGreaterThan(removals + 3n * PRICE.storagePassed)
  })

  it('finds what a sorted list would, for any prefix, start and direction', () => {
    const part = fc.array(fc.constantFrom(0, 1, 0x7f, 0xfe, 0xff), { maxLength: 3 })
    const key = part.map(parts => Uint8Array.from(parts))
    const self = toAddress(new Uint8Array(32).fill(0xff))
    const nobody = (): never => {
      throw new Error('not asked')
    }
    const context = {
      caller: self,
      origin: self,
      self,
      value: 0n,
      height: 1n,
      timeMs: 1n,
      chainId: TEST_CHAIN_ID,
    }
    fc.assert(
      fc.property(
        fc.array(key.filter(bytes => bytes.length > 0)),
        fc.array(key.filter(bytes => bytes.length > 0)),
        fc.array(key.filter(bytes => bytes.length > 0)),
        key,
        key,
        fc.boolean(),
        (stored, written, deleted, prefix, beyond, isReverse) => {
          const db = createMemoryDatabase()
          db.write(
            stored.map(each => ({ column: COLUMNS.state, key: storageKey(self, each), value: each })),
            { sync: false },
          )
          const execution = new Execution({
            vm: createVm(),
            block: { chainId: TEST_CHAIN_ID, height: 1n, timeMs: 1n, randomness: ZERO_HASH },
            state: new Overlay(new LayeredState(db).base),
            origin: self,
          })
          const host = new ContractHost(execution, context, self, false, { call: nobody, deploy: nobody })
          for (const each of written) host.storageWrite(each, each)
          for (const each of deleted) host.storageDelete(each)
          const gone = new Set(deleted.map(toHex))
          const names = [...new Set([...stored, ...written].map(toHex))]
            .filter(name => !gone.has(name))
            .sort()
          const from = toHex(beyond)
          const expected = (isReverse ? names.toReversed() : names).find(
            name =>
              name.startsWith(toHex(prefix)) && (from === '' || (isReverse ? name < from : name > from)),
          )
          const found = host.storageNext({ prefix, beyond, isReverse }, () => undefined)
          expect(found && toHex(found.key)).toBe(expected)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('a deploy by a contract', () => {
  const hashOf = (at: Address): string => `0x${toHex(chain.account(at).contract?.codeHash ?? ZERO_HASH)}`
  const references = (at: Address): string =>
    toHex(chain.reader.get(codeReferencesKey(chain.account(at).contract?.codeHash ?? ZERO_HASH)) ?? ZERO_HASH)

  it('stands at hash(maker, how many it made), runs init, takes value and holds its own deposit', () => {
    const maker = deploy(ledger, ['maker'])
    const receipt = call(maker, 'make', [hashOf(maker), 'child', 30], 100n)
    const [child] = receipt.created as [Address]
    expect(child).toEqual(contractAddress(maker, 0n))
    expect(decodeReturn(ledger.abi, 'make', receipt.returnData)).toBe(formatAddress(child))
    expect(view(child, 'name')).toBe('child')
    expect([chain.account(maker).balance, chain.account(child).balance]).toEqual([70n, 30n])
    const info = chain.account(child).contract
    expect(info?.owner).toBeUndefined()
    expect(info?.storageBytes).toBeGreaterThan(BigInt(ledger.code.length))
    expect(info?.deposit).toBe((info?.storageBytes ?? 0n) * STORAGE_DEPOSIT_PER_BYTE)
    expect(references(maker)).toBe('0200000000000000')
    expect(call(maker, 'make', [hashOf(maker), 'next', 0]).created).toEqual([contractAddress(maker, 1n)])
  })

  it('that fails leaves nothing, and its maker may go on', () => {
    const maker = deploy(ledger, ['maker'])
    const before = [...chain.state.keys()]
    const contractsBefore = chain.account(maker)
    const receipt = call(maker, 'tryMake', [hashOf(maker), 'bad'])
    expect(decodeReturn(ledger.abi, 'tryMake', receipt.returnData)).toBe('none')
    expect(receipt.created).toEqual([])
    expect(chain.account(maker)).toEqual(contractsBefore)
    expect([...chain.state.keys()]).toEqual(before)
    expect(references(maker)).toBe('0100000000000000')
  })

  it('vanishes with a caller that reverts', () => {
    const maker = deploy(ledger, ['maker'])
    const receipt = call(maker, 'makeAndRevert', [hashOf(maker), 'child'])
    expect(receipt).toMatchObject({ created: [], error: { code: 'reverted' } })
    expect(chain.account(contractAddress(maker, 0n)).contract).toBeUndefined()
    expect(references(maker)).toBe('0100000000000000')
    expect(call(maker, 'make', [hashOf(maker), 'child', 0]).created).toEqual([contractAddress(maker, 0n)])
  })

  it('needs code that is on chain, and the value', () => {
    const maker = deploy(ledger, ['maker'])
    expect(() => answer(maker, 'make', [`0x${'00'.repeat(32)}`, 'x', 0])).toThrow(
      'no contract runs code with the hash 0000',
    )
    expect(() => answer(maker, 'make', [hashOf(maker), 'x', 1])).toThrow('holds less than the 1 units')
  })

  it('of code without init takes neither arguments nor value', () => {
    const maker = deploy(ledger, ['maker'])
    const plain = deploy(counter, [])
    const receipt = call(maker, 'makePlain', [hashOf(plain)])
    expect(receipt.error).toBeUndefined()
    expect(chain.account(receipt.created[0] as Address).contract?.codeHash).toEqual(
      chain.account(plain).contract?.codeHash,
    )
  })

  it('is refused in a view, and beyond so many in a transaction', () => {
    const maker = deploy(ledger, ['maker'])
    expect(view(maker, 'makeInView', [hashOf(maker)])).toMatchObject({ code: 'static_violation' })
    const execution = new Execution({
      vm: chain.vm,
      block: { chainId: TEST_CHAIN_ID, height: 1n, timeMs: 1n, randomness: ZERO_HASH },
      state: new Overlay(chain.reader),
      origin: alice.address,
    })
    for (let i = 0; i < LIMITS.contractsPerTransaction; i++) execution.created.push(maker)
    const outcome = deployContract(execution, {
      deployer: maker,
      codeHash: toHash(Buffer.from(hashOf(maker).slice(2), 'hex')),
      args: new Uint8Array(0),
      value: 0n,
      gasLimit: GAS,
      stackLimit: STACK_WORDS,
    })
    expect(outcome).toMatchObject({ kind: 'failed', code: 'limit_exceeded' })
  })
})

describe('randomness', () => {
  const draw = (contract: Address) =>
    ({ kind: 'call', contract, method: 'draw', args: new Uint8Array(0), value: 0n }) as const
  const signed = (action: Action, from = alice, at = nonce++) =>
    signedTransaction(from, at, action, { gasLimit: 100_000_000n })
  const numbersOf = ({ receipts }: { receipts: readonly Receipt[] }) =>
    receipts.flatMap(({ error, returnData }) =>
      error === undefined ? (decodeReturn(ledger.abi, 'draw', returnData) as string[]) : [error.code],
    )

  it('differs by draw, by contract, by transaction and by block', () => {
    const one = deploy(ledger, ['one'])
    const two = deploy(ledger, ['two'])
    const numbers = [one, two, one].flatMap(at => answer(at, 'draw') as string[])
    numbers.push(...numbersOf(chain.block([signed(draw(one)), signed(draw(two)), signed(draw(one))])))
    expect(new Set(numbers).size).toBe(12)
  })

  it('of a block does not depend on who sends, nor on transactions that fail', () => {
    const one = deploy(ledger, ['one'])
    const fork = new TestChain([])
    for (const [key, value] of chain.state) fork.state.set(key, value)
    fork.height = chain.height
    const failing = { ...draw(one), method: 'drawAndRevert' }
    const theirs = fork.block([signed(draw(one), bob, 0n)])
    const ours = chain.block([signed(failing), signed(failing), signed(draw(one))])
    expect(numbersOf(ours)).toEqual(['reverted', 'reverted', ...numbersOf(theirs)])
  })

  it('is not for batches, nor for whom a contract calls', () => {
    const one = deploy(ledger, ['one'])
    const two = deploy(ledger, ['two'])
    for (const actions of [[draw(one)], [draw(one), draw(two)]]) {
      const { receipts } = chain.block([signed({ kind: 'batch', actions })])
      expect(receipts[0]?.error).toMatchObject({
        code: 'undoable_draw',
        message: expect.stringContaining('in a batch'),
      })
    }
    expect(() => answer(one, 'drawBy', [formatAddress(two)])).toThrow('for a call from a contract')
    expect(answer(one, 'tryDrawBy', [formatAddress(two)])).toBe('0x')
    expect(answer(one, 'tryDrawBy', [formatAddress(one)])).toBe('0x')
    expect(answer(one, 'draw')).toHaveLength(2)
  })
})
