import { SelfNullifier } from '../adversaries/self-nullifier.ts'
import { drawFaulty, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const selfNullifyingLeader: Scenario = {
  number: 7,
  name: 'self-nullifying-leader',
  attacks: 'safety: the leader gives up the view of its own good block, so that N and L race',
  plan: random => {
    const powers = drawPowers(random, 13)
    const faulty = drawFaulty(random, powers, 1 + random.below(3))
    return {
      powers,
      faultsMs: 2_000,
      link: { maxDelayMs: 20 + random.below(60), loss: random.chance(0.3) ? 0.1 : 0 },
      adversaries: new Map(faulty.map(identity => [identity, (...of) => new SelfNullifier(...of)])),
    }
  },
}
