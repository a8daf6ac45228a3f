/**
 * A node among others, over libp2p.
 *
 *   connection opens   its dialer says hello over a stream of its own; welcome, or refused with a reason that both log.
 *                      Who says nothing for HELLO_MS is cut off
 *   both are welcome   each opens one long-lived stream to the other: frames of consensus messages and of the status
 *                      (measured: a third of gossip's latency, and votes go to everybody anyway)
 *   transactions       by gossip, many in a message, checked before they are passed on
 *   questions          over a stream each, by the table of request-table.ts
 *
 * Of two connections between the same peers the one stays that the lower peer id dialed. What breaks a limit is an
 * offence; who offends too often is banned for a while (offences.ts). Nobody who was not welcomed is listened to.
 */
import { readFileSync, writeFileSync, renameSync } from 'node:fs'
import type { Connection, Stream } from '@libp2p/interface'
import { TopicValidatorResult } from '@libp2p/gossipsub'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Logger } from 'pino'
import type { Transport } from '../consensus/ports.ts'
import type { Peer } from '../consensus/protocol.ts'
import { blsPublicKeyOf } from '../crypto/bls.ts'
import { LIMITS } from '../params.ts'
import { CodecError } from '../types/codec.ts'
import { type Hash, toHex } from '../types/primitives.ts'
import { type BookEntry, formatBook, parseBook } from './address-book.ts'
import { parseAddress } from './addresses.ts'
import { answer, ask, type AskLimits } from './asking.ts'
import { type Callable, Dialer } from './dialer.ts'
import { FrameError, FrameReader, toFrame } from './frames.ts'
import {
  type Hello,
  type HelloAnswer,
  helloAnswerCodec,
  helloCodec,
  helloProblem,
  MAX_HELLO_BYTES,
  PROTOCOL_VERSION,
  protocolOf,
  proveVoteKey,
  type Status,
  statusCodec,
} from './hello.ts'
import { createHost, type Host } from './host.ts'
import { Offences } from './offences.ts'
import {
  type NetworkPeer,
  type NodeKind,
  type Offence,
  RequestError,
  type RequestHandlers,
  type Requests,
} from './ports.ts'
import { REQUESTS, type RequestName } from './request-table.ts'
import { createSender, type Sender } from './sender.ts'

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
  /** Where the peers are remembered; by default nowhere. */
  readonly bookPath?: string | undefined
  readonly status: () => Status
  readonly handlers: RequestHandlers
  /** A gossiped batch. `accept` passes it on; `reject` counts against its sender. */
  readonly onTransactions: (batch: Uint8Array) => Promise<'accept' | 'ignore' | 'reject'>
  readonly logger: Logger
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
  readonly transport: Transport
  readonly requests: Requests
  publishTransactions(batch: Uint8Array): void
  /** The head has moved: peers are told, a few times a second at most. */
  statusChanged(): void
  peerInfos(): PeerInfo[]
  close(): Promise<void>
}

const HELLO = '/vex/hello/1'
const DIRECT = '/vex/direct/1'
const askProtocol = (name: RequestName): string => `/vex/ask/${name}/1`

const HELLO_MS = 5_000
const HELLO_LIMITS: AskLimits = {
  maxRequestBytes: MAX_HELLO_BYTES,
  maxAnswerBytes: MAX_HELLO_BYTES,
  deadlineMs: HELLO_MS,
}
const DEFAULT_MAX_PEERS = 64
const ENOUGH_PEERS = 16
const FEW_PEERS = 3
const TICK_MS = 500
const DISCOVERY_MS = 15_000
const FIRST_DISCOVERY_MS = 1_500
const BOOK_MS = 30_000
const STATUS_MS = 250
/** A frame that was begun must be whole by then. */
const FRAME_MS = 10_000
/** Ticks that a peer's gossip may be missing in one direction. */
const DEAF_TICKS = 12

/** What stands first in a frame of the direct stream. */
const FRAME = { consensus: 0, status: 1 } as const
const MAX_FRAME_BYTES = LIMITS.blockBytes + 65 * 1024

interface Entry {
  readonly id: string
  readonly connection: Connection
  readonly hello: Hello
  readonly connectedMs: number
  status: Status
  sender: Sender | undefined
  bytesReceived: number
  bytesSent: number
  deafTicks: number
}

