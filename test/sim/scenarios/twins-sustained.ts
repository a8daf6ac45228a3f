import { drawFaulty, drawPowers, shuffle } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const twinsSustained: Scenario = {
  number: 5,
  name: 'twins-sustained',
  attacks: 'safety: each half of the network has a twin of its own for as long as the faults last',
  plan: random => {
    const powers = drawPowers(random, 10)
    const twins = drawFaulty(random, powers)
    return {
      powers,
      reached: ({ convicted }) => convicted.size > 0,
      faultsMs: 2_500,
      twins,
      // What crosses the middle is late or lost, never quite nothing: both sides hear of the other's certificates.
      link: { maxDelayMs: 20 + random.below(100), loss: random.next() * 0.1 },
      script: ({ network, size }) => {
        const honest = shuffle(
          random,
          [...powers.keys()].filter(identity => !twins.includes(identity)),
        )
        const left = new Set([...honest.slice(0, honest.length >> 1), ...twins])
        const crossing = random.next() * 0.3
        const isLeft = (node: number) => left.has(node)
        network.tamper = (from, to) =>
          from < size && isLeft(from) !== isLeft(to) && !random.chance(crossing) ? 'lose' : undefined
      },
    }
  },
}
