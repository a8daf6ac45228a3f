/**
 * Whom to ask for a block: one peer at a time, each once, until one has it. Every further attempt starts with the
 * next peer, so that one who never answers holds nobody up but for that attempt.
 */
import { type Hash, type Height, toHex } from '../types/primitives.ts'

interface Inquiry {
  readonly above: Height
  readonly first: number
  asked: number
}

export class Inquiries {
  readonly #open = new Map<string, Inquiry>()
  #attempts = 0

  /** The others are given up: the replica asks again for what it still needs. */
  begin(hash: Hash, above: Height): void {
    this.#open.clear()
    this.#open.set(toHex(hash), { above, first: this.#attempts++, asked: 0 })
  }

  /** Whom to ask now, and for blocks above which height; `undefined` if nobody is left, or nothing is asked for. */
  next<P>(hash: Hash, peers: readonly P[]): { peer: P; above: Height } | undefined {
    const inquiry = this.#open.get(toHex(hash))
    if (inquiry === undefined || inquiry.asked >= peers.length) return undefined
    const peer = peers[(inquiry.first + inquiry.asked++) % peers.length] as P
    return { peer, above: inquiry.above }
  }

  clear(): void {
    this.#open.clear()
  }
}
