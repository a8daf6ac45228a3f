/**
 * Random histories of 10,000 operations, against a slow model of the rules: the same amounts, to the unit, and every
 * invariant of staking.ts all along.
 */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { STAKING, VEX } from '../../../../node/params.ts'
import { readDelegation, readTotals, readValidator } from '../../../../node/transition/staking/records.ts'
import { counted } from '../../../../node/transition/staking/rewards.ts'
import { voteEvidence } from '../../../../node/types/evidence.ts'
import { type Address, toHash, toHex } from '../../../../node/types/primitives.ts'
import type { StakeAction } from '../../../../node/types/transaction.ts'
import { createRandom, type Random } from '../../../sim/random.ts'
import { StakeModel, type ModelMember } from '../../../support/stake-model.ts'
import { addressNamed, brokenInvariants, PARAMS, StakeWorld } from '../../../support/stake-world.ts'

const FOUNDERS = ['ada', 'ben', 'cid', 'dot']
const LATER = ['fay', 'gus', 'hal', 'ida', 'jon', 'kim']
const DELEGATORS = ['p', 'q', 'r', 's', 't', 'u']
const EVERYBODY = [...FOUNDERS, ...LATER, ...DELEGATORS]
const OPERATORS = [...FOUNDERS, ...LATER]
/** These are often away. */
const LAZY = ['ben', 'gus', 'kim']
const OPERATIONS = 10_000
const COMPARED_EVERY = 100

const nameOf = new Map(EVERYBODY.map(name => [toHex(addressNamed(name)), name]))
const named = (address: Address): string => nameOf.get(toHex(address)) as string

interface Told {
  readonly counts: Record<string, number>
  readonly digest: string
}

class History {
  readonly random: Random
  readonly world: StakeWorld
  readonly model = new StakeModel(PARAMS)
  readonly counts: Record<string, number> = {}

  constructor(seed: number) {
    this.random = createRandom(seed)
    const accounts = Object.fromEntries(EVERYBODY.map(name => [name, 2_000n]))
    this.world = new StakeWorld({ founders: FOUNDERS.map(name => ({ name, stake: 1_000n })), accounts })
    for (const name of EVERYBODY) this.model.balances.set(name, 2_000n * VEX)
    for (const name of FOUNDERS) this.model.bond(name, this.model.enrol(name, 0), 1_000n * VEX)
  }

