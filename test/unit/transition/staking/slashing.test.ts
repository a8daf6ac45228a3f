/** What costs stake and what does not: downtime, equivocation, evidence of every age and form. */
import { beforeEach, describe, expect, it } from 'vitest'
import { blsAggregate } from '../../../../node/crypto/bls.ts'
import { STAKING, VEX } from '../../../../node/params.ts'
import { whyNotSlashable } from '../../../../node/transition/staking/evidence.ts'
import { readOffences, readUptime } from '../../../../node/transition/staking/records.ts'
import { equivocationSlash } from '../../../../node/transition/staking/slash.ts'
import { certificateEvidence, type Evidence, voteEvidence } from '../../../../node/types/evidence.ts'
import { type Hash, toHash } from '../../../../node/types/primitives.ts'
import type { StakeAction } from '../../../../node/types/transaction.ts'
import { createValidatorSet } from '../../../../node/types/validator-set.ts'
import type { Certificate, Vote, VoteKind } from '../../../../node/types/vote.ts'
import { addressNamed, brokenInvariants, StakeWorld } from '../../../support/stake-world.ts'

const A = toHash(new Uint8Array(32).fill(0xaa))
const B = toHash(new Uint8Array(32).fill(0xbb))
const NAMES = ['ada', 'ben', 'cid', 'dot']

let world: StakeWorld
beforeEach(() => {
  world = new StakeWorld({
    founders: NAMES.map(name => ({ name, stake: 1_000n })),
    accounts: { dan: 5_000n, eve: 5_000n },
  })
})

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
const submit = (evidence: Evidence) => world.act('eve', { kind: 'submitEvidence', evidence })
const evidenceOf = (first: Vote, second: Vote): Evidence => {
  const evidence = voteEvidence(first, second)
  if (evidence === undefined) throw new Error('not in conflict')
  return evidence
}
const twoNotarize = (name: string, epoch: bigint, view = 3n): Evidence =>
  evidenceOf(
    world.vote(name, { kind: 'notarize', epoch, view, hash: A }),
    world.vote(name, { kind: 'notarize', epoch, view, hash: B }),
  )
const certificate = (names: readonly string[], kind: VoteKind, epoch: bigint, hash?: Hash): Certificate => {
  const votes = names.map(name =>
    world.vote(name, hash === undefined ? { kind, epoch, view: 3n } : { kind, epoch, view: 3n, hash }),
  )
  return {
    kind,
    epoch,
    view: 3n,
    hash,
    signers: createValidatorSet(world.set(epoch)).toBitmap(votes.map(({ signer }) => signer)),
    signature: blsAggregate(votes.map(({ signature }) => signature)),
  }
}

describe('downtime', () => {
  const window = Number(STAKING.uptimeWindowBlocks)
  const absent = [addressNamed('ada')]

  it('of half the window is borne; of one block more costs a ten-thousandth and a jail of ten minutes', () => {
    world.block()
    world.blocks(STAKING.maxMissedBlocks, { absent })
    expect(world.validator('ada')).toMatchObject({ tokens: 1_000n * VEX, jailedUntil: undefined })
    expect(readUptime(world.state)?.members[0]).toMatchObject({ missed: 500 })
    const supply = world.supply()
    const at = world.timeMs
    world.block({ absent })
    expect(world.validator('ada')).toMatchObject({
      tokens: 1_000n * VEX - VEX / 10n,
      shares: 1_000n * VEX,
      jailedUntil: at + 600_000n,
      isTombstoned: false,
    })
    // The five blocks of an epoch may have paid a reward meanwhile; the slash was burned.
    const rewards = (world.height - 1n) % 5n === 0n ? 5n * VEX : 0n
    expect(world.supply()).toBe(supply - VEX / 10n + rewards)
    expect(brokenInvariants(world)).toEqual([])
  })

  it('is counted over the last 1,000 blocks: what is older no longer counts', () => {
    world.block()
    world.blocks(400, { absent })
    world.blocks(window - 400)
    expect(readUptime(world.state)?.members[0]).toMatchObject({ missed: 400 })
    world.blocks(400)
    expect(readUptime(world.state)?.members[0]).toMatchObject({ missed: 0 })
    world.blocks(500, { absent })
    expect(world.validator('ada').jailedUntil).toBeUndefined()
    world.block({ absent })
    expect(world.validator('ada').jailedUntil).toBeDefined()
  })

  it('alternating, just at half, is never punished', () => {
    for (let i = 0; i < 2 * window; i++) world.block({ absent: i % 2 === 0 ? absent : [] })
    expect(world.validator('ada').jailedUntil).toBeUndefined()
    expect(readUptime(world.state)?.members[0]).toMatchObject({ missed: 500 })
  })

  it('lets its operator back after ten minutes of block time, and counts anew', () => {
    world.block()
    world.blocks(501, { absent })
    expect(world.act('ada', { kind: 'unjail' })).toMatchObject({ ok: false, code: 'jailed' })
    world.epochs(2)
    expect(world.set().map(({ address }) => address)).not.toContainEqual(addressNamed('ada'))
    world.block({ ms: 600_000n })
    expect(world.act('ada', { kind: 'unjail' })).toMatchObject({ ok: true })
    world.epochs(3)
    const position = world
      .set()
      .findIndex(({ address }) => Buffer.compare(address, addressNamed('ada')) === 0)
    // A fifth of 3,000 comes back in the first epoch, the rest in the next.
    expect(world.set()[position]?.power).toBe(999n)
    expect(readUptime(world.state)?.members[position]).toMatchObject({ missed: 0 })
    expect(brokenInvariants(world)).toEqual([])
  })

  it('does not punish again while it is jailed, nor one that is tombstoned', () => {
    world = new StakeWorld({
      founders: NAMES.map(name => ({ name, stake: 1_000n })),
      params: { epochBlocks: 2_000n },
    })
    world.block()
    world.blocks(1_500, { absent })
    expect(world.validator('ada').tokens).toBe(1_000n * VEX - VEX / 10n)
  })
})

