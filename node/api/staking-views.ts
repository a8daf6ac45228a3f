/** Stakes as JSON, in the forms of views.ts. */
import { formatAddress } from '../crypto/address.ts'
import type {
  DelegationInfo,
  EpochView,
  LeaderInfo,
  UnbondingInfo,
  ValidatorInfo,
} from '../chain/staking-queries.ts'
import { STAKE_UNIT, STAKING } from '../params.ts'
import type { Genesis } from '../types/genesis.ts'
import { SLASH_ONE, type StakeTotals } from '../types/staking.ts'
import { hex } from './views.ts'

/**
 * - `active`: votes on the next block, or will from the next epoch on
 * - `waiting`: has stake, and no place in a set yet or any more
 * - `jailed`, `tombstoned`: in no set that is frozen from now on
 */
export type ValidatorStatus = 'active' | 'waiting' | 'jailed' | 'tombstoned'

const statusOf = ({ record, power, nextPower }: ValidatorInfo): ValidatorStatus => {
  if (record.isTombstoned) return 'tombstoned'
  if (record.jailedUntil !== undefined) return 'jailed'
  return power > 0n || nextPower > 0n ? 'active' : 'waiting'
}

export const viewValidator = (info: ValidatorInfo) => {
  const { address, record } = info
  return {
    address: formatAddress(address),
    status: statusOf(info),
    /** Votes: in this epoch's set, in the next one's, and what its stake would give. */
    power: String(info.power),
    nextPower: String(info.nextPower),
    bondedPower: String(info.bondedPower),
    stake: String(record.tokens),
    ownStake: String(info.ownStake),
    shares: String(record.shares),
    commissionBps: info.commissionBps,
    /** From the next epoch on, if it changes. */
    nextCommissionBps:
      record.nextCommission === undefined || record.nextCommission.bps === info.commissionBps
        ? null
        : record.nextCommission.bps,
    unclaimedCommission: String(record.commission),
    jailedUntilMs: record.jailedUntil === undefined ? null : String(record.jailedUntil),
    /** For an equivocation, in billionths; null if there was none, or it is long ago. */
    slashedBillionths: info.slashed === undefined ? null : String(info.slashed),
    /** Of the last blocks of `uptimeWindowBlocks`; null if it is not in the set. */
    missedBlocks: info.missedBlocks ?? null,
    /** In this epoch. */
    proposedBlocks: info.proposedBlocks,
    voteKey: hex(record.voteKey),
    vrfKey: hex(record.vrfKey),
  }
}
export type ValidatorView = ReturnType<typeof viewValidator>

export const viewDelegation = ({ validator, shares, worth, rewards }: DelegationInfo) => ({
  validator: formatAddress(validator),
  shares: String(shares),
  amount: String(worth),
  /** Can be claimed now; more is counted at the end of each epoch. */
  rewards: String(rewards),
})

export const viewUnbonding = (info: UnbondingInfo) => ({
  validator: formatAddress(info.validator),
  epoch: String(info.epoch),
  amount: String(info.amount),
  /** The first epoch in which it does not vote any more. */
  leftAtEpoch: String(info.leftAt),
  isMature: info.isMature,
  /** In a block after both; the time is null while it is not known. */
  afterHeight: String(info.afterHeight),
  afterMs: info.afterMs === undefined ? null : String(info.afterMs),
})

export const viewEpoch = (epoch: EpochView) => ({
  epoch: String(epoch.epoch),
  firstHeight: String(epoch.firstHeight),
  lastHeight: String(epoch.lastHeight),
  /** The block that fixes the next epoch's nonce. */
  nonceHeight: String(epoch.nonceHeight),
  nonce: epoch.nonce === undefined ? null : hex(epoch.nonce),
  totalPower: String(epoch.validators.reduce((sum, { power }) => sum + power, 0n)),
  validators: epoch.validators.map(({ address, power, voteKey, vrfKey }) => ({
    address: formatAddress(address),
    power: String(power),
    voteKey: hex(voteKey),
    vrfKey: hex(vrfKey),
  })),
})

const R_DIGITS = 64

/** t = r T >> 256; the validator leads because its part of [0, T) holds t. */
export const viewLeader = ({ view, draw, point, from, to, totalPower, validator }: LeaderInfo) => ({
  view: String(view),
  validator: formatAddress(validator.address),
  power: String(validator.power),
  totalPower: String(totalPower),
  /** r */
  draw: `0x${draw.toString(16).padStart(R_DIGITS, '0')}`,
  /** t */
  point: String(point),
  from: String(from),
  /** The first that is not its own. */
  to: String(to),
})

export const viewStakeParameters = ({ params }: Genesis, totals: StakeTotals) => ({
  stakeUnit: String(STAKE_UNIT),
  minSelfStake: String(STAKING.minSelfStake),
  minDelegation: String(STAKING.minDelegation),
  maxCommissionRiseBps: STAKING.maxCommissionRiseBps,
  blockReward: String(params.blockReward),
  epochBlocks: String(params.epochBlocks),
  evidenceMaxAgeBlocks: String(params.evidenceMaxAgeBlocks),
  evidenceMaxAgeMs: String(params.evidenceMaxAgeMs),
  uptimeWindowBlocks: String(STAKING.uptimeWindowBlocks),
  maxMissedBlocks: STAKING.maxMissedBlocks,
  jailMs: String(STAKING.jailMs),
  downtimeSlashBillionths: String(STAKING.downtimeSlash),
  minEquivocationSlashBillionths: String(STAKING.minEquivocationSlash),
  wholeBillionths: String(SLASH_ONE),
  /** What the module holds: all of it is part of the supply. */
  bonded: String(totals.bonded),
  unbonding: String(totals.unbonding),
  unclaimedRewards: String(totals.rewards),
  validators: totals.registered,
})
