import { beforeEach, describe, expect, it } from 'vitest'
import { createTestChain, expectEvent, expectRevert } from 'vex/testing'
import { Vesting } from '../../../contracts/build/vesting.abi.ts'

const DAY = 86_400_000n
const TOTAL = 1_000_000n

const setUp = async () => {
  const chain = await createTestChain()
  const [funder, worker, other] = [chain.account('funder'), chain.account('worker'), chain.account('other')]
  const vesting = await chain.deploy(Vesting)
  const start = chain.timeMs + 10n * DAY
  const grant = async (isRevocable = true) =>
    vesting.call.grant(
      {
        beneficiary: worker.address,
        startMs: start,
        cliffMs: start + 25n * DAY,
        endMs: start + 100n * DAY,
        isRevocable,
      },
      { from: funder, value: TOTAL },
    )
  return { chain, funder, worker, other, vesting, start, grant }
}
let world: Awaited<ReturnType<typeof setUp>>
beforeEach(async () => {
  world = await setUp()
})

describe('a grant', () => {
  it('locks the units and pays nothing before the cliff', async () => {
    const { chain, vesting, grant, start, worker, funder } = world
    const granted = await grant()
    expect(granted.returned).toBe(0n)
    expectEvent(granted, 'Granted', {
      grant: 0n,
      funder: funder.address,
      beneficiary: worker.address,
      total: TOTAL,
    })
    expect(chain.balance(vesting)).toBe(TOTAL)
    chain.warp({ toMs: start + 24n * DAY })
    await expectRevert(vesting.call.release({ id: 0n }), {
      error: 'NothingVested',
      fields: { grant: 0n, cliffMs: start + 25n * DAY },
    })
  })

  it('pays at the cliff what has grown since the start, then by the time, all of it at the end and no more', async () => {
    const { chain, vesting, grant, start, worker } = world
    await grant()
    const before = chain.balance(worker)
    chain.warp({ toMs: start + 25n * DAY })
    expect((await vesting.call.release({ id: 0n })).returned).toBe(250_000n)
    chain.warp({ toMs: start + 50n * DAY })
    expect(await vesting.view.releasable({ id: 0n })).toBe(250_000n)
    await vesting.call.release({ id: 0n })
    chain.warp({ toMs: start + 1_000n * DAY })
    await vesting.call.release({ id: 0n })
    expect(chain.balance(worker) - before).toBe(TOTAL)
    expect(chain.balance(vesting)).toBe(0n)
    await expectRevert(vesting.call.release({ id: 0n }), { error: 'NoSuchGrant', fields: { grant: 0n } })
  })

  it('that is revoked leaves the beneficiary what has vested and gives the funder the rest', async () => {
    const { chain, vesting, grant, start, worker, funder } = world
    await grant()
    chain.warp({ toMs: start + 40n * DAY })
    await expectRevert(
      vesting.call.revoke({ id: 0n }, { from: worker }),
      'only the funder may revoke a grant',
    )
    const before = chain.balance(worker)
    const revoked = await vesting.call.revoke({ id: 0n }, { from: funder })
    expectEvent(revoked, 'Revoked', { grant: 0n, returned: 600_000n })
    expectEvent(revoked, 'Released', { grant: 0n, units: 400_000n })
    expect(chain.balance(worker) - before).toBe(400_000n)
    expect(chain.balance(vesting)).toBe(0n)
  })

  it('that is revoked before the cliff goes back whole', async () => {
    const { chain, vesting, grant, worker, funder } = world
    await grant()
    const before = chain.balance(worker)
    expectEvent(await vesting.call.revoke({ id: 0n }, { from: funder }), 'Revoked', {
      grant: 0n,
      returned: TOTAL,
    })
    expect(chain.balance(worker)).toBe(before)
  })

  it('cannot be revoked unless it says so', async () => {
    const { vesting, grant, funder } = world
    await grant(false)
    await expectRevert(vesting.call.revoke({ id: 0n }, { from: funder }), 'this grant cannot be revoked')
  })

  it('goes to whom its beneficiary hands it on', async () => {
    const { chain, vesting, grant, start, worker, other } = world
    await grant()
    await expectRevert(
      vesting.call.assign({ id: 0n, beneficiary: other.address }, { from: other }),
      'only the beneficiary may hand a grant on',
    )
    await vesting.call.assign({ id: 0n, beneficiary: other.address }, { from: worker })
    chain.warp({ toMs: start + 100n * DAY })
    const before = chain.balance(other)
    await vesting.call.release({ id: 0n })
    expect(chain.balance(other) - before).toBe(TOTAL)
  })

  it('is refused without units, and with times out of order', async () => {
    const { vesting, start, worker, funder } = world
    const times = { startMs: start, cliffMs: start + 1n, endMs: start + 2n }
    const terms = { beneficiary: worker.address, ...times, isRevocable: true }
    await expectRevert(vesting.call.grant(terms, { from: funder }), 'send the units to be granted along')
    await expectRevert(
      vesting.call.grant({ ...terms, cliffMs: start - 1n }, { from: funder, value: 5n }),
      'the times are not in order: start, cliff, end',
    )
  })
})
