/** Every node loses power right after it logged its vote of one kind in one view; nobody's vote was sent. Then all come back. */
import type { VoteKind } from '../../node/types/vote.ts'
import type { Plan } from './plan.ts'
import { drawPowers } from './populations.ts'
import type { Random } from './random.ts'

const BACK_AFTER_MS = 600

export const crashAfterVote = (random: Random, kind: VoteKind): Plan => {
  const times = 1 + random.below(3)
  let crashes = 0
  return {
    powers: drawPowers(random, 10),
    reached: ({ honest }) => crashes > honest.length / 2,
    faultsMs: 3_000,
    script: simulation => {
      const { network, schedule, watch } = simulation
      let target = BigInt(2 + random.below(3))
      let left = times
      const crashed = new Set<number>()
      // Without a proposal, the view ends in L.
      network.tamper = (_from, _to, message) =>
        kind === 'nullify' && message.kind === 'proposal' && message.view === target && left > 0
          ? 'lose'
          : undefined
      watch.crashesAt = (node, point, effects) => {
        const votes = effects.some(
          effect =>
            (effect.kind === 'cast' || effect.kind === 'propose') &&
            effect.statement.kind === kind &&
            effect.statement.view === target,
        )
        if (left === 0 || point === 'before sync' || !votes || crashed.has(node.node)) return false
        if (crashed.size === 0)
          schedule.after(BACK_AFTER_MS, () => {
            crashed.clear()
            left--
            target = simulation.front().view + BigInt(1 + random.below(3))
            simulation.startAll()
          })
        crashed.add(node.node)
        crashes++
        if (!effects.some(effect => effect.kind === 'propose')) return true
        // The others need its proposal to vote for; it goes out, and then the power.
        schedule.after(0, () => node.crash())
        return false
      }
    },
  }
}
