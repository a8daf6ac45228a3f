import { AggregateSpoiler } from '../adversaries/aggregate-spoiler.ts'
import { drawFaulty, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const badAggregate: Scenario = {
  number: 23,
  name: 'bad-aggregate',
  attacks: 'liveness: bad signatures among the votes of a quorum, and certificates that nobody signed',
  plan: random => {
    const powers = drawPowers(random, 13)
    const faulty = drawFaulty(random, powers)
    return {
      powers,
      faultsMs: 1_200,
      adversaries: new Map(faulty.map(identity => [identity, (...of) => new AggregateSpoiler(...of)])),
    }
  },
}
