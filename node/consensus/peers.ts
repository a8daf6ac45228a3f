/** Messages to peers: encoded once, and a missing block asked of one after another. */
import { bytesEqual, type Hash, type Height, toHex } from '../types/primitives.ts'
import type { ValidatorSet } from '../types/validator-set.ts'
import type { HeldBlocks } from './held-blocks.ts'
import { messageCodec, type WireMessage } from './messages.ts'
import type { Application, Transport } from './ports.ts'

export class Peers {
  readonly #transport: Transport
  readonly #application: Pick<Application, 'loadBlock'>
  readonly #blocks: HeldBlocks
  /** By block: how many peers were asked for it. */
  readonly #asked = new Map<string, { peers: number; above: Height }>()

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
    this.#transport.send(peer, messageCodec.encode(message))
  }

  serveBlocks(peer: string, { hash, above }: WireMessage & { kind: 'blocksWanted' }): void {
    const blocks = this.#blocks.answer(hash, above, wanted => this.#application.loadBlock(wanted))
    this.send(peer, { kind: 'blocks', hash, blocks })
  }

  /** `turn`: starts at a different peer each time, so that a silent one is not always the first. */
  fetchBlocks(hash: Hash, above: Height, turn: bigint): void {
    this.#asked.clear()
    this.#asked.set(toHex(hash), { peers: 0, above })
    this.askNext(hash, turn)
  }

  /** One peer at a time, each once; the replica asks again after a while. */
  askNext(hash: Hash, turn: bigint): void {
    const peers = this.#transport.peers()
    const asked = this.#asked.get(toHex(hash))
    if (asked === undefined || asked.peers >= peers.length) return
    const peer = peers[(asked.peers + Number(turn % 1024n)) % peers.length]
    asked.peers++
    if (peer !== undefined) this.send(peer.id, { kind: 'blocksWanted', hash, above: asked.above })
  }

  report(validators: ValidatorSet, signer: number, reason: string): void {
    const key = validators.validators[signer]?.voteKey
    for (const { id, voteKey } of this.#transport.peers())
      if (key !== undefined && voteKey !== undefined && bytesEqual(key, voteKey))
        this.#transport.report(id, reason)
  }
}
