import { nonceHeight } from '../../../node/types/epoch.ts'
import { drawFaulty, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const nonceWithheld: Scenario = {
  number: 30,
  name: 'nonce-withheld',
  attacks:
    'fairness: who leads where the nonce is fixed keeps its block, and with it its VRF output, to itself',
  plan: random => {
    const powers = drawPowers(random, 10)
    const withholding = new Set(drawFaulty(random, powers))
    let withheld = 0
    return {
      powers,
      reached: () => withheld > 0,
      faultsMs: 2_500,
      epochBlocks: 3 + random.below(6),
      script: simulation => {
        const { chain, network } = simulation
        network.tamper = (from, _to, message) => {
          if (message.kind !== 'proposal' || !withholding.has(simulation.identityOf(from))) return undefined
          const { epoch, height } = message.block
          if (height !== nonceHeight(epoch, chain.epochBlocks)) return undefined
          withheld++
          return 'lose'
        }
      },
    }
  },
}
