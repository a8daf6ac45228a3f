import { crashAfterVote } from '../crash-after-vote.ts'
import type { Scenario } from '../plan.ts'

export const allCrashAfterNullify: Scenario = {
  number: 16,
  name: 'all-crash-after-nullify',
  attacks: 'liveness: everyone loses power with its own nullify vote logged and not sent (commonware#4275)',
  plan: random => crashAfterVote(random, 'nullify'),
}
