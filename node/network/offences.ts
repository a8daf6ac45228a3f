/** What peers did wrong, what they may send, and whom nobody here talks to for a while. */
import type { Offence } from './ports.ts'
import { REQUESTS, type RequestName } from './request-table.ts'

const POINTS: Readonly<Record<Offence, number>> = { invalid: 25, useless: 5 }
const BAN_POINTS = 100
const HALF_LIFE_MS = 60_000
const BAN_MS = 300_000
const BYTES_PER_SECOND = 32 * 1024 * 1024
const REMEMBERED = 4_096

interface Record_ {
  points: number
  atMs: number
  bannedUntilMs: number
}

export class Offences {
  readonly #records = new Map<string, Record_>()
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>()

  /** For how long the peer is banned, if it is from now on. */
  add(peer: string, offence: Offence, nowMs: number): number | undefined {
    const before = this.#records.get(peer)
    const decayed = before === undefined ? 0 : before.points * 0.5 ** ((nowMs - before.atMs) / HALF_LIFE_MS)
    const points = decayed + POINTS[offence]
    const isBanned = points >= BAN_POINTS
    if (this.#records.size >= REMEMBERED) this.#records.clear()
    this.#records.set(peer, {
      points: isBanned ? 0 : points,
      atMs: nowMs,
      bannedUntilMs: isBanned ? nowMs + BAN_MS : (before?.bannedUntilMs ?? 0),
    })
    return isBanned ? BAN_MS : undefined
  }

  isBanned(peer: string, nowMs: number): boolean {
    return (this.#records.get(peer)?.bannedUntilMs ?? 0) > nowMs
  }

  #take(key: string, amount: number, perSecond: number, nowMs: number): boolean {
    const bucket = this.#buckets.get(key) ?? { tokens: perSecond, atMs: nowMs }
    bucket.tokens = Math.min(perSecond, bucket.tokens + ((nowMs - bucket.atMs) / 1_000) * perSecond)
    bucket.atMs = nowMs
    bucket.tokens -= amount
    if (this.#buckets.size >= REMEMBERED) this.#buckets.clear()
    this.#buckets.set(key, bucket)
    return bucket.tokens >= 0
  }

  mayReceive(peer: string, bytes: number, nowMs: number): boolean {
    return this.#take(`bytes ${peer}`, bytes, BYTES_PER_SECOND, nowMs)
  }

  mayAsk(peer: string, name: RequestName, nowMs: number): boolean {
    return this.#take(`${name} ${peer}`, 1, REQUESTS[name].perSecond, nowMs)
  }
}
