import { drawFaulty, drawHalf, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const twinsSampled: Scenario = {
  number: 4,
  name: 'twins-sampled',
  attacks:
    'safety: validators with two nodes each, in partitions drawn anew again and again (Bano et al., "Twins")',
  plan: random => {
    const powers = drawPowers(random, 10)
    const twins = drawFaulty(random, powers)
    const everyMs = 80 + random.below(300)
    return {
      powers,
      reached: ({ convicted }) => convicted.size > 0,
      faultsMs: 2_500,
      twins,
      link: { maxDelayMs: 20 + random.below(60) },
      script: simulation => {
        const { network, size } = simulation
        simulation.everyMs(everyMs, () => {
          const half = drawHalf(random, size)
          const isWhole = random.chance(0.3)
          network.link = {
            ...network.link,
            isCut: (from, to) => !isWhole && half.has(from) !== half.has(to),
          }
        })
      },
    }
  },
}
