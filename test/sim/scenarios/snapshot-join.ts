import { InvariantError } from '../invariants.ts'
import { drawOneFaulty, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const snapshotJoin: Scenario = {
  number: 33,
  name: 'snapshot-join',
  attacks:
    'safety and liveness: a node starts from a copy of a final state, without history, while an epoch ends',
  plan: random => {
    const powers = drawPowers(random, 10)
    const joining = drawOneFaulty(random, powers)
    const afterEpochs = 1n + BigInt(random.below(3))
    let hasJoined = false
    return {
      powers,
      powersOf: () => powers,
      faultsMs: 6_000,
      epochBlocks: 2 + random.below(5),
      script: simulation => {
        const { chain, held, honest } = simulation
        const node = honest.find(({ identity }) => identity === joining)
        if (node === undefined) throw new TypeError('who joins is honest')
        held.add(node.node)
        simulation.everyMs(4, () => {
          if (hasJoined) return
          const donor = honest.find(({ disk }) => {
            const { ref, certificate } = disk.final
            const isLast = ref.height % chain.epochBlocks === 0n
            return isLast && certificate !== undefined && ref.epoch >= afterEpochs
          })
          if (donor === undefined) return
          hasJoined = true
          node.disk.final = donor.disk.final
          simulation.schedule.after(random.below(150), () => {
            held.delete(node.node)
            node.start()
          })
          simulation.schedule.after(600, () => simulation.heal())
        })
      },
      verify: () => {
        if (!hasJoined) throw new InvariantError('nobody joined')
      },
    }
  },
}
