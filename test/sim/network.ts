/** Messages between simulated nodes: delayed, so reordered; lost and repeated while faults last; partitioned. */
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import type { Message } from '../../node/consensus/messages.ts'
import type { Random } from './random.ts'
import type { Schedule } from './schedule.ts'

export type SimMessage = Message<BlockRef>

export interface Link {
  loss: number
  duplication: number
  minDelayMs: number
  maxDelayMs: number
  /** True: what `from` sends does not reach `to`. */
  isCut: (from: number, to: number) => boolean
}

export const CALM: Link = { loss: 0, duplication: 0, minDelayMs: 1, maxDelayMs: 20, isCut: () => false }

/** An adversary on the wire: loses a message, delivers it after so many ms, or (`undefined`) leaves it to the link. */
export type Tamper = (from: number, to: number, message: SimMessage) => 'lose' | number | undefined

export class Network {
  link: Link = CALM
  tamper: Tamper | undefined
  messages = 0
  readonly #schedule: Schedule
  readonly #random: Random
  readonly #deliver: (to: number, from: number, message: SimMessage) => void
  readonly #size: number

  constructor(options: {
    schedule: Schedule
    random: Random
    size: number
    deliver: (to: number, from: number, message: SimMessage) => void
  }) {
    this.#schedule = options.schedule
    this.#random = options.random
    this.#size = options.size
    this.#deliver = options.deliver
  }

  broadcast(from: number, message: SimMessage): void {
    for (let to = 0; to < this.#size; to++) if (to !== from) this.send(from, to, message)
  }

  send(from: number, to: number, message: SimMessage): void {
    const { loss, duplication, minDelayMs, maxDelayMs, isCut } = this.link
    this.messages++
    const verdict = this.tamper?.(from, to, message)
    if (verdict === 'lose' || (verdict === undefined && (isCut(from, to) || this.#random.chance(loss))))
      return
    const copies = this.#random.chance(duplication) ? 2 : 1
    for (let i = 0; i < copies; i++) {
      const delayMs = verdict ?? minDelayMs + this.#random.below(maxDelayMs - minDelayMs + 1)
      this.#schedule.after(delayMs, () => this.#deliver(to, from, message))
    }
  }
}
