import { sha256 } from '../../../node/crypto/hash.ts'
import { readValidator } from '../../../node/transition/staking/records.ts'
import { type Evidence, voteEvidence } from '../../../node/types/evidence.ts'
import { InvariantError } from '../invariants.ts'
import { drawFaulty } from '../populations.ts'
import type { Scenario } from '../plan.ts'
import { GOOD } from '../signatures.ts'
import { Stage } from '../staged.ts'
import { operatorAddress, userAccounts } from '../users.ts'

/** Of two N votes in view 1. */
const equivocation = (signer: number): Evidence => {
  const vote = (block: string) => ({
    kind: 'notarize' as const,
    epoch: 0n,
    view: 1n,
    hash: sha256(Buffer.from(block)),
    signer,
    signature: GOOD,
  })
  const evidence = voteEvidence(vote('one'), vote('other'))
  if (evidence === undefined) throw new TypeError('two blocks in a view are a conflict')
  return evidence
}

export const evidenceAge: Scenario = {
  number: 28,
  name: 'evidence-age',
  attacks: 'fairness: evidence at its greatest age counts, once; a block later it does not count any more',
  plan: random => {
    // So many and so even that any two are below a third.
    const power = BigInt(1 + random.below(3))
    const powers = Array.from({ length: 7 + random.below(4) }, () => power)
    const [first, second] = drawFaulty(random, powers, 2)
    if (first === undefined || second === undefined) throw new TypeError('two of seven may be faulty')
    const epochBlocks = 3 + random.below(3)
    let stage: Stage | undefined
    return {
      powers,
      hasState: true,
      epochBlocks,
      silent: [first, second],
      faultsMs: 20_000,
      script: simulation => {
        stage = new Stage(simulation)
        const { chain } = stage
        const committee = simulation.committeeOf(0n)
        const last = chain.epochBlocks + chain.params.evidenceMaxAgeBlocks
        const submit = (
          height: bigint,
          user: number,
          offender: number,
          ending: 'success' | 'already_slashed' | 'evidence_expired',
        ) => {
          const evidence = chain.signed(equivocation(committee.positionOf(offender) ?? -1))
          const account = userAccounts[user]
          if (account !== undefined) stage?.add(height, account, { kind: 'submitEvidence', evidence }, ending)
        }
        submit(last, 1, first, 'success')
        submit(last, 2, first, 'already_slashed')
        submit(last + 1n, 3, second, 'evidence_expired')
        let lost: bigint | undefined
        const stakeOf = (offender: number) => (state: Parameters<typeof readValidator>[0]) => {
          const validator = readValidator(state, operatorAddress(offender))
          if (validator === undefined) throw new InvariantError(`validator ${offender} is gone`)
          return validator
        }
        // The height is the last of its epoch: the offence is settled there, and nothing more later.
        stage.look(last, state => {
          const { isTombstoned, tokens } = stakeOf(first)(state)
          const staked = (powers[first] ?? 0n) * 100_000_000_000n
          if (!isTombstoned || tokens >= staked) throw new InvariantError('an equivocation was not slashed')
          lost = tokens
        })
        stage.look(last + chain.epochBlocks, state => {
          if (stakeOf(first)(state).tokens !== lost)
            throw new InvariantError('an equivocation was slashed twice')
          if (stakeOf(second)(state).isTombstoned) throw new InvariantError('expired evidence was taken')
        })
      },
      verify: () => {
        if (stage?.isOver !== true) throw new InvariantError('not everything that was staged became final')
      },
    }
  },
}
