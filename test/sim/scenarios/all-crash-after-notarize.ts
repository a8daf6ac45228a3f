import { crashAfterVote } from '../crash-after-vote.ts'
import type { Scenario } from '../plan.ts'

export const allCrashAfterNotarize: Scenario = {
  number: 17,
  name: 'all-crash-after-notarize',
  attacks: 'liveness: everyone loses power with its own notarize vote logged and not sent',
  plan: random => crashAfterVote(random, 'notarize'),
}
