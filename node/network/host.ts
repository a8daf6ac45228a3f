/**
 * The libp2p node: TCP, Noise, Yamux, and the services that Vex uses. Everything with a default that does not suit a chain
 * is set here; the protocols of our own are in network.ts.
 */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { gossipsub, type GossipSub, StrictNoSign } from '@libp2p/gossipsub'
import { createTopicScoreParams } from '@libp2p/gossipsub/score'
import { identify } from '@libp2p/identify'
import type { Libp2p, PeerInfo } from '@libp2p/interface'
import { type KadDHT, kadDHT } from '@libp2p/kad-dht'
import { mdns } from '@libp2p/mdns'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { hash } from 'node:crypto'
import { isAnnounced } from './addresses.ts'
import { writingWhole } from './whole-writes.ts'
import { sendFewWindowUpdates } from './window-updates.ts'

export interface HostOptions {
  /** 32 bytes, the Ed25519 seed behind the peer id. */
  readonly nodeKey: Uint8Array
  /** Multiaddrs. */
  readonly listen: readonly string[]
  /** Instead of those that are found. */
  readonly announce: readonly string[]
  readonly mdns: boolean
  /** Does not look for peers, nor tells of any. */
  readonly isHidden: boolean
  readonly maxPeers: number
  /** Names protocols of this chain alone. */
  readonly chainTag: string
  readonly topic: string
  readonly isDenied: (peer: string) => boolean
  /** Never told to others. */
  readonly isPrivate: (peer: string) => boolean
}

type Services = {
  readonly gossip: GossipSub
  readonly dht?: KadDHT
  readonly [name: string]: unknown
}

export type Host = Libp2p<Services>

const KiB = 1024
const GOSSIP_MAX_BYTES = 1024 * KiB

const messageId = ({ topic, data = new Uint8Array(0) }: { topic: string; data?: Uint8Array }): Uint8Array =>
  new Uint8Array(hash('sha256', Buffer.concat([Buffer.from(`${topic}\0`), data]), 'buffer').subarray(0, 20))

const messageName = (id: Uint8Array): string => Buffer.from(id).toString('latin1')

/** Unsigned: a transaction is signed, and who passes it on does not matter. Measured: half the latency and CPU. */
const createGossip = ({ chainTag, topic }: HostOptions) =>
  gossipsub({
    protocols: [`/vex/${chainTag}/meshsub/1.2.0`],
    allowedTopics: [topic],
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: messageId,
    msgIdToStrFn: messageName,
    fastMsgIdFn: message => messageName(messageId(message)),
    asyncValidation: true,
    fallbackToFloodsub: false,
    floodPublish: false,
    batchPublish: true,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    heartbeatInterval: 700,
    mcacheLength: 6,
    mcacheGossip: 3,
    D: 8,
    Dlo: 6,
    Dhi: 12,
    idontwantMinDataSize: 16 * KiB,
    maxInboundDataLength: GOSSIP_MAX_BYTES,
    maxOutboundBufferSize: 16 * GOSSIP_MAX_BYTES,
    scoreParams: {
      topics: {
        [topic]: createTopicScoreParams({
          topicWeight: 1,
          timeInMeshWeight: 0.01,
          timeInMeshQuantum: 1_000,
          timeInMeshCap: 1_000,
          firstMessageDeliveriesWeight: 0.1,
          firstMessageDeliveriesDecay: 0.9,
          firstMessageDeliveriesCap: 100,
          // Who is quiet has nothing to say.
          meshMessageDeliveriesWeight: 0,
          meshFailurePenaltyWeight: 0,
          invalidMessageDeliveriesWeight: -20,
          invalidMessageDeliveriesDecay: 0.99,
        }),
      },
      topicScoreCap: 50,
      IPColocationFactorThreshold: 8,
      IPColocationFactorWhitelist: new Set(['127.0.0.1']),
    },
    scoreThresholds: { gossipThreshold: -40, publishThreshold: -80, graylistThreshold: -160 },
  })

const createDht = ({ chainTag, isPrivate }: HostOptions) =>
  kadDHT({
    protocol: `/vex/${chainTag}/kad/1.0.0`,
    clientMode: false,
    allowQueryWithZeroPeers: true,
    // Addresses of a laptop's network are as good as any; nobody announces what cannot be reached (addresses.ts).
    peerInfoMapper: (peer: PeerInfo) => (isPrivate(peer.id.toString()) ? { ...peer, multiaddrs: [] } : peer),
  })

export const createHost = async (options: HostOptions): Promise<Host> => {
  const { nodeKey, listen, announce, maxPeers, isDenied, isHidden } = options
  const wantsLocal = options.mdns
  sendFewWindowUpdates()
  return createLibp2p({
    privateKey: await generateKeyPairFromSeed('Ed25519', nodeKey),
    addresses: {
      listen: [...listen],
      announce: [...announce],
      announceFilter: addresses =>
        announce.length > 0
          ? addresses
          : addresses.filter(address => isAnnounced(address.toString(), { listen, wantsLocal })),
    },
    transports: [tcp({ backlog: 128 })],
    connectionEncrypters: [writingWhole(noise())],
    streamMuxers: [yamux()],
    connectionGater: {
      denyDialPeer: peer => isDenied(peer.toString()),
      denyInboundEncryptedConnection: peer => isDenied(peer.toString()),
      denyDialMultiaddr: () => false,
    },
    connectionManager: {
      // Who is one too many is told so, and is connected for that.
      maxConnections: 2 * maxPeers + 32,
      maxIncomingPendingConnections: 32,
      inboundConnectionThreshold: 32,
      dialTimeout: 5_000,
      inboundUpgradeTimeout: 5_000,
      // dialer.ts knows whom it wants back.
      reconnectRetries: 0,
    },
    connectionMonitor: { enabled: false },
    peerStore: { maxAddressAge: Number.POSITIVE_INFINITY, maxPeerAge: Number.POSITIVE_INFINITY },
    peerDiscovery:
      options.mdns && !isHidden ? [mdns({ serviceTag: `_vex-${options.chainTag}._udp.local` })] : [],
    services: {
      identify: identify({ agentVersion: 'vex' } as never),
      ping: ping(),
      gossip: createGossip(options),
      ...(isHidden ? {} : { dht: createDht(options) }),
    },
    start: false,
  })
}
