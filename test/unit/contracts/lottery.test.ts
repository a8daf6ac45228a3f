import { beforeEach, describe, expect, it } from 'vitest'
import { createTestChain, expectEvent, expectRevert } from 'vex/testing'
import { Lottery } from '../../../contracts/build/lottery.abi.ts'
import { encodeArguments } from '../../../node/abi/values.ts'
import type { Address } from '../../../node/types/primitives.ts'
import type { Action } from '../../../node/types/transaction.ts'
import { exampleContract } from '../../support/contracts.ts'
import { TestChain } from '../../support/test-chain.ts'
import { signedTransaction, testAccount } from '../../support/transactions.ts'

const PRICE = 1_000n
const HOUR = 3_600_000n

const setUp = async () => {
  const chain = await createTestChain()
  const players = ['ada', 'ben', 'cleo'].map(name => chain.account(name))
  const lottery = await chain.deploy(Lottery, { price: PRICE, roundMs: HOUR })
  const buy = (player: number, tickets: bigint) =>
    lottery.call.buy({ from: players[player], value: tickets * PRICE })
  /** Has the round drawn and paid out when its sale is over; says which player won. */
  const end = async () => {
    chain.warp({ toMs: await lottery.view.saleEndsMs() })
    const drawn = await lottery.call.draw()
    const paid = await lottery.call.payOut()
    return { drawn, paid, winner: players.findIndex(({ address }) => address === paid.returned) }
  }
  return { chain, players, lottery, buy, end }
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
    const { chain, lottery, buy, end, players } = world
    await buy(0, 3n)
    await buy(1, 4n)
    await expectRevert(lottery.call.draw(), { error: 'WrongTime' })
    const before = players.map(player => chain.balance(player))
    const { drawn, paid, winner } = await end()
    const { number } = expectEvent(drawn, 'Drawn', { round: 0n })
    const won = { round: 0n, winner: paid.returned, ticket: number % 7n, pot: 7n * PRICE }
    expectEvent(paid, 'PaidOut', won)
    expect(winner).toBe(number % 7n < 3n ? 0 : 1)
    const gains = players.map((player, i) => chain.balance(player) - (before[i] ?? 0n))
    expect(gains[winner]).toBe(7n * PRICE)
    expect(chain.balance(lottery)).toBe(0n)
    expect(await lottery.view.round()).toBe(1n)
    expect(await lottery.view.ticketsSold()).toBe(0n)
    await expectRevert(lottery.call.draw(), 'no ticket was sold in this round')
  })

  it('is drawn once, and pays nothing before', async () => {
    const { chain, lottery, buy } = world
    await buy(0, 1n)
    await expectRevert(lottery.call.payOut(), 'this round is not drawn yet')
    chain.warp({ toMs: await lottery.view.saleEndsMs() })
    await expectRevert(lottery.call.payOut(), 'this round is not drawn yet')
    await lottery.call.draw()
    expect(await lottery.view.isDrawn()).toBe(true)
    await expectRevert(lottery.call.draw(), 'this round is drawn already')
    await expectRevert(buy(1, 1n), { error: 'WrongTime' })
    await lottery.call.payOut()
    expect(await lottery.view.isDrawn()).toBe(false)
    await expectRevert(lottery.call.payOut(), 'this round is not drawn yet')
  })

  it('asks the same gas and deposit of a draw whatever comes: no limit of the sender picks numbers', async () => {
    const { buy, end } = world
    const asked = new Set<string>()
    const numbers = new Set<unknown>()
    for (let round = 0; round < 21; round++) {
      for (let player = 0; player < 3; player++) await buy(player, 1n)
      const { drawn } = await end()
      // The number of the first round is not in a field yet, and cheaper to read.
      if (round === 0) continue
      asked.add(`${drawn.receipt.gasUsed} gas, deposit ${drawn.receipt.depositPaid}`)
      numbers.add(expectEvent(drawn, 'Drawn').number)
    }
    expect(numbers.size).toBe(20)
    expect([...asked]).toHaveLength(1)
  })

  it('is not drawn where the draw could be undone: in a batch that fails unless the sender wins', async () => {
    const { abi, code } = await exampleContract('lottery')
    const [player, other] = [testAccount('player'), testAccount('other')]
    const chain = new TestChain([player, other].map(({ address }) => [address, 10n ** 15n]))
    let nonce = 0n
    const run = (action: Action) => chain.run(signedTransaction(player, nonce++, action))
    const args = encodeArguments(abi, 'init', [PRICE, 2_000n])
    const { created } = run({ kind: 'deploy', code, args, value: 0n, owner: undefined })
    const contract = created[0] as Address
    const call = (method: string, value = 0n) =>
      ({ kind: 'call', contract, method, args: new Uint8Array(0), value }) as const
    run(call('buy', PRICE))
    chain.run(signedTransaction(other, 0n, call('buy', 9n * PRICE)))
    chain.block([])
    // Holds 10 tickets' worth more only if it won.
    const all = chain.account(player.address).balance + 5n * PRICE
    const bet = { kind: 'transfer', to: other.address, amount: all } as const
    const tries = Array.from({ length: 40 }, () =>
      run({ kind: 'batch', actions: [call('draw'), call('payOut'), bet] }),
    )
    expect(new Set(tries.map(({ error }) => error?.code))).toEqual(new Set(['undoable_draw']))
    expect(run(call('draw')).status).toBe('success')
  })

  it('gives every player a chance by their tickets', async () => {
    const { buy, end } = world
    const wins = [0, 0, 0]
    for (let round = 0; round < 60; round++) {
      await buy(0, 1n)
      await buy(1, 2n)
      await buy(2, 3n)
      const { winner } = await end()
      wins[winner] = (wins[winner] ?? 0) + 1
    }
    // The chain of a test draws the same numbers each time: this is no matter of luck.
    expect(wins.reduce((sum, n) => sum + n, 0)).toBe(60)
    expect(wins[0]).toBeLessThan(wins[1] ?? 0)
    expect(wins[1]).toBeLessThan(wins[2] ?? 0)
  })

  it('lets anyone sweep up rounds that are over, and have the deposits', async () => {
    const { lottery, buy, end } = world
    await buy(0, 1n)
    await buy(1, 1n)
    await expectRevert(lottery.call.sweep({ round: 0n, first: 0, limit: 10 }), 'this round is not over')
    await end()
    const swept = await lottery.call.sweep({ round: 0n, first: 0, limit: 10 })
    expect(swept.returned).toBe(2)
    expect(BigInt(swept.receipt.depositReturned)).toBeGreaterThan(0n)
    expect((await lottery.call.sweep({ round: 0n, first: 0, limit: 10 })).returned).toBe(0)
  })
})
