import { drawHalf, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const asymmetricPartition: Scenario = {
  number: 20,
  name: 'asymmetric-partition',
  attacks: 'safety and liveness: some can be heard and hear nothing, and the other way round; then it heals',
  plan: random => {
    const powers = drawPowers(random, 13)
    const everyMs = 150 + random.below(600)
    return {
      powers,
      faultsMs: 2_000,
      script: simulation => {
        const { network, size } = simulation
        simulation.everyMs(everyMs, () => {
          const half = drawHalf(random, size)
          network.link = { ...network.link, isCut: (from, to) => half.has(from) && !half.has(to) }
        })
      },
    }
  },
}
