import { InvariantError } from '../invariants.ts'
import { drawOneFaulty, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const bitFlip: Scenario = {
  number: 15,
  name: 'bit-flip',
  attacks: 'safety: one bit of the log rots; the node does not know what it voted, and must refuse to vote',
  plan: random => {
    const powers = drawPowers(random, 13)
    const victim = drawOneFaulty(random, powers)
    return {
      powers,
      stopping: [victim],
      reached: ({ honest }) => honest.some(({ stopped }) => stopped?.code === 'log_corrupt'),
      faultsMs: 1_200,
      script: simulation => {
        let isFlipped = false
        simulation.watch.mayStop = (node, { code }) =>
          isFlipped && node.identity === victim && code === 'log_corrupt'
        simulation.everyMs(50 + random.below(300), () => {
          const node = simulation.honest.find(({ identity }) => identity === victim)
          if (isFlipped || node === undefined) return
          node.crash()
          isFlipped = node.disk.flipBit(random)
          node.start()
          if (isFlipped && node.isUp) throw new InvariantError(`node ${node.node} votes with a damaged log`)
        })
      },
    }
  },
}
