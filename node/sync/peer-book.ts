/**
 * What is known of the peers while work is given out among them: who may be asked something now.
 *
 * - a peer has a few requests at a time: more of them as it answers, one after it was late;
 * - no peer is asked more often than the table allows, so that none refuses for that;
 * - who fails waits, longer each time in a row; who fails too often in a row, or lies once, is not asked again.
 *
 * Pure: the time comes in.
 */
import type { NetworkPeer } from '../network/ports.ts'
import { REQUESTS, type RequestName } from '../network/request-table.ts'

const FIRST_LIMIT = 2
const MOST_AT_ONCE = 6
/** In a row. */
const MOST_FAILURES = 6
const FIRST_PAUSE_MS = 250
/** Of what the table allows: both sides count with clocks of their own. */
const PACE = 0.8

interface Known {
  peer: NetworkPeer | undefined
  inFlight: number
  limit: number
  failures: number
  pausedUntilMs: number
  readonly nextAtMs: Map<RequestName, number>
  isOut: boolean
}

export class PeerBook {
  readonly #known = new Map<string, Known>()

  /** Those connected now. What was known of one that comes back still holds. */
  update(peers: readonly NetworkPeer[]): void {
    for (const known of this.#known.values()) known.peer = undefined
    for (const peer of peers) this.#get(peer.id).peer = peer
  }

  #get(id: string): Known {
    let known = this.#known.get(id)
    if (known === undefined) {
      known = {
        peer: undefined,
        inFlight: 0,
        limit: FIRST_LIMIT,
        failures: 0,
        pausedUntilMs: 0,
        nextAtMs: new Map(),
        isOut: false,
      }
      this.#known.set(id, known)
    }
    return known
  }

  /** Connected, and not given up. */
  usable(): NetworkPeer[] {
    return [...this.#known.values()].flatMap(({ peer, isOut }) => (peer === undefined || isOut ? [] : [peer]))
  }

  isUsable(id: string): boolean {
    const known = this.#known.get(id)
    return known?.peer !== undefined && !known.isOut
  }

  /** Who can be asked at once, the least busy first; `fails`: how often each has failed at this already. */
  choose(
    name: RequestName,
    nowMs: number,
    suits: (peer: NetworkPeer) => boolean,
    fails: ReadonlyMap<string, number>,
  ): string | undefined {
    let best: { id: string; rank: number } | undefined
    for (const [id, known] of this.#known) {
      const { peer, isOut, inFlight, limit, pausedUntilMs } = known
      if (peer === undefined || isOut || inFlight >= limit || pausedUntilMs > nowMs || !suits(peer)) continue
      if ((known.nextAtMs.get(name) ?? 0) > nowMs) continue
      const rank = (fails.get(id) ?? 0) * MOST_AT_ONCE + inFlight / limit
      if (best === undefined || rank < best.rank) best = { id, rank }
    }
    return best?.id
  }

  /** When somebody who is held back now may be asked. */
  nextAtMs(nowMs: number): number | undefined {
    let next: number | undefined
    for (const { peer, isOut, pausedUntilMs, nextAtMs } of this.#known.values()) {
      if (peer === undefined || isOut) continue
      for (const at of [pausedUntilMs, ...nextAtMs.values()])
        if (at > nowMs && (next === undefined || at < next)) next = at
    }
    return next
  }

  asked(id: string, name: RequestName, nowMs: number): void {
    const known = this.#get(id)
    known.inFlight++
    known.nextAtMs.set(name, nowMs + 1_000 / (REQUESTS[name].perSecond * PACE))
  }

  answered(id: string): void {
    const known = this.#get(id)
    known.inFlight--
    known.failures = 0
    known.limit = Math.min(MOST_AT_ONCE, known.limit + 1)
  }

  failed(id: string, nowMs: number): void {
    const known = this.#get(id)
    known.inFlight--
    known.failures++
    known.limit = 1
    known.pausedUntilMs = nowMs + FIRST_PAUSE_MS * 2 ** known.failures
    if (known.failures >= MOST_FAILURES) known.isOut = true
  }

  /** For good. */
  exclude(id: string): void {
    this.#get(id).isOut = true
  }
}
