import { beforeEach, describe, expect, it } from 'vitest'
import { createTestChain, expectEvent, expectRevert } from 'vex/testing'
import { Lottery } from '../../../contracts/build/lottery.abi.ts'

const PRICE = 1_000n
const HOUR = 3_600_000n

const setUp = async () => {
  const chain = await createTestChain()
  const players = ['ada', 'ben', 'cleo'].map(name => chain.account(name))
  const lottery = await chain.deploy(Lottery, { price: PRICE, roundMs: HOUR })
  const buy = (player: number, tickets: bigint) =>
    lottery.call.buy({ from: players[player], value: tickets * PRICE })
  return { chain, players, lottery, buy }
}
let world: Awaited<ReturnType<typeof setUp>>
beforeEach(async () => {
  world = await setUp()
})

describe('the lottery', () => {
  it('sells tickets until the hour is over', async () => {
    const { chain, lottery, buy, players } = world
    const bought = await buy(0, 3n)
    expectEvent(bought, 'TicketsBought', { round: 0n, player: players[0]?.address, tickets: 3n })
    await buy(1, 2n)
    expect(await lottery.view.ticketsSold()).toBe(5n)
    expect(await lottery.view.potSize()).toBe(5n * PRICE)
    chain.warp({ toMs: await lottery.view.saleEndsMs() })
    await expectRevert(buy(2, 1n), { error: 'WrongTime' })
  })

  it('takes whole tickets only', async () => {
    const { lottery, players } = world
    for (const value of [0n, PRICE - 1n, PRICE + 1n])
      await expectRevert(lottery.call.buy({ from: players[0], value }), {
        error: 'WrongPayment',
        fields: { sent: value, price: PRICE },
      })
  })

  it('pays the whole pot to one who bought, and begins anew', async () => {
    const { chain, lottery, buy, players } = world
    await buy(0, 3n)
    await buy(1, 4n)
    await expectRevert(lottery.call.draw(), { error: 'WrongTime' })
    chain.warp({ toMs: await lottery.view.saleEndsMs() })
    const before = players.map(player => chain.balance(player))
    const drawn = await lottery.call.draw()
    const winner = players.findIndex(({ address }) => address === drawn.returned)
    const { ticket } = expectEvent(drawn, 'Drawn', { round: 0n, winner: drawn.returned, pot: 7n * PRICE })
    expect(winner).toBe(ticket < 3n ? 0 : 1)
    const gains = players.map((player, i) => chain.balance(player) - (before[i] ?? 0n))
    expect(gains[winner]).toBe(7n * PRICE)
    expect(chain.balance(lottery)).toBe(0n)
    expect(await lottery.view.round()).toBe(1n)
    expect(await lottery.view.ticketsSold()).toBe(0n)
    await expectRevert(lottery.call.draw(), 'no ticket was sold in this round')
  })

  it('gives every player a chance by their tickets', async () => {
    const { chain, lottery, buy, players } = world
    const wins = [0, 0, 0]
    for (let round = 0; round < 60; round++) {
      await buy(0, 1n)
      await buy(1, 2n)
      await buy(2, 3n)
      chain.warp({ toMs: await lottery.view.saleEndsMs() })
      const { returned } = await lottery.call.draw()
      const winner = players.findIndex(({ address }) => address === returned)
      wins[winner] = (wins[winner] ?? 0) + 1
    }
    // The chain of a test draws the same numbers each time: this is no matter of luck.
    expect(wins.reduce((sum, n) => sum + n, 0)).toBe(60)
    expect(wins[0]).toBeLessThan(wins[1] ?? 0)
    expect(wins[1]).toBeLessThan(wins[2] ?? 0)
  })

  it('lets anyone sweep up rounds that are over, and have the deposits', async () => {
    const { chain, lottery, buy } = world
    await buy(0, 1n)
    await buy(1, 1n)
    await expectRevert(lottery.call.sweep({ round: 0n, first: 0, limit: 10 }), 'this round is not over')
    chain.warp({ toMs: await lottery.view.saleEndsMs() })
    await lottery.call.draw()
    const swept = await lottery.call.sweep({ round: 0n, first: 0, limit: 10 })
    expect(swept.returned).toBe(2)
    expect(BigInt(swept.receipt.depositReturned)).toBeGreaterThan(0n)
    expect((await lottery.call.sweep({ round: 0n, first: 0, limit: 10 })).returned).toBe(0)
  })
})
