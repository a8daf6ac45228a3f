/**
 * Messages from peers that wait for the replica: decoded, and their blocks identified. Bounded, each peer for itself,
 * so that one who floods loses its own messages and nobody else's. What does not fit is dropped unread, as a
 * network may.
 */
import { CodecError } from '../types/codec.ts'
import type { BlockRef } from './block-ref.ts'
import { type Message, messageCodec } from './messages.ts'
import type { Application, BlockWithBytes, Transport } from './ports.ts'
import type { Peer } from './protocol.ts'

export const INBOX_MESSAGES_PER_PEER = 512
/** One message may be longer. */
export const INBOX_BYTES_PER_PEER = 16 * 1024 * 1024
/** Of all peers together. */
export const INBOX_BYTES = 256 * 1024 * 1024

export interface Delivery {
  readonly from: Peer
  readonly message: Message<BlockRef>
  /** Of the message's blocks. */
  readonly blocks: readonly BlockWithBytes[]
}

export class Inbox {
  readonly #application: Pick<Application, 'identifyBlock'>
  readonly #transport: Pick<Transport, 'report'>
  #waiting: Delivery[] = []
  #byPeer = new Map<string, { messages: number; bytes: number }>()
  #bytes = 0

  constructor(application: Pick<Application, 'identifyBlock'>, transport: Pick<Transport, 'report'>) {
    this.#application = application
    this.#transport = transport
  }

  get size(): number {
    return this.#waiting.length
  }

  /** True if it waits now. */
  receive(from: Peer, bytes: Uint8Array): boolean {
    let count = this.#byPeer.get(from.id)
    if (count === undefined) this.#byPeer.set(from.id, (count = { messages: 0, bytes: 0 }))
    if (count.messages >= INBOX_MESSAGES_PER_PEER || this.#bytes + bytes.length > INBOX_BYTES) return false
    if (count.messages > 0 && count.bytes + bytes.length > INBOX_BYTES_PER_PEER) return false
    const delivery = this.#decode(from, bytes)
    if (delivery === undefined) return false
    count.messages++
    count.bytes += bytes.length
    this.#bytes += bytes.length
    this.#waiting.push(delivery)
    return true
  }

  /** All that wait, in the order in which they came. */
  take(): Delivery[] {
    const taken = this.#waiting
    this.#waiting = []
    this.#byPeer = new Map()
    this.#bytes = 0
    return taken
  }

  #decode(from: Peer, bytes: Uint8Array): Delivery | undefined {
    try {
      const message = messageCodec.decode(bytes)
      if (message.kind === 'proposal') {
        const [block] = this.#identify(from, [message.block])
        return block && { from, message: { ...message, block: block.ref }, blocks: [block] }
      }
      if (message.kind !== 'blocks') return { from, message, blocks: [] }
      const blocks = this.#identify(from, message.blocks)
      return { from, message: { ...message, blocks: blocks.map(({ ref }) => ref) }, blocks }
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      this.#transport.report(from.id, error.message)
      return undefined
    }
  }

  /** Up to the first that is none. */
  #identify(from: Peer, list: readonly Uint8Array[]): BlockWithBytes[] {
    const blocks: BlockWithBytes[] = []
    for (const bytes of list) {
      const ref = this.#application.identifyBlock(bytes)
      if (ref === undefined) {
        this.#transport.report(from.id, 'bytes that are no block')
        break
      }
      blocks.push({ ref, bytes })
    }
    return blocks
  }
}
