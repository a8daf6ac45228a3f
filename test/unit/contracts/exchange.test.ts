import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { createTestChain, expectEvent, expectRevert } from 'vex/testing'
import { Exchange } from '../../../contracts/build/exchange.abi.ts'
import { Token } from '../../../contracts/build/token.abi.ts'

const MANY = 1n << 60n

const setUp = async () => {
  const chain = await createTestChain()
  const [maker, trader] = [chain.account('maker'), chain.account('trader')]
  const supply = { name: 'Gold', symbol: 'GLD', decimals: 9, supply: 1_000_000_000n }
  const token = await chain.deploy(Token, supply, { from: maker })
  const exchange = await chain.deploy(Exchange, { token: token.address })
  await token.call.transfer({ to: trader.address, amount: 10_000_000n }, { from: maker })
  for (const from of [maker, trader])
    await token.call.approve({ spender: exchange.address, amount: MANY }, { from })
  const deadlineMs = chain.timeMs + 1_000_000_000n
  const add = (units: bigint, maxTokens: bigint, from = maker) =>
    exchange.call.addLiquidity({ maxTokens, minShares: 0n, deadlineMs }, { from, value: units })
  const tokensOf = (who: { readonly address: `vex1${string}` }) =>
    token.view.balanceOf({ owner: who.address })
  return { chain, maker, trader, token, exchange, deadlineMs, add, tokensOf }
}
let world: Awaited<ReturnType<typeof setUp>>
beforeEach(async () => {
  world = await setUp()
})

/** What the contract should pay for `given`, in exact numbers. */
const priceOf = (given: bigint, reserveIn: bigint, reserveOut: bigint): bigint =>
  (given * 997n * reserveOut) / (reserveIn * 1_000n + given * 997n)