  #one<T>(of: readonly T[]): T {
    return of[this.random.below(of.length)] as T
  }

  /** Whole and broken amounts, some of them too much. */
  #amount(most: bigint): bigint {
    const part = (most * BigInt(this.random.below(1_200_000))) / 1_000_000n
    return this.random.chance(0.3) ? (part / VEX) * VEX : part + BigInt(this.random.below(3))
  }

  members(epoch: bigint): ModelMember[] {
    return this.world.set(epoch).map(({ address, power }) => ({ name: named(address), power }))
  }

  #now() {
    const { height, timeMs, epoch } = this.world
    return { height, timeMs, epoch }
  }

  #act(sender: string, action: StakeAction, expected: boolean): void {
    const outcome = this.world.act(sender, action)
    expect({ ...action, ok: outcome.ok, why: outcome.ok ? '' : outcome.code }).toMatchObject({ ok: expected })
    const name = `${action.kind}${outcome.ok ? '' : ' refused'}`
    this.counts[name] = (this.counts[name] ?? 0) + 1
  }

  #block(): void {
    const { world, model } = this
    const now = this.#now()
    const parentEpoch = now.height === 1n ? undefined : (now.height - 2n) / PARAMS.epochBlocks
    const voters = parentEpoch === undefined ? [] : this.members(parentEpoch)
    const absent = voters
      .map(({ name }) => name)
      .filter(name => this.random.chance(LAZY.includes(name) ? 0.7 : 0.02))
    const proposer = this.#one(this.members(now.epoch)).name
    const before = (epoch: bigint) => this.members(epoch)
    model.endBlock(proposer, voters, absent, now, before)
    world.block({
      proposer: addressNamed(proposer),
      absent: absent.map(addressNamed),
      ms: BigInt(500 + this.random.below(1_000)),
    })
    if (world.epoch !== now.epoch) {
      model.putOff(this.members(now.epoch + 2n), now.epoch + 2n)
      model.forget(readTotals(world.state).oldestEpoch)
    }
    this.counts['block'] = (this.counts['block'] ?? 0) + 1
  }

  #evidence(): void {
    const { world, model } = this
    const oldest = readTotals(world.state).oldestEpoch
    const epoch = oldest + BigInt(this.random.below(Number(world.epoch - oldest) + 1))
    const name = this.#one(this.members(epoch)).name
    const [first, second] = [1, 2].map(byte =>
      world.vote(name, { kind: 'notarize', epoch, view: 1n, hash: toHash(new Uint8Array(32).fill(byte)) }),
    )
    if (first === undefined || second === undefined) throw new Error('two votes')
    const evidence = voteEvidence(first, second)
    if (evidence === undefined) throw new Error('they conflict')
    const expected = model.equivocate(name, epoch, this.members(epoch), this.#now())
    this.#act('p', { kind: 'submitEvidence', evidence }, expected)
  }

  /** All of a validator's delegators and nearly all of its own stake: more than may leave the sets in an epoch. */
  #flight(name: string): void {
    for (const who of EVERYBODY) {
      // An operator that took everything would be out of the next set, which no limit holds up.
      const most = this.model.worth(who, name) - STAKING.minSelfStake
      const amount = who === name && most > 0n ? most : undefined
      const expected = this.model.undelegate(who, name, amount, this.#now())
      this.#act(who, { kind: 'undelegate', validator: addressNamed(name), amount }, expected)
    }
    this.counts['flight'] = (this.counts['flight'] ?? 0) + 1
  }

  step(): void {
    const { world, model, random } = this
    const who = this.#one(EVERYBODY)
    const name = this.#one(OPERATORS)
    const validator = addressNamed(name)
    const now = this.#now()
    const dice = random.next()
    if (dice < 0.5) this.#block()
    else if (dice < 0.64) {
      const amount = this.#amount((model.balances.get(who) ?? 0n) / 4n)
      this.#act(who, { kind: 'delegate', validator, amount }, model.delegate(who, name, amount))
    } else if (dice < 0.76) {
      const amount = random.chance(0.2) ? undefined : this.#amount(model.worth(who, name))
      this.#act(who, { kind: 'undelegate', validator, amount }, model.undelegate(who, name, amount, now))
    } else if (dice < 0.85) this.#act(who, { kind: 'withdraw', validator }, model.withdraw(who, name, now))
    else if (dice < 0.93) this.#act(who, { kind: 'claimRewards', validator }, model.claim(who, name))
    else if (dice < 0.95) {
      const commissionBps = random.below(1_000)
      this.#act(name, { kind: 'editValidator', commissionBps }, model.edit(name, commissionBps))
    } else if (dice < 0.952) this.#flight(name)
    else if (dice < 0.994) this.#act(name, { kind: 'unjail' }, model.unjail(name, now))
    else if (dice < 0.9993) {
      const stake = this.#amount(500n * VEX)
      const outcome = world.register(name, 0n)
      expect(outcome.ok).toBe(false)
      const whole = stake / VEX
      const expected = model.register(name, whole * VEX, 100)
      expect(world.register(name, whole, 100).ok).toBe(expected)
      if (expected) this.counts['registerValidator'] = (this.counts['registerValidator'] ?? 0) + 1
    } else this.#evidence()
  }

  compare(): void {
    const { world, model } = this
    expect(brokenInvariants(world)).toEqual([])
    const supply = BigInt(EVERYBODY.length) * 2_000n * VEX + 4_000n * VEX + model.minted - model.burned
    expect(world.supply()).toBe(supply)
    for (const name of EVERYBODY)
      expect([name, world.balance(name)]).toEqual([name, model.balances.get(name)])
    for (const [name, expected] of model.validators) {
      const found = world.validator(name)
      expect({ name, ...found }).toMatchObject({
        name,
        tokens: expected.tokens,
        shares: model.sharesOf(expected),
        commission: expected.commission,
        rewardDust: expected.dust,
        jailedUntil: expected.jailedUntil,
        isTombstoned: expected.isTombstoned,
      })
      for (const who of EVERYBODY) {
        const stored = readDelegation(world.state, addressNamed(who), addressNamed(name))
        const held = stored === undefined ? undefined : counted(stored, found)
        const { shares, owed } = expected.holders.get(who) ?? { shares: undefined, owed: undefined }
        expect([who, name, held?.shares, held?.owed]).toEqual([who, name, shares, owed])
      }
    }
    for (const pool of model.pools)
      expect([pool.validator, pool.epoch, world.pool(pool.validator, pool.epoch)]).toEqual([
        pool.validator,
        pool.epoch,
        expect.objectContaining({ tokens: pool.tokens, leftAt: pool.leftAt }),
      ])
  }

  run(operations: number): Told {
    for (let i = 1; i <= operations; i++) {
      this.step()
      if (i % COMPARED_EVERY === 0) this.compare()
    }
    const hash = createHash('sha256')
    const entries = this.world.entries().map(({ key, value }) => `${toHex(key)}=${toHex(value)}`)
    for (const entry of entries.sort()) hash.update(entry)
    return { counts: this.counts, digest: hash.digest('hex') }
  }
}

