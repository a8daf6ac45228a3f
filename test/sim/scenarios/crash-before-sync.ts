import { drawPowers, ROUGH } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const crashBeforeSync: Scenario = {
  number: 12,
  name: 'crash-before-sync',
  attacks: 'safety: power fails before a vote is durable',
  plan: random => ({
    powers: drawPowers(random, 13),
    faultsMs: 1_500,
    crashBeforeSync: 0.01 + random.next() * 0.05,
    link: random.chance(0.5) ? ROUGH : {},
  }),
}
