import { drawFaulty, drawPowers, ROUGH } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const silentThird: Scenario = {
  number: 2,
  name: 'silent-third',
  attacks: 'liveness: as many as may be faulty are never there',
  plan: random => {
    const powers = drawPowers(random)
    const link = random.chance(0.5) ? ROUGH : {}
    return { powers, faultsMs: 1_000, link, silent: drawFaulty(random, powers) }
  },
}
