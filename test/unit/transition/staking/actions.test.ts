/** Each rule of staking, with numbers. */
import { beforeEach, describe, expect, it } from 'vitest'
import { MAX_SUPPLY, STAKING, VEX } from '../../../../node/params.ts'
import { credit, writeSupply } from '../../../../node/transition/accounts.ts'
import { readTotals } from '../../../../node/transition/staking/records.ts'
import type { StakeAction } from '../../../../node/types/transaction.ts'
import { addressNamed, brokenInvariants, operatorNamed, StakeWorld } from '../../../support/stake-world.ts'

const delegateTo = (name: string, amount: bigint): StakeAction => ({
  kind: 'delegate',
  validator: addressNamed(name),
  amount,
})
const undelegateFrom = (name: string, amount?: bigint): StakeAction => ({
  kind: 'undelegate',
  validator: addressNamed(name),
  amount,
})
const withdrawFrom = (name: string): StakeAction => ({ kind: 'withdraw', validator: addressNamed(name) })
const claimFrom = (name: string): StakeAction => ({ kind: 'claimRewards', validator: addressNamed(name) })

let world: StakeWorld
beforeEach(() => {
  world = new StakeWorld({
    founders: [
      { name: 'ada', stake: 1_000n },
      { name: 'ben', stake: 1_000n, commissionBps: 1_000 },
    ],
    accounts: { dan: 5_000n, eve: 5_000n, new: 5_000n },
  })
})
const powers = (epoch: bigint) =>
  world
    .set(epoch)
    .map(({ address, power }) => [
      ['ada', 'ben', 'new'].find(name => Buffer.compare(addressNamed(name), address) === 0),
      power,
    ])

describe('the genesis', () => {
  it('bonds each validator’s own stake, outside of all balances', () => {
    expect(world.validator('ada')).toMatchObject({ id: 0, tokens: 1_000n * VEX, shares: 1_000n * VEX })
    expect(world.worth('ben', 'ben')).toBe(1_000n * VEX)
    expect(readTotals(world.state)).toMatchObject({ bonded: 2_000n * VEX, registered: 2 })
    expect(brokenInvariants(world)).toEqual([])
  })
})

describe('registerValidator', () => {
  it('bonds the stake, and is live two epochs later', () => {
    expect(world.register('new', 150n, 500)).toEqual({ ok: true, amount: 150n * VEX, gasUsed: 0n })
    expect(world.balance('new')).toBe(4_850n * VEX)
    expect(world.validator('new')).toMatchObject({ id: 2, tokens: 150n * VEX, commissionBps: 500 })
    world.epochs(1)
    expect(powers(1n).map(([name]) => name)).toEqual(['ada', 'ben'])
    expect(powers(2n)).toContainEqual(['new', 150n])
  })

  const change = (changes: object) => ({
    kind: 'registerValidator' as const,
    ...operatorNamed('new').registration,
    stake: 150n * VEX,
    commissionBps: 0,
    ...changes,
  })
  const cases: [string, string, StakeAction, string][] = [
    [
      'somebody who is one',
      'ada',
      { ...change({}), ...operatorNamed('new').registration },
      'validator_exists',
    ],
    ['too little', 'new', change({ stake: STAKING.minSelfStake - 1n }), 'stake_too_small'],
    ['more than the balance', 'new', change({ stake: 5_001n * VEX }), 'insufficient_balance'],
    ['a commission above everything', 'new', change({ commissionBps: 10_001 }), 'bad_commission'],
    [
      'a vote key that is taken',
      'new',
      change({ voteKey: operatorNamed('ada').registration.voteKey }),
      'key_in_use',
    ],
    [
      'a VRF key that is taken',
      'new',
      change({ vrfKey: operatorNamed('ada').registration.vrfKey }),
      'key_in_use',
    ],
    [
      'another’s proof of possession',
      'new',
      change({ proofOfPossession: operatorNamed('ada').registration.proofOfPossession }),
      'bad_proof',
    ],
    [
      'the point at infinity',
      'new',
      change({ voteKey: Uint8Array.of(0xc0, ...new Uint8Array(47)) }),
      'bad_proof',
    ],
    [
      'a VRF key of small order',
      'new',
      change({ vrfKey: Uint8Array.of(1, ...new Uint8Array(31)) }),
      'bad_proof',
    ],
    ['the proofs of another account', 'eve', change({}), 'bad_proof'],
  ]
  it.each(cases)('refuses %s', (_, sender, action, code) => {
    const before = world.entries().length
    expect(world.act(sender, action)).toMatchObject({ ok: false, code })
    expect(world.entries()).toHaveLength(before)
  })
  it.each([
    ['not a canonical point', new Uint8Array(32).fill(0xff)],
    ['of small order', Uint8Array.of(1, ...new Uint8Array(31))],
  ])('says of a VRF key that it is %s', (what, vrfKey) => {
    expect(world.act('new', change({ vrfKey }))).toMatchObject({
      code: 'bad_proof',
      message: expect.stringContaining(what),
    })
  })
})

