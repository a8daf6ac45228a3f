/** A node's place among others: the network, what consensus and the pool send through it, and what peers may ask. */
import type { Logger } from 'pino'
import type { ChainView } from './chain/chain-view.ts'
import { messageCodec } from './consensus/messages.ts'
import { systemClock, type Transport } from './consensus/ports.ts'
import type { Mempool } from './mempool/mempool.ts'
import { createCompactTransport } from './network/compact-transport.ts'
import { type NetworkOptions, type PeerInfo, startNetwork } from './network/network.ts'
import { createSentryTransport } from './network/sentry-transport.ts'
import type { Requests } from './network/ports.ts'
import type { Submission } from './submission.ts'
import type { Checkpoint } from './sync/header-spans.ts'
import { createSyncHandlers } from './sync/serve.ts'
import { openSnapshotShelf } from './sync/snapshot-shelf.ts'
import { createTransactionGossip } from './transaction-gossip.ts'
import { genesisHash } from './types/genesis.ts'
import type { Height } from './types/primitives.ts'
import type { NamedTransaction } from './types/transaction.ts'
import { VEX_VERSION } from './version.ts'

/** What the operator says of the network; the rest comes from the node. */
export interface NodeNetworkOptions
  extends Omit<
    NetworkOptions,
    'genesisHash' | 'voteSecretKey' | 'agent' | 'status' | 'handlers' | 'onTransactions' | 'logger'
  > {
  /** What the operator trusts: another block at that height is refused. */
  readonly checkpoint?: Checkpoint | undefined
}

export interface NodeNetwork {
  readonly peerId: string
  /** For consensus. */
  readonly transport: Transport
  readonly requests: Requests
  /** The pool has taken it, wherever it came from. */
  readonly accepted: (transaction: NamedTransaction) => void
  readonly committed: (height: Height) => void
  readonly peers: () => readonly PeerInfo[]
  /** Those of `privatePeers`, which `peers` leaves out. */
  readonly hiddenPeers: () => readonly PeerInfo[]
  readonly addresses: () => readonly string[]
  readonly close: () => Promise<void>
}

export interface JoinOptions {
  readonly settings: NodeNetworkOptions
  readonly chain: ChainView
  readonly mempool: Mempool
  readonly submission: Submission
  readonly voteSecretKey: Uint8Array | undefined
  readonly snapshotFolder: string
  readonly logger: Logger
}

export const joinNetwork = async (options: JoinOptions): Promise<NodeNetwork> => {
  const { settings, chain, mempool, submission, logger } = options
  const now = (): number => systemClock.now()
  const gossip = createTransactionGossip({
    submit: submission.submit,
    areSignaturesValid: submission.areSignaturesValid,
    publish: (batch, again) => network.publishTransactions(batch, again),
    isHeard: () => network.hasListeners(),
    isInPool: id => mempool.get(id) !== undefined,
    random: Math.random,
    now,
  })
  const network = await startNetwork({
    ...settings,
    genesisHash: genesisHash(chain.genesis),
    voteSecretKey: options.voteSecretKey,
    agent: `vex/${VEX_VERSION}`,
    status: () => ({
      height: chain.head.header.height,
      hash: chain.head.hash,
      keptFrom: chain.store.keptFrom(),
    }),
    handlers: {
      ...createSyncHandlers({ chain, snapshots: openSnapshotShelf(options.snapshotFolder) }),
      blockTransactions: (body, from, signal) => compact.serve(body, from, signal),
    },
    onTransactions: batch => gossip.receive(batch),
    logger,
  })
  const compact = createCompactTransport({
    inner: network.transport,
    requests: network.requests,
    codec: messageCodec,
    findInPool: shortId => mempool.named(shortId),
    now,
  })
  const { transport: inner } = compact
  const isSentry = settings.kind === 'sentry'
  const hidden = new Set(settings.privatePeers ?? [])
  for (const parsed of mempool.transactions()) gossip.restored(parsed)
  return {
    peerId: network.peerId,
    transport: isSentry ? createSentryTransport({ inner, codec: messageCodec, now }) : inner,
    requests: network.requests,
    accepted: transaction => gossip.add(transaction),
    committed(height) {
      network.statusChanged()
      compact.finalised(height)
    },
    // The API may be open to everybody; the admin port has the others.
    peers: () => network.peerInfos().filter(({ id }) => !hidden.has(id)),
    hiddenPeers: () => network.peerInfos().filter(({ id }) => hidden.has(id)),
    addresses: () => network.addresses(),
    async close() {
      gossip.stop()
      compact.stop()
      await network.close()
    },
  }
}
