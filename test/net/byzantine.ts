/**
 * A validator that votes twice, for every proposal that it hears: for the block and for another. It has the fourth node's
 * keys; what it signs convicts it.
 */
import { randomBytes } from 'node:crypto'
import type { PlannedNode } from '../../cli/devnet/plan.ts'
import { messageCodec } from '../../node/consensus/messages.ts'
import { blockCodec, blockHash } from '../../node/types/block.ts'
import { toHash } from '../../node/types/primitives.ts'
import type { VoteStatement } from '../../node/types/vote.ts'
import { type ImpostorOptions, openImpostor } from './impostor.ts'

export interface Liar {
  readonly close: () => Promise<void>
  /** Views in which it has voted twice. */
  readonly doubleVotes: number
}

export const startLiar = async (node: PlannedNode, options: ImpostorOptions): Promise<Liar> => {
  const { transport, sign, close } = await openImpostor(node, options)
  let doubleVotes = 0
  const voteFor = (statement: VoteStatement): void =>
    transport.broadcast(messageCodec.encode({ kind: 'vote', vote: sign(statement) }))
  transport.onMessage((_from, bytes) => {
    const message = messageCodec.decode(bytes)
    if (message.kind !== 'proposal') return
    const { header } = blockCodec.decode(message.block)
    const statement = { kind: 'notarize', epoch: header.epoch, view: message.view } as const
    voteFor({ ...statement, hash: blockHash(header) })
    voteFor({ ...statement, hash: toHash(randomBytes(32)) })
    doubleVotes++
  })
  return {
    close,
    get doubleVotes() {
      return doubleVotes
    },
  }
}