describe('delegate and undelegate', () => {
  it('gives a share for a unit until something is slashed', () => {
    expect(world.act('dan', delegateTo('ada', 10n * VEX))).toMatchObject({ ok: true, amount: 10n * VEX })
    expect(world.balance('dan')).toBe(4_990n * VEX)
    expect(world.worth('dan', 'ada')).toBe(10n * VEX)
    world.epochs(1)
    expect(powers(2n)).toEqual([
      ['ada', 1_010n],
      ['ben', 1_000n],
    ])
  })

  it('refuses what is too little, too much, or to nobody', () => {
    expect(world.act('dan', delegateTo('ada', VEX - 1n))).toMatchObject({ code: 'stake_too_small' })
    expect(world.act('dan', delegateTo('ada', 5_001n * VEX))).toMatchObject({ code: 'insufficient_balance' })
    expect(world.act('dan', delegateTo('eve', VEX))).toMatchObject({ code: 'unknown_validator' })
    expect(world.act('dan', undelegateFrom('ada', 1n))).toMatchObject({ code: 'insufficient_stake' })
    world.act('dan', delegateTo('ada', VEX))
    expect(world.act('dan', undelegateFrom('ada', VEX + 1n))).toMatchObject({ code: 'insufficient_stake' })
    expect(world.act('dan', undelegateFrom('ada', 0n))).toMatchObject({ code: 'stake_too_small' })
  })

  it('votes with what was undelegated in e through e + 1, and pays it out two epochs after evidence is too old', () => {
    world.act('dan', delegateTo('ada', 100n * VEX))
    world.epochs(2)
    expect(world.epoch).toBe(2n)
    expect(world.act('dan', undelegateFrom('ada', 40n * VEX))).toMatchObject({ ok: true, amount: 40n * VEX })
    expect(world.worth('dan', 'ada')).toBe(60n * VEX)
    expect(world.pool('ada', 2n)).toEqual({ tokens: 40n * VEX, shares: 40n * VEX, leftAt: 4n })
    world.epochs(1)
    expect(powers(3n)[0]).toEqual(['ada', 1_100n])
    expect(powers(4n)[0]).toEqual(['ada', 1_060n])
    // Matures when evidence about epoch 5 expires: its last block is 30, then 20 blocks and 20 s.
    while (world.height <= 50n) {
      expect(world.act('dan', withdrawFrom('ada'))).toMatchObject({ code: 'nothing_to_withdraw' })
      world.block()
    }
    expect(world.height).toBe(51n)
    expect(world.timeMs - 1_000_000n - 29_000n).toBe(21_000n)
    expect(world.act('dan', withdrawFrom('ada'))).toMatchObject({
      ok: true,
      amount: 40n * VEX,
      gasUsed: 150_000n,
    })
    expect(world.balance('dan')).toBe(4_940n * VEX)
    expect(world.pool('ada', 2n)).toBeUndefined()
    expect(brokenInvariants(world)).toEqual([])
  })

  it('waits for both: age in blocks and in time', () => {
    world.act('dan', delegateTo('ada', 100n * VEX))
    world.act('dan', undelegateFrom('ada'))
    while (world.height <= 100n) world.block({ ms: 100n })
    expect(world.act('dan', withdrawFrom('ada'))).toMatchObject({ code: 'nothing_to_withdraw' })
    world.block({ ms: 60_000n })
    expect(world.act('dan', withdrawFrom('ada'))).toMatchObject({ ok: true, amount: 100n * VEX })
  })

  it('withdraws at most 16 pools at once', () => {
    world.act('dan', delegateTo('ada', 100n * VEX))
    for (let i = 0; i < 20; i++) {
      world.act('dan', undelegateFrom('ada', VEX))
      world.epochs(1)
    }
    world.epochs(12)
    expect(world.act('dan', withdrawFrom('ada'))).toMatchObject({ amount: 16n * VEX, gasUsed: 2_400_000n })
    expect(world.act('dan', withdrawFrom('ada'))).toMatchObject({ amount: 4n * VEX, gasUsed: 600_000n })
    expect(world.act('dan', withdrawFrom('ada'))).toMatchObject({ code: 'nothing_to_withdraw' })
  })

  it('leaves nothing behind when everything is taken, rewards included', () => {
    world.act('dan', delegateTo('ada', 7n * VEX))
    world.epochs(2)
    const before = world.balance('dan')
    world.act('dan', undelegateFrom('ada'))
    expect(world.balance('dan')).toBeGreaterThan(before)
    expect(world.act('dan', claimFrom('ada'))).toMatchObject({ code: 'nothing_to_claim' })
    expect(brokenInvariants(world)).toEqual([])
  })
})

