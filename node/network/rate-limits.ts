/**
 * How much a peer may send: a bucket of messages and one of bytes for each peer and kind. Both are full at first and fill
 * evenly. Pure: times, in milliseconds, are passed in, and one that goes back counts as no time.
 *
 * In any stretch of t seconds a peer gets through at most `perSecond` x (1 + t) messages of a kind, and `burstBytes` +
 * `bytesPerSecond` x t bytes; what is refused takes nothing. Of more than `peers` peers those heard of longest ago are
 * forgotten, and start afresh: let it be more than can be connected.
 */
import { LruMap } from '../types/lru-map.ts'

export interface RateLimit {
  /** Messages; as many at once. */
  readonly perSecond: number
  readonly bytesPerSecond: number
  /** At once: no less than the longest message. */
  readonly burstBytes: number
}

/** In thousandths, so that whole milliseconds give whole numbers. */
interface Bucket {
  messages: number
  bytes: number
  atMs: number
}

const ONE = 1000

export class RateLimits<Kind extends string> {
  readonly #limits: Readonly<Record<Kind, RateLimit>>
  readonly #peers: LruMap<string, Map<Kind, Bucket>>

  constructor(limits: Readonly<Record<Kind, RateLimit>>, peers: number) {
    this.#limits = limits
    this.#peers = new LruMap(peers)
  }

  /** True, and counted, if one message of this length may pass now. */
  allow(peer: string, kind: Kind, sizeBytes: number, nowMs: number): boolean {
    const bucket = this.#bucket(peer, kind, nowMs)
    if (bucket.messages < ONE || bucket.bytes < sizeBytes * ONE) return false
    bucket.messages -= ONE
    bucket.bytes -= sizeBytes * ONE
    return true
  }

  /** As it is now. */
  #bucket(peer: string, kind: Kind, nowMs: number): Bucket {
    const { perSecond, bytesPerSecond, burstBytes } = this.#limits[kind]
    let kinds = this.#peers.get(peer)
    if (kinds === undefined) this.#peers.set(peer, (kinds = new Map()))
    let bucket = kinds.get(kind)
    if (bucket === undefined) {
      bucket = { messages: perSecond * ONE, bytes: burstBytes * ONE, atMs: nowMs }
      kinds.set(kind, bucket)
    }
    const elapsedMs = Math.max(0, nowMs - bucket.atMs)
    bucket.messages = Math.min(perSecond * ONE, bucket.messages + elapsedMs * perSecond)
    bucket.bytes = Math.min(burstBytes * ONE, bucket.bytes + elapsedMs * bytesPerSecond)
    bucket.atMs += elapsedMs
    return bucket
  }
}
