/**
 * submitEvidence: two votes, or two certificates, that no honest validator signs (types/evidence.ts has the table).
 *
 * Whoever they convict is tombstoned at once: out of the next set that is frozen, never to vote again, and slashed
 * once, at the end of the epoch (slash.ts). Anybody may submit it; it is refused by name if it convicts nobody.
 */
import { blsVerify, blsVerifyAggregate } from '../../crypto/bls.ts'
import { LIMITS } from '../../params.ts'
import type { StateWriter } from '../../state/view.ts'
import { type Evidence, conflictOf, convictedBy } from '../../types/evidence.ts'
import { SLASH_ONE } from '../../types/staking.ts'
import type { Validator } from '../../types/validator.ts'
import { certificateProblem, createValidatorSet, type ValidatorSet } from '../../types/validator-set.ts'
import { voteMessage } from '../../types/vote.ts'
import { readEpoch } from '../epoch-records.ts'
import { moved, refused, type StakeContext, type StakeOutcome } from './context.ts'
import { isExpired } from './expiry.ts'
import { knownValidator, readOffences, writeOffences, writeValidator } from './records.ts'

/** Why a pair convicts nobody, whoever signed it. */
export const whyNotSlashable = (evidence: Evidence): string | undefined => {
  const { kind, first, second } = evidence
  if (first.epoch !== second.epoch)
    return 'they are of different epochs, and votes of different epochs never conflict'
  if (first.view !== second.view)
    return 'they are of different views, and votes of different views never conflict'
  if (kind === 'votes' && first.signer !== second.signer) return 'they are by different validators'
  if (conflictOf(first, second) === undefined) {
    if (first.kind === second.kind)
      return first.kind === 'nullify'
        ? 'both nullify the view, which says the same thing twice'
        : `both ${first.kind} the same block, which says the same thing twice`
    return first.kind === 'nullify' || second.kind === 'nullify'
      ? 'to notarize and then to nullify is what an honest validator does when a view takes too long'
      : 'to notarize one block and finalize another is what an honest validator does when others notarized the other'
  }
  return convictedBy(evidence).length === 0
    ? 'the second has to come first (types/evidence.ts: voteEvidence, certificateEvidence), or nobody signed both'
    : undefined
}

const signatureProblem = (chainId: string, set: ValidatorSet, evidence: Evidence): string | undefined => {
  if (evidence.kind === 'votes') {
    for (const vote of [evidence.first, evidence.second]) {
      const validator = set.validators[vote.signer]
      if (validator === undefined) return `the set of epoch ${vote.epoch} has no validator ${vote.signer}`
      if (!blsVerify(validator.voteKey, voteMessage(chainId, vote), vote.signature))
        return 'a signature is not the validator’s, or not for this chain'
    }
    return undefined
  }
  return (
    certificateProblem(chainId, set, evidence.first, blsVerifyAggregate) ??
    certificateProblem(chainId, set, evidence.second, blsVerifyAggregate)
  )
}

export const submitEvidence = (
  state: StateWriter,
  { evidence }: { evidence: Evidence },
  context: StakeContext,
): StakeOutcome => {
  const problem = whyNotSlashable(evidence)
  if (problem !== undefined) return refused('not_slashable', `this is no equivocation: ${problem}`)
  const { epoch } = evidence.first
  if (epoch > context.epoch)
    return refused('bad_evidence', `epoch ${epoch} has not begun: the chain is in epoch ${context.epoch}`)
  const record = isExpired(state, context, epoch) ? undefined : readEpoch(state, epoch)
  if (record === undefined)
    return refused('evidence_expired', `evidence about epoch ${epoch} is too old to count`)
  const set = createValidatorSet(record.validators)
  const wrong = signatureProblem(context.chainId, set, evidence)
  if (wrong !== undefined) return refused('bad_evidence', `this is no evidence: ${wrong}`)

  const offences = readOffences(state)
  const caught = convictedBy(evidence)
    .map(index => set.validators[index] as Validator)
    .filter(({ address }) => !knownValidator(state, address).isTombstoned)
  if (caught.length === 0)
    return refused('already_slashed', 'whoever this convicts has been convicted before')
  if (offences.length + caught.length > LIMITS.offences)
    return refused('limit_exceeded', `the chain remembers no more than ${LIMITS.offences} offences`)
  for (const { address } of caught)
    writeValidator(state, address, { ...knownValidator(state, address), isTombstoned: true })
  writeOffences(state, [
    ...offences,
    ...caught.map(({ address: operator, power }) => ({
      operator,
      epoch,
      part: (power * SLASH_ONE) / set.totalPower,
      slashed: 0n,
    })),
  ])
  return moved(0n)
}
