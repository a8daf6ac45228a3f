/**
 * Staking as one would first write it: every holder's rewards are added one by one, every pool is a list, uptime is a
 * list of missed heights. Slow, and plainly what staking.ts says; it shares no code with the rules but their numbers.
 */
import { STAKE_UNIT, STAKING } from '../../node/params.ts'
import type { ChainParams } from '../../node/types/genesis.ts'

const ONE = 1n << 64n
const BILLION = 1_000_000_000n

export interface ModelMember {
  readonly name: string
  readonly power: bigint
}

interface Holder {
  shares: bigint
  /** In units / 2^64. */
  owed: bigint
}

interface ModelValidator {
  tokens: bigint
  dust: bigint
  commission: bigint
  bps: number
  /** From the next epoch on. */
  nextBps: number | undefined
  jailedUntil: bigint | undefined
  isTombstoned: boolean
  readonly holders: Map<string, Holder>
  missed: bigint[]
}

interface ModelPool {
  readonly validator: string
  readonly epoch: bigint
  leftAt: bigint
  tokens: bigint
  readonly holders: Map<string, bigint>
}

interface Moment {
  readonly height: bigint
  readonly timeMs: bigint
  readonly epoch: bigint
}

const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n)

export class StakeModel {
  readonly params: ChainParams
  readonly balances = new Map<string, bigint>()
  readonly validators = new Map<string, ModelValidator>()
  pools: ModelPool[] = []
  burned = 0n
  minted = 0n
  readonly #ends = new Map<bigint, Moment>()
  #proposed: string[] = []
  #offences: { name: string; epoch: bigint; part: bigint; slashed: bigint }[] = []

  constructor(params: ChainParams) {
    this.params = params
  }

  sharesOf(validator: ModelValidator): bigint {
    return sum([...validator.holders.values()].map(({ shares }) => shares))
  }

  worth(who: string, name: string): bigint {
    const validator = this.validators.get(name)
    const held = validator?.holders.get(who)
    if (validator === undefined || held === undefined) return 0n
    return (held.shares * validator.tokens) / this.sharesOf(validator)
  }

