/**
 * From the own last block to the peers': which headers are final, by the light client's rules. Of every epoch between them
 * the last header comes with its certificate and the next epoch's validators; then, in the last epoch, the tip's.
 *
 * No trusting period: whoever catches up has been away for as long as it was. Validators of long ago could sign another
 * history by now; who fears that gives a checkpoint. Nor is a block refused for a time that is not yet: it is final.
 *
 * A peer that says it has a block and cannot prove it is not believed from that height on.
 */
import { LightClientError } from '../light/error.ts'
import type { LightClient } from '../light/light-client.ts'
import type { NetworkPeer } from '../network/ports.ts'
import { type BlockHeader, headerCodec } from '../types/block.ts'
import { epochOf, lastHeight } from '../types/epoch.ts'
import { handOverCodec } from '../types/hand-over.ts'
import { type Hash, type Height, MAX_U64 } from '../types/primitives.ts'
import type { Certificate } from '../types/vote.ts'
import { type Asking, DONE, invalid, type Task, useless, type Verdict } from './asking.ts'
import { SyncError } from './error.ts'
import {
  handOversAnswerCodec,
  handOversRequestCodec,
  headersAnswerCodec,
  headersRequestCodec,
} from './messages.ts'

/** A header that is final by its own certificate. */
export interface Anchor {
  readonly height: Height
  readonly hash: Hash
  readonly certificate: Certificate
}

/** Verified ahead of the blocks that are fetched. */
const MOST_ANCHORS = 1024

export class TrustedPath {
  readonly #client: LightClient
  readonly #epochBlocks: bigint
  readonly #asking: Asking
  /** In order, above what was taken. */
  readonly #anchors: Anchor[] = []
  /** Peer -> the lowest height that it could not prove. */
  readonly #unproven = new Map<string, Height>()
  #last: Height
  #isAsking = false
  #gaveUp = false

  /** `client` knows the validators of the epoch of block `head`, or of the next. */
  constructor(options: { client: LightClient; epochBlocks: bigint; head: Height; asking: Asking }) {
    this.#client = options.client
    this.#epochBlocks = options.epochBlocks
    this.#last = options.head
    this.#asking = options.asking
  }

  /** Of the last anchor; before the first, of the own head. */
  get lastHeight(): Height {
    return this.#last
  }

  /** Those that nobody has taken. */
  get anchors(): readonly Anchor[] {
    return this.#anchors
  }

  /** The highest head that is claimed and not doubted. */
  target(): Height | undefined {
    let target: Height | undefined
    for (const peer of this.#asking.book.usable())
      if (this.#isBelieved(peer) && (target === undefined || peer.head.height > target))
        target = peer.head.height
    return target
  }

  take(count: number): Anchor[] {
    return this.#anchors.splice(0, count)
  }

  /** Whether somebody was disbelieved since the last call: there may be another target. */
  takeGaveUp(): boolean {
    const gaveUp = this.#gaveUp
    this.#gaveUp = false
    return gaveUp
  }

  /** Asks for what leads to `target`, if nothing else is under way. */
  plan(target: Height): void {
    if (this.#isAsking || target <= this.#last || this.#anchors.length >= MOST_ANCHORS) return
    const { epoch } = this.#client
    if (lastHeight(epoch, this.#epochBlocks) <= target) this.#ask(this.#handOvers(epoch))
    // Elsewhere it cannot be: the hand-overs lead to the epochs one after another.
    else if (epochOf(target, this.#epochBlocks) === epoch) this.#ask(this.#tip(target))
  }

  #ask(task: Task): void {
    this.#isAsking = true
    this.#asking.add(task)
  }

  #isBelieved({ id, head }: NetworkPeer): boolean {
    const from = this.#unproven.get(id)
    return from === undefined || head.height < from
  }

  #disbelieve(peer: NetworkPeer, from: Height): void {
    // Nobody goes on for ever with lower and lower claims.
    this.#unproven.set(peer.id, this.#unproven.has(peer.id) ? 0n : from)
    this.#asking.report(peer.id, 'useless', `says that it has block ${peer.head.height}, and cannot prove it`)
  }

  /** Nobody is left to ask: those who are there did not prove what they claim. */
  #giveUp(from: Height, claims: (peer: NetworkPeer) => boolean): boolean {
    this.#isAsking = false
    this.#gaveUp = true
    for (const peer of this.#asking.book.usable()) if (claims(peer)) this.#disbelieve(peer, from)
    return true
  }

  #handOvers(fromEpoch: bigint): Task {
    const boundary = lastHeight(fromEpoch, this.#epochBlocks)
    const suits = (peer: NetworkPeer): boolean => peer.head.height >= boundary && this.#isBelieved(peer)
    return {
      name: 'handOvers',
      what: `hand-overs from epoch ${fromEpoch} on`,
      suits,
      body: () => handOversRequestCodec.encode({ version: 1, fromEpoch: this.#client.epoch }),
      accept: bytes => {
        const { handOvers } = handOversAnswerCodec.decode(bytes)
        if (handOvers.length === 0) return useless('none')
        for (const encoded of handOvers) {
          const handOver = handOverCodec.decode(encoded)
          const verdict = this.#verify(handOver.header, handOver.certificate, () =>
            this.#client.handOver(handOver, MAX_U64),
          )
          if (verdict !== DONE) return verdict
        }
        this.#isAsking = false
        return DONE
      },
      giveUp: () => this.#giveUp(boundary, suits),
    }
  }

  #tip(height: Height): Task {
    const claimants = new Set(
      this.#asking.book.usable().flatMap(({ id, head }) => (head.height === height ? [id] : [])),
    )
    const claims = ({ id }: NetworkPeer): boolean => claimants.has(id)
    return {
      name: 'headers',
      what: `header ${height} with its certificate`,
      suits: claims,
      body: () => headersRequestCodec.encode({ version: 1, from: height, count: 1 }),
      accept: bytes => {
        const { headers, certificate } = headersAnswerCodec.decode(bytes)
        const [encoded] = headers
        if (encoded === undefined || certificate === undefined) return useless('not both')
        const header = headerCodec.decode(encoded)
        if (headers.length > 1 || header.height !== height) return invalid('another header than asked for')
        const verdict = this.#verify(header, certificate, () =>
          this.#client.verify({ header, certificate }, MAX_U64),
        )
        if (verdict === DONE) this.#isAsking = false
        return verdict
      },
      giveUp: () => this.#giveUp(height, claims),
    }
  }

  #verify({ height }: BlockHeader, certificate: Certificate, verify: () => { hash: Hash }): Verdict {
    try {
      const { hash } = verify()
      if (height > this.#last) {
        this.#anchors.push({ height, hash, certificate })
        this.#last = height
      }
      return DONE
    } catch (error) {
      if (!(error instanceof LightClientError)) throw error
      if (error.code === 'fork') throw new SyncError('fork', error.message, { cause: error })
      return invalid(error.message)
    }
  }
}
