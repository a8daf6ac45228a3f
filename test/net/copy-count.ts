/** How often a node was given the same transaction by gossip, and by whom. Pure, and bounded: the last ids only. */
import { batchIn } from '../../node/network/topic.ts'
import { batchCodec } from '../../node/network/transaction-batches.ts'
import { CodecError } from '../../node/types/codec.ts'
import { SIGNATURE_BYTES, toLatin1 } from '../../node/types/primitives.ts'

/** Of one generation; there are two. */
const REMEMBERED = 100_000

export interface CopyTotals {
  /** Copies all counted. */
  readonly transactions: number
  readonly different: number
  /** By peer: how many transactions came, copies all counted. */
  readonly byPeer: Readonly<Record<string, number>>
  /** The most often that one peer sent the same one. */
  readonly mostFromOnePeer: number
  /** How many copies were not the first of their peer. */
  readonly repeats: number
  /** Messages without a batch: honest nodes send none, and of what is in them nothing is counted. */
  readonly unreadable: number
}

/** By transaction: how often each peer sent it. */
type Seen = Map<string, Map<string, number>>

export class CopyCount {
  readonly #hasIds: boolean
  readonly #byPeer = new Map<string, number>()
  #young: Seen = new Map()
  #old: Seen = new Map()
  #transactions = 0
  #different = 0
  #most = 0
  #repeats = 0
  #unreadable = 0

  constructor(hasIds = true) {
    this.#hasIds = hasIds
  }

  /** As it came off the wire. */
  message(peer: string, message: Uint8Array): void {
    let transactions: Uint8Array[]
    try {
      transactions = batchCodec.decode(batchIn(message) ?? message)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      this.#unreadable++
      return
    }
    this.#transactions += transactions.length
    this.#byPeer.set(peer, (this.#byPeer.get(peer) ?? 0) + transactions.length)
    if (this.#hasIds) for (const each of transactions) this.#see(peer, toLatin1(each.slice(-SIGNATURE_BYTES)))
  }

  totals(): CopyTotals {
    return {
      transactions: this.#transactions,
      different: this.#different,
      byPeer: Object.fromEntries(this.#byPeer),
      mostFromOnePeer: this.#most,
      repeats: this.#repeats,
      unreadable: this.#unreadable,
    }
  }

  #see(peer: string, name: string): void {
    const known = this.#young.get(name) ?? this.#old.get(name)
    const peers = known ?? new Map<string, number>()
    if (known === undefined) this.#different++
    const times = (peers.get(peer) ?? 0) + 1
    peers.set(peer, times)
    if (times > 1) this.#repeats++
    this.#most = Math.max(this.#most, times)
    if (this.#young.size >= REMEMBERED) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(name, peers)
  }
}
