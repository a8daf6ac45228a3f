/**
 * Penalties of peers, and who is banned. Pure: times are milliseconds of the wall clock, passed in, for bans outlive the
 * process.
 *
 * - Each offence adds its points; points halve every `halfLifeMs`. At `threshold` the peer is banned and starts at zero.
 * - The first ban lasts `banMs`, each further one twice as long, up to `maxBanMs`. It counts as a further one until a peer
 *   has stayed without a ban for `forgiveMs`.
 * - Of peers with points and of banned ones a bounded number is remembered: of the first those that offended last, of the
 *   second those whose ban ends last.
 * - A clock that jumps bans nobody for ever: what would last longer than the longest ban is over.
 */
import { z } from 'zod'
import { LruMap } from '../types/lru-map.ts'
import type { Offence } from './ports.ts'

export const SCORE_RULES = {
  points: { invalid: 50, useless: 5 },
  threshold: 100,
  halfLifeMs: 10 * 60_000,
  banMs: 10 * 60_000,
  maxBanMs: 24 * 3_600_000,
  forgiveMs: 7 * 24 * 3_600_000,
  /** With points, and as many banned. */
  peers: 4096,
} as const
export interface ScoreRules {
  readonly points: Readonly<Record<Offence, number>>
  readonly threshold: number
  readonly halfLifeMs: number
  readonly banMs: number
  readonly maxBanMs: number
  readonly forgiveMs: number
  readonly peers: number
}

export interface Ban {
  readonly peer: string
  readonly untilMs: number
  /** How many there were, this one counted. */
  readonly count: number
}

/** Longer than any libp2p peer id. */
const MAX_PEER_ID_LENGTH = 128

const banListSchema = z.strictObject({
  version: z.literal(1),
  bans: z.array(
    z.strictObject({
      peer: z.string().min(1).max(MAX_PEER_ID_LENGTH),
      untilMs: z.int().nonnegative(),
      count: z.int().positive(),
    }),
  ),
})

export class PeerScores {
  readonly #rules: ScoreRules
  readonly #points: LruMap<string, { points: number; atMs: number }>
  /** Those that are over, too, until they are forgiven. */
  readonly #bans = new Map<string, Ban>()

  constructor(rules: ScoreRules = SCORE_RULES) {
    this.#rules = rules
    this.#points = new LruMap(rules.peers)
  }

  /** The ban, if this is one too many. */
  report(peer: string, offence: Offence, nowMs: number): Ban | undefined {
    const points = this.points(peer, nowMs) + this.#rules.points[offence]
    if (points < this.#rules.threshold) {
      this.#points.set(peer, { points, atMs: nowMs })
      return undefined
    }
    this.#points.delete(peer)
    return this.#ban(peer, nowMs)
  }

  points(peer: string, nowMs: number): number {
    const score = this.#points.get(peer)
    if (score === undefined) return 0
    return score.points * 0.5 ** (Math.max(0, nowMs - score.atMs) / this.#rules.halfLifeMs)
  }

  isBanned(peer: string, nowMs: number): boolean {
    const ban = this.#bans.get(peer)
    return ban !== undefined && this.#isRunning(ban, nowMs)
  }

  /** Those that run now. */
  bans(nowMs: number): Ban[] {
    return [...this.#bans.values()].filter(ban => this.#isRunning(ban, nowMs))
  }

  /** For the ban list's file: with bans that are over and would make the next one longer. */
  toJson(nowMs: number): string {
    const bans = [...this.#bans.values()].filter(ban => !this.#isForgiven(ban, nowMs))
    return `${JSON.stringify({ version: 1, bans }, undefined, 2)}\n`
  }

  /** Takes the bans of a file over; throws an Error that says what is wrong with it, and then has taken none. */
  load(json: string, nowMs: number): void {
    const { bans } = banListSchema.parse(JSON.parse(json))
    if (bans.length > this.#rules.peers)
      throw new RangeError(`${bans.length} bans are too many; the limit is ${this.#rules.peers}`)
    for (const ban of bans) if (!this.#isForgiven(ban, nowMs)) this.#remember(ban, nowMs)
  }

  #ban(peer: string, nowMs: number): Ban {
    const last = this.#bans.get(peer)
    const count = last === undefined || this.#isForgiven(last, nowMs) ? 1 : last.count + 1
    const { banMs, maxBanMs } = this.#rules
    const ban = { peer, untilMs: nowMs + Math.min(maxBanMs, banMs * 2 ** (count - 1)), count }
    this.#remember(ban, nowMs)
    return ban
  }

  #remember(ban: Ban, nowMs: number): void {
    this.#bans.set(ban.peer, ban)
    if (this.#bans.size <= this.#rules.peers) return
    for (const [peer, other] of this.#bans) if (this.#isForgiven(other, nowMs)) this.#bans.delete(peer)
    if (this.#bans.size <= this.#rules.peers) return
    let first = ban
    for (const other of this.#bans.values()) if (other.untilMs < first.untilMs) first = other
    this.#bans.delete(first.peer)
  }

  #isRunning({ untilMs }: Ban, nowMs: number): boolean {
    return nowMs < untilMs && untilMs - nowMs <= this.#rules.maxBanMs
  }

  /** From a clock that was ahead, too. */
  #isForgiven({ untilMs }: Ban, nowMs: number): boolean {
    return nowMs >= untilMs + this.#rules.forgiveMs || untilMs - nowMs > this.#rules.maxBanMs
  }
}
