import { drawOneFaulty, drawPowers } from '../populations.ts'
import { SimNode } from '../node.ts'
import type { Scenario } from '../plan.ts'

export const twoProcesses: Scenario = {
  number: 19,
  name: 'two-processes',
  attacks: 'safety: the operator starts a second process with the same key, on a copy of the log or on none',
  plan: random => {
    const powers = drawPowers(random, 10)
    const twin = drawOneFaulty(random, powers)
    const hasCopy = random.chance(0.5)
    return {
      powers,
      reached: ({ actors }) =>
        actors.some(actor => actor instanceof SimNode && actor.stopped?.code === 'key_in_use'),
      faultsMs: 2_000,
      twins: [twin],
      areTwinsCareful: true,
      link: { maxDelayMs: 20 + random.below(60), loss: random.chance(0.5) ? 0.1 : 0 },
      script: ({ actors, held, schedule }) => {
        const [first, second] = [actors[twin], actors[powers.length]]
        if (!(first instanceof SimNode) || !(second instanceof SimNode))
          throw new TypeError('twins are nodes')
        held.add(second.node)
        schedule.at(100 + random.below(800), () => {
          held.delete(second.node)
          if (hasCopy) second.disk.restore(first.disk.image())
          second.start()
        })
      },
    }
  },
}
