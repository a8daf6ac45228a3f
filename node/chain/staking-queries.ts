/**
 * Questions about stakes at the head: who validates and with what, what an account has with whom, who leads next.
 *
 * A block may be committed between two reads. A delegation is read before its validator, whose rewards only grow.
 */
import {
  delegationsRange,
  poolSharesRange,
  poolsRange,
  readDelegationKey,
  readPoolKey,
  readPoolSharesKey,
  readStakedValidatorKey,
  validatorsRange,
} from '../state/staking-keys.ts'
import type { StateReader } from '../state/view.ts'
import { readEpoch } from '../transition/epoch-records.ts'
import { createLeaders, type LeaderDraw } from '../transition/leaders.ts'
import { commissionIn, counted, claimable } from '../transition/staking/rewards.ts'
import type { StakeContext } from '../transition/staking/context.ts'
import { isMature } from '../transition/staking/expiry.ts'
import {
  entriesOf,
  powerOf,
  readDelegation,
  readEpochEnd,
  readOffences,
  readPool,
  readProposals,
  readTotals,
  readUptime,
  readValidator,
} from '../transition/staking/records.ts'
import { worthOf } from '../transition/staking/shares.ts'
import { epochOf, firstHeight, lastHeight, nonceHeight } from '../types/epoch.ts'
import {
  type Address,
  type Amount,
  bytesEqual,
  type Hash,
  type Height,
  type TimeMs,
  toLatin1,
} from '../types/primitives.ts'
import {
  delegationCodec,
  poolSharesCodec,
  type StakedValidator,
  type StakeTotals,
  stakedValidatorCodec,
  unbondingPoolCodec,
} from '../types/staking.ts'
import type { Validator } from '../types/validator.ts'
import type { ChainView } from './chain-view.ts'

export interface ValidatorInfo {
  readonly address: Address
  readonly record: StakedValidator
  readonly commissionBps: number
  /** In the sets of the epoch of the next block, and of the one after; 0: not in it. */
  readonly power: bigint
  readonly nextPower: bigint
  /** That its tokens would give. */
  readonly bondedPower: bigint
  readonly ownStake: Amount
  /** Of the last blocks; absent if it is not in the set. */
  readonly missedBlocks: number | undefined
  readonly proposedBlocks: number
  /** What it has lost for an equivocation, in billionths; absent if it is not tombstoned, or that is forgotten. */
  readonly slashed: bigint | undefined
}

export interface DelegationInfo {
  readonly validator: Address
  readonly shares: bigint
  readonly worth: Amount
  readonly rewards: Amount
}

export interface UnbondingInfo {
  readonly validator: Address
  /** In which it was undelegated. */
  readonly epoch: bigint
  readonly amount: Amount
  /** The first epoch whose set does not count it. */
  readonly leftAt: bigint
  /** It can be withdrawn in a block that is later than both; the time is known once that epoch has ended. */
  readonly afterHeight: Height
  readonly afterMs: TimeMs | undefined
  readonly isMature: boolean
}

export interface EpochView {
  readonly epoch: bigint
  readonly firstHeight: Height
  readonly lastHeight: Height
  /** Which block fixes the next epoch's nonce. */
  readonly nonceHeight: Height
  readonly nonce: Hash | undefined
  readonly validators: readonly Validator[]
}

export interface LeaderInfo extends Omit<LeaderDraw, 'leader'> {
  readonly validator: Validator
  readonly totalPower: bigint
}

export class StakingQueries {
  readonly #chain: ChainView

  constructor(chain: ChainView) {
    this.#chain = chain
  }

