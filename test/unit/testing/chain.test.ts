import { describe, expect, it } from 'vitest'
import { createTestChain, expectEvent, expectRevert } from 'vex/testing'
import { Counter } from '../../../contracts/build/counter.abi.ts'
import { Token } from '../../../contracts/build/token.abi.ts'
import { MAX_SUPPLY, VEX } from '../../../node/params.ts'

const withToken = async () => {
  const chain = await createTestChain()
  const [ada, ben] = [chain.account('ada'), chain.account('ben')]
  const gold = { name: 'Gold', symbol: 'GLD', decimals: 6, supply: 1_000n }
  const token = await chain.deploy(Token, gold, { from: ada })
  return { chain, ada, ben, token }
}

describe('a call', () => {
  it('is a block with one transaction, that pays a fee and has a receipt', async () => {
    const { chain, ada, ben, token } = await withToken()
    const [height, before] = [chain.height, chain.balance(ada)]
    const moved = await token.call.transfer({ to: ben.address, amount: 5n }, { from: ada })
    expect(chain.height).toBe(height + 1n)
    expect(moved.receipt).toMatchObject({ status: 'success', height: String(chain.height), index: 0 })
    expect(BigInt(moved.receipt.feePaid)).toBe(2n * moved.gasUsed)
    expect(before - chain.balance(ada)).toBe(
      BigInt(moved.receipt.feePaid) +
        BigInt(moved.receipt.depositPaid) -
        BigInt(moved.receipt.depositReturned),
    )
    expect(moved.events).toEqual([
      { name: 'Transfer', fields: { from: ada.address, to: ben.address, amount: 5n } },
    ])
    expect(await token.view.balanceOf({ owner: ben.address })).toBe(5n)
  })

  it('that fails is in a block too, pays its fee, and changes nothing else', async () => {
    const { chain, ada, ben, token } = await withToken()
    const [height, before] = [chain.height, chain.balance(ben)]
    const failure = await expectRevert(
      token.call.transfer({ to: ada.address, amount: 1n }, { from: ben }),
      'insufficient balance',
    )
    expect(failure).toMatchObject({ code: 'reverted', state: 'failed', receipt: { status: 'failed' } })
    expect(chain.height).toBe(height + 1n)
    expect(before - chain.balance(ben)).toBe(BigInt(failure.receipt?.feePaid ?? 0))
    expect(await token.view.balanceOf({ owner: ada.address })).toBe(1_000n)
  })

  it('says where it failed, in the lines of the author', async () => {
    const { ada, ben, token } = await withToken()
    const failure = await expectRevert(token.call.transfer({ to: ada.address, amount: 1n }, { from: ben }))
    expect(failure.message).toMatch(/token\.ts:\d+:\d+ +Token\.move/)
  })

  it('that no block may hold makes none', async () => {
    const { chain, ben, token } = await withToken()
    const { height } = chain
    const call = token.call.transfer({ to: ben.address, amount: 1n }, { from: ben, gasLimit: 2_000_000_000n })
    await expectRevert(call, { code: 'gas_limit_too_high' })
    expect(chain.height).toBe(height)
  })

  it('stops where its gas limit is, and pays for all of it', async () => {
    const { ada, ben, token } = await withToken()
    const call = token.call.transfer({ to: ben.address, amount: 1n }, { from: ada, gasLimit: 400_000 })
    const { receipt } = await expectRevert(call, { code: 'out_of_gas' })
    expect(receipt?.gasUsed).toBe('400000')
  })

  it('may come from a contract, which then pays no fee', async () => {
    const { chain, ada, ben, token } = await withToken()
    const counter = await chain.deploy(Counter)
    await token.call.transfer({ to: counter.address, amount: 7n }, { from: ada })
    await token.call.transfer({ to: ben.address, amount: 7n }, { from: counter })
    expect(await token.view.balanceOf({ owner: ben.address })).toBe(7n)
    expect(chain.balance(counter)).toBe(0n)
  })

  it('from a contract that stores something takes the deposit from what the test gave it', async () => {
    const { chain, ada, ben, token } = await withToken()
    const counter = await chain.deploy(Counter)
    await token.call.transfer({ to: counter.address, amount: 7n }, { from: ada })
    const approve = () => token.call.approve({ spender: ben.address, amount: 7n }, { from: counter })
    await expectRevert(approve(), { code: 'insufficient_deposit' })
    chain.fund(counter, 1_000_000_000n)
    const { receipt } = await approve()
    expect(BigInt(receipt.depositPaid)).toBeGreaterThan(0n)
    expect(chain.balance(counter)).toBe(1_000_000_000n - BigInt(receipt.depositPaid))
  })

  it('whose arguments do not fit points at the line that passed them, not into the client', async () => {
    const { ben, token } = await withToken()
    const error = await token.call
      .transfer({ to: ben.address, amount: -1n })
      .catch((thrown: unknown) => thrown)
    const frames = (error as Error).stack?.split('\n').slice(1, 4).join('\n')
    expect(frames).toContain('chain.test.ts')
  })

  it('that is simulated changes nothing', async () => {
    const { chain, ada, ben, token } = await withToken()
    const { height } = chain
    const { gasUsed } = await token.simulate.transfer({ to: ben.address, amount: 5n }, { from: ada })
    expect(chain.height).toBe(height)
    expect(await token.view.balanceOf({ owner: ben.address })).toBe(0n)
    const real = await token.call.transfer({ to: ben.address, amount: 5n }, { from: ada })
    expect(real.gasUsed).toBe(gasUsed)
  })
})

