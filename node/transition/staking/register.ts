/**
 * registerValidator: the sender becomes the operator of a validator, with its own stake as the first delegation.
 *
 * Each key is the validator's for ever, and proves that whoever registers it holds it: a rogue vote key could cancel
 * others' out of an aggregate, a VRF key of small order has more than one output.
 */
import { formatAddress } from '../../crypto/address.ts'
import { blsVerifyPossession, isValidBlsPublicKey } from '../../crypto/bls.ts'
import { vrfKeyProblem, vrfVerifyPossession } from '../../crypto/vrf.ts'
import { STAKING } from '../../params.ts'
import { voteKeyOwnerKey, vrfKeyOwnerKey } from '../../state/staking-keys.ts'
import type { StateWriter } from '../../state/view.ts'
import type { Address, Amount } from '../../types/primitives.ts'
import type { StakedValidator } from '../../types/staking.ts'
import { debit } from '../accounts.ts'
import { moved, refused, type StakeContext, type StakeOutcome } from './context.ts'
import { addBond, lacksBalance } from './delegate.ts'
import { readTotals, readValidator, writeTotals, writeValidator } from './records.ts'

export const MAX_COMMISSION_BPS = 10_000

export interface Registration {
  readonly voteKey: Uint8Array
  readonly proofOfPossession: Uint8Array
  readonly vrfKey: Uint8Array
  readonly vrfProof: Uint8Array
  readonly commissionBps: number
  readonly stake: Amount
}

/** The record of a new validator that has no stake yet. Nothing is checked here: the genesis checks its own. */
export const enrol = (
  state: StateWriter,
  operator: Address,
  { voteKey, vrfKey, commissionBps }: Pick<Registration, 'voteKey' | 'vrfKey' | 'commissionBps'>,
): StakedValidator => {
  const totals = readTotals(state)
  writeTotals(state, { ...totals, registered: totals.registered + 1 })
  state.set(voteKeyOwnerKey(voteKey), operator)
  state.set(vrfKeyOwnerKey(vrfKey), operator)
  const validator: StakedValidator = {
    id: totals.registered,
    voteKey,
    vrfKey,
    tokens: 0n,
    shares: 0n,
    rewardPerShare: 0n,
    rewardDust: 0n,
    commission: 0n,
    commissionBps,
    nextCommission: undefined,
    jailedUntil: undefined,
    isTombstoned: false,
  }
  writeValidator(state, operator, validator)
  return validator
}

/** What is wrong with the keys, beyond who else has them. */
const keyProblem = (
  chainId: string,
  operator: Address,
  { voteKey, proofOfPossession, vrfKey, vrfProof }: Registration,
): string | undefined => {
  if (!isValidBlsPublicKey(voteKey)) return 'the vote key is not a valid BLS12-381 key'
  if (!blsVerifyPossession(voteKey, proofOfPossession))
    return 'the proof of possession is not a signature by the vote key'
  const problem = vrfKeyProblem(vrfKey)
  if (problem !== undefined) return problem
  return vrfVerifyPossession(vrfKey, chainId, operator, vrfProof)
    ? undefined
    : 'the VRF proof is not one by the VRF key for this account and chain'
}

export const registerValidator = (
  state: StateWriter,
  sender: Address,
  registration: Registration,
  { chainId }: StakeContext,
): StakeOutcome => {
  const { voteKey, vrfKey, commissionBps, stake } = registration
  if (readValidator(state, sender) !== undefined)
    return refused('validator_exists', `${formatAddress(sender)} is a validator already`)
  if (commissionBps > MAX_COMMISSION_BPS)
    return refused('bad_commission', `a commission is at most ${MAX_COMMISSION_BPS} ten-thousandths`)
  if (stake < STAKING.minSelfStake)
    return refused(
      'stake_too_small',
      `a validator brings at least ${STAKING.minSelfStake} units of its own, not ${stake}`,
    )
  if (state.get(voteKeyOwnerKey(voteKey)) !== undefined)
    return refused('key_in_use', 'another validator has this vote key')
  if (state.get(vrfKeyOwnerKey(vrfKey)) !== undefined)
    return refused('key_in_use', 'another validator has this VRF key')
  const problem = keyProblem(chainId, sender, registration)
  if (problem !== undefined) return refused('bad_proof', problem)
  if (!debit(state, sender, stake)) return lacksBalance(state, sender, stake)
  addBond(state, sender, sender, enrol(state, sender, registration), stake)
  return moved(stake)
}