  get #state(): Pick<StateReader, 'get' | 'first'> {
    return this.#chain.state
  }

  /** Of the next block. */
  get #context(): StakeContext {
    const { genesis, head } = this.#chain
    const height = head.header.height + 1n
    return {
      chainId: genesis.chainId,
      height,
      timeMs: head.header.timeMs + genesis.params.minBlockIntervalMs,
      epoch: epochOf(height, genesis.params.epochBlocks),
      params: genesis.params,
    }
  }

  totals(): StakeTotals {
    return readTotals(this.#state)
  }

  #describe(
    address: Address,
    record: StakedValidator,
    sets: readonly ReadonlyMap<string, bigint>[],
  ): ValidatorInfo {
    const { epoch } = this.#context
    const [power = 0n, nextPower = 0n] = sets.map(set => set.get(toLatin1(address)) ?? 0n)
    const own = readDelegation(this.#state, address, address)
    const member = readUptime(this.#state)?.members.find(({ id }) => id === record.id)
    return {
      address,
      record,
      commissionBps: commissionIn(epoch, record),
      power,
      nextPower,
      bondedPower: powerOf(record),
      ownStake: worthOf(own?.shares ?? 0n, record),
      missedBlocks: member?.missed,
      proposedBlocks: readProposals(this.#state, address),
      slashed: readOffences(this.#state).find(({ operator }) => bytesEqual(operator, address))?.slashed,
    }
  }

  /** The powers by address of the set that votes on the next block, and of the one after. */
  #sets(): ReadonlyMap<string, bigint>[] {
    const { epoch } = this.#context
    return [epoch, epoch + 1n].map(
      each =>
        new Map(
          readEpoch(this.#state, each)?.validators.map(({ address, power }) => [toLatin1(address), power]),
        ),
    )
  }

  /** By address, those after `after`. */
  validators(limit: number, after?: Address): ValidatorInfo[] {
    const sets = this.#sets()
    const range = validatorsRange()
    const from = after === undefined ? range.from : `${range.from}${toLatin1(after)}\0`
    const found: ValidatorInfo[] = []
    for (const { key, value } of entriesOf(this.#state, { ...range, from })) {
      if (found.length === limit) break
      found.push(this.#describe(readStakedValidatorKey(key), stakedValidatorCodec.decode(value), sets))
    }
    return found
  }

  validator(address: Address): ValidatorInfo | undefined {
    const record = readValidator(this.#state, address)
    return record === undefined ? undefined : this.#describe(address, record, this.#sets())
  }

  /** What leaves a validator, the newest first. */
  pools(operator: Address): { epoch: bigint; tokens: Amount; leftAt: bigint }[] {
    return Array.from(entriesOf(this.#state, poolsRange(operator)), ({ key, value }) => {
      const { tokens, leftAt } = unbondingPoolCodec.decode(value)
      return { epoch: readPoolKey(key), tokens, leftAt }
    })
  }

  delegations(delegator: Address): DelegationInfo[] {
    return Array.from(entriesOf(this.#state, delegationsRange(delegator))).flatMap(({ key, value }) => {
      const validator = readDelegationKey(key)
      const held = delegationCodec.decode(value)
      const record = readValidator(this.#state, validator)
      if (record === undefined) return []
      return [
        {
          validator,
          shares: held.shares,
          worth: worthOf(held.shares, record),
          rewards: claimable(counted(held, record)),
        },
      ]
    })
  }

  unbonding(delegator: Address): UnbondingInfo[] {
    const context = this.#context
    const { epochBlocks, evidenceMaxAgeBlocks, evidenceMaxAgeMs } = context.params
    return Array.from(entriesOf(this.#state, poolSharesRange(delegator))).flatMap(({ key, value }) => {
      const { operator, epoch } = readPoolSharesKey(key)
      const pool = readPool(this.#state, operator, epoch)
      if (pool === undefined) return []
      const last = pool.leftAt + 1n
      const end = readEpochEnd(this.#state, last)
      return [
        {
          validator: operator,
          epoch,
          amount: worthOf(poolSharesCodec.decode(value), pool),
          leftAt: pool.leftAt,
          afterHeight: lastHeight(last, epochBlocks) + evidenceMaxAgeBlocks,
          afterMs: end === undefined ? undefined : end + evidenceMaxAgeMs,
          isMature: isMature(this.#state, context, pool),
        },
      ]
    })
  }

  /** Commission that waits for the operator, if the account is one. */
  commission(operator: Address): Amount {
    return readValidator(this.#state, operator)?.commission ?? 0n
  }

  /** Of those at these positions in the epoch's set, who is not tombstoned. `undefined` if it is forgotten. */
  unconvicted(epoch: bigint, positions: readonly number[]): Address[] | undefined {
    const validators = readEpoch(this.#state, epoch)?.validators
    return (
      validators &&
      positions
        .flatMap(position => validators[position]?.address ?? [])
        .filter(address => readValidator(this.#state, address)?.isTombstoned === false)
    )
  }

  currentEpoch(): bigint {
    return this.#context.epoch
  }

  /** `undefined` if the state does not have it yet, or any more. */
  epoch(epoch: bigint): EpochView | undefined {
    const { epochBlocks } = this.#chain.genesis.params
    const record = readEpoch(this.#state, epoch)
    if (record === undefined) return undefined
    return {
      epoch,
      firstHeight: firstHeight(epoch, epochBlocks),
      lastHeight: lastHeight(epoch, epochBlocks),
      nonceHeight: nonceHeight(epoch, epochBlocks),
      nonce: record.nonce,
      validators: record.validators,
    }
  }

  /** Who leads the views that come, and why. */
  leaders(count: number): { epoch: bigint; nonce: Hash; leaders: LeaderInfo[] } {
    const { chainId, epoch } = this.#context
    const { head } = this.#chain
    const found = this.epoch(epoch)
    if (found?.nonce === undefined) throw new Error(`the state does not say who leads in epoch ${epoch}`)
    const { nonce, validators } = found
    const totalPower = validators.reduce((sum, { power }) => sum + power, 0n)
    const leaders = createLeaders({ chainId, epoch, nonce, validators })
    const first = head.header.epoch === epoch && head.header.height > 0n ? head.header.view + 1n : 1n
    return {
      epoch,
      nonce,
      leaders: Array.from({ length: count }, (_, index) => {
        const { leader, ...draw } = leaders.explain(first + BigInt(index))
        return { ...draw, validator: validators[leader] as Validator, totalPower }
      }),
    }
  }
}
