/**
 * A node among others, over libp2p.
 *
 *   connection opens   its dialer says hello; welcome, or refused with a reason that both log (welcome.ts)
 *   both are welcome   each opens one long-lived stream to the other: consensus messages and the status (direct.ts)
 *   hidden validators  stand behind sentries that may speak for them (delegations.ts, sentry-relay.ts)
 *   transactions       by gossip, many in a message, judged before they are passed on (topic.ts)
 *   questions          over a stream each, by the table of request-table.ts (questions.ts)
 *   company            who is called, and how more are found (finder.ts)
 *
 * What breaks a limit is an offence; who offends too often is banned for a while (scores.ts). Nobody who was not
 * welcomed is listened to.
 */
import type { Connection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Logger } from 'pino'
import { blsPublicKeyOf } from '../crypto/bls.ts'
import { type Hash, toHex } from '../types/primitives.ts'
import { Delegations } from './delegations.ts'
import { Direct, type DirectTransport } from './direct.ts'
import { Finder } from './finder.ts'
import { PROTOCOL_VERSION, proveVoteKey, type Status } from './hello.ts'
import { createHost } from './host.ts'
import { PeerTable, toNetworkPeer } from './peer-table.ts'
import { readBans, writeBans } from './ban-list.ts'
import { type RateLimit, RateLimits } from './rate-limits.ts'
import { REQUESTS, type RequestName } from './request-table.ts'
import { PeerScores } from './scores.ts'
import type { NetworkPeer, NodeKind, Offence, RequestHandlers, Requests } from './ports.ts'
import { startQuestions } from './questions.ts'
import { joinTopic, type Verdict } from './topic.ts'
import { cutOff, startWelcome } from './welcome.ts'

export interface NetworkOptions {
  /** 32 bytes, the Ed25519 seed behind the peer id. */
  readonly nodeKey: Uint8Array
  readonly kind: NodeKind
  readonly genesisHash: Hash
  /** Of a validator: proven to every peer. */
  readonly voteSecretKey?: Uint8Array | undefined
  readonly agent: string
  /** All of them multiaddrs; those of peers end with `/p2p/` and the peer id. */
  readonly listen: readonly string[]
  readonly announce?: readonly string[]
  readonly bootstrap?: readonly string[]
  readonly persistentPeers?: readonly string[]
  /** Peer ids that nobody is told of: a sentry's validators. */
  readonly privatePeers?: readonly string[]
  /** Talks to persistent peers alone: a validator behind sentries. */
  readonly isHidden?: boolean
  readonly mdns?: boolean
  readonly maxPeers?: number
  /** Where peers, and bans, are remembered; by default nowhere. */
  readonly bookPath?: string | undefined
  readonly bansPath?: string | undefined
  readonly status: () => Status
  readonly handlers: RequestHandlers
  /** Of a gossiped batch. */
  readonly onTransactions: (batch: Uint8Array) => Promise<Verdict>
  readonly logger: Logger
}

/** What the operator has to change. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError'
  readonly code = 'cannot_listen'
}

/** For people: the API and the dashboard. */
export interface PeerInfo extends NetworkPeer {
  readonly address: string
  readonly direction: 'inbound' | 'outbound'
  readonly agent: string
  readonly isValidatorKeyProven: boolean
  readonly connectedMs: number
  readonly bytesReceived: number
  readonly bytesSent: number
}

export interface Network {
  readonly peerId: string
  /** That others can dial, each with the peer id. */
  addresses(): string[]
  readonly transport: DirectTransport
  readonly requests: Requests
  /** `again`: another number if the same batch may have gone out before (topic.ts). */
  publishTransactions(batch: Uint8Array, again?: number): void
  /** Whether somebody hears what is published. */
  hasListeners(): boolean
  /** The head has moved: peers are told, a few times a second at most. */
  statusChanged(): void
  peerInfos(): PeerInfo[]
  close(): Promise<void>
}

const DEFAULT_MAX_PEERS = 64
const OWN_SENTRY_WARNING_MS = 1_000
const DEAF_CHECK_MS = 1_000
/** Seconds that gossip with a peer may be dead in one direction: only a new connection heals it. */
const DEAF_CHECKS = 15

/** More than can be connected. */
const REMEMBERED_PEERS = 4_096
const MiB = 1024 * 1024

/** Of a peer. `direct` counts pieces as they come off the wire, of any size. */
const RATES: Readonly<Record<RequestName | 'direct', RateLimit>> = {
  direct: { perSecond: 50_000, bytesPerSecond: 16 * MiB, burstBytes: 16 * MiB },
  ...(Object.fromEntries(
    Object.entries(REQUESTS).map(([name, { perSecond }]) => [
      name,
      { perSecond, bytesPerSecond: 0, burstBytes: 0 },
    ]),
  ) as Record<RequestName, RateLimit>),
}

/** Cuts off peers with whom gossip goes one way only. */
const startDeafCheck = (
  table: PeerTable,
  isHeard: (peer: string) => boolean,
  cut: (connection: Connection, reason: string) => void,
): NodeJS.Timeout => {
  let deaf = new Map<string, number>()
  return setInterval(() => {
    const now = new Map<string, number>()
    for (const { id, connection } of table.all()) {
      if (isHeard(id)) continue
      const checks = (deaf.get(id) ?? 0) + 1
      if (checks < DEAF_CHECKS) now.set(id, checks)
      else cut(connection, 'gossip with it goes one way only')
    }
    deaf = now
  }, DEAF_CHECK_MS).unref()
}

