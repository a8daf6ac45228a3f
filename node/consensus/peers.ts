/** Messages to peers: encoded once, and a missing block asked of one after another. */
import type { Hash, Height } from '../types/primitives.ts'
import type { HeldBlocks } from './held-blocks.ts'
import { Inquiries } from './inquiries.ts'
import { messageCodec, type WireMessage } from './messages.ts'
import type { Application, Transport } from './ports.ts'

export class Peers {
  readonly #transport: Transport
  readonly #application: Pick<Application, 'loadBlock'>
  readonly #blocks: HeldBlocks
  readonly #inquiries = new Inquiries()

  constructor(transport: Transport, application: Pick<Application, 'loadBlock'>, blocks: HeldBlocks) {
    this.#transport = transport
    this.#application = application
    this.#blocks = blocks
  }

  broadcast(message: WireMessage): void {
    // A lone validator does not pay for encoding its blocks again.
    if (this.#transport.peers().length > 0) this.#transport.broadcast(messageCodec.encode(message))
  }

  send(peer: string, message: WireMessage): void {
    this.sendTo([peer], message)
  }

  sendTo(peers: readonly string[], message: WireMessage): void {
    const bytes = messageCodec.encode(message)
    for (const peer of peers) this.#transport.send(peer, bytes)
  }

  serveBlocks(peer: string, { hash, above }: WireMessage & { kind: 'blocksWanted' }): void {
    const blocks = this.#blocks.answer(hash, above, wanted => this.#application.loadBlock(wanted))
    this.send(peer, { kind: 'blocks', hash, blocks })
  }

  fetchBlocks(hash: Hash, above: Height): void {
    this.#inquiries.begin(hash, above)
    this.askNext(hash)
  }

  /** The one asked last does not have it; the replica begins anew after a while. */
  askNext(hash: Hash): void {
    const next = this.#inquiries.next(hash, this.#transport.peers())
    if (next !== undefined) this.send(next.peer.id, { kind: 'blocksWanted', hash, above: next.above })
  }
}
