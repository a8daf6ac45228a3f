/**
 * The long-lived streams between two peers, one each way: frames of consensus messages and of the status. Measured against
 * gossip: a third of the latency, and half the CPU, and votes go to everybody anyway.
 *
 *   consensus     a message of the peer itself
 *   status        its last final block
 *   delegation    from a hidden validator to its sentry: speak for me (delegations.ts)
 *   delegations   from a sentry to everybody, before it relays anything: for whom it speaks
 *   relayed       vote key | a message of its holder. From whoever may not say it, it is dropped: its delegation may have
 *                 been shown over a connection that is over
 */
import type { Connection, Stream } from '@libp2p/interface'
import type { Logger } from 'pino'
import type { Transport } from '../consensus/ports.ts'
import type { Peer } from '../consensus/protocol.ts'
import { LIMITS } from '../params.ts'
import { CodecError } from '../types/codec.ts'
import { BLS_PUBLIC_KEY_BYTES } from '../types/validator.ts'
import type { Delegations } from './delegations.ts'
import { FrameError, FrameReader, toFrame } from './frames.ts'
import { type Status, statusCodec } from './hello.ts'
import type { Host } from './host.ts'
import type { Entry, PeerTable } from './peer-table.ts'
import type { Offence } from './ports.ts'
import { createSender } from './sender.ts'
import { HELLO_MS } from './welcome.ts'

const DIRECT = '/vex/direct/1'
const STATUS_MS = 250
/** A frame that was begun must be whole by then. */
const FRAME_MS = 10_000
const CHECK_MS = 1_000

/** What stands first in a frame. On the wire: append only. */
const FRAME = { consensus: 0, status: 1, delegation: 2, delegations: 3, relayed: 4 } as const
/** The largest message of consensus, and its kind. */
const MAX_FRAME_BYTES = LIMITS.blockBytes + 65 * 1024

export interface DirectTransport extends Transport {
  /** Peers that hide behind this node. */
  hidden(): readonly Peer[]
  /** In the name of the key's holder. The message is not looked at. */
  relay(to: readonly string[], voteKey: Uint8Array, message: Uint8Array): void
}

export interface DirectOptions {
  readonly host: Host
  readonly table: PeerTable
  readonly delegations: Delegations
  readonly logger: Logger
  readonly status: () => Status
  readonly mayReceive: (peer: string, bytes: number) => boolean
  readonly report: (peer: string, offence: Offence, reason: string) => void
  /** Consensus found fault with what the peer said. */
  readonly reportMessage: (peer: string, reason: string) => void
  readonly cut: (connection: Connection, reason: string) => void
}

const toPeer = ({ id, hello }: Entry): Peer => ({ id, voteKey: hello.voteKeyProof?.voteKey })

export class Direct {
  readonly #options: DirectOptions
  /** Inbound streams with a frame that was begun, and since when. */
  readonly #begun = new Map<Stream, { readonly peer: string; readonly sinceMs: number }>()
  #onMessage: ((from: Peer, message: Uint8Array) => void) | undefined
  #statusTimer: NodeJS.Timeout | undefined
  #checkTimer: NodeJS.Timeout | undefined

  constructor(options: DirectOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const limits = { maxInboundStreams: 2, maxOutboundStreams: 2 }
    await this.#options.host.handle(DIRECT, (stream, connection) => this.#receive(stream, connection), limits)
    this.#checkTimer = setInterval(() => this.#endSlowFrames(), CHECK_MS).unref()
  }

