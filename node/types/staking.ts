/**
 * What the state holds of staking (transition/staking/): validators and their delegators' shares, what is leaving,
 * who missed votes, who equivocated. The keys are in state/staking-keys.ts.
 */
import { LIMITS } from '../params.ts'
import { bool, createCodec, fixedBytes, list, option, struct, u16, u32, u64, u128 } from './codec.ts'
import { type Address, addressType, type Amount, amountType, type TimeMs } from './primitives.ts'
import { BLS_PUBLIC_KEY_BYTES, VRF_PUBLIC_KEY_BYTES } from './validator.ts'

/** Rewards are counted in units / 2^64. */
export const FRACTION_BITS = 64n

/** Shares of a sum that is slashed, in billionths. */
export const SLASH_ONE = 1_000_000_000n

/** A registered validator, in a set or not. Its operator's address is its key in the state. */
export interface StakedValidator {
  /** The n-th that was registered. */
  id: number
  voteKey: Uint8Array
  vrfKey: Uint8Array
  /** Its delegators' together, its own among them. */
  tokens: Amount
  /** What the delegators hold of `tokens`. Never below it: slashing takes tokens, not shares. */
  shares: bigint
  /** What a share has earned since the validator's registration, in units / 2^64. */
  rewardPerShare: bigint
  /** Earned and too little for all shares yet, in units / 2^64. */
  rewardDust: bigint
  /** Commission that the operator has not claimed. */
  commission: Amount
  commissionBps: number
  nextCommission: NextCommission | undefined
  /** When its operator may ask to be let back; absent unless jailed. */
  jailedUntil: TimeMs | undefined
  /** It equivocated: it never votes again. */
  isTombstoned: boolean
}

/** What replaces a commission for the rewards of epoch `from` and later ones. */
export interface NextCommission {
  bps: number
  from: bigint
}

/** What one account has with one validator. */
export interface Delegation {
  shares: bigint
  /** The validator's `rewardPerShare` up to which `owed` is counted. */
  countedTo: bigint
  /** Rewards not claimed, in units / 2^64. */
  owed: bigint
}

/** What was undelegated from a validator during one epoch. */
export interface UnbondingPool {
  tokens: Amount
  shares: bigint
  /** The first epoch whose set has no power from these tokens. */
  leftAt: bigint
}

/** The module's money, by what it is for, and what the module counts. */
export interface StakeTotals {
  /** The sum of all validators' tokens. */
  bonded: Amount
  /** The sum of all pools' tokens. */
  unbonding: Amount
  /** Rewards and commissions that nobody has claimed, with the dust of dividing them. */
  rewards: Amount
  /** How many validators have been registered. */
  registered: number
  /** The oldest epoch that evidence may still be about. */
  oldestEpoch: bigint
}

/** A validator that signed what no honest one would. */
export interface Offence {
  operator: Address
  epoch: bigint
  /** Its part of that epoch's power, in billionths. */
  part: bigint
  /** How much of its stake it has lost for it, in billionths. */
  slashed: bigint
}

/** How a member of the set voted lately. */
export interface MemberUptime {
  /** {@link StakedValidator.id} */
  id: number
  /** Blocks of the window that it did not vote for. */
  missed: number
  /** The first block that counts. */
  since: bigint
}

export interface Uptime {
  /** Of the last block that was counted. */
  epoch: bigint
  /** In the order of that epoch's set. */
  members: MemberUptime[]
}

export const stakedValidatorCodec = createCodec<StakedValidator>(
  struct('StakedValidator', {
    id: u32,
    voteKey: fixedBytes(BLS_PUBLIC_KEY_BYTES),
    vrfKey: fixedBytes(VRF_PUBLIC_KEY_BYTES),
    tokens: amountType,
    shares: u128,
    rewardPerShare: u128,
    rewardDust: u128,
    commission: amountType,
    commissionBps: u16,
    nextCommission: option(struct('NextCommission', { bps: u16, from: u64 })),
    jailedUntil: option(u64),
    isTombstoned: bool,
  }),
  512,
)

export const delegationCodec = createCodec<Delegation>(
  struct('Delegation', { shares: u128, countedTo: u128, owed: u128 }),
  64,
)

export const unbondingPoolCodec = createCodec<UnbondingPool>(
  struct('UnbondingPool', { tokens: amountType, shares: u128, leftAt: u64 }),
  64,
)

/** What one account holds of a pool. */
export const poolSharesCodec = createCodec<bigint>(u128, 16)

export const stakeTotalsCodec = createCodec<StakeTotals>(
  struct('StakeTotals', {
    bonded: amountType,
    unbonding: amountType,
    rewards: amountType,
    registered: u32,
    oldestEpoch: u64,
  }),
  64,
)

export const offencesCodec = createCodec<Offence[]>(
  list(struct('Offence', { operator: addressType, epoch: u64, part: u64, slashed: u64 }), LIMITS.offences),
)

export const uptimeCodec = createCodec<Uptime>(
  struct('Uptime', {
    epoch: u64,
    members: list(struct('MemberUptime', { id: u32, missed: u16, since: u64 }), LIMITS.validators),
  }),
  4096,
)

/** The ids of those who did not vote for a block. */
export const absentCodec = createCodec<number[]>(list(u32, LIMITS.validators), 1024)

export const countCodec = createCodec<number>(u32, 4)
