import { sha256 } from '../../../node/crypto/hash.ts'
import { VEX } from '../../../node/params.ts'
import { readOffences, readPool } from '../../../node/transition/staking/records.ts'
import { voteEvidence } from '../../../node/types/evidence.ts'
import { SLASH_ONE } from '../../../node/types/staking.ts'
import { InvariantError } from '../invariants.ts'
import { drawOneFaulty } from '../populations.ts'
import type { Scenario } from '../plan.ts'
import { GOOD } from '../signatures.ts'
import { Stage } from '../staged.ts'
import { operatorAddress, userAccounts } from '../users.ts'

const STAKE = 50n * VEX

export const slashUnbonding: Scenario = {
  number: 29,
  name: 'slash-unbonding',
  attacks:
    'fairness: a delegator leaves just before its validator equivocates; what is on its way out is slashed too',
  plan: random => {
    const powers = Array.from({ length: 5 + random.below(5) }, () => BigInt(2 + random.below(3)))
    const offender = drawOneFaulty(random, powers)
    const epochBlocks = 3 + random.below(2)
    let stage: Stage | undefined
    return {
      powers,
      hasState: true,
      epochBlocks,
      silent: [offender],
      faultsMs: 30_000,
      script: simulation => {
        const staged = (stage = new Stage(simulation))
        const { chain } = staged
        const length = chain.epochBlocks
        const operator = operatorAddress(offender)
        const [, user, reporter] = userAccounts
        if (user === undefined || reporter === undefined) throw new TypeError('there are users')
        staged.add(1n, user, { kind: 'delegate', validator: operator, amount: STAKE }, 'success')
        // Bonded in epoch 0, they vote from epoch 2 on; undelegated there, they still do in epoch 3.
        const leaving = 2n * length + 1n
        staged.add(leaving, user, { kind: 'undelegate', validator: operator, amount: STAKE }, 'success')
        let unbonding = 0n
        staged.look(leaving, state => {
          unbonding = readPool(state, operator, 2n)?.tokens ?? 0n
          const signer = simulation.committeeOf(2n).positionOf(offender) ?? -1
          const vote = (block: string) => ({
            kind: 'finalize' as const,
            epoch: 2n,
            view: 1n,
            hash: sha256(Buffer.from(block)),
            signer,
            signature: GOOD,
          })
          const evidence = voteEvidence(vote('one'), vote('other'))
          if (evidence === undefined) throw new TypeError('two blocks in a view are a conflict')
          const action = { kind: 'submitEvidence', evidence: chain.signed(evidence) } as const
          staged.add(3n * length + 1n, reporter, action, 'success')
        })
        staged.look(4n * length, state => {
          const [offence] = readOffences(state)
          const left = readPool(state, operator, 2n)?.tokens
          const expected = unbonding - (unbonding * (offence?.slashed ?? 0n)) / SLASH_ONE
          if (unbonding !== STAKE || left !== expected || left >= unbonding)
            throw new InvariantError(`of ${unbonding} that were leaving ${left} are left, not ${expected}`)
        })
      },
      verify: () => {
        if (stage?.isOver !== true) throw new InvariantError('not everything that was staged became final')
      },
    }
  },
}
