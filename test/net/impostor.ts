/** A place among others with a node's keys and none of its rules, played in this process: its peer is authentic, and what it says is up to who holds it. */
import { pino } from 'pino'
import type { PlannedNode } from '../../cli/devnet/plan.ts'
import { messageCodec } from '../../node/consensus/messages.ts'
import type { Transport } from '../../node/consensus/ports.ts'
import { blsSign } from '../../node/crypto/bls.ts'
import { createCompactTransport } from '../../node/network/compact-transport.ts'
import { startNetwork } from '../../node/network/network.ts'
import { type Genesis, genesisHash } from '../../node/types/genesis.ts'
import { type Vote, voteMessage, type VoteStatement } from '../../node/types/vote.ts'
import type { ValidatorKeys } from '../../node/validator-keys.ts'

export interface ImpostorOptions {
  readonly genesis: Genesis
  /** In the set of validators. */
  readonly position: number
  readonly bootstrap: readonly string[]
}

export interface Impostor {
  readonly keys: ValidatorKeys
  readonly transport: Transport
  readonly sign: (statement: VoteStatement) => Vote
  readonly close: () => Promise<void>
}

export const openImpostor = async (
  { nodeKey, validatorKeys }: PlannedNode,
  { genesis, position, bootstrap }: ImpostorOptions,
): Promise<Impostor> => {
  if (validatorKeys === undefined) throw new RangeError('a liar needs the keys of a validator')
  const { voteSecretKey } = validatorKeys
  const hash = genesisHash(genesis)
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
    handlers: { blockTransactions: (body, from, signal) => compact.serve(body, from, signal) },
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
  return {
    keys: validatorKeys,
    transport: compact.transport,
    sign: statement => ({
      ...statement,
      signer: position,
      signature: blsSign(voteSecretKey, voteMessage(genesis.chainId, statement)),
    }),
    async close() {
      compact.stop()
      await network.close()
    },
  }
}
