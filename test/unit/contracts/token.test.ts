import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { account, built, type CompiledSource, Sandbox, shown } from './sandbox.ts'

const TOKEN = account(9)
const [alice, bob, carol] = [account(1), account(2), account(3)]
const [aliceName, bobName, carolName] = [shown(alice), shown(bob), shown(carol)]
const nobody = shown(account(0))
const MAX_U64 = (1n << 64n) - 1n

let code: CompiledSource
let chain: Sandbox
beforeAll(async () => {
  code = await built('contracts/token/token.ts')
})
beforeEach(() => {
  chain = new Sandbox()
  chain.deploy(TOKEN, code)
  chain.call(TOKEN, 'init', ['Gold', 'GLD', 6, 1_000], { caller: alice })
})

const call = (caller: Uint8Array, method: string, ...args: unknown[]): unknown =>
  chain.call(TOKEN, method, args, { caller })
const balances = (): unknown[] => [alice, bob, carol].map(owner => call(alice, 'balanceOf', owner))
const transferOf = (from: string, to: string, amount: bigint): object => ({
  name: 'Transfer',
  fields: { from, to, amount },
})

describe('a new token', () => {
  it('gives the whole supply to its deployer, and says so in an event', () => {
    expect(chain.decodedEvents()).toEqual([transferOf(nobody, aliceName, 1_000n)])
    expect(balances()).toEqual([1_000n, 0n, 0n])
    expect(['name', 'symbol', 'decimals', 'totalSupply', 'owner'].map(each => call(bob, each))).toEqual([
      'Gold',
      'GLD',
      6,
      1_000n,
      aliceName,
    ])
  })

  it('refuses an empty name and more than 18 decimals', () => {
    expect(() => call(alice, 'init', '', 'GLD', 6, 1)).toThrow('reverted: name and symbol must not be empty')
    expect(() => call(alice, 'init', 'Gold', 'GLD', 19, 1)).toThrow('reverted: decimals must be at most 18')
  })
})

describe('transfer', () => {
  it('moves tokens and emits who, to whom and how many', () => {
    call(alice, 'transfer', bobName, 300)
    expect(chain.decodedEvents()).toEqual([transferOf(aliceName, bobName, 300n)])
    expect(balances()).toEqual([700n, 300n, 0n])
  })

  it('to oneself changes nothing', () => {
    call(alice, 'transfer', aliceName, 1_000)
    expect(balances()).toEqual([1_000n, 0n, 0n])
  })

  it('refuses more than the balance and changes nothing', () => {
    expect(() => call(alice, 'transfer', bobName, 1_001)).toThrow('reverted: insufficient balance')
    expect(() => call(bob, 'transfer', aliceName, 1)).toThrow('reverted: insufficient balance')
    expect(balances()).toEqual([1_000n, 0n, 0n])
  })

  it('refuses the zero address', () => {
    expect(() => call(alice, 'transfer', nobody, 1)).toThrow('reverted: the zero address cannot hold tokens')
  })

  it('of everything leaves no storage entry behind', () => {
    const { storage } = chain.contracts.get('09'.repeat(32)) ?? { storage: new Map() }
    const before = storage.size
    call(alice, 'transfer', bobName, 1_000)
    expect(storage.size).toBe(before)
  })

  it('refuses units sent along', () => {
    expect(() => chain.call(TOKEN, 'transfer', [bobName, 1], { value: 1n })).toThrow(
      'reverted: transfer is not payable',
    )
  })
})

describe('an allowance', () => {
  it('lets the spender move that much and no more', () => {
    call(alice, 'approve', bobName, 100)
    expect(chain.decodedEvents()).toEqual([
      { name: 'Approval', fields: { owner: aliceName, spender: bobName, amount: 100n } },
    ])
    call(bob, 'transferFrom', aliceName, carolName, 60)
    expect(chain.decodedEvents()).toEqual([transferOf(aliceName, carolName, 60n)])
    expect(call(bob, 'allowance', aliceName, bobName)).toBe(40n)
    expect(() => call(bob, 'transferFrom', aliceName, carolName, 41)).toThrow(
      'reverted: insufficient allowance',
    )
    expect(balances()).toEqual([940n, 0n, 60n])
  })

  it('is not used up by a transfer that fails', () => {
    call(carol, 'approve', bobName, 100)
    expect(() => call(bob, 'transferFrom', carolName, bobName, 50)).toThrow('reverted: insufficient balance')
    expect(call(bob, 'allowance', carolName, bobName)).toBe(100n)
  })

  it('belongs to one owner and one spender', () => {
    call(alice, 'approve', bobName, 100)
    expect(call(bob, 'allowance', bobName, aliceName)).toBe(0n)
    expect(() => call(carol, 'transferFrom', aliceName, carolName, 1)).toThrow('insufficient allowance')
  })
})

describe('the supply', () => {
  it('grows by mint, of the owner alone', () => {
    call(alice, 'mint', bobName, 500)
    expect(chain.decodedEvents()).toEqual([transferOf(nobody, bobName, 500n)])
    expect([call(bob, 'totalSupply'), balances()]).toEqual([1_500n, [1_000n, 500n, 0n]])
    expect(() => call(bob, 'mint', bobName, 1)).toThrow('reverted: only the owner may mint')
  })

  it('never passes 64 bits', () => {
    expect(() => call(alice, 'mint', bobName, MAX_U64 - 999n)).toThrow('reverted: addition overflows')
    call(alice, 'mint', bobName, MAX_U64 - 1_000n)
    expect(call(bob, 'totalSupply')).toBe(MAX_U64)
  })

  it('shrinks by burn, of what the caller has', () => {
    call(alice, 'burn', 400)
    expect(chain.decodedEvents()).toEqual([transferOf(aliceName, nobody, 400n)])
    expect([call(bob, 'totalSupply'), balances()]).toEqual([600n, [600n, 0n, 0n]])
    expect(() => call(alice, 'burn', 601)).toThrow('reverted: insufficient balance')
  })
})
