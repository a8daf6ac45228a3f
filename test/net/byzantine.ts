/**
 * A validator that lies, played in this process against honest nodes in theirs. It has the fourth node's keys. For every proposal that it hears it votes twice, for the block and for another;
 * in the honest nodes' eyes its peer is authentic, so that what it signs convicts it.
 */
import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import { messageCodec } from '../../node/consensus/messages.ts'
import { blsSign } from '../../node/crypto/bls.ts'
import { createCompactTransport } from '../../node/network/compact-transport.ts'
import { startNetwork } from '../../node/network/network.ts'
import { blockCodec, blockHash } from '../../node/types/block.ts'
import { type Genesis, genesisHash } from '../../node/types/genesis.ts'
import { toHash } from '../../node/types/primitives.ts'
import { voteMessage, type VoteStatement } from '../../node/types/vote.ts'
import type { PlannedNode } from '../../cli/devnet/plan.ts'

export interface Liar {
  readonly close: () => Promise<void>
  /** Views in which it has voted twice. */
  readonly doubleVotes: number
}

/** `position`: in the set of validators. */
export const startLiar = async (
  { nodeKey, validatorKeys }: PlannedNode,
  { genesis, position, bootstrap }: { genesis: Genesis; position: number; bootstrap: readonly string[] },
): Promise<Liar> => {
  if (validatorKeys === undefined) throw new RangeError('a liar needs the keys of a validator')
  const { voteSecretKey } = validatorKeys
  const hash = genesisHash(genesis)
  let doubleVotes = 0
  const network = await startNetwork({
    nodeKey,
    kind: 'validator',
    genesisHash: hash,
    voteSecretKey,
    agent: 'liar',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap,
    persistentPeers: bootstrap,
    status: () => ({ height: 0n, hash, keptFrom: 1n }),
    handlers: {},
    onTransactions: () => Promise.resolve('ignore'),
    logger: pino({ level: 'silent' }),
  })
  const compact = createCompactTransport({
    inner: network.transport,
    requests: network.requests,
    codec: messageCodec,
    findInPool: () => undefined,
    now: () => performance.now(),
  })
  const voteFor = (statement: VoteStatement): void => {
    const signature = blsSign(voteSecretKey, voteMessage(genesis.chainId, statement))
    compact.transport.broadcast(
      messageCodec.encode({ kind: 'vote', vote: { ...statement, signer: position, signature } }),
    )
  }
  compact.transport.onMessage((_from, bytes) => {
    const message = messageCodec.decode(bytes)
    if (message.kind !== 'proposal') return
    const { header } = blockCodec.decode(message.block)
    const statement = { kind: 'notarize', epoch: header.epoch, view: message.view } as const
    voteFor({ ...statement, hash: blockHash(header) })
    voteFor({ ...statement, hash: toHash(randomBytes(32)) })
    doubleVotes++
  })
  return {
    close: async () => {
      compact.stop()
      await network.close()
    },
    get doubleVotes() {
      return doubleVotes
    },
  }
}
