/**
 * Messages of the next epoch that come before it has begun here. Bounded, however many peers send however much:
 * what does not fit is dropped, as a network may, and comes again or can be asked for.
 */
import { LIMITS } from '../params.ts'
import type { BlockRef } from './block-ref.ts'
import type { Message } from './messages.ts'
import type { Peer } from './protocol.ts'
import { bytesEqual, type Hash } from '../types/primitives.ts'

export const EARLY_PEERS = 256
export const EARLY_MESSAGES_PER_PEER = 64
/** Of a peer that passes on what others say: three for each of the most validators that there can be. */
export const EARLY_MESSAGES_PER_RELAY = 3 * LIMITS.validators
/** Of longer lists: they can be asked for. */
const MAX_CERTIFICATES = 4
/** Blocks are large; the next epoch's first leaders propose one each. */
export const EARLY_BLOCKS = 4

export interface EarlyMessage {
  readonly from: Peer
  readonly message: Message<BlockRef>
}

export class EarlyMessages {
  #byPeer = new Map<string, EarlyMessage[]>()
  #blocks: BlockRef[] = []

  add(early: EarlyMessage): void {
    const { from, message } = early
    if (!isWorthKeeping(message)) return
    let kept = this.#byPeer.get(from.id)
    if (kept === undefined) {
      if (this.#byPeer.size >= EARLY_PEERS) return
      this.#byPeer.set(from.id, (kept = []))
    }
    if (kept.length >= (from.isRelayed === true ? EARLY_MESSAGES_PER_RELAY : EARLY_MESSAGES_PER_PEER)) return
    if (message.kind === 'proposal') {
      if (this.#blocks.length >= EARLY_BLOCKS) return
      if (kept.some(other => other.message.kind === 'proposal' && haveOneVoice(other.from, from))) return
      this.#blocks.push(message.block)
    }
    kept.push(early)
  }

  hasBlock(hash: Hash): boolean {
    return this.#blocks.some(block => bytesEqual(block.hash, hash))
  }

  /** All of them, each peer's in their order; nothing is left. */
  take(): EarlyMessage[] {
    const all = [...this.#byPeer.values()].flat()
    this.#byPeer = new Map()
    this.#blocks = []
    return all
  }
}

const NO_KEY = new Uint8Array(0)

/** Of two messages from one peer. */
const haveOneVoice = (a: Peer, b: Peer): boolean =>
  a.isRelayed !== true || b.isRelayed !== true || bytesEqual(a.voteKey ?? NO_KEY, b.voteKey ?? NO_KEY)

const isWorthKeeping = (message: Message<BlockRef>): boolean => {
  switch (message.kind) {
    case 'vote':
      return true
    case 'certificates':
      return message.certificates.length <= MAX_CERTIFICATES
    case 'proposal':
      return message.justification.length <= MAX_CERTIFICATES
    case 'standstill':
    case 'blocks':
    case 'blocksWanted':
    case 'certificatesWanted':
      return false
  }
}
