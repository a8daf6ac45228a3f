import { beforeEach, describe, expect, it } from 'vitest'
import { createTestChain, expectEvent, expectRevert } from 'vex/testing'
import { Token } from '../../../contracts/build/token.abi.ts'
import { fromHex } from '../../../node/types/primitives.ts'

const WRONG = 'the signature is not by this key over this permit'

const setUp = async () => {
  const chain = await createTestChain()
  const [owner, spender, relayer] = [
    chain.account('owner'),
    chain.account('spender'),
    chain.account('relayer'),
  ]
  const gold = { name: 'Gold', symbol: 'GLD', decimals: 9, supply: 1_000n }
  const token = await chain.deploy(Token, gold, { from: owner })
  const terms = { spender: spender.address, amount: 600n, deadlineMs: chain.timeMs + 3_600_000n }
  const signed = async (of = token) => {
    const message = await of.view.permitMessage({ owner: owner.address, ...terms })
    return { key: owner.publicKey, ...terms, signature: owner.sign(fromHex(message)) }
  }
  return { chain, owner, spender, relayer, gold, token, terms, signed }
}
let world: Awaited<ReturnType<typeof setUp>>
beforeEach(async () => {
  world = await setUp()
})

describe('a permit', () => {
  it('approves for its owner, whoever brings it', async () => {
    const { token, owner, spender, relayer, signed } = world
    const permitted = await token.call.permit(await signed(), { from: relayer })
    expectEvent(permitted, 'Approval', { owner: owner.address, spender: spender.address, amount: 600n })
    await token.call.transferFrom(
      { from: owner.address, to: spender.address, amount: 600n },
      { from: spender },
    )
    expect(await token.view.balanceOf({ owner: spender.address })).toBe(600n)
  })

  it('is good once', async () => {
    const { token, relayer, signed } = world
    const permit = await signed()
    await token.call.permit(permit, { from: relayer })
    await expectRevert(token.call.permit(permit, { from: relayer }), WRONG)
    await token.call.permit(await signed(), { from: relayer })
  })

  it('is good until its deadline', async () => {
    const { chain, token, terms, signed } = world
    const permit = await signed()
    chain.warp({ toMs: terms.deadlineMs + 1n })
    await expectRevert(token.call.permit(permit), {
      error: 'PermitExpired',
      fields: { deadlineMs: terms.deadlineMs },
    })
  })

  it('is good for what was signed, by who signed it, on the token it was signed for', async () => {
    const { chain, token, owner, relayer, gold, signed } = world
    const permit = await signed()
    const others = [
      { ...permit, amount: 601n },
      { ...permit, spender: relayer.address },
      { ...permit, deadlineMs: permit.deadlineMs + 1n },
      { ...permit, key: relayer.publicKey },
      { ...permit, signature: relayer.sign(permit.signature) },
      { ...permit, signature: permit.signature.slice(1) },
    ]
    for (const other of others) await expectRevert(token.call.permit(other), WRONG)
    const second = await chain.deploy(Token, gold, { from: owner })
    await expectRevert(second.call.permit(permit), WRONG)
    await token.call.permit(permit)
  })
})
