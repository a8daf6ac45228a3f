/**
 * Whom to call, and when: pure, the time comes in. Persistent peers are called until they are there; bootstrap peers while
 * there are few others; peers that were heard of until there are enough. Each time one cannot be reached the wait
 * before the next call doubles.
 */

export interface Callable {
  readonly peer: string
  /** Multiaddrs; none if libp2p knows them. */
  readonly addresses: readonly string[]
  readonly tier: 'persistent' | 'bootstrap' | 'known'
}

export interface DialerLimits {
  /** Peers that were heard of are called while fewer are connected. */
  readonly enoughPeers: number
  /** Bootstrap peers are called while fewer are connected. */
  readonly fewPeers: number
  readonly callsAtOnce: number
}

const FIRST_WAIT_MS = 500
const MAX_WAIT_MS = { persistent: 1_500, bootstrap: 60_000, known: 600_000 } as const
const REMEMBERED = 4_096

interface Failure {
  waitMs: number
  notBeforeMs: number
}

export class Dialer {
  readonly #limits: DialerLimits
  readonly #failures = new Map<string, Failure>()
  readonly #calling = new Set<string>()

  constructor(limits: DialerLimits) {
    this.#limits = limits
  }

  /** The most wanted first; each is being called from now on, until `succeeded` or `failed`. */
  next(callables: readonly Callable[], connected: ReadonlySet<string>, nowMs: number): Callable[] {
    const isWanted = ({ tier }: Callable): boolean => {
      if (tier === 'persistent') return true
      const count = connected.size + this.#calling.size
      return count < (tier === 'bootstrap' ? this.#limits.fewPeers : this.#limits.enoughPeers)
    }
    const chosen: Callable[] = []
    for (const tier of ['persistent', 'bootstrap', 'known'] as const)
      for (const callable of callables) {
        if (callable.tier !== tier || this.#calling.size >= this.#limits.callsAtOnce) continue
        const { peer } = callable
        if (connected.has(peer) || this.#calling.has(peer) || !isWanted(callable)) continue
        if ((this.#failures.get(peer)?.notBeforeMs ?? 0) > nowMs) continue
        this.#calling.add(peer)
        chosen.push(callable)
      }
    return chosen
  }

  succeeded(peer: string): void {
    this.#calling.delete(peer)
    this.#failures.delete(peer)
  }

  failed({ peer, tier }: Callable, nowMs: number): void {
    this.#calling.delete(peer)
    const before = this.#failures.get(peer)?.waitMs
    const waitMs = Math.min(before === undefined ? FIRST_WAIT_MS : 2 * before, MAX_WAIT_MS[tier])
    if (this.#failures.size >= REMEMBERED) this.#failures.clear()
    this.#failures.set(peer, { waitMs, notBeforeMs: nowMs + waitMs })
  }
}
