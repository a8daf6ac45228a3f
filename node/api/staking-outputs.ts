/** What the API answers about stakes: the schemas of staking-views.ts. */
import { z } from 'zod'
import { address, count, decimal, hash, hexBytes } from './outputs.ts'

const validatorFields = {
  address,
  status: z.enum(['active', 'waiting', 'jailed', 'tombstoned']),
  power: decimal,
  nextPower: decimal,
  bondedPower: decimal,
  stake: decimal,
  ownStake: decimal,
  shares: decimal,
  commissionBps: count,
  nextCommissionBps: count.nullable(),
  unclaimedCommission: decimal,
  jailedUntilMs: decimal.nullable(),
  slashedBillionths: decimal.nullable(),
  missedBlocks: count.nullable(),
  proposedBlocks: count,
  voteKey: hexBytes,
  vrfKey: hexBytes,
}

export const validators = z.object({
  epoch: decimal,
  validators: z.array(z.object(validatorFields).meta({ id: 'Validator' })),
  next: address.nullable(),
})

export const validator = z.object({
  ...validatorFields,
  unbonding: z.array(z.object({ epoch: decimal, amount: decimal, leftAtEpoch: decimal })),
})

export const accountStakes = z.object({
  address,
  delegations: z.array(z.object({ validator: address, shares: decimal, amount: decimal, rewards: decimal })),
  unbonding: z.array(
    z.object({
      validator: address,
      epoch: decimal,
      amount: decimal,
      leftAtEpoch: decimal,
      isMature: z.boolean(),
      afterHeight: decimal,
      afterMs: decimal.nullable(),
    }),
  ),
  commission: decimal,
})

export const epoch = z.object({
  epoch: decimal,
  firstHeight: decimal,
  lastHeight: decimal,
  nonceHeight: decimal,
  nonce: hash.nullable(),
  totalPower: decimal,
  validators: z.array(z.object({ address, power: decimal, voteKey: hexBytes, vrfKey: hexBytes })),
})

export const leaders = z.object({
  epoch: decimal,
  nonce: hash,
  leaders: z.array(
    z.object({
      view: decimal,
      validator: address,
      power: decimal,
      totalPower: decimal,
      draw: hexBytes,
      point: decimal,
      from: decimal,
      to: decimal,
    }),
  ),
})

export const parameters = z.object({
  stakeUnit: decimal,
  minSelfStake: decimal,
  minDelegation: decimal,
  maxCommissionRiseBps: count,
  blockReward: decimal,
  epochBlocks: decimal,
  evidenceMaxAgeBlocks: decimal,
  evidenceMaxAgeMs: decimal,
  uptimeWindowBlocks: decimal,
  maxMissedBlocks: count,
  jailMs: decimal,
  downtimeSlashBillionths: decimal,
  minEquivocationSlashBillionths: decimal,
  wholeBillionths: decimal,
  bonded: decimal,
  unbonding: decimal,
  unclaimedRewards: decimal,
  validators: count,
})