describe('a block', () => {
  it('holds several calls in their order, also of one account', async () => {
    const { chain, ada, ben, token } = await withToken()
    const { height } = chain
    const [first, second, third] = await chain.block(() => [
      token.call.transfer({ to: ben.address, amount: 3n }, { from: ada }),
      token.call.transfer({ to: ada.address, amount: 2n }, { from: ben }),
      token.call.transfer({ to: ben.address, amount: 1n }, { from: ada }),
    ])
    expect(chain.height).toBe(height + 1n)
    expect([first, second, third].map(({ receipt }) => [receipt.height, receipt.index])).toEqual([
      [String(chain.height), 0],
      [String(chain.height), 1],
      [String(chain.height), 2],
    ])
    expect(await token.view.balanceOf({ owner: ben.address })).toBe(2n)
  })

  it('goes on after a call that fails in it', async () => {
    const { chain, ada, ben, token } = await withToken()
    const [, moved] = await chain.block(() => [
      expectRevert(
        token.call.transfer({ to: ada.address, amount: 1n }, { from: ben }),
        'insufficient balance',
      ),
      token.call.transfer({ to: ben.address, amount: 1n }, { from: ada }),
    ])
    expect(moved.receipt.index).toBe(1)
  })
})

describe('time', () => {
  it('starts the same for every chain, and goes on by a second with each block', async () => {
    const chain = await createTestChain()
    const start = chain.timeMs
    await chain.deploy(Counter)
    expect(chain.timeMs).toBe(start + 1_000n)
    expect((await createTestChain()).timeMs).toBe(start)
    expect((await createTestChain({ timeMs: 5n })).timeMs).toBe(5n)
  })

  it('can be moved on, never back, and blocks be passed', async () => {
    const chain = await createTestChain()
    const start = chain.timeMs
    chain.warp({ seconds: 60 })
    expect([chain.height, chain.timeMs]).toEqual([0n, start + 60_000n])
    await chain.deploy(Counter)
    expect([chain.height, chain.timeMs]).toEqual([1n, start + 60_000n])
    chain.warp({ blocks: 1_000_000 })
    expect([chain.height, chain.timeMs]).toEqual([1_000_001n, start + 60_000n + 1_000_000_000n])
    expect(() => chain.warp({ toMs: start })).toThrow('time does not run backwards')
  })
})

describe('a snapshot', () => {
  it('brings back state, height, time and nonces, as often as wanted', async () => {
    const { chain, ada, ben, token } = await withToken()
    const saved = chain.snapshot()
    const before = [chain.height, chain.timeMs, chain.balance(ada)]
    const receipts = []
    for (let i = 0; i < 3; i++) {
      receipts.push(await token.call.transfer({ to: ben.address, amount: 5n }, { from: ada }))
      chain.revertTo(saved)
      expect([chain.height, chain.timeMs, chain.balance(ada)]).toEqual(before)
      expect(await token.view.balanceOf({ owner: ben.address })).toBe(0n)
    }
    expect(receipts[1]).toEqual(receipts[0])
    expect(receipts[2]).toEqual(receipts[0])
  })

  it('that was made after the one gone back to is gone', async () => {
    const chain = await createTestChain()
    const [first, second] = [chain.snapshot(), chain.snapshot()]
    chain.revertTo(first)
    expect(() => chain.revertTo(second)).toThrow('there is no snapshot 2')
  })
})