class NetworkNode implements Network {
  readonly #options: NetworkOptions
  readonly #host: Host
  readonly #topic: string
  readonly #logger: Logger
  readonly #offences = new Offences()
  readonly #peers = new Map<string, Entry>()
  readonly #dialer: Dialer
  readonly #timers: NodeJS.Timeout[] = []
  readonly #waiting = new Map<string, (() => void)[]>()
  /** Inbound streams with a frame that was begun, and since when. */
  readonly #begun = new Map<Stream, number>()
  readonly #book = new Map<string, BookEntry>()
  readonly #persistent: readonly Callable[]
  readonly #bootstrap: readonly Callable[]
  readonly #proof: Hello['voteKeyProof']
  #onMessage: ((from: Peer, message: Uint8Array) => void) | undefined
  #statusTimer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: NetworkOptions, host: Host, topic: string) {
    this.#options = options
    this.#host = host
    this.#topic = topic
    this.#logger = options.logger
    this.#persistent = toCallables(options.persistentPeers ?? [], 'persistent')
    this.#bootstrap = options.isHidden === true ? [] : toCallables(options.bootstrap ?? [], 'bootstrap')
    this.#dialer = new Dialer({ enoughPeers: ENOUGH_PEERS, fewPeers: FEW_PEERS, callsAtOnce: 8 })
    const { voteSecretKey: secretKey, genesisHash } = options
    this.#proof =
      secretKey && proveVoteKey({ secretKey, voteKey: blsPublicKeyOf(secretKey) }, genesisHash, this.peerId)
  }

  get peerId(): string {
    return this.#host.peerId.toString()
  }

  isDenied(peer: string): boolean {
    if (this.#offences.isBanned(peer, Date.now())) return true
    return this.#options.isHidden === true && !this.#persistent.some(each => each.peer === peer)
  }

  async start(): Promise<void> {
    const host = this.#host
    host.addEventListener('connection:open', ({ detail }) => this.#onOpen(detail))
    host.addEventListener('connection:close', ({ detail }) => this.#onClose(detail))
    await host.handle(HELLO, (stream, connection) => this.#onHello(stream, connection))
    await host.handle(DIRECT, (stream, connection) => this.#onDirect(stream, connection), {
      maxInboundStreams: 4,
      maxOutboundStreams: 4,
    })
    for (const name of Object.keys(this.#options.handlers) as RequestName[])
      await host.handle(askProtocol(name), (stream, connection) => this.#onAsked(name, stream, connection), {
        maxInboundStreams: 32,
        maxOutboundStreams: 64,
      })
    await host.start()
    await this.#readBook()
    const { gossip } = host.services
    gossip.addEventListener('gossipsub:message', ({ detail: { msg, msgId, propagationSource } }) => {
      if (msg.topic === this.#topic) void this.#onGossip(msg.data, msgId, propagationSource.toString())
    })
    gossip.subscribe(this.#topic)
    this.#every(TICK_MS, () => this.#tick())
    if (host.services.dht !== undefined) {
      this.#timers.push(setTimeout(() => void this.#discover(), FIRST_DISCOVERY_MS).unref())
      this.#every(DISCOVERY_MS, () => void this.#discover())
    }
    if (this.#options.bookPath !== undefined) this.#every(BOOK_MS, () => void this.#writeBook())
    void this.#tick()
  }

  #every(ms: number, action: () => void): void {
    this.#timers.push(setInterval(action, ms).unref())
  }

  addresses(): string[] {
    return this.#host.getMultiaddrs().map(String)
  }

  // connections and hellos
  #ownHello(): Hello {
    return {
      protocol: PROTOCOL_VERSION,
      genesisHash: this.#options.genesisHash,
      kind: this.#options.kind,
      agent: this.#options.agent,
      ...this.#options.status(),
      voteKeyProof: this.#proof,
    }
  }

  #onOpen(connection: Connection): void {
    if (connection.direction === 'outbound') return void this.#greet(connection)
    setTimeout(() => {
      if (connection.status !== 'open' || this.#peers.has(connection.remotePeer.toString())) return
      this.#cut(connection, 'it said no hello')
    }, HELLO_MS).unref()
  }

  #cut(connection: Connection, reason: string): void {
    if (connection.status !== 'open') return
    this.#logger.info({ peer: connection.remotePeer.toString(), reason }, 'a peer was cut off')
    connection.abort(new Error(reason))
  }

  /** The refusal gets time to arrive before the connection goes. */
  #refuse(connection: Connection, reason: string): HelloAnswer {
    const peer = connection.remotePeer.toString()
    this.#logger.warn({ peer, address: connection.remoteAddr.toString(), reason }, 'a peer was refused')
    setTimeout(() => connection.close().catch(() => {}), 200).unref()
    return { kind: 'refused', reason: reason.slice(0, 200) }
  }

  async #greet(connection: Connection): Promise<void> {
    const peer = connection.remotePeer.toString()
    try {
      const bytes = await ask(connection, HELLO, helloCodec.encode(this.#ownHello()), HELLO_LIMITS)
      const answered = helloAnswerCodec.decode(bytes)
      if (answered.kind === 'refused') {
        this.#logger.warn({ peer, reason: answered.reason }, 'the peer refused this node')
        connection.close().catch(() => {})
        return
      }
      const problem = helloProblem(answered.hello, this.#options.genesisHash, peer)
      if (problem === undefined) await this.#establish(connection, answered.hello)
      else this.#refuse(connection, problem)
    } catch (error) {
      this.#logger.debug({ peer, error }, 'no hello')
      connection.abort(new Error('no hello'))
    }
  }

  #judge(connection: Connection, body: Uint8Array): HelloAnswer | Hello {
    const peer = connection.remotePeer.toString()
    const protocol = protocolOf(body)
    if (protocol !== PROTOCOL_VERSION)
      return this.#refuse(
        connection,
        `you speak version ${protocol ?? '?'} of the protocol, this node version ${PROTOCOL_VERSION}`,
      )
    let hello: Hello
    try {
      hello = helloCodec.decode(body)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      return this.#refuse(connection, `your hello cannot be decoded: ${error.message}`)
    }
    const problem = helloProblem(hello, this.#options.genesisHash, peer)
    if (problem !== undefined) return this.#refuse(connection, problem)
    const room = (this.#options.maxPeers ?? DEFAULT_MAX_PEERS) - this.#peers.size
    if (room <= 0 && !this.#persistent.some(each => each.peer === peer))
      return this.#refuse(connection, 'this node has as many peers as it takes')
    return hello
  }

  async #onHello(stream: Stream, connection: Connection): Promise<void> {
    let welcomed: Hello | undefined
    try {
      await answer(stream, HELLO_LIMITS, body => {
        const judged = this.#judge(connection, body)
        if ('kind' in judged && judged.kind === 'refused')
          return Promise.resolve(helloAnswerCodec.encode(judged))
        welcomed = judged as Hello
        return Promise.resolve(helloAnswerCodec.encode({ kind: 'welcome', hello: this.#ownHello() }))
      })
      if (welcomed !== undefined) await this.#establish(connection, welcomed)
    } catch (error) {
      this.#logger.debug({ peer: connection.remotePeer.toString(), error }, 'a hello went wrong')
    }
  }

  /** Of two connections that stays which the lower peer id dialed: both ends decide alike. */
  #isPreferred(connection: Connection): boolean {
    const isOwnLower = this.peerId < connection.remotePeer.toString()
    return isOwnLower === (connection.direction === 'outbound')
  }

  async #establish(connection: Connection, hello: Hello): Promise<void> {
    const id = connection.remotePeer.toString()
    const known = this.#peers.get(id)
    if (known !== undefined && known.connection.status === 'open') {
      if (!this.#isPreferred(connection)) return
      known.sender?.close()
      setTimeout(() => known.connection.close().catch(() => {}), 500).unref()
    }
    const entry: Entry = {
      id,
      connection,
      hello,
      connectedMs: Date.now(),
      status: hello,
      sender: undefined,
      bytesReceived: 0,
      bytesSent: 0,
      deafTicks: 0,
    }
    this.#peers.set(id, entry)
    this.#dialer.succeeded(id)
    for (const wake of this.#waiting.get(id) ?? []) wake()
    this.#waiting.delete(id)
    const stream = await connection.newStream(DIRECT, { signal: AbortSignal.timeout(HELLO_MS) })
    entry.sender = createSender(stream, () => this.#cut(connection, 'it does not read what it is sent'))
    const { kind, agent, height } = hello
    this.#logger.info({ peer: id, kind, agent, height: String(height) }, 'connected to a peer')
    void this.#remember(entry)
  }

  #onClose(connection: Connection): void {
    const id = connection.remotePeer.toString()
    const entry = this.#peers.get(id)
    if (entry?.connection !== connection) return
    this.#peers.delete(id)
    entry.sender?.close()
    this.#logger.info({ peer: id }, 'a peer is gone')
    for (const other of this.#host.getConnections(connection.remotePeer)) other.close().catch(() => {})
  }

  // the direct stream
  async #welcomed(id: string): Promise<Entry | undefined> {
    if (!this.#peers.has(id))
      await new Promise<void>(resolve => {
        const waiting = this.#waiting.get(id) ?? []
        this.#waiting.set(id, [...waiting, resolve])
        setTimeout(resolve, HELLO_MS).unref()
      })
    return this.#peers.get(id)
  }

  async #onDirect(stream: Stream, connection: Connection): Promise<void> {
    const id = connection.remotePeer.toString()
    const reader = new FrameReader(MAX_FRAME_BYTES)
    try {
      const welcomed = await this.#welcomed(id)
      if (welcomed === undefined) return stream.abort(new Error('no hello'))
      for await (const chunk of stream) {
        const entry = this.#peers.get(id)
        if (entry === undefined) break
        const bytes = chunk instanceof Uint8Array ? chunk : chunk.subarray()
        entry.bytesReceived += bytes.length
        if (!this.#offences.mayReceive(id, bytes.length, Date.now())) {
          this.#report(id, 'useless', 'it sends more than the limit')
          break
        }
        for (const frame of reader.push(bytes)) this.#onFrame(entry, frame)
        if (reader.isWithinFrame) {
          if (!this.#begun.has(stream)) this.#begun.set(stream, Date.now())
        } else this.#begun.delete(stream)
      }
    } catch (error) {
      if (error instanceof FrameError) this.#report(id, 'invalid', error.message)
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    } finally {
      this.#begun.delete(stream)
    }
  }

  #onFrame(entry: Entry, frame: Uint8Array): void {
    const { id, hello } = entry
    const body = frame.subarray(1)
    switch (frame[0]) {
      case FRAME.consensus:
        return this.#onMessage?.({ id, voteKey: hello.voteKeyProof?.voteKey }, body)
      case FRAME.status:
        try {
          entry.status = statusCodec.decode(body)
        } catch {
          this.#report(id, 'invalid', 'its status cannot be decoded')
        }
        return
      default:
        this.#report(id, 'invalid', `it sent a frame of kind ${frame[0]}`)
    }
  }

  #sendTo(entry: Entry, frame: Uint8Array): void {
    if (entry.sender?.send(frame) === true) entry.bytesSent += frame.length
  }

  readonly transport: Transport = {
    broadcast: message => {
      const frame = toFrame(Uint8Array.of(FRAME.consensus), message)
      for (const entry of this.#peers.values()) this.#sendTo(entry, frame)
    },
    send: (peer, message) => {
      const entry = this.#peers.get(peer)
      if (entry !== undefined) this.#sendTo(entry, toFrame(Uint8Array.of(FRAME.consensus), message))
    },
    peers: () =>
      [...this.#peers.values()].map(({ id, hello }) => ({ id, voteKey: hello.voteKeyProof?.voteKey })),
    onMessage: handler => {
      this.#onMessage = handler
    },
    report: (peer, reason) => this.#report(peer, 'invalid', reason),
  }

  statusChanged(): void {
    this.#statusTimer ??= setTimeout(() => {
      this.#statusTimer = undefined
      const frame = toFrame(Uint8Array.of(FRAME.status), statusCodec.encode(this.#options.status()))
      for (const entry of this.#peers.values()) this.#sendTo(entry, frame)
    }, STATUS_MS).unref()
  }

  // questions
  async #onAsked(name: RequestName, stream: Stream, connection: Connection): Promise<void> {
    const id = connection.remotePeer.toString()
    const entry = this.#peers.get(id)
    const handler = this.#options.handlers[name]
    if (entry === undefined || handler === undefined) return stream.abort(new Error('no hello'))
    try {
      await answer(stream, REQUESTS[name], (body, signal) => {
        if (!this.#offences.mayAsk(id, name, Date.now())) {
          this.#report(id, 'useless', `it asks for ${name} too often`)
          return Promise.resolve(undefined)
        }
        return handler(body, toNetworkPeer(entry), signal)
      })
    } catch (error) {
      this.#logger.debug({ peer: id, name, error }, 'a question was not answered')
    }
  }

  readonly requests: Requests = {
    peers: () => [...this.#peers.values()].map(toNetworkPeer),
    request: async (peer, name, body, signal) => {
      const entry = this.#peers.get(peer)
      if (entry === undefined) throw new RequestError('closed', `there is no connection to ${peer}`)
      return ask(entry.connection, askProtocol(name), body, REQUESTS[name], signal)
    },
    report: (peer, offence, reason) => this.#report(peer, offence, reason),
  }

  #report(peer: string, offence: Offence, reason: string): void {
    const bannedForMs = this.#offences.add(peer, offence, Date.now())
    this.#logger.warn({ peer, offence, reason, bannedForMs }, 'a peer misbehaved')
    if (bannedForMs === undefined) return
    for (const connection of this.#host.getConnections(peerIdFromString(peer)))
      this.#cut(connection, `banned for ${Math.round(bannedForMs / 1_000)} s: ${reason}`)
  }

  // gossip
  async #onGossip(batch: Uint8Array, id: string, from: string): Promise<void> {
    let verdict: 'accept' | 'ignore' | 'reject' = 'ignore'
    if (this.#peers.has(from)) {
      try {
        verdict = await this.#options.onTransactions(batch)
      } catch (error) {
        this.#logger.error({ error }, 'a gossiped batch could not be judged')
      }
    }
    if (verdict === 'reject') this.#report(from, 'invalid', 'it passed on transactions that nobody would')
    const results = {
      accept: TopicValidatorResult.Accept,
      ignore: TopicValidatorResult.Ignore,
      reject: TopicValidatorResult.Reject,
    }
    this.#gossipInternals().reportMessageValidationResult(id, from, results[verdict])
  }

  /** What the interface of gossipsub leaves out. */
  #gossipInternals(): {
    reportMessageValidationResult(id: string, from: string, result: TopicValidatorResult): void
    readonly streamsOutbound: ReadonlyMap<string, unknown>
    readonly streamsInbound: ReadonlyMap<string, unknown>
  } {
    return this.#host.services.gossip as never
  }

  publishTransactions(batch: Uint8Array): void {
    this.#host.services.gossip.publish(this.#topic, batch).catch((error: unknown) => {
      this.#logger.debug({ error }, 'a batch of transactions was not published')
    })
  }

  // keeping company
  async #tick(): Promise<void> {
    const nowMs = Date.now()
    for (const [stream, sinceMs] of this.#begun)
      if (nowMs - sinceMs > FRAME_MS) stream.abort(new Error('a frame took too long'))
    const { streamsInbound, streamsOutbound } = this.#gossipInternals()
    for (const entry of this.#peers.values()) {
      const hears = streamsInbound.has(entry.id) && streamsOutbound.has(entry.id)
      entry.deafTicks = hears ? 0 : entry.deafTicks + 1
      if (entry.deafTicks > DEAF_TICKS) this.#cut(entry.connection, 'its gossip is dead')
    }
    const connected = new Set(this.#host.getConnections().map(({ remotePeer }) => remotePeer.toString()))
    const callables = [...this.#persistent, ...this.#bootstrap, ...(await this.#knownPeers())]
    if (this.#isClosed) return
    for (const callable of this.#dialer.next(
      callables.filter(({ peer }) => peer !== this.peerId && !this.isDenied(peer)),
      connected,
      nowMs,
    ))
      void this.#call(callable)
  }

  async #knownPeers(): Promise<Callable[]> {
    if (this.#options.isHidden === true || this.#peers.size >= ENOUGH_PEERS) return []
    const known = await this.#host.peerStore.all()
    return known
      .filter(({ addresses }) => addresses.length > 0)
      .map(({ id }): Callable => ({ peer: id.toString(), addresses: [], tier: 'known' }))
  }

  async #call(callable: Callable): Promise<void> {
    const { peer, addresses } = callable
    try {
      const target = addresses.length > 0 ? addresses.map(each => multiaddr(each)) : peerIdFromString(peer)
      const connection = await this.#host.dial(target, { signal: AbortSignal.timeout(HELLO_MS) })
      // A refusal ends the connection within a moment; a welcome has the dialer told.
      await new Promise(resolve => setTimeout(resolve, HELLO_MS).unref())
      if (!this.#peers.has(peer) || connection.remotePeer.toString() !== peer)
        this.#dialer.failed(callable, Date.now())
    } catch (error) {
      this.#logger.debug({ peer, error }, 'a peer could not be reached')
      this.#dialer.failed(callable, Date.now())
    }
  }

  async #discover(): Promise<void> {
    const { dht } = this.#host.services
    if (dht === undefined || this.#peers.size === 0 || this.#isClosed) return
    try {
      const target = crypto.getRandomValues(new Uint8Array(32))
      for await (const event of dht.getClosestPeers(target, { signal: AbortSignal.timeout(10_000) })) {
        if (event.name !== 'PEER_RESPONSE') continue
        for (const { id, multiaddrs } of event.closer)
          if (multiaddrs.length > 0 && id.toString() !== this.peerId)
            await this.#host.peerStore.merge(id, { multiaddrs })
      }
    } catch (error) {
      this.#logger.debug({ error }, 'looking for peers ended early')
    }
  }

  // the address book
  async #remember({ id, connection }: Entry): Promise<void> {
    try {
      const { addresses } = await this.#host.peerStore.get(connection.remotePeer)
      const dialed = connection.direction === 'outbound' ? [connection.remoteAddr.toString()] : []
      const all = [...dialed, ...addresses.map(({ multiaddr: each }) => each.toString())]
        .map(each => (each.includes('/p2p/') ? each : `${each}/p2p/${id}`))
        .filter(each => parseAddress(each) !== undefined)
      if (all.length > 0)
        this.#book.set(id, { peer: id, addresses: [...new Set(all)].slice(0, 8), lastSeenMs: Date.now() })
    } catch (error) {
      this.#logger.debug({ peer: id, error }, 'a peer is not remembered')
    }
  }

  async #readBook(): Promise<void> {
    const path = this.#options.bookPath
    if (path === undefined) return
    let text = ''
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    for (const entry of parseBook(text)) {
      this.#book.set(entry.peer, entry)
      await this.#host.peerStore.merge(peerIdFromString(entry.peer), {
        multiaddrs: entry.addresses.map(each => multiaddr(each)),
      })
    }
  }

  async #writeBook(): Promise<void> {
    const path = this.#options.bookPath
    if (path === undefined) return
    for (const entry of this.#peers.values()) await this.#remember(entry)
    try {
      writeFileSync(`${path}.new`, formatBook([...this.#book.values()]))
      renameSync(`${path}.new`, path)
    } catch (error) {
      this.#logger.warn({ error }, 'the peers of this node are not remembered over a restart')
    }
  }

  peerInfos(): PeerInfo[] {
    return [...this.#peers.values()].map(entry => ({
      ...toNetworkPeer(entry),
      address: entry.connection.remoteAddr.toString(),
      direction: entry.connection.direction,
      agent: entry.hello.agent,
      isValidatorKeyProven: entry.hello.voteKeyProof !== undefined,
      connectedMs: entry.connectedMs,
      bytesReceived: entry.bytesReceived,
      bytesSent: entry.bytesSent,
    }))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const timer of this.#timers) clearInterval(timer)
    clearTimeout(this.#statusTimer)
    await this.#writeBook()
    for (const entry of this.#peers.values()) entry.sender?.close()
    await this.#host.stop()
  }
}

const toNetworkPeer = ({ id, hello, status }: Entry): NetworkPeer => ({
  id,
  kind: hello.kind,
  head: { height: status.height, hash: status.hash },
  keptFrom: status.keptFrom,
})

/** Throws a RangeError for one without a peer id. */
const toCallables = (addresses: readonly string[], tier: Callable['tier']): Callable[] => {
  const byPeer = new Map<string, string[]>()
  for (const address of addresses) {
    const peer = parseAddress(address)?.peer
    if (peer === undefined)
      throw new RangeError(`${address} is not the address of a peer: /ip4/…/tcp/…/p2p/… is expected`)
    byPeer.set(peer, [...(byPeer.get(peer) ?? []), address])
  }
  return Array.from(byPeer, ([peer, all]) => ({ peer, addresses: all, tier }))
}

/** Listens and begins to look for peers. */
export const startNetwork = async (options: NetworkOptions): Promise<Network> => {
  const chainTag = toHex(options.genesisHash).slice(0, 16)
  const topic = `/vex/${chainTag}/transactions/1`
  // The host asks the node, which is made of it.
  const late: { node?: NetworkNode } = {}
  const host = await createHost({
    nodeKey: options.nodeKey,
    listen: options.listen,
    announce: options.announce ?? [],
    mdns: options.mdns === true,
    isHidden: options.isHidden === true,
    maxPeers: options.maxPeers ?? DEFAULT_MAX_PEERS,
    chainTag,
    topic,
    isDenied: peer => late.node?.isDenied(peer) === true,
    isPrivate: peer => options.privatePeers?.includes(peer) === true,
  })
  const node = new NetworkNode(options, host, topic)
  late.node = node
  try {
    await node.start()
  } catch (error) {
    await host.stop()
    throw error
  }
  return node
}