describe('an operator', () => {
  it('keeps its least stake or stops: out of the next set, back after it has stake again', () => {
    expect(world.act('ada', undelegateFrom('ada', 901n * VEX))).toMatchObject({ code: 'stake_too_small' })
    expect(world.act('ada', undelegateFrom('ada'))).toMatchObject({ ok: true, amount: 1_000n * VEX })
    expect(world.validator('ada').jailedUntil).toBe(world.timeMs)
    world.epochs(1)
    expect(powers(2n)).toEqual([['ben', 1_000n]])
    expect(world.act('ada', { kind: 'unjail' })).toMatchObject({ code: 'stake_too_small' })
    world.act('dan', delegateTo('ada', 200n * VEX))
    expect(world.act('ada', { kind: 'unjail' })).toMatchObject({ code: 'stake_too_small' })
    credit(world.state, addressNamed('ada'), 100n * VEX)
    writeSupply(world.state, world.supply() + 100n * VEX)
    world.act('ada', delegateTo('ada', 100n * VEX))
    expect(world.act('ada', { kind: 'unjail' })).toMatchObject({ ok: true })
    expect(world.act('ada', { kind: 'unjail' })).toMatchObject({ code: 'not_jailed' })
    world.epochs(1)
    // A fifth of 1,000 of power may move in an epoch.
    expect(powers(3n)).toEqual([
      ['ben', 1_000n],
      ['ada', 200n],
    ])
    world.epochs(1)
    expect(powers(4n)[1]).toEqual(['ada', 300n])
  })

  it('raises its commission by a hundredth an epoch, for rewards to come', () => {
    const set = (commissionBps: number) => world.act('ben', { kind: 'editValidator', commissionBps })
    expect(set(1_101)).toMatchObject({ code: 'bad_commission' })
    expect(set(1_100)).toMatchObject({ ok: true })
    expect(set(1_200)).toMatchObject({ code: 'bad_commission' })
    world.epochs(1, { proposer: addressNamed('ben') })
    // Five blocks at 1 VEX: 10 % of this epoch's.
    expect(world.validator('ben').commission).toBe(VEX / 2n)
    world.epochs(1, { proposer: addressNamed('ben') })
    expect(world.validator('ben').commission).toBe(VEX / 2n + (5n * VEX * 11n) / 100n)
    expect(set(1_200)).toMatchObject({ ok: true })
    expect(world.act('dan', { kind: 'editValidator', commissionBps: 1 })).toMatchObject({
      code: 'unknown_validator',
    })
  })
})