  #pay(who: string, amount: bigint): void {
    this.balances.set(who, (this.balances.get(who) ?? 0n) + amount)
  }

  enrol(name: string, bps: number): ModelValidator {
    const validator: ModelValidator = {
      tokens: 0n,
      dust: 0n,
      commission: 0n,
      bps,
      nextBps: undefined,
      jailedUntil: undefined,
      isTombstoned: false,
      holders: new Map(),
      missed: [],
    }
    this.validators.set(name, validator)
    return validator
  }

  bond(who: string, validator: ModelValidator, amount: bigint): void {
    const shares = this.sharesOf(validator)
    const bought = shares === 0n ? amount : (amount * shares) / validator.tokens
    const held = validator.holders.get(who) ?? { shares: 0n, owed: 0n }
    validator.holders.set(who, { ...held, shares: held.shares + bought })
    validator.tokens += amount
  }

  /** False: refused. So in all that follow. */
  register(name: string, amount: bigint, bps: number): boolean {
    if (
      this.validators.has(name) ||
      amount < STAKING.minSelfStake ||
      amount > (this.balances.get(name) ?? 0n)
    )
      return false
    this.#pay(name, -amount)
    this.bond(name, this.enrol(name, bps), amount)
    return true
  }

  delegate(who: string, name: string, amount: bigint): boolean {
    const validator = this.validators.get(name)
    if (validator === undefined || validator.isTombstoned || amount < STAKING.minDelegation) return false
    if (amount > (this.balances.get(who) ?? 0n)) return false
    this.#pay(who, -amount)
    this.bond(who, validator, amount)
    return true
  }

  undelegate(who: string, name: string, wanted: bigint | undefined, now: Moment): boolean {
    const validator = this.validators.get(name)
    const held = validator?.holders.get(who)
    if (validator === undefined || held === undefined) return false
    const worth = this.worth(who, name)
    const amount = wanted ?? worth
    if (amount === 0n || amount > worth) return false
    const left = worth - amount
    if (who === name && left > 0n && left < STAKING.minSelfStake) return false
    if (left === 0n) {
      validator.holders.delete(who)
      this.#pay(who, held.owed / ONE)
      validator.dust += held.owed % ONE
      if (who === name && !validator.isTombstoned) validator.jailedUntil ??= now.timeMs
    } else {
      const shares = this.sharesOf(validator)
      const sold = (amount * shares) / validator.tokens
      held.shares -= sold * validator.tokens < amount * shares ? sold + 1n : sold
    }
    validator.tokens -= amount
    let pool = this.pools.find(each => each.validator === name && each.epoch === now.epoch)
    if (pool === undefined)
      this.pools.push(
        (pool = {
          validator: name,
          epoch: now.epoch,
          leftAt: now.epoch + 2n,
          tokens: 0n,
          holders: new Map(),
        }),
      )
    pool.tokens += amount
    pool.holders.set(who, (pool.holders.get(who) ?? 0n) + amount)
    return true
  }

  isExpired(epoch: bigint, now: Moment): boolean {
    const end = this.#ends.get(epoch)
    return (
      end !== undefined &&
      now.height - end.height > this.params.evidenceMaxAgeBlocks &&
      now.timeMs - end.timeMs > this.params.evidenceMaxAgeMs
    )
  }

  withdraw(who: string, name: string, now: Moment): boolean {
    const ready = this.pools
      .filter(
        pool => pool.validator === name && pool.holders.has(who) && this.isExpired(pool.leftAt + 1n, now),
      )
      .slice(0, 16)
    for (const pool of ready) {
      const shares = pool.holders.get(who) ?? 0n
      const amount = (shares * pool.tokens) / sum(pool.holders.values())
      pool.holders.delete(who)
      pool.tokens -= amount
      this.#pay(who, amount)
    }
    this.pools = this.pools.filter(pool => pool.holders.size > 0)
    return ready.length > 0
  }

  claim(who: string, name: string): boolean {
    const validator = this.validators.get(name)
    if (validator === undefined) return false
    const held = validator.holders.get(who)
    const units = (held?.owed ?? 0n) / ONE
    const commission = who === name ? validator.commission : 0n
    if (units + commission === 0n) return false
    if (held !== undefined) held.owed -= units * ONE
    if (who === name) validator.commission = 0n
    this.#pay(who, units + commission)
    return true
  }

  edit(name: string, bps: number): boolean {
    const validator = this.validators.get(name)
    if (validator === undefined || bps > Math.min(10_000, validator.bps + 100)) return false
    validator.nextBps = bps
    return true
  }

  unjail(name: string, now: Moment): boolean {
    const validator = this.validators.get(name)
    if (validator?.jailedUntil === undefined || validator.isTombstoned) return false
    if (now.timeMs < validator.jailedUntil || this.worth(name, name) < STAKING.minSelfStake) return false
    validator.jailedUntil = undefined
    return true
  }

  equivocate(name: string, epoch: bigint, set: readonly ModelMember[], now: Moment): boolean {
    const validator = this.validators.get(name)
    if (validator === undefined || validator.isTombstoned || this.isExpired(epoch, now)) return false
    const power = set.find(member => member.name === name)?.power ?? 0n
    validator.isTombstoned = true
    this.#offences.push({
      name,
      epoch,
      part: (power * BILLION) / sum(set.map(member => member.power)),
      slashed: 0n,
    })
    return true
  }

  #burn(amount: bigint, part: bigint, of: bigint): bigint {
    const lost = (amount * part) / of
    this.burned += lost
    return amount - lost
  }

  /** `voters`: of the parent's epoch. `absent`: those who did not vote for the parent, at the height before. */
  endBlock(
    proposer: string,
    voters: readonly ModelMember[],
    absent: readonly string[],
    now: Moment,
    setOf: (epoch: bigint) => readonly ModelMember[],
  ): void {
    const height = now.height - 1n
    for (const { name } of voters) {
      const validator = this.validators.get(name) as ModelValidator
      if (absent.includes(name)) validator.missed.push(height)
      validator.missed = validator.missed.filter(missed => missed > height - STAKING.uptimeWindowBlocks)
      if (validator.missed.length <= STAKING.maxMissedBlocks) continue
      validator.missed = []
      if (validator.isTombstoned || validator.jailedUntil !== undefined) continue
      validator.jailedUntil = now.timeMs + STAKING.jailMs
      validator.tokens = this.#burn(validator.tokens, 1n, 10_000n)
    }
    // Who was not in the set then begins anew when it comes back.
    for (const [name, validator] of this.validators)
      if (voters.length > 0 && !voters.some(member => member.name === name)) validator.missed = []
    this.#proposed.push(proposer)
    if (now.height % this.params.epochBlocks === 0n) this.#endEpoch(now, setOf)
  }

  #endEpoch(now: Moment, setOf: (epoch: bigint) => readonly ModelMember[]): void {
    for (const { name } of setOf(now.epoch)) {
      const validator = this.validators.get(name) as ModelValidator
      const count = this.#proposed.filter(by => by === name).length
      if (count > 0 && !validator.isTombstoned)
        this.#reward(validator, BigInt(count) * this.params.blockReward)
    }
    this.#proposed = []
    for (const validator of this.validators.values()) {
      if (validator.nextBps !== undefined) validator.bps = validator.nextBps
      validator.nextBps = undefined
    }
    const correlated = 3n * sum(this.#offences.map(({ part }) => part))
    const due = correlated < BILLION / 20n ? BILLION / 20n : correlated > BILLION ? BILLION : correlated
    for (const offence of this.#offences) {
      if (offence.slashed >= due) continue
      const validator = this.validators.get(offence.name) as ModelValidator
      const [part, of] = [due - offence.slashed, BILLION - offence.slashed]
      validator.tokens = this.#burn(validator.tokens, part, of)
      for (const pool of this.pools)
        if (pool.validator === offence.name && pool.leftAt > offence.epoch)
          pool.tokens = this.#burn(pool.tokens, part, of)
      offence.slashed = due
    }
    this.#ends.set(now.epoch, now)
  }

  #reward(validator: ModelValidator, gross: bigint): void {
    this.minted += gross
    const shares = this.sharesOf(validator)
    const commission = shares === 0n ? gross : (gross * BigInt(validator.bps)) / 10_000n
    validator.commission += commission
    if (shares === 0n) return
    const whole = (gross - commission) * ONE + validator.dust
    for (const holder of validator.holders.values()) holder.owed += holder.shares * (whole / shares)
    validator.dust = whole % shares
  }

  /** Once set `epoch` is frozen, at the end of the epoch two before it. */
  putOff(set: readonly ModelMember[], epoch: bigint): void {
    for (const { name, power } of set) {
      const validator = this.validators.get(name) as ModelValidator
      if (power <= validator.tokens / STAKE_UNIT) continue
      for (const pool of this.pools)
        if (pool.validator === name && pool.leftAt === epoch) pool.leftAt = epoch + 1n
    }
  }

  /** Offences of forgotten epochs no longer make others' worse. */
  forget(oldest: bigint): void {
    this.#offences = this.#offences.filter(({ epoch }) => epoch >= oldest)
  }
}
