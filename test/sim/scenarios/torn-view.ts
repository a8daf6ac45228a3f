import type { VoteKind } from '../../../node/types/vote.ts'
import type { SimMessage } from '../network.ts'
import { drawHalf, drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

/** Longer than a view may take: everyone has voted L before the N votes arrive. */
const LATE_MS = 250

const ofView = (message: SimMessage): { kind: VoteKind; view: bigint } | undefined =>
  message.kind === 'vote'
    ? message.vote
    : message.kind === 'certificates' && message.certificates.length === 1
      ? message.certificates[0]
      : undefined

export const tornView: Scenario = {
  number: 9,
  name: 'torn-view',
  attacks:
    'safety: a view gets both certificates, each half sees one and builds on it (commonware#4386, #4625)',
  plan: random => {
    const powers = drawPowers(random, 10)
    const every = BigInt(2 + random.below(4))
    return {
      powers,
      reached: ({ invariants }) => invariants.tornViews > 0,
      faultsMs: 3_000,
      script: ({ network, size }) => {
        const half = drawHalf(random, size)
        network.tamper = (_from, to, message) => {
          const statement = ofView(message)
          if (statement === undefined || statement.view % every !== 0n) return undefined
          // N for one half, and late; L for the other.
          if (statement.kind === 'notarize') return half.has(to) ? LATE_MS : 'lose'
          if (statement.kind === 'nullify') return half.has(to) ? 'lose' : undefined
          return undefined
        }
      },
    }
  },
}