describe('accounts', () => {
  it('are dev0 to dev9, and any others by name', async () => {
    const chain = await createTestChain({ accounts: ['ada'] })
    expect(chain.accounts.map(({ name }) => name).slice(8)).toEqual(['dev8', 'dev9', 'ada'])
    expect(chain.account('ada')).toBe(chain.accounts[10])
    expect(chain.balance(chain.account('ben'))).toBe(10_000n * VEX)
    expect(chain.balance(chain.account('poor', 7n))).toBe(7n)
  })

  it('get no more units than a chain may have', async () => {
    const chain = await createTestChain()
    const ada = chain.account('ada', 7n)
    chain.fund(ada, 5n)
    expect(() => chain.fund(ada, MAX_SUPPLY)).toThrow(/there may be 4611686018427387904 units/)
    for (const name of ['whale', 'whale'])
      expect(() => chain.account(name, MAX_SUPPLY)).toThrow(/there may be/)
    expect(() => chain.fund(ada, -1n)).toThrow(/whole number/)
    expect(chain.balance(ada)).toBe(12n)
  })

  it('send units to each other, down to the last', async () => {
    const chain = await createTestChain()
    const [ada, ben] = [chain.account('ada', VEX), chain.account('ben', 0n)]
    const { feePaid } = await chain.transfer(ada, ben, VEX - 607_440n)
    expect([chain.balance(ada), chain.balance(ben), feePaid]).toEqual([0n, VEX - 607_440n, '607440'])
    await expect(chain.transfer(ada, ben, 1n)).rejects.toThrow('insufficient_balance')
  })
})

describe('a deploy', () => {
  it('tells its events, gas and fee', async () => {
    const { ada, token } = await withToken()
    const { deployed } = token
    expectEvent(deployed, 'Transfer', { to: ada.address, amount: 1_000n })
    expect(deployed.fee).toBe(2n * deployed.gasUsed)
  })

  it('that reverts says why', async () => {
    const chain = await createTestChain()
    const nameless = { name: '', symbol: 'X', decimals: 0, supply: 0n }
    await expectRevert(chain.deploy(Token, nameless), 'name and symbol must not be empty')
  })

  it('names a wrong argument, and one that is missing', async () => {
    const chain = await createTestChain()
    // @ts-expect-error The editor knows it too.
    await expect(chain.deploy(Token, { name: 'Gold' })).rejects.toThrow(
      'init: the argument symbol is missing',
    )
    // @ts-expect-error The same.
    await expect(chain.deploy(Counter, { gasLimits: 5 })).rejects.toThrow('there is no option "gasLimits"')
  })

  it('takes a source as well', async () => {
    const chain = await createTestChain()
    const counter = await chain.deploy('contracts/counter/counter.ts')
    const { increment } = counter.call
    expect((await increment?.({ amount: 2n }))?.returned).toBe(2n)
    await expect(chain.deploy('contracts/nothing.ts')).rejects.toThrow('there is no contract at')
  })
})

describe('an upgrade', () => {
  it('keeps the storage, and is for the owner alone', async () => {
    const chain = await createTestChain()
    const [ada, ben] = [chain.account('ada'), chain.account('ben')]
    const counter = await chain.deploy(Counter, { owner: ben, from: ada })
    await counter.call.increment({ amount: 3n })
    await expectRevert(chain.upgrade(counter, Counter, {}, { from: ada }), { code: 'not_owner' })
    const upgraded = await chain.upgrade(counter, Counter, {}, { from: ben })
    expect(upgraded.address).toBe(counter.address)
    expect(await upgraded.view.get()).toBe(3n)
    const final = await chain.deploy(Counter, { owner: null })
    await expectRevert(chain.upgrade(final, Counter), { code: 'not_owner' })
  })
})