describe('an equivocation', () => {
  it.each<[string, VoteKind, Hash | undefined, VoteKind, Hash | undefined]>([
    ['two notarize votes', 'notarize', A, 'notarize', B],
    ['two finalize votes', 'finalize', A, 'finalize', B],
    ['nullify and finalize', 'nullify', undefined, 'finalize', A],
  ])(
    'by %s: tombstoned at once, slashed at the end of the epoch, once',
    (_, kind, hash, otherKind, otherHash) => {
      world.epochs(1)
      world.act('dan', delegateTo('ada', 1_000n * VEX))
      const vote = (of: VoteKind, at: Hash | undefined) =>
        world.vote(
          'ada',
          at === undefined ? { kind: of, epoch: 0n, view: 2n } : { kind: of, epoch: 0n, view: 2n, hash: at },
        )
      const evidence = evidenceOf(vote(kind, hash), vote(otherKind, otherHash))
      expect(submit(evidence)).toMatchObject({ ok: true })
      expect(world.validator('ada')).toMatchObject({ isTombstoned: true, tokens: 2_000n * VEX })
      expect(submit(evidence)).toMatchObject({ ok: false, code: 'already_slashed' })
      expect(submit(twoNotarize('ada', 1n))).toMatchObject({ ok: false, code: 'already_slashed' })
      expect(world.act('dan', delegateTo('ada', VEX))).toMatchObject({ code: 'tombstoned' })
      expect(world.act('ada', { kind: 'unjail' })).toMatchObject({ code: 'tombstoned' })
      const supply = world.supply()
      world.epochs(1, { proposer: addressNamed('ada') })
      // A quarter of the power: three quarters of the stake. What it proposed is not paid to anybody.
      expect(world.validator('ada').tokens).toBe(500n * VEX)
      expect(world.worth('dan', 'ada')).toBe(250n * VEX)
      expect(world.worth('ada', 'ada')).toBe(250n * VEX)
      expect(world.supply()).toBe(supply - 1_500n * VEX)
      expect(world.set(3n).map(({ address }) => address)).not.toContainEqual(addressNamed('ada'))
      world.epochs(2)
      expect(world.validator('ada').tokens).toBe(500n * VEX)
      expect(brokenInvariants(world)).toEqual([])
    },
  )

  it('costs at least 5 %, three times the part of the power, at most everything', () => {
    const part = (percent: bigint) => ({ part: percent * 10_000_000n })
    expect(equivocationSlash([part(1n)])).toBe(50_000_000n)
    expect(equivocationSlash([part(2n)])).toBe(60_000_000n)
    expect(equivocationSlash([part(10n), part(10n)])).toBe(600_000_000n)
    expect(equivocationSlash([part(20n), part(14n)])).toBe(1_000_000_000n)
  })

  it('of several costs all of them the same, whoever was caught first', () => {
    world = new StakeWorld({
      founders: ['ada', 'ben', ...Array.from({ length: 18 }, (_, i) => `other${i}`)].map(name => ({
        name,
        stake: 1_000n,
      })),
      accounts: { eve: 1n },
    })
    expect(submit(twoNotarize('ada', 0n))).toMatchObject({ ok: true })
    world.epochs(1)
    // 1/20 of the power, three times.
    expect(world.validator('ada').tokens).toBe(850n * VEX)
    expect(submit(twoNotarize('ben', 0n))).toMatchObject({ ok: true })
    world.epochs(1)
    expect(world.validator('ben').tokens).toBe(700n * VEX)
    // 15 % first, then of what is left as much as makes 30 % of the whole.
    expect(world.validator('ada').tokens).toBe(700n * VEX)
    expect(readOffences(world.state).map(({ slashed }) => slashed)).toEqual([300_000_000n, 300_000_000n])
  })

  it('reaches what has left since, and not what had left before', () => {
    world.act('dan', delegateTo('ada', 300n * VEX))
    world.act('dan', undelegateFrom('ada', 100n * VEX))
    world.epochs(2)
    // Of epoch 2: the first 100 left with it, the next leave with 4, the last are still in.
    world.act('dan', undelegateFrom('ada', 100n * VEX))
    world.epochs(1)
    expect(submit(twoNotarize('ada', 2n))).toMatchObject({ ok: true })
    expect(world.act('dan', undelegateFrom('ada', 50n * VEX))).toMatchObject({ ok: true })
    world.epochs(1)
    // 1,200 of 4,200 is 0.285714285 of the power: 0.857142855 of the stake goes.
    expect(world.pool('ada', 0n)?.tokens).toBe(100n * VEX)
    expect(world.pool('ada', 2n)?.tokens).toBe(14_285_714_500n)
    expect(world.pool('ada', 3n)?.tokens).toBe(7_142_857_250n)
    expect(world.validator('ada').tokens).toBe((1_050n * 142_857_145n * VEX) / 1_000_000_000n)
    world.epochs(20)
    expect(world.act('dan', { kind: 'withdraw', validator: addressNamed('ada') })).toMatchObject({
      ok: true,
      amount: 100n * VEX + 14_285_714_500n + 7_142_857_250n,
    })
    expect(brokenInvariants(world)).toEqual([])
  })

  it('reaches what left right after its epoch, and not what left with it', () => {
    world.act('dan', delegateTo('ada', 300n * VEX))
    world.act('dan', undelegateFrom('ada', 100n * VEX))
    world.epochs(1)
    world.act('dan', undelegateFrom('ada', 100n * VEX))
    world.epochs(1)
    expect([0n, 1n].map(epoch => world.pool('ada', epoch)?.leftAt)).toEqual([2n, 3n])
    expect(submit(twoNotarize('ada', 2n))).toMatchObject({ ok: true })
    world.epochs(1)
    expect(world.pool('ada', 0n)?.tokens).toBe(100n * VEX)
    expect(world.pool('ada', 1n)?.tokens).toBeLessThan(20n * VEX)
  })

  it('reaches what was undelegated long ago and still votes, because so much power may not leave at once', () => {
    world = new StakeWorld({
      founders: ['ada', 'ben'].map(name => ({ name, stake: 5_000n })),
      accounts: { eve: 1n },
      params: { evidenceMaxAgeBlocks: 1n, evidenceMaxAgeMs: 1n },
    })
    world.act('ada', undelegateFrom('ada', 4_900n * VEX))
    const left: unknown[] = []
    for (let epoch = 0n; epoch < 5n; epoch++) {
      world.epochs(1)
      left.push([world.set(epoch + 2n)[1]?.power, world.pool('ada', 0n)?.leftAt])
    }
    // A fifth of 10,000, of 8,000 and of 6,400, then the rest.
    expect(left).toEqual([
      [3_000n, 3n],
      [1_400n, 4n],
      [120n, 5n],
      [100n, 5n],
      [100n, 5n],
    ])
    expect(submit(twoNotarize('ada', 4n))).toMatchObject({ ok: true })
    world.epochs(1)
    expect(world.pool('ada', 0n)?.tokens).toBeLessThan(4_900n * VEX)
    const withdraw: StakeAction = { kind: 'withdraw', validator: addressNamed('ada') }
    // Evidence about epoch 6 is too old two blocks into epoch 7.
    while (world.height <= 36n) {
      expect(world.act('ada', withdraw)).toMatchObject({ code: 'nothing_to_withdraw' })
      world.block()
    }
    expect(world.act('ada', withdraw)).toMatchObject({ ok: true })
    expect(brokenInvariants(world)).toEqual([])
  })

  it('by two certificates convicts all who stand in both, and takes everything', () => {
    const evidence = certificateEvidence(
      certificate(['ada', 'ben', 'cid'], 'notarize', 0n, A),
      certificate(['ben', 'cid', 'dot'], 'notarize', 0n, B),
    ) as Evidence
    expect(submit(evidence)).toMatchObject({ ok: true })
    expect(NAMES.filter(name => world.validator(name).isTombstoned)).toEqual(['ben', 'cid'])
    expect(submit(evidence)).toMatchObject({ code: 'already_slashed' })
    world.act('eve', delegateTo('ada', VEX))
    world.epochs(1)
    expect(NAMES.map(name => world.validator(name).tokens)).toEqual([1_001n * VEX, 0n, 0n, 1_000n * VEX])
    expect(world.set(2n)).toHaveLength(2)
    expect(world.act('ben', undelegateFrom('ben'))).toMatchObject({ code: 'insufficient_stake' })
    expect(brokenInvariants(world)).toEqual([])
  })

  it('of everybody leaves the set as it was: a chain needs voters', () => {
    for (const name of NAMES) submit(twoNotarize(name, 0n))
    world.epochs(3)
    expect(world.set()).toHaveLength(4)
    expect(NAMES.map(name => world.validator(name).tokens)).toEqual([0n, 0n, 0n, 0n])
    expect(brokenInvariants(world)).toEqual([])
  })
})

