import type { SimMessage } from '../network.ts'
import { drawFaulty, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

const isAboutFinality = (message: SimMessage): boolean =>
  message.kind === 'vote'
    ? message.vote.kind === 'finalize'
    : (message.kind === 'certificates' || message.kind === 'standstill') &&
      message.certificates.some(({ kind }) => kind === 'finalize')

export const earlyMessages: Scenario = {
  number: 27,
  name: 'early-messages',
  attacks:
    'liveness: messages of the next epoch reach some before they know that the last block of theirs is final',
  plan: random => {
    const powers = drawPowers(random, 10)
    const late = new Set(drawFaulty(random, powers))
    const lateMs = 80 + random.below(600)
    let isEarly = false
    return {
      powers,
      reached: () => isEarly,
      faultsMs: 2_500,
      epochBlocks: 1 + random.below(5),
      script: simulation => {
        const { network, honest } = simulation
        simulation.everyMs(5, () => {
          const { epoch } = simulation.front()
          isEarly ||= honest.some(node => node.isUp && node.epoch < epoch)
        })
        network.tamper = (_from, to, message) =>
          late.has(to) && isAboutFinality(message) ? lateMs + random.below(100) : undefined
      },
    }
  },
}
