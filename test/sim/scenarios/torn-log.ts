import { drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const tornLog: Scenario = {
  number: 14,
  name: 'torn-log',
  attacks: 'safety: power fails in the middle of a write, and a part of it is on the disk',
  plan: random => ({
    powers: drawPowers(random, 13),
    faultsMs: 1_500,
    crashBeforeSync: 0.02 + random.next() * 0.05,
    tornTail: 0.9,
    link: { maxDelayMs: 20 + random.below(60) },
  }),
}
