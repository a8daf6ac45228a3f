import { drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

const BACK_AFTER_MS = 250

export const leadersOffline: Scenario = {
  number: 3,
  name: 'leaders-offline',
  attacks: 'liveness: k leaders in a row lose power as soon as their view begins',
  plan: random => {
    const k = 1 + random.below(6)
    const pauseViews = BigInt(2 + random.below(4))
    return {
      powers: drawPowers(random, 13),
      faultsMs: 2_500,
      script: simulation => {
        let left = k
        let resumeAt = 0n
        simulation.everyMs(3, () => {
          const { epoch, view } = simulation.front()
          const committee = simulation.chain.committeeOf(epoch)
          if (committee === undefined || view < resumeAt) return
          const leader = committee.identityAt(committee.info.leaderOf(view))
          const node = simulation.honest.find(({ identity, isUp }) => identity === leader && isUp)
          if (node === undefined) return
          node.crash()
          simulation.schedule.after(BACK_AFTER_MS, () => node.start())
          if (--left > 0) return
          left = k
          resumeAt = view + pauseViews
        })
      },
    }
  },
}
