import { InvariantError } from '../invariants.ts'
import { drawOneFaulty } from '../populations.ts'
import type { Scenario } from '../plan.ts'

const VIEWS = 1_000
const MOST_MS = 400_000
const LONG_EPOCH = 1_000_000

export const farBehind: Scenario = {
  number: 11,
  name: 'far-behind',
  attacks:
    'liveness: a node comes back 1,000 views later; they are final, over many epochs or one, or nullified',
  plan: random => {
    const powers = [1n, 1n, 1n, 1n]
    const late = drawOneFaulty(random, powers)
    const isNullified = random.chance(0.5)
    let passed = 0
    return {
      powers,
      powersOf: () => powers,
      faultsMs: MOST_MS,
      epochBlocks: isNullified || random.chance(0.5) ? LONG_EPOCH : 20 + random.below(300),
      buildMs: 3,
      pacing: { networkDelayMs: 4, standstillMs: 150, paceMs: 6 },
      link: { maxDelayMs: 3 },
      script: simulation => {
        const { network, invariants } = simulation
        simulation.held.add(late)
        network.tamper = (_from, _to, { kind }) =>
          isNullified && invariants.finalHeight > 2 && kind === 'proposal' ? 'lose' : undefined
        simulation.everyMs(20, () => {
          passed = isNullified ? Number(simulation.front().view) : invariants.finalHeight
          if (passed >= VIEWS) simulation.heal()
        })
      },
      verify: () => {
        if (passed < VIEWS) throw new InvariantError(`came back ${passed} views later`)
      },
    }
  },
}
