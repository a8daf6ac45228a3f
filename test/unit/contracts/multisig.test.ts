import { beforeEach, describe, expect, it } from 'vitest'
import { createTestChain, expectEvent, expectRevert } from 'vex/testing'
import { Counter } from '../../../contracts/build/counter.abi.ts'
import { Multisig } from '../../../contracts/build/multisig.abi.ts'
import { parseAbi } from '../../../node/abi/types.ts'
import { encodeNamedArguments } from '../../../node/abi/values.ts'
import { NOBODY } from './nobody.ts'

const NO_BYTES = new Uint8Array(0)

const setUp = async () => {
  const chain = await createTestChain()
  const [ada, ben, cleo, dan] = ['ada', 'ben', 'cleo', 'dan'].map(name => chain.account(name)) as [
    ReturnType<typeof chain.account>,
    ReturnType<typeof chain.account>,
    ReturnType<typeof chain.account>,
    ReturnType<typeof chain.account>,
  ]
  const owners = [ada.address, ben.address, cleo.address]
  const wallet = await chain.deploy(Multisig, { owners, threshold: 2 })
  await wallet.call.deposit({ from: dan, value: 10_000n })
  const pay = { to: dan.address, units: 4_000n, method: '', args: NO_BYTES }
  const changeOwners = (to: readonly (typeof ada)[], threshold: number) => ({
    to: wallet.address,
    units: 0n,
    method: 'changeOwners',
    args: encodeNamedArguments(parseAbi(Multisig.abi), 'changeOwners', {
      owners: to.map(({ address }) => address),
      threshold,
    }),
  })
  return { chain, ada, ben, cleo, dan, wallet, pay, changeOwners }
}
let world: Awaited<ReturnType<typeof setUp>>
beforeEach(async () => {
  world = await setUp()
})

describe('a wallet of several owners', () => {
  it('pays when enough of them agree, once', async () => {
    const { chain, wallet, pay, ada, ben, dan } = world
    const proposed = await wallet.call.propose(pay, { from: ada })
    expectEvent(proposed, 'Proposed', { proposal: 0n, by: ada.address, to: dan.address })
    await expectRevert(wallet.call.execute({ id: 0n }, { from: ada }), {
      error: 'NotEnoughApprovals',
      fields: { given: 1, needed: 2 },
    })
    await wallet.call.approve({ id: 0n }, { from: ben })
    const before = chain.balance(dan)
    expectEvent(await wallet.call.execute({ id: 0n }, { from: ada }), 'Executed', { proposal: 0n })
    expect(chain.balance(dan) - before).toBe(4_000n)
    expect(await wallet.view.balance()).toBe(6_000n)
    await expectRevert(wallet.call.execute({ id: 0n }, { from: ben }), {
      error: 'NotPending',
      fields: { proposal: 0n },
    })
  })

  it('calls other contracts with what was proposed', async () => {
    const { chain, wallet, ada, ben } = world
    const counter = await chain.deploy(Counter)
    const args = encodeNamedArguments(parseAbi(Counter.abi), 'increment', { amount: 5n })
    await wallet.call.propose({ to: counter.address, units: 0n, method: 'increment', args }, { from: ada })
    await wallet.call.approve({ id: 0n }, { from: ben })
    const executed = await wallet.call.execute({ id: 0n }, { from: ben })
    expect(counter.eventsIn(executed.receipt)).toEqual([
      { name: 'Incremented', fields: { by: wallet.address, count: 5n } },
    ])
  })

  it('can try again what failed', async () => {
    const { wallet, pay, ada, ben, dan } = world
    await wallet.call.propose({ ...pay, units: 11_000n }, { from: ada })
    await wallet.call.approve({ id: 0n }, { from: ben })
    await expectRevert(
      wallet.call.execute({ id: 0n }, { from: ada }),
      'the contract does not hold enough to pay',
    )
    await wallet.call.deposit({ from: dan, value: 1_000n })
    await wallet.call.execute({ id: 0n }, { from: ada })
    expect(await wallet.view.balance()).toBe(0n)
  })

  it('listens to its owners alone', async () => {
    const { wallet, pay, ada, dan } = world
    const stranger = { error: 'NotAnOwner', fields: { who: dan.address } } as const
    await expectRevert(wallet.call.propose(pay, { from: dan }), stranger)
    await wallet.call.propose(pay, { from: ada })
    await expectRevert(wallet.call.approve({ id: 0n }, { from: dan }), stranger)
    await expectRevert(wallet.call.execute({ id: 0n }, { from: dan }), stranger)
  })

  it('counts an owner once, and not when the approval was taken back', async () => {
    const { wallet, pay, ada, ben } = world
    await wallet.call.propose(pay, { from: ada })
    await wallet.call.approve({ id: 0n }, { from: ada })
    expect(await wallet.view.approvalsOf({ id: 0n })).toBe(1)
    await wallet.call.approve({ id: 0n }, { from: ben })
    await wallet.call.withdraw({ id: 0n }, { from: ada })
    await expectRevert(wallet.call.execute({ id: 0n }, { from: ada }), { error: 'NotEnoughApprovals' })
    await expectRevert(wallet.call.withdraw({ id: 0n }, { from: ada }), 'there is no approval to take back')
  })

  it('changes its owners by calling itself, which voids what was proposed before', async () => {
    const { wallet, pay, changeOwners, ada, ben, cleo, dan } = world
    await wallet.call.propose(pay, { from: ada })
    await wallet.call.propose(changeOwners([cleo, dan], 1), { from: ada })
    await wallet.call.approve({ id: 1n }, { from: cleo })
    const changed = await wallet.call.execute({ id: 1n }, { from: ben })
    expectEvent(changed, 'OwnersChanged', { owners: [cleo.address, dan.address], threshold: 1 })
    expect(await wallet.view.ownersAndThreshold()).toEqual({
      owners: [cleo.address, dan.address],
      threshold: 1,
    })
    await expectRevert(wallet.call.approve({ id: 0n }, { from: cleo }), { error: 'NotPending' })
    await expectRevert(wallet.call.propose(pay, { from: ada }), { error: 'NotAnOwner' })
    await wallet.call.propose(pay, { from: dan })
    await wallet.call.execute({ id: 2n }, { from: dan })
    expect(await wallet.view.balance()).toBe(6_000n)
  })

  it('changes its owners in no other way', async () => {
    const { wallet, ada } = world
    await expectRevert(
      wallet.call.changeOwners({ owners: [ada.address], threshold: 1 }, { from: ada }),
      'owners change by a proposal that calls changeOwners of this contract',
    )
  })

  it('refuses owners that make no sense', async () => {
    const { chain, ada, ben } = world
    const deploy = (owners: readonly `vex1${string}`[], threshold: number) =>
      chain.deploy(Multisig, { owners: [...owners], threshold })
    await expectRevert(deploy([], 1), 'a wallet has 1 to 32 owners')
    await expectRevert(deploy([ada.address], 2), 'the threshold is 1 to the number of owners')
    await expectRevert(deploy([ada.address], 0), 'the threshold is 1 to the number of owners')
    await expectRevert(
      deploy([ada.address, ben.address, ada.address], 1),
      'an owner stands twice in the list',
    )
    await expectRevert(deploy([NOBODY], 1), 'the zero address cannot be an owner')
  })
})
