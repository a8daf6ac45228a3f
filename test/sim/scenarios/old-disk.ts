import { FLOOR_LAG_MS } from '../disk.ts'
import { InvariantError } from '../invariants.ts'
import { drawOneFaulty, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'
import { statementKey } from '../signatures.ts'

export const oldDisk: Scenario = {
  number: 18,
  name: 'old-disk',
  attacks:
    "safety: an old image of the log is put back; the signer's floor knows of later votes and must refuse",
  plan: random => {
    const powers = drawPowers(random, 13)
    const victim = drawOneFaulty(random, powers)
    const takenAt = 100 + random.below(400)
    const crashes = random.chance(0.5) ? { crashAfterSync: 0.01 } : {}
    let image: { bytes: Buffer; votes: ReadonlySet<string> } | undefined
    /** Since when the image lacks a vote. */
    let outdatedAt: number | undefined
    let isRestored = false
    return {
      powers,
      stopping: [victim],
      reached: () => isRestored,
      faultsMs: 2_000,
      ...crashes,
      script: simulation => {
        const { honest, schedule, watch } = simulation
        const node = honest.find(({ identity }) => identity === victim)
        if (node === undefined) throw new TypeError('the victim is honest')
        schedule.at(takenAt, () => {
          image = { bytes: node.disk.image(), votes: node.disk.votes() }
        })
        watch.onHonestVote = (identity, statement) => {
          if (identity === victim && image?.votes.has(statementKey(statement)) === false)
            outdatedAt ??= schedule.now
        }
        watch.mayStop = (stopped, { code }) => isRestored && stopped === node && code === 'log_stale'
        simulation.everyMs(20, () => {
          if (isRestored || image === undefined || outdatedAt === undefined || !node.isUp) return
          if (schedule.now <= Math.max(outdatedAt, node.upSinceMs) + FLOOR_LAG_MS) return
          isRestored = true
          node.crash()
          node.disk.restore(image.bytes)
          node.start()
          if (node.stopped?.code !== 'log_stale') throw new InvariantError('an old log passed for the latest')
        })
      },
    }
  },
}