describe('the exchange', () => {
  it('takes its first price from the first deposit, and locks a thousand shares', async () => {
    const { exchange, maker, add } = world
    const added = await add(1_000_000n, 4_000_000n)
    expect(added.returned).toBe(2_000_000n - 1_000n)
    expectEvent(added, 'LiquidityAdded', { by: maker.address, units: 1_000_000n, tokens: 4_000_000n })
    expect(await exchange.view.reserves()).toEqual({
      units: 1_000_000n,
      tokens: 4_000_000n,
      shares: 2_000_000n,
    })
    expect(await exchange.view.sharesOf({ owner: maker.address })).toBe(1_999_000n)
  })

  it('refuses a first deposit that is not worth the locked shares', async () => {
    await expectRevert(
      world.add(1_000n, 1_000n),
      'the first deposit is too small: it must be worth more than 1,000 shares',
    )
  })

  it('sells tokens for VEX along the curve, and the fee stays', async () => {
    const { chain, exchange, trader, add, deadlineMs, tokensOf } = world
    await add(1_000_000n, 4_000_000n)
    const expected = priceOf(10_000n, 1_000_000n, 4_000_000n)
    expect(await exchange.view.quoteBuy({ units: 10_000n })).toBe(expected)
    const before = await tokensOf(trader)
    const bought = await exchange.call.buyTokens(
      { minTokens: expected, deadlineMs },
      { from: trader, value: 10_000n },
    )
    expect(bought.returned).toBe(expected)
    expect((await tokensOf(trader)) - before).toBe(expected)
    expect(chain.balance(exchange)).toBe(1_010_000n)
    expect(await tokensOf(exchange)).toBe(4_000_000n - expected)
  })

  it('buys tokens for VEX, which needs their approval', async () => {
    const { exchange, token, trader, add, deadlineMs } = world
    await add(1_000_000n, 4_000_000n)
    const expected = priceOf(40_000n, 4_000_000n, 1_000_000n)
    const sold = await exchange.call.sellTokens(
      { tokens: 40_000n, minUnits: 0n, deadlineMs },
      { from: trader },
    )
    expect(sold.returned).toBe(expected)
    expectEvent(sold, 'Traded', { by: trader.address, tokensIn: 40_000n, unitsOut: expected })
    await token.call.approve({ spender: exchange.address, amount: 0n }, { from: trader })
    const error = await expectRevert(
      exchange.call.sellTokens({ tokens: 40_000n, minUnits: 0n, deadlineMs }, { from: trader }),
      /allowance/i,
    )
    expect(error).toBeDefined()
  })

  it('refuses a price worse than asked for, and one that comes too late', async () => {
    const { chain, exchange, trader, add, deadlineMs } = world
    await add(1_000_000n, 4_000_000n)
    const offered = priceOf(10_000n, 1_000_000n, 4_000_000n)
    await expectRevert(
      exchange.call.buyTokens({ minTokens: offered + 1n, deadlineMs }, { from: trader, value: 10_000n }),
      { error: 'TooLittle', fields: { offered, wanted: offered + 1n } },
    )
    chain.warp({ toMs: deadlineMs + 1n })
    await expectRevert(
      exchange.call.buyTokens({ minTokens: 0n, deadlineMs }, { from: trader, value: 10_000n }),
      { error: 'Expired' },
    )
  })

  it('gives a share of the pool back for a share, with the fees', async () => {
    const { chain, exchange, maker, trader, add, deadlineMs, tokensOf } = world
    await add(1_000_000n, 4_000_000n)
    await exchange.call.buyTokens({ minTokens: 0n, deadlineMs }, { from: trader, value: 500_000n })
    const tokens = await tokensOf(maker)
    const shares = await exchange.view.sharesOf({ owner: maker.address })
    const removed = await exchange.call.removeLiquidity(
      { shares, minUnits: 1n, minTokens: 1n, deadlineMs },
      { from: maker },
    )
    expectEvent(removed, 'LiquidityRemoved', { by: maker.address, shares })
    expect((await tokensOf(maker)) - tokens).toBeGreaterThan(2_600_000n)
    expect(chain.balance(exchange)).toBeGreaterThan(0n)
    await expectRevert(
      exchange.call.removeLiquidity({ shares: 1n, minUnits: 0n, minTokens: 0n, deadlineMs }, { from: maker }),
      { error: 'TooLittle' },
    )
  })

  it('asks later deposits for tokens at the price of the pool, rounded up', async () => {
    const { exchange, trader, add } = world
    await add(1_000_000n, 4_000_000n)
    await expectRevert(add(10n, 40n, trader), { error: 'TooLittle', fields: { offered: 40n, wanted: 41n } })
    await add(10n, 41n, trader)
    expect(await exchange.view.sharesOf({ owner: trader.address })).toBe(20n)
  })

  it('never lets k fall, whatever is traded', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ isBuy: fc.boolean(), amount: fc.integer({ min: 1, max: 3_000_000 }) }), {
          minLength: 1,
          maxLength: 12,
        }),
        async trades => {
          const { exchange, trader, add, deadlineMs } = await setUp()
          await add(1_000_000n, 4_000_000n)
          let k = 4_000_000_000_000n
          for (const { isBuy, amount } of trades) {
            if (isBuy) {
              await exchange.call.buyTokens(
                { minTokens: 0n, deadlineMs },
                { from: trader, value: BigInt(amount) },
              )
            } else {
              const tokens = BigInt(Math.min(amount, 800_000))
              await exchange.call.sellTokens({ tokens, minUnits: 0n, deadlineMs }, { from: trader })
            }
            const { units, tokens } = await exchange.view.reserves()
            expect(units * tokens).toBeGreaterThanOrEqual(k)
            k = units * tokens
          }
        },
      ),
      { numRuns: 20 },
    )
  })

  it('does not run again while it runs: a token that calls back is refused', async () => {
    const { chain, maker } = world
    const thief = await chain.deploy('test/fixtures/contracts/thief.ts', {}, { from: maker })
    const exchange = await chain.deploy(Exchange, { token: thief.address })
    await expectRevert(
      exchange.call.addLiquidity(
        { maxTokens: 5_000_000n, minShares: 0n, deadlineMs: chain.timeMs + 1_000_000n },
        { from: maker, value: 5_000_000n },
      ),
      /already running/,
    )
  })
})
