import { drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

const SKEW_MS = 2_000

export const clockSkew: Scenario = {
  number: 22,
  name: 'clock-skew',
  attacks: "liveness: validators' clocks are up to 2 s apart, so headers seem to come from the future",
  plan: random => {
    const powers = drawPowers(random, 13)
    return {
      powers,
      faultsMs: 3_000,
      clockSkewMs: powers.map(() => random.below(SKEW_MS)),
    }
  },
}
