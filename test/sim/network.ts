/** Messages between simulated nodes: delayed, so reordered; lost and repeated while faults last; partitioned. */
import type { Certificate, Vote } from '../../node/types/vote.ts'
import type { Hash } from '../../node/types/primitives.ts'
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import type { Random } from './random.ts'
import type { Schedule } from './schedule.ts'

export type SimMessage =
  | { kind: 'proposal'; block: BlockRef; vote: Vote; justification: readonly Certificate[] }
  | { kind: 'vote'; vote: Vote }
  | { kind: 'certificates'; certificates: readonly Certificate[] }
  | { kind: 'standstill'; finalView: bigint; certificates: readonly Certificate[]; votes: readonly Vote[] }
  | { kind: 'blockWanted'; hash: Hash }
  | { kind: 'block'; block: BlockRef }
  | { kind: 'certificatesWanted'; above: bigint; upTo: bigint }

export interface Link {
  loss: number
  duplication: number
  maxDelayMs: number
  /** True: what `from` sends does not reach `to`. */
  isCut: (from: number, to: number) => boolean
}

export const CALM: Link = { loss: 0, duplication: 0, maxDelayMs: 20, isCut: () => false }

export class Network {
  link: Link = CALM
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
    const { loss, duplication, maxDelayMs, isCut } = this.link
    if (isCut(from, to) || this.#random.chance(loss)) return
    const copies = this.#random.chance(duplication) ? 2 : 1
    for (let i = 0; i < copies; i++)
      this.#schedule.after(1 + this.#random.below(maxDelayMs), () => this.#deliver(to, from, message))
  }
}
