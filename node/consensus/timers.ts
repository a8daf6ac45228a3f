/** When a view is late, when nothing has become final for too long, when to ask again: times, not timers. */
import { standstillAfterMs, viewTimeouts } from './pacing.ts'
import type { Pacing } from './protocol.ts'

export class Timers {
  readonly #pacing: Pacing
  #leaderAt: number | undefined
  #advanceAt: number | undefined
  #standstillAt: number | undefined

  constructor(pacing: Pacing) {
    this.#pacing = pacing
  }

  startView(now: number, viewsWithoutFinality: bigint): void {
    const { leaderMs, advanceMs } = viewTimeouts(this.#pacing, viewsWithoutFinality)
    this.#leaderAt = now + leaderMs
    this.#advanceAt = now + advanceMs
  }

  /** The leader's block is here, and good. */
  leaderDone(): void {
    this.#leaderAt = undefined
  }

  viewDone(): void {
    this.#leaderAt = undefined
    this.#advanceAt = undefined
  }

  startStandstill(now: number): void {
    this.#standstillAt = now + standstillAfterMs(this.#pacing)
  }

  stop(): void {
    this.viewDone()
    this.#standstillAt = undefined
  }

  isViewLate(now: number): boolean {
    return isDue(this.#leaderAt, now) || isDue(this.#advanceAt, now)
  }

  isStandstill(now: number): boolean {
    return isDue(this.#standstillAt, now)
  }

  /** The first of all, `other` included. */
  next(other: number | undefined): number | undefined {
    return [this.#leaderAt, this.#advanceAt, this.#standstillAt, other]
      .filter(at => at !== undefined)
      .reduce<number | undefined>((least, at) => (least === undefined || at < least ? at : least), undefined)
  }
}

export const isDue = (at: number | undefined, now: number): boolean => at !== undefined && now >= at