describe('rewards', () => {
  it('are minted at the end of the epoch, to who proposed, divided by shares', () => {
    world.act('dan', delegateTo('ben', 500n * VEX))
    const supply = world.supply()
    world.blocks(4, { proposer: addressNamed('ben') })
    expect(world.supply()).toBe(supply)
    world.block({ proposer: addressNamed('ada') })
    expect(world.supply()).toBe(supply + 5n * VEX)
    expect(readTotals(world.state).rewards).toBe(5n * VEX)
    // Ben: 4 VEX, 10 % commission, the rest 1,000 to 500; the fractions that a division leaves come next time.
    expect(world.act('dan', claimFrom('ben'))).toMatchObject({ amount: 1_199_999_999n })
    expect(world.act('ben', claimFrom('ben'))).toMatchObject({ amount: 400_000_000n + 2_399_999_999n })
    expect(world.act('ada', claimFrom('ada'))).toMatchObject({ amount: VEX - 1n })
    expect(world.act('ada', claimFrom('ada'))).toMatchObject({ code: 'nothing_to_claim' })
    expect(brokenInvariants(world)).toEqual([])
  })

  it('of somebody who comes later count from then', () => {
    world.epochs(1, { proposer: addressNamed('ada') })
    world.act('dan', delegateTo('ada', 1_000n * VEX))
    expect(world.act('dan', claimFrom('ada'))).toMatchObject({ code: 'nothing_to_claim' })
    world.epochs(1, { proposer: addressNamed('ada') })
    expect(world.act('dan', claimFrom('ada'))).toMatchObject({ amount: (5n * VEX) / 2n - 1n })
  })

  it('carry what three cannot share', () => {
    world = new StakeWorld({
      founders: [{ name: 'ada', stake: 100n }],
      accounts: { dan: 5_000n, eve: 5_000n },
      params: { blockReward: 20n },
    })
    world.act('dan', delegateTo('ada', 100n * VEX))
    world.act('eve', delegateTo('ada', 100n * VEX))
    world.epochs(3)
    // 300 units in three epochs, 33 1/3 each: nothing is lost over them.
    for (const name of ['ada', 'dan', 'eve'])
      expect(world.act(name, claimFrom('ada'))).toMatchObject({ ok: true })
    const claimed = ['ada', 'dan', 'eve'].map(name => world.balance(name) % VEX)
    expect(claimed).toEqual([99n, 99n, 99n])
    world.epochs(1)
    for (const name of ['ada', 'dan', 'eve']) world.act(name, claimFrom('ada'))
    expect(['ada', 'dan', 'eve'].map(name => world.balance(name) % VEX)).toEqual([133n, 133n, 133n])
    expect(readTotals(world.state).rewards).toBe(1n)
  })

  it('go to the operator when nobody has shares', () => {
    world.act('ada', undelegateFrom('ada'))
    world.epochs(1, { proposer: addressNamed('ada') })
    expect(world.validator('ada').commission).toBe(5n * VEX)
    expect(world.act('ada', claimFrom('ada'))).toMatchObject({ amount: 5n * VEX })
  })

  it('stop at the greatest supply', () => {
    const missing = MAX_SUPPLY - world.supply()
    credit(world.state, addressNamed('eve'), missing - 3n)
    writeSupply(world.state, MAX_SUPPLY - 3n)
    world.epochs(1)
    expect(world.supply()).toBe(MAX_SUPPLY)
    expect(readTotals(world.state).rewards).toBe(3n)
    expect(brokenInvariants(world)).toEqual([])
  })
})
