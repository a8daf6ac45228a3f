import { VIEW_WINDOW } from '../../../node/consensus/protocol.ts'
import { Flooder } from '../adversaries/flooder.ts'
import { InvariantError } from '../invariants.ts'
import { drawOneFaulty, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

/** N, L and F of a view. */
const KINDS = 3

export const flood: Scenario = {
  number: 31,
  name: 'flood',
  attacks: 'memory: votes, certificates and blocks of all views without end',
  plan: random => {
    const powers = drawPowers(random, 5)
    const faulty = drawOneFaulty(random, powers)
    let most = 0
    return {
      powers,
      reached: () => most > Number(VIEW_WINDOW) * KINDS,
      faultsMs: 1_500,
      adversaries: new Map([[faulty, (...of) => new Flooder(...of)]]),
      script: simulation => {
        const windowViews = 2 * Number(VIEW_WINDOW)
        const mostVotes = windowViews * KINDS * powers.length
        simulation.everyMs(50, () => {
          for (const { node, votesHeld, blocksHeld } of simulation.honest) {
            most = Math.max(most, votesHeld)
            if (votesHeld > mostVotes)
              throw new InvariantError(`node ${node} holds ${votesHeld} votes, more than ${mostVotes}`)
            if (blocksHeld > windowViews)
              throw new InvariantError(`node ${node} holds ${blocksHeld} blocks, more than ${windowViews}`)
          }
        })
      },
    }
  },
}
