/**
 * Hellos: the dialer of a connection says it, the other side answers with its own or with the reason why it refuses.
 * Of two connections between the same peers that one stays which the lower peer id dialed: both ends decide alike.
 */
import type { Connection, Stream } from '@libp2p/interface'
import type { Logger } from 'pino'
import { CodecError } from '../types/codec.ts'
import type { Hash } from '../types/primitives.ts'
import { answer, ask, type AskLimits } from './asking.ts'
import {
  type Hello,
  type HelloAnswer,
  helloAnswerCodec,
  helloCodec,
  helloProblem,
  MAX_HELLO_BYTES,
  PROTOCOL_VERSION,
  protocolOf,
} from './hello.ts'
import type { Host } from './host.ts'
import type { Entry, PeerTable } from './peer-table.ts'

export const HELLO = '/vex/hello/1'
export const HELLO_MS = 5_000

const LIMITS: AskLimits = {
  maxRequestBytes: MAX_HELLO_BYTES,
  maxAnswerBytes: MAX_HELLO_BYTES,
  deadlineMs: HELLO_MS,
}
/** A refusal gets so long to arrive before the connection goes. */
const LAST_WORDS_MS = 200
/** So long the other end may still use the connection that was given up for a better one. */
const HAND_OVER_MS = 500
const REASON_CHARACTERS = 200

export interface WelcomeOptions {
  readonly host: Host
  readonly table: PeerTable
  readonly genesisHash: Hash
  readonly logger: Logger
  readonly ownHello: () => Hello
  /** Whether there is room for one more, this one. */
  readonly hasRoomFor: (peer: string) => boolean
  readonly onWelcome: (entry: Entry) => Promise<void>
}

/** Does its work on the events of the host until that stops. */
export const startWelcome = async (options: WelcomeOptions): Promise<void> => {
  const welcome = new Welcome(options)
  const { host } = options
  host.addEventListener('connection:open', ({ detail }) => welcome.onOpen(detail))
  host.addEventListener('connection:close', ({ detail }) => welcome.onClose(detail))
  await host.handle(HELLO, (stream, connection) => welcome.onHello(stream, connection))
}

export const cutOff = (connection: Connection, reason: string, logger: Logger): void => {
  if (connection.status !== 'open') return
  logger.info({ peer: connection.remotePeer.toString(), reason }, 'a peer was cut off')
  connection.abort(new Error(reason))
}

class Welcome {
  readonly #options: WelcomeOptions

  constructor(options: WelcomeOptions) {
    this.#options = options
  }

  onOpen(connection: Connection): void {
    if (connection.direction === 'outbound') void this.#greet(connection)
    // After that there is one connection to a peer, or none: nobody takes up places with connections of no use.
    setTimeout(() => {
      const known = this.#options.table.get(connection.remotePeer.toString())
      if (known === undefined) cutOff(connection, 'it said no hello', this.#options.logger)
      else if (known.connection !== connection) connection.close().catch(() => undefined)
    }, HELLO_MS).unref()
  }

  onClose(connection: Connection): void {
    const { table, host, logger } = this.#options
    const id = connection.remotePeer.toString()
    const entry = table.get(id)
    if (entry?.connection !== connection) return
    table.delete(id)
    entry.sender?.close()
    logger.info({ peer: id }, 'a peer is gone')
    // A second one, of which nobody knows: both ends begin anew.
    for (const other of host.getConnections(connection.remotePeer)) other.close().catch(() => undefined)
  }

  #refuse(connection: Connection, reason: string): HelloAnswer {
    const [peer, address] = [connection.remotePeer.toString(), connection.remoteAddr.toString()]
    this.#options.logger.warn({ peer, address, reason }, 'a peer was refused')
    setTimeout(() => connection.close().catch(() => undefined), LAST_WORDS_MS).unref()
    return { kind: 'refused', reason: reason.slice(0, REASON_CHARACTERS) }
  }

  async #greet(connection: Connection): Promise<void> {
    const { logger, genesisHash, ownHello } = this.#options
    const peer = connection.remotePeer.toString()
    try {
      const bytes = await ask(connection, HELLO, helloCodec.encode(ownHello()), LIMITS)
      const answered = helloAnswerCodec.decode(bytes)
      if (answered.kind === 'refused') {
        logger.warn({ peer, reason: answered.reason }, 'a peer refused this node')
        connection.close().catch(() => undefined)
        return
      }
      const problem = helloProblem(answered.hello, genesisHash, peer)
      if (problem === undefined) await this.#establish(connection, answered.hello)
      else this.#refuse(connection, problem)
    } catch (error) {
      logger.debug({ peer, error }, 'a hello was not answered')
      connection.abort(new Error('no hello'))
    }
  }

  /** The hello, if it is welcome. */
  #judge(connection: Connection, body: Uint8Array): Hello | HelloAnswer {
    const peer = connection.remotePeer.toString()
    const protocol = protocolOf(body)
    if (protocol !== PROTOCOL_VERSION)
      return this.#refuse(
        connection,
        `it speaks version ${protocol ?? '?'} of the protocol, this node version ${PROTOCOL_VERSION}`,
      )
    let hello: Hello
    try {
      hello = helloCodec.decode(body)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      return this.#refuse(connection, `its hello cannot be decoded: ${error.message}`)
    }
    const problem = helloProblem(hello, this.#options.genesisHash, peer)
    if (problem !== undefined) return this.#refuse(connection, problem)
    return this.#options.hasRoomFor(peer)
      ? hello
      : this.#refuse(connection, 'this node has as many peers as it takes')
  }

  async onHello(stream: Stream, connection: Connection): Promise<void> {
    let welcomed: Hello | undefined
    try {
      await answer(stream, LIMITS, body => {
        const judged = this.#judge(connection, body)
        if (!('protocol' in judged)) return Promise.resolve(helloAnswerCodec.encode(judged))
        welcomed = judged
        return Promise.resolve(helloAnswerCodec.encode({ kind: 'welcome', hello: this.#options.ownHello() }))
      })
      if (welcomed !== undefined) await this.#establish(connection, welcomed)
    } catch (error) {
      this.#options.logger.debug({ peer: connection.remotePeer.toString(), error }, 'a hello went wrong')
      connection.abort(new Error('no hello'))
    }
  }

  #isPreferred(connection: Connection): boolean {
    const isOwnLower = this.#options.host.peerId.toString() < connection.remotePeer.toString()
    return isOwnLower === (connection.direction === 'outbound')
  }

  async #establish(connection: Connection, hello: Hello): Promise<void> {
    const { table, logger, onWelcome } = this.#options
    const id = connection.remotePeer.toString()
    const known = table.get(id)
    // Once is enough.
    if (known?.connection === connection) return
    if (known !== undefined && known.connection.status === 'open') {
      if (!this.#isPreferred(connection)) return
      known.sender?.close()
      setTimeout(() => known.connection.close().catch(() => undefined), HAND_OVER_MS).unref()
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
      given: undefined,
      speaksFor: new Set(),
    }
    table.set(entry)
    const { kind, agent, height } = hello
    if (known === undefined)
      logger.info({ peer: id, kind, agent, height: String(height) }, 'connected to a peer')
    await onWelcome(entry)
  }
}
