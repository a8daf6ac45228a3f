import { drawPowers, ROUGH } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const crashAfterSync: Scenario = {
  number: 13,
  name: 'crash-after-sync',
  attacks: 'safety: power fails when a vote is durable and not yet sent',
  plan: random => ({
    powers: drawPowers(random, 13),
    faultsMs: 1_500,
    crashAfterSync: 0.01 + random.next() * 0.05,
    link: random.chance(0.5) ? ROUGH : {},
  }),
}
