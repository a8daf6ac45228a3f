import { drawOneFaulty, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const finalWithoutBlock: Scenario = {
  number: 10,
  name: 'final-without-block',
  attacks: 'liveness: certificates reach a node long before the blocks they are for',
  plan: random => {
    const powers = drawPowers(random)
    // Its vote must not be needed while it is held up.
    const victim = drawOneFaulty(random, powers)
    let asked = 0
    const servedChance = 0.1 + random.next() * 0.4
    return {
      powers,
      reached: () => asked > 1,
      faultsMs: 1_500,
      script: ({ network }) => {
        network.tamper = (from, to, { kind }) => {
          if (from === victim && kind === 'blocksWanted') asked++
          if (to !== victim) return undefined
          if (kind === 'proposal') return 'lose'
          return kind === 'blocks' && !random.chance(servedChance) ? 'lose' : undefined
        }
      },
    }
  },
}
