import { ForkingLeader } from '../adversaries/forking-leader.ts'
import { SkippingLeader } from '../adversaries/skipping-leader.ts'
import { drawFaulty, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const forgedParent: Scenario = {
  number: 8,
  name: 'forged-parent',
  attacks:
    'safety: blocks on old or made-up parents without the L certificates between (ava-labs/Simplex#281)',
  plan: random => {
    const powers = drawPowers(random, 13)
    const faulty = drawFaulty(random, powers)
    const isForking = random.chance(0.3)
    return {
      powers,
      reached: ({ convicted }) => convicted.size > 0,
      faultsMs: 2_500,
      epochBlocks: 3 + random.below(6),
      link: { maxDelayMs: 20 + random.below(100), loss: random.chance(0.5) ? 0.05 : 0 },
      adversaries: new Map(
        faulty.map((identity, i) => [
          identity,
          (...of) => (i % 2 === 0 && isForking ? new ForkingLeader(...of) : new SkippingLeader(...of)),
        ]),
      ),
    }
  },
}
