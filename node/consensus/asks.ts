/** What has been asked of peers and is not here yet: each thing once, until it is time to ask again. */
import { type Hash, toHex } from '../types/primitives.ts'

export class Asks {
  readonly #blocks = new Set<string>()
  readonly #views = new Set<bigint>()
  readonly #retryAfterMs: number
  #retryAt: number | undefined

  constructor(retryAfterMs: number) {
    this.#retryAfterMs = retryAfterMs
  }

  get retryAt(): number | undefined {
    return this.#retryAt
  }

  /** True if it has to be asked for now. */
  addBlock(hash: Hash, now: number): boolean {
    return this.#add(this.#blocks, toHex(hash), now)
  }

  addView(view: bigint, now: number): boolean {
    return this.#add(this.#views, view, now)
  }

  /** True if it was asked for. */
  takeBlock(hash: Hash): boolean {
    return this.#blocks.delete(toHex(hash))
  }

  retryFrom(now: number): void {
    this.#retryAt ??= now + this.#retryAfterMs
  }

  clear(): void {
    this.#retryAt = undefined
    this.#blocks.clear()
    this.#views.clear()
  }

  #add<T>(asked: Set<T>, item: T, now: number): boolean {
    if (asked.has(item)) return false
    asked.add(item)
    this.retryFrom(now)
    return true
  }
}
