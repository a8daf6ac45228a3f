/**
 * Runs the application's slow methods in the order that ports.ts promises, and turns their results into
 * events for the machine. One failure of a call that was not aborted goes to `onError`; none is left unhandled.
 */
import type { Certificate } from '../types/vote.ts'
import { type Hash, toHex } from '../types/primitives.ts'
import { ConsensusError } from './error.ts'
import type { Application, BlockWithBytes, BuildRequest } from './ports.ts'
import type { EpochInfo, Verdict } from './protocol.ts'

export interface CallResults {
  built(view: bigint, block: BlockWithBytes): void
  checked(hash: Hash, verdict: Verdict): void
  finalized(blocks: readonly BlockWithBytes[]): void
  epochReady(epoch: EpochInfo): void
  onError(error: ConsensusError): void
}

/** So many blocks may be on their way to the database when the next is built: no chain outruns its disk. */
const COMMITS_BEHIND = 1

interface Call {
  readonly controller: AbortController
  done: Promise<void>
}

export class ApplicationCalls {
  readonly #application: Application
  readonly #results: CallResults
  /** Settles when every `finalize` asked for so far has returned. Never rejects. */
  #commits: Promise<void> = Promise.resolve()
  #pendingCommits = 0
  #hasFailed = false
  #build: Call | undefined
  readonly #checks = new Map<string, Call>()

  constructor(application: Application, results: CallResults) {
    this.#application = application
    this.#results = results
  }

  /** Everything the machine has finalised is in the database. */
  get isCommitted(): boolean {
    return this.#pendingCommits === 0 && !this.#hasFailed
  }

  /** `waits`: until all that is final is in the database, whatever may be built before. */
  build(request: Omit<BuildRequest, 'signal'>, waits: boolean): void {
    this.abandonBuild()
    const goesAhead =
      !waits && this.#pendingCommits <= COMMITS_BEHIND && this.#application.isHere(request.parent.hash)
    const before = goesAhead ? Promise.resolve() : this.#commits
    this.#build = this.#call('buildBlock', before, async signal => {
      const block = await this.#application.buildBlock({ ...request, signal })
      if (!signal.aborted) this.#results.built(request.view, block)
    })
  }

  abandonBuild(): void {
    this.#build?.controller.abort()
    this.#build = undefined
  }

  check({ ref, bytes }: BlockWithBytes): void {
    const key = toHex(ref.hash)
    const call = this.#call('checkBlock', this.#commits, async signal => {
      const verdict = await this.#application.checkBlock({ ref, bytes, signal })
      if (!signal.aborted) this.#results.checked(ref.hash, verdict)
    })
    call.done = call.done.then(() => {
      if (this.#checks.get(key) === call) this.#checks.delete(key)
    })
    this.#checks.set(key, call)
  }

  abandonCheck(hash: Hash): void {
    this.#checks.get(toHex(hash))?.controller.abort()
  }

  finalize(blocks: readonly BlockWithBytes[], certificate: Certificate): void {
    this.#pendingCommits++
    const before = this.#commits
    const checks = blocks.map(({ ref }) => this.#checks.get(toHex(ref.hash))?.done ?? Promise.resolve())
    this.#commits = this.#attempt('finalize', new AbortController().signal, async () => {
      await before
      await Promise.all(checks)
      if (this.#hasFailed) return
      await this.#application.finalize(blocks, certificate)
      this.#pendingCommits--
      this.#results.finalized(blocks)
    })
  }

  /** Once the last block of the epoch before is committed. */
  beginEpoch(epoch: bigint): void {
    const before = this.#commits
    this.#commits = this.#attempt('epoch', new AbortController().signal, async () => {
      await before
      if (!this.#hasFailed) this.#results.epochReady(this.#application.epoch(epoch))
    })
  }

  /** Aborts what can be aborted and waits for what is being committed. */
  async stop(): Promise<void> {
    this.abandonBuild()
    for (const { controller } of this.#checks.values()) controller.abort()
    await this.#commits
  }

  #call(method: string, before: Promise<void>, run: (signal: AbortSignal) => Promise<void>): Call {
    const controller = new AbortController()
    const { signal } = controller
    const done = this.#attempt(method, signal, async () => {
      await before
      if (!signal.aborted && !this.#hasFailed) await run(signal)
    })
    return { controller, done }
  }

  async #attempt(method: string, signal: AbortSignal, run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (error) {
      if (signal.aborted || this.#hasFailed) return
      this.#hasFailed = true
      this.#results.onError(
        error instanceof ConsensusError
          ? error
          : new ConsensusError(
              'application',
              `${method} failed: ${error instanceof Error ? error.message : String(error)}`,
              {
                cause: error,
              },
            ),
      )
    }
  }
}
