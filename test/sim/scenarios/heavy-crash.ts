import { InvariantError } from '../invariants.ts'
import type { Scenario } from '../plan.ts'

/** A vote that was under way when the heavy one went may still complete a certificate. */
const UNDER_WAY_MS = 150
const UNDER_WAY_BLOCKS = 3

export const heavyCrash: Scenario = {
  number: 32,
  name: 'heavy-crash',
  attacks: 'liveness: one validator with more than a third loses power; all stands still until it is back',
  plan: random => {
    const light = Array.from({ length: 3 + random.below(6) }, () => BigInt(1 + random.below(3)))
    const total = light.reduce((sum, power) => sum + power, 0n)
    const powers = [total / 2n + 1n + BigInt(random.below(3)), ...light]
    const downMs = 500 + random.below(1_500)
    return {
      powers,
      powersOf: () => powers,
      faultsMs: 3_000,
      script: simulation => {
        const { honest, invariants, schedule } = simulation
        const [heavy] = honest
        if (heavy === undefined) throw new TypeError('the heavy one is honest')
        schedule.at(300 + random.below(300), () => {
          heavy.crash()
          const at = invariants.finalHeight
          schedule.after(downMs, () => {
            if (invariants.finalHeight > at + (downMs > UNDER_WAY_MS ? UNDER_WAY_BLOCKS : 0))
              throw new InvariantError('blocks became final without two thirds of the power')
            heavy.start()
          })
        })
      },
    }
  },
}
