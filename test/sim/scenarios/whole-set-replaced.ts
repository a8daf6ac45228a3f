import { drawPowers, ROUGH } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const wholeSetReplaced: Scenario = {
  number: 26,
  name: 'whole-set-replaced',
  attacks: 'safety and liveness: nobody who votes in an epoch has a vote in the next',
  plan: random => {
    const first = drawPowers(random, 8)
    const second = drawPowers(random, 8)
    const even = [...first, ...second.map(() => 0n)]
    const odd = [...first.map(() => 0n), ...second]
    return {
      powers: even,
      powersOf: epoch => (epoch % 2n === 0n ? even : odd),
      epochBlocks: 1 + random.below(6),
      reached: ({ honest }) => honest.every(({ epoch }) => epoch > 1n),
      faultsMs: 2_000,
      link: random.chance(0.4) ? ROUGH : {},
      crashBeforeSync: random.chance(0.3) ? 0.01 : 0,
      crashAfterSync: random.chance(0.3) ? 0.01 : 0,
    }
  },
}
