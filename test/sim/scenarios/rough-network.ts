import { drawPowers, ROUGH } from '../populations.ts'
import type { Scenario } from '../plan.ts'

export const roughNetwork: Scenario = {
  number: 21,
  name: 'rough-network',
  attacks: 'liveness: 30 % of the messages are lost, others come twice or in another order',
  plan: random => ({ powers: drawPowers(random), faultsMs: 2_000, link: ROUGH }),
}