describe('evidence', () => {
  const until = (height: bigint, ms: bigint): void => {
    while (world.height < height) world.block({ ms })
  }

  it.each([
    [25n, 1_000n, 'taken', 'both ages at the limit'],
    [26n, 900n, 'taken', 'one block too old, and young in time'],
    [25n, 5_000n, 'taken', 'old in time, and at the limit in blocks'],
    [26n, 1_000n, 'expired', 'both beyond'],
  ])('about epoch 0 in block %d at %d ms a block is %s: %s', (height, ms, what) => {
    // Epoch 0 ends with block 5; the greatest age is 20 blocks and 20 s.
    until(height, ms)
    const outcome = submit(twoNotarize('ada', 0n))
    expect(outcome).toMatchObject(what === 'taken' ? { ok: true } : { ok: false, code: 'evidence_expired' })
  })

  it('about an epoch that is forgotten is expired too, and the epoch is gone from the state', () => {
    const old = twoNotarize('ada', 0n)
    world.epochs(10)
    expect(() => world.set(0n)).toThrow(/no validators of epoch 0/)
    expect(submit(old)).toMatchObject({ code: 'evidence_expired' })
  })

  it('of an epoch to come is refused', () => {
    expect(submit(twoNotarize('ada', 1n))).toMatchObject({ code: 'bad_evidence' })
  })

  it('that nobody signed so is refused', () => {
    const good = twoNotarize('ada', 0n) as Extract<Evidence, { kind: 'votes' }>
    const refused = (evidence: Evidence) =>
      expect(submit(evidence)).toMatchObject({ ok: false, code: 'bad_evidence' })
    refused({ ...good, first: { ...good.first, signature: good.second.signature } })
    const by = (signer: number): Evidence => ({
      kind: 'votes',
      first: { ...good.first, signer },
      second: { ...good.second, signer },
    })
    refused(by(1))
    refused(by(4))
    const [one, other] = [
      certificate(['ada', 'ben', 'cid'], 'finalize', 0n, A),
      certificate(['ada', 'ben'], 'finalize', 0n, B),
    ]
    refused(certificateEvidence(one, other) as Evidence)
    expect(world.validator('ada').isTombstoned).toBe(false)
  })

  const vote = (kind: VoteKind, hash: Hash | undefined, changes: Partial<Vote> = {}): Vote => ({
    kind,
    epoch: 0n,
    view: 2n,
    hash,
    signer: 0,
    signature: new Uint8Array(96),
    ...changes,
  })
  it.each<[string, Vote, Vote, RegExp]>([
    ['notarize, then nullify', vote('notarize', A), vote('nullify', undefined), /takes too long/],
    ['notarize one, finalize another', vote('notarize', A), vote('finalize', B), /others notarized/],
    ['notarize and finalize the same', vote('notarize', A), vote('finalize', A), /others notarized/],
    ['another view', vote('notarize', A), vote('notarize', B, { view: 3n }), /different views/],
    ['another epoch', vote('finalize', A), vote('finalize', B, { epoch: 1n }), /different epochs/],
    ['another signer', vote('notarize', A), vote('notarize', B, { signer: 1 }), /different validators/],
    ['the same vote twice', vote('finalize', A), vote('finalize', A), /twice/],
    ['nullify twice', vote('nullify', undefined), vote('nullify', undefined), /twice/],
    ['the wrong order', vote('notarize', B), vote('notarize', A), /come first/],
  ])('is none: %s', (_, first, second, why) => {
    const evidence: Evidence = { kind: 'votes', first, second }
    expect(whyNotSlashable(evidence)).toMatch(why)
    expect(submit(evidence)).toMatchObject({
      ok: false,
      code: 'not_slashable',
      message: expect.stringMatching(why) as string,
    })
  })
})
