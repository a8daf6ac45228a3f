import type { VoteStatement } from '../../../node/types/vote.ts'
import type { SimMessage } from '../network.ts'
import { drawPowers } from '../populations.ts'
import type { Scenario } from '../plan.ts'

const statementsOf = (message: SimMessage): readonly VoteStatement[] => {
  switch (message.kind) {
    case 'vote':
      return [message.vote]
    case 'certificates':
      return message.certificates
    case 'standstill':
      return [...message.certificates, ...message.votes]
    case 'proposal':
    case 'blocks':
    case 'blocksWanted':
    case 'certificatesWanted':
      return []
  }
}

export const boundaryNullified: Scenario = {
  number: 25,
  name: 'boundary-nullified',
  attacks:
    "liveness and safety: an epoch's last block is certified, but its views are nullified again and again",
  plan: random => {
    const proposalsLost = 0.3 + random.next() * 0.6
    let reproposed = 0
    return {
      powers: drawPowers(random, 10),
      reached: () => reproposed > 0,
      faultsMs: 4_000,
      epochBlocks: 2 + random.below(4),
      script: ({ chain, network, watch }) => {
        watch.onProposed = (_node, block, view) => {
          if (view > block.view) reproposed++
        }
        const isLast = (hash: VoteStatement['hash']) =>
          hash !== undefined && chain.block(hash).ref.height % chain.epochBlocks === 0n
        network.tamper = (_from, _to, message) => {
          if (message.kind === 'proposal')
            return isLast(message.block.hash) &&
              message.view > message.block.view &&
              random.chance(proposalsLost)
              ? 'lose'
              : undefined
          const isFinal = statementsOf(message).some(({ kind, hash }) => kind === 'finalize' && isLast(hash))
          return isFinal && random.chance(0.85) ? 'lose' : undefined
        }
      },
    }
  },
}