  stop(): void {
    clearInterval(this.#checkTimer)
    clearTimeout(this.#statusTimer)
    for (const entry of this.#options.table.all()) entry.sender?.close()
  }

  /** Opens our stream to a peer that was welcomed. */
  async open(entry: Entry): Promise<void> {
    const { connection } = entry
    const stream = await connection.newStream(DIRECT, { signal: AbortSignal.timeout(HELLO_MS) })
    entry.sender = createSender(stream, () =>
      this.#options.cut(connection, 'it does not read what it is sent'),
    )
    const { delegations } = this.#options
    const [given, shown] = [delegations.toGive(entry), delegations.toShow()]
    if (given !== undefined) this.#send(entry, toFrame(Uint8Array.of(FRAME.delegation), given))
    if (shown !== undefined) this.#send(entry, toFrame(Uint8Array.of(FRAME.delegations), shown))
  }

  #endSlowFrames(): void {
    const nowMs = Date.now()
    for (const [stream, { peer, sinceMs }] of this.#begun) {
      if (nowMs - sinceMs <= FRAME_MS) continue
      this.#options.report(peer, 'useless', 'it took too long over a frame')
      stream.abort(new Error('a frame took too long'))
    }
  }

  async #receive(stream: Stream, connection: Connection): Promise<void> {
    const { table, report, mayReceive } = this.#options
    const id = connection.remotePeer.toString()
    const reader = new FrameReader(MAX_FRAME_BYTES)
    try {
      if ((await table.awaited(id, HELLO_MS)) === undefined) return stream.abort(new Error('no hello'))
      for await (const chunk of stream) {
        const entry = table.get(id)
        if (entry === undefined) break
        const bytes = chunk instanceof Uint8Array ? chunk : chunk.subarray()
        entry.bytesReceived += bytes.length
        if (!mayReceive(id, bytes.length)) {
          report(id, 'useless', 'it sends more in a second than the limit')
          break
        }
        for (const frame of reader.push(bytes)) this.#take(entry, frame)
        if (!reader.isWithinFrame) this.#begun.delete(stream)
        else if (!this.#begun.has(stream)) this.#begun.set(stream, { peer: id, sinceMs: Date.now() })
      }
      stream.abort(new Error('not listened to any more'))
    } catch (error) {
      if (error instanceof FrameError) report(id, 'invalid', error.message)
      stream.abort(error instanceof Error ? error : new Error(String(error)))
    } finally {
      this.#begun.delete(stream)
    }
  }

  #take(entry: Entry, frame: Uint8Array): void {
    const { id } = entry
    const body = frame.subarray(1)
    switch (frame[0]) {
      case FRAME.consensus:
        return this.#onMessage?.(toPeer(entry), body)
      case FRAME.status:
        return this.#takeStatus(entry, body)
      case FRAME.delegation:
      case FRAME.delegations:
        return this.#takeDelegations(entry, frame[0], body)
      case FRAME.relayed:
        return this.#takeRelayed(entry, body)
      case undefined:
      default:
        return this.#options.report(id, 'invalid', `it sent a frame of kind ${frame[0] ?? 'none'}`)
    }
  }

  #takeStatus(entry: Entry, body: Uint8Array): void {
    try {
      entry.status = statusCodec.decode(body)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      this.#options.report(entry.id, 'invalid', `its status cannot be decoded: ${error.message}`)
    }
  }

  #takeDelegations(entry: Entry, kind: number, body: Uint8Array): void {
    const { delegations, logger, report } = this.#options
    const { id, given, speaksFor } = entry
    const known = speaksFor.size
    const isGiven = kind === FRAME.delegation
    const problem = isGiven ? delegations.takeGiven(entry, body) : delegations.takeShown(entry, body)
    if (problem !== undefined) return report(id, problem.offence, problem.reason)
    if (speaksFor.size > known)
      logger.info({ peer: id, validators: speaksFor.size }, 'a sentry speaks for validators')
    if (entry.given === given) return
    logger.info({ peer: id }, 'a validator hides behind this node')
    const shown = delegations.toShow()
    if (shown !== undefined) this.#broadcast(toFrame(Uint8Array.of(FRAME.delegations), shown))
  }

  #takeRelayed(entry: Entry, body: Uint8Array): void {
    const { delegations, report } = this.#options
    const { id } = entry
    if (body.length <= BLS_PUBLIC_KEY_BYTES) return report(id, 'invalid', 'it relayed no message')
    const voteKey = Uint8Array.from(body.subarray(0, BLS_PUBLIC_KEY_BYTES))
    if (delegations.maySpeakFor(entry, voteKey))
      this.#onMessage?.({ id, voteKey, isRelayed: true }, body.subarray(BLS_PUBLIC_KEY_BYTES))
  }

  #send(entry: Entry | undefined, frame: Uint8Array): void {
    if (entry?.sender?.send(frame) === true) entry.bytesSent += frame.length
  }

  #broadcast(frame: Uint8Array): void {
    for (const entry of this.#options.table.all()) this.#send(entry, frame)
  }

  readonly transport: DirectTransport = {
    broadcast: message => this.#broadcast(toFrame(Uint8Array.of(FRAME.consensus), message)),
    send: (peer, message) =>
      this.#send(this.#options.table.get(peer), toFrame(Uint8Array.of(FRAME.consensus), message)),
    // Until our stream to it is open, what is sent to a peer is lost.
    peers: () =>
      this.#options.table
        .all()
        .filter(({ sender }) => sender !== undefined)
        .map(toPeer),
    hidden: () =>
      this.#options.table
        .all()
        .filter(({ sender, given }) => sender !== undefined && given !== undefined)
        .map(toPeer),
    relay: (to, voteKey, message) => {
      const frame = toFrame(Uint8Array.of(FRAME.relayed), voteKey, message)
      for (const peer of to) this.#send(this.#options.table.get(peer), frame)
    },
    onMessage: handler => {
      this.#onMessage = handler
    },
    report: (peer, reason) => this.#options.reportMessage(peer, reason),
  }

  /** Tells everybody, a few times a second at most. */
  statusChanged(): void {
    this.#statusTimer ??= setTimeout(() => {
      this.#statusTimer = undefined
      this.#broadcast(toFrame(Uint8Array.of(FRAME.status), statusCodec.encode(this.#options.status())))
    }, STATUS_MS).unref()
  }
}
