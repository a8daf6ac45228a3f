import { InvariantError } from '../invariants.ts'
import { drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

const FAULTS_MS = 1_000
/** A view takes at most its build, and three messages one after another. */
const SLOWEST_VIEW_MS = 60 + 3 * 20 + 5

export const allOnline: Scenario = {
  number: 1,
  name: 'all-online',
  attacks: 'nothing: everyone is there, and every view must make a final block',
  plan: random => ({
    powers: drawPowers(random),
    faultsMs: FAULTS_MS,
    verify: ({ invariants, schedule }) => {
      const least = Math.floor(schedule.now / SLOWEST_VIEW_MS) - 2
      if (invariants.finalHeight < least)
        throw new InvariantError(`only ${invariants.finalHeight} blocks where at least ${least} were due`)
    },
  }),
}