describe('a random history', () => {
  it.each([1, 2])(
    'of 10,000 operations, seed %i, agrees with the slow model and keeps every invariant',
    seed => {
      const { counts } = new History(seed).run(OPERATIONS)
      // Each rule was met: a history in which nothing happens would prove nothing.
      expect(counts['block']).toBeGreaterThan(4_000)
      for (const kind of [
        'delegate',
        'undelegate',
        'withdraw',
        'claimRewards',
        'editValidator',
        'unjail',
        'registerValidator',
        'submitEvidence',
      ])
        expect([kind, counts[kind] ?? 0]).not.toEqual([kind, 0])
    },
    180_000,
  )

  it('ends in the same state, byte for byte, when it is run again', () => {
    expect(new History(7).run(1_500)).toEqual(new History(7).run(1_500))
  })

  it('gives nobody more than it put in, where there are no rewards', () => {
    const random = createRandom(11)
    const world = new StakeWorld({
      founders: FOUNDERS.map(name => ({ name, stake: 1_000n })),
      accounts: Object.fromEntries(DELEGATORS.map(name => [name, 1_000n])),
      params: { blockReward: 0n },
    })
    world.block()
    // So that a share is no longer a unit.
    world.blocks(STAKING.maxMissedBlocks + 1, { absent: [addressNamed('ada')] })
    expect(readValidator(world.state, addressNamed('ada'))?.tokens).toBe(999_900_000_000n)
    for (let i = 0; i < 2_000; i++) {
      const who = DELEGATORS[random.below(DELEGATORS.length)] as string
      const validator = addressNamed('ada')
      const held = world.worth(who, 'ada')
      if (random.chance(0.5)) {
        const amount = VEX + BigInt(random.below(1_000_000_000))
        const before = world.worth(who, 'ada')
        if (world.act(who, { kind: 'delegate', validator, amount }).ok)
          expect(world.worth(who, 'ada') - before).toBeLessThanOrEqual(amount)
      } else if (held > 0n) {
        const amount = (held * BigInt(1 + random.below(1_000))) / 1_000n
        if (world.act(who, { kind: 'undelegate', validator, amount }).ok)
          expect(held - world.worth(who, 'ada')).toBeGreaterThanOrEqual(amount)
      }
      if (random.chance(0.1)) world.block()
    }
    for (const who of DELEGATORS)
      world.act(who, { kind: 'undelegate', validator: addressNamed('ada'), amount: undefined })
    world.epochs(12)
    for (const who of DELEGATORS)
      while (world.act(who, { kind: 'withdraw', validator: addressNamed('ada') }).ok) world.block()
    const total = DELEGATORS.reduce((sum, name) => sum + world.balance(name), 0n)
    expect(total).toBeLessThanOrEqual(6_000n * VEX)
    // What rounding took is with those who stayed: some hundred units of 10^12.
    expect(total).toBeGreaterThan(6_000n * VEX - 10_000n)
    expect(brokenInvariants(world)).toEqual([])
  })
})
