/**
 * How a node's application commits, as application-calls.ts orders it: one block after the other, each taking its time; builds,
 * checks and the next epoch wait until there is nothing left to commit.
 */
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import type { Certificate } from '../../node/types/vote.ts'

export interface Commit {
  readonly block: BlockRef
  /** Of several blocks that become final at once, the last one's alone. */
  readonly certificate: Certificate | undefined
}

export class Commits {
  readonly #commit: (next: Commit) => void
  /** Calls when the time that a commit takes is over, unless the node has crashed. */
  readonly #later: (run: () => void) => void
  #queue: Commit[] = []
  #waiting: (() => void)[] = []

  constructor(commit: (next: Commit) => void, later: (run: () => void) => void) {
    this.#commit = commit
    this.#later = later
  }

  get isIdle(): boolean {
    return this.#queue.length === 0
  }

  add(commits: readonly Commit[]): void {
    const { isIdle } = this
    this.#queue.push(...commits)
    if (isIdle && commits.length > 0) this.#next()
  }

  /** Runs now, or when everything is committed. */
  whenDone(run: () => void): void {
    if (this.isIdle) run()
    else this.#waiting.push(run)
  }

  /** What was under way is lost. */
  crash(): void {
    this.#queue = []
    this.#waiting = []
  }

  #next(): void {
    this.#later(() => {
      const [next] = this.#queue
      if (next === undefined) return
      this.#commit(next)
      this.#queue.shift()
      if (!this.isIdle) return this.#next()
      for (const run of this.#waiting.splice(0)) this.whenDone(run)
    })
  }
}
