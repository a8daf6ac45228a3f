import { beforeEach, describe, expect, it } from 'vitest'
import { createTestChain, expectEvent, expectRevert } from 'vex/testing'
import { Nft } from '../../../contracts/build/nft.abi.ts'
import { NOBODY } from './nobody.ts'

const setUp = async () => {
  const chain = await createTestChain()
  const [ada, ben, cleo] = [chain.account('ada'), chain.account('ben'), chain.account('cleo')]
  const nft = await chain.deploy(Nft, { name: 'Pebbles', symbol: 'PBL' }, { from: ada })
  return { chain, ada, ben, cleo, nft }
}
let world: Awaited<ReturnType<typeof setUp>>
beforeEach(async () => {
  world = await setUp()
})

describe('a non-fungible token', () => {
  it('is made by the minter alone, numbered from 1', async () => {
    const { nft, ada, ben } = world
    const first = await nft.call.mint({ to: ben.address, uri: 'ipfs://one' }, { from: ada })
    expect(first.returned).toBe(1n)
    expectEvent(first, 'Transfer', { from: NOBODY, to: ben.address, token: 1n })
    expect((await nft.call.mint({ to: ben.address, uri: '' }, { from: ada })).returned).toBe(2n)
    expect(await nft.view.ownerOf({ token: 1n })).toBe(ben.address)
    expect(await nft.view.uriOf({ token: 1n })).toBe('ipfs://one')
    expect(await nft.view.totalSupply()).toBe(2n)
    await expectRevert(nft.call.mint({ to: ben.address, uri: '' }, { from: ben }), {
      error: 'NotOwner',
      fields: { caller: ben.address },
    })
    await expectRevert(
      nft.call.mint({ to: NOBODY, uri: '' }, { from: ada }),
      'the zero address cannot hold tokens',
    )
    await expectRevert(
      nft.call.mint({ to: ben.address, uri: 'x'.repeat(257) }, { from: ada }),
      'the URI is longer than 256 characters',
    )
  })

  it('moves by its owner, by whom it approved, once, and by its operators', async () => {
    const { nft, ada, ben, cleo } = world
    await nft.call.mint({ to: ada.address, uri: '' }, { from: ada })
    await expectRevert(nft.call.transfer({ to: ben.address, token: 1n }, { from: ben }), {
      error: 'NotAllowed',
      fields: { who: ben.address, token: 1n },
    })
    await nft.call.approve({ approved: ben.address, token: 1n }, { from: ada })
    expect(await nft.view.approvedOf({ token: 1n })).toBe(ben.address)
    await nft.call.transfer({ to: cleo.address, token: 1n }, { from: ben })
    expect(await nft.view.approvedOf({ token: 1n })).toBe(NOBODY)
    await expectRevert(nft.call.transfer({ to: ben.address, token: 1n }, { from: ben }), {
      error: 'NotAllowed',
    })
    await nft.call.setOperator({ operator: ben.address, isAllowed: true }, { from: cleo })
    expect(await nft.view.isOperator({ owner: cleo.address, operator: ben.address })).toBe(true)
    await nft.call.transfer({ to: ada.address, token: 1n }, { from: ben })
    expect(await nft.view.ownerOf({ token: 1n })).toBe(ada.address)
  })

  it('can be approved by an operator, and by nobody else but the owner', async () => {
    const { nft, ada, ben, cleo } = world
    await nft.call.mint({ to: ada.address, uri: '' }, { from: ada })
    await expectRevert(nft.call.approve({ approved: cleo.address, token: 1n }, { from: ben }), {
      error: 'NotAllowed',
    })
    await nft.call.setOperator({ operator: ben.address, isAllowed: true }, { from: ada })
    await nft.call.approve({ approved: cleo.address, token: 1n }, { from: ben })
    await nft.call.setOperator({ operator: ben.address, isAllowed: false }, { from: ada })
    await expectRevert(nft.call.approve({ approved: ben.address, token: 1n }, { from: ben }), {
      error: 'NotAllowed',
    })
    await nft.call.approve({ approved: NOBODY, token: 1n }, { from: ada })
    await expectRevert(nft.call.transfer({ to: cleo.address, token: 1n }, { from: cleo }), {
      error: 'NotAllowed',
    })
  })

  it('is gone when it is burned', async () => {
    const { nft, ada, ben } = world
    await nft.call.mint({ to: ada.address, uri: 'x' }, { from: ada })
    await expectRevert(nft.call.burn({ token: 1n }, { from: ben }), { error: 'NotAllowed' })
    expectEvent(await nft.call.burn({ token: 1n }, { from: ada }), 'Transfer', {
      from: ada.address,
      to: NOBODY,
      token: 1n,
    })
    await expectRevert(nft.view.ownerOf({ token: 1n }), { error: 'NoSuchToken', fields: { token: 1n } })
    await expectRevert(nft.view.uriOf({ token: 1n }), { error: 'NoSuchToken' })
    expect(await nft.view.totalSupply()).toBe(0n)
  })

  it('is listed with its owner, a page at a time, in order', async () => {
    const { nft, ada, ben } = world
    for (let i = 0; i < 5; i++)
      await nft.call.mint({ to: i === 2 ? ben.address : ada.address, uri: '' }, { from: ada })
    await nft.call.transfer({ to: ben.address, token: 1n }, { from: ada })
    const list = (owner: typeof ada, after: bigint, limit: number) =>
      nft.view.tokensOf({ owner: owner.address, after, limit })
    expect(await list(ada, 0n, 2)).toEqual([2n, 4n])
    expect(await list(ada, 4n, 2)).toEqual([5n])
    expect(await list(ben, 0n, 1_000)).toEqual([1n, 3n])
  })

  it('has a minter that hands over by offer and acceptance', async () => {
    const { nft, ada, ben, cleo } = world
    await nft.call.offerOwnership({ to: ben.address }, { from: ada })
    await expectRevert(nft.call.acceptOwnership({ from: cleo }), { error: 'NotOffered' })
    expect(await nft.view.minter()).toBe(ada.address)
    await nft.call.acceptOwnership({ from: ben })
    expect(await nft.view.minter()).toBe(ben.address)
    await nft.call.mint({ to: ada.address, uri: '' }, { from: ben })
  })
})