/** Listens, and begins to look for peers. Throws a RangeError for an address that is none. */
export const startNetwork = async (options: NetworkOptions): Promise<Network> => {
  const { genesisHash, logger, voteSecretKey, maxPeers = DEFAULT_MAX_PEERS, isHidden = false } = options
  const chainTag = toHex(genesisHash).slice(0, 16)
  const topicName = `/vex/${chainTag}/transactions/1`
  const scores = new PeerScores()
  const rates = new RateLimits(RATES, REMEMBERED_PEERS)
  readBans(scores, options.bansPath, logger)
  const table = new PeerTable()
  const isDenied = (peer: string): boolean =>
    scores.isBanned(peer, Date.now()) || (isHidden && !finder.isPersistent(peer))
  const isPrivate = (peer: string): boolean => options.privatePeers?.includes(peer) === true
  const host = await createHost({
    nodeKey: options.nodeKey,
    listen: options.listen,
    announce: options.announce ?? [],
    mdns: options.mdns === true,
    isHidden,
    maxPeers,
    chainTag,
    topic: topicName,
    isDenied,
    isPrivate,
  })
  const peerId = host.peerId.toString()
  const voteKeys = voteSecretKey && { secretKey: voteSecretKey, voteKey: blsPublicKeyOf(voteSecretKey) }
  const proof = voteKeys && proveVoteKey(voteKeys, genesisHash, peerId)

  const cut = (connection: Connection, reason: string): void => cutOff(connection, reason, logger)
  const report = (peer: string, offence: Offence, reason: string): void => {
    const nowMs = Date.now()
    const ban = scores.report(peer, offence, nowMs)
    logger.warn({ peer, offence, reason }, 'a peer misbehaved')
    if (ban === undefined) return
    writeBans(scores, options.bansPath, logger)
    for (const connection of host.getConnections(peerIdFromString(peer)))
      cut(connection, `banned for ${Math.round((ban.untilMs - nowMs) / 1_000)} s: ${reason}`)
  }
  const finder = new Finder({
    host,
    table,
    logger,
    persistentPeers: options.persistentPeers ?? [],
    bootstrap: options.bootstrap ?? [],
    isHidden,
    isDenied,
    bookPath: options.bookPath,
  })
  const delegations = new Delegations({
    table,
    peerId,
    kind: options.kind,
    genesisHash,
    voteKeys,
    isPrivate,
    isChosen: peer => isHidden && finder.isPersistent(peer),
  })
  let warnedMs = Number.NEGATIVE_INFINITY
  const reportMessage = (peer: string, reason: string): void => {
    const entry = table.get(peer)
    if (entry === undefined || !delegations.isOwnSentry(entry)) return report(peer, 'invalid', reason)
    // It may be what another validator said: whoever banned its own sentries for that would be alone.
    if (performance.now() - warnedMs < OWN_SENTRY_WARNING_MS) return
    warnedMs = performance.now()
    logger.warn({ peer, reason }, 'a sentry passed on what no honest node says')
  }
  const direct = new Direct({
    host,
    table,
    delegations,
    logger,
    status: options.status,
    mayReceive: (peer, bytes) => rates.allow(peer, 'direct', bytes, performance.now()),
    report,
    reportMessage,
    cut,
  })
  const parts: { deafCheck?: NodeJS.Timeout } = {}
  const close = async (): Promise<void> => {
    clearInterval(parts.deafCheck)
    direct.stop()
    await finder.stop()
    await host.stop()
  }
  try {
    await startWelcome({
      host,
      table,
      genesisHash,
      logger,
      ownHello: () => ({
        protocol: PROTOCOL_VERSION,
        genesisHash,
        kind: options.kind,
        agent: options.agent,
        ...options.status(),
        voteKeyProof: proof,
      }),
      hasRoomFor: peer => table.size < maxPeers || finder.isPersistent(peer) || isPrivate(peer),
      async onWelcome(entry) {
        finder.welcomed(entry)
        await direct.open(entry)
      },
    })
    await direct.start()
    const requests = await startQuestions({
      host,
      table,
      handlers: options.handlers,
      logger,
      mayAsk: (peer, name) => rates.allow(peer, name, 0, performance.now()),
      report,
    })
    try {
      await host.start()
    } catch (cause) {
      throw new NetworkError(
        `cannot listen for other nodes on ${options.listen.join(', ')}: is another node running there? Stop it, or set network.listen to another address`,
        { cause },
      )
    }
    const topic = joinTopic({
      gossip: host.services.gossip,
      name: topicName,
      table,
      logger,
      judge: options.onTransactions,
      onReject: peer => report(peer, 'invalid', 'it passed on transactions that no honest node would'),
    })
    parts.deafCheck = startDeafCheck(table, topic.isHeard, cut)
    await finder.start()
    let closed: Promise<void> | undefined
    return {
      peerId,
      addresses: () => host.getMultiaddrs().map(String),
      transport: direct.transport,
      requests,
      publishTransactions: topic.publish,
      hasListeners: topic.hasListeners,
      statusChanged: () => direct.statusChanged(),
      peerInfos: () =>
        table.all().map(entry => ({
          ...toNetworkPeer(entry),
          address: entry.connection.remoteAddr.toString(),
          direction: entry.connection.direction,
          agent: entry.hello.agent,
          isValidatorKeyProven: entry.hello.voteKeyProof !== undefined,
          connectedMs: entry.connectedMs,
          bytesReceived: entry.bytesReceived,
          bytesSent: entry.bytesSent,
        })),
      close: () => (closed ??= close()),
    }
  } catch (error) {
    await close()
    throw error
  }
}
