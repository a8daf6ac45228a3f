import { SplitProposer } from '../adversaries/split-proposer.ts'
import { drawFaulty, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const splitProposal: Scenario = {
  number: 6,
  name: 'split-proposal',
  attacks: 'safety: two blocks for two halves, then N for the one that a half did not get',
  plan: random => {
    const powers = drawPowers(random, 13)
    const faulty = drawFaulty(random, powers, 1 + random.below(3))
    return {
      powers,
      reached: ({ convicted }) => convicted.size > 0,
      faultsMs: 2_000,
      link: { maxDelayMs: 20 + random.below(60) },
      adversaries: new Map(faulty.map(identity => [identity, (...of) => new SplitProposer(...of)])),
    }
  },
}
