/** The replica's one timer (protocol.ts: wake). */
import type { Clock } from './ports.ts'

export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #cancel = () => {}

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** `undefined`: not at all. What was set before does not ring any more. */
  set(at: number | undefined): void {
    this.#cancel()
    this.#cancel = () => {}
    if (at === undefined) return
    this.#cancel = this.#clock.after(Math.max(0, at - this.#clock.now()), () => {
      // A timer may ring early by the clock's rounding; then it is set again.
      if (this.#clock.now() < at) this.set(at)
      else this.#ring()
    })
  }
}
