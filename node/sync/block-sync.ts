/**
 * Catching up with the peers' blocks: what happened comes in, what is to be done comes out. Pure.
 *
 *   path    certificates: which of the peers' headers are final       (trusted-path.ts)
 *   spans   the headers between those, by their hashes                (header-spans.ts)
 *   bodies  the blocks of those headers, by their roots               (bodies.ts)
 *   commit  block after block, one batch at a time
 *
 * All four run at once, each as far ahead of the next as its window lets it. Each step believes only what the one before
 * it has proved; so whatever peers say, what is committed is what more than two thirds of each epoch's power have signed.
 *
 * It ends when the head is within `nearBlocks` of the highest head that a peer claims and has not failed to prove, or with
 * a SyncError: every task is tried a few times with each peer, and who fails in a row or lies is not asked again.
 */
import type { LightClient } from '../light/light-client.ts'
import type { Height } from '../types/primitives.ts'
import { Asking } from './asking.ts'
import { type Batch, Bodies } from './bodies.ts'
import type { Core, DriveEffect, DriveEvent } from './drive.ts'
import { SyncError } from './error.ts'
import { type Checkpoint, HeaderSpans } from './header-spans.ts'
import { TrustedPath } from './trusted-path.ts'

export interface BlockSyncOptions {
  /** The own last block. */
  readonly head: Checkpoint
  /** Knows the validators of the head's epoch, or of the next. */
  readonly client: LightClient
  readonly epochBlocks: bigint
  readonly checkpoint?: Checkpoint | undefined
  readonly nearBlocks: bigint
  /** How long is waited for a peer that has what is needed. */
  readonly patienceMs: number
  /** Of one request; for tests. */
  readonly partBlocks?: number | undefined
  readonly stretchBlocks?: number | undefined
}

export const MAX_IN_FLIGHT = 24

export class BlockSync implements Core<Batch> {
  readonly #options: BlockSyncOptions
  readonly #asking = new Asking(MAX_IN_FLIGHT)
  readonly #path: TrustedPath
  readonly #spans: HeaderSpans
  readonly #bodies: Bodies
  #height: Height
  #committing: Batch | undefined
  #lonelySinceMs: number | undefined
  #hasEnded = false

  constructor(options: BlockSyncOptions) {
    const { head, client, epochBlocks, checkpoint, partBlocks } = options
    const asking = this.#asking
    this.#options = options
    this.#height = head.height
    this.#path = new TrustedPath({ client, epochBlocks, head: head.height, asking })
    this.#spans = new HeaderSpans({ asking, path: this.#path, head, checkpoint, partBlocks })
    this.#bodies = new Bodies(asking, this.#spans, options.stretchBlocks)
  }

  /** Of the last committed block. */
  get height(): Height {
    return this.#height
  }

  get target(): Height | undefined {
    return this.#path.target()
  }

  get peers(): number {
    return this.#asking.book.usable().length
  }

  get inFlight(): number {
    return this.#asking.inFlight
  }

  /** Blocks and bytes that are held or asked for. */
  get window(): { readonly blocks: number; readonly bytes: number } {
    return { blocks: this.#bodies.size, bytes: this.#bodies.reservedBytes }
  }

  nextAtMs(nowMs: number): number | undefined {
    // While blocks are on their way to the database nobody gives up: `worked` comes, and patience is looked at then.
    if (this.#committing !== undefined) return this.#asking.nextAtMs(nowMs, undefined)
    const { patienceMs } = this.#options
    const next = this.#asking.nextAtMs(nowMs, patienceMs)
    const lonely = this.#lonelySinceMs === undefined ? undefined : this.#lonelySinceMs + patienceMs
    return next === undefined || (lonely !== undefined && lonely < next) ? lonely : next
  }

  step(event: DriveEvent, nowMs: number): DriveEffect<Batch>[] {
    if (this.#hasEnded) return []
    const effects: DriveEffect<Batch>[] = []
    try {
      this.#take(event, nowMs)
      const last = this.#advance(nowMs)
      effects.push(...this.#asking.takeEffects(), ...last)
    } catch (error) {
      if (!(error instanceof SyncError)) throw error
      effects.push(...this.#asking.takeEffects().filter(({ kind }) => kind === 'report'), {
        kind: 'fail',
        error,
      })
    }
    this.#hasEnded = effects.some(({ kind }) => kind === 'end' || kind === 'fail')
    return effects
  }

  #take(event: DriveEvent, nowMs: number): void {
    switch (event.kind) {
      case 'peers':
        this.#asking.book.update(event.peers)
        return
      case 'answer':
        this.#asking.answer(event.id, event.bytes, nowMs)
        return
      case 'failure':
        this.#asking.failure(event.id, event.code, nowMs)
        return
      case 'worked':
        this.#height = this.#committing?.lastHeight ?? this.#height
        this.#committing = undefined
        return
      case 'time':
    }
  }

  #advance(nowMs: number): DriveEffect<Batch>[] {
    do {
      const target = this.#path.target()
      if (target !== undefined && target > this.#path.lastHeight + this.#options.nearBlocks)
        this.#path.plan(target)
      this.#spans.plan()
      this.#bodies.plan()
      this.#asking.assign(nowMs)
    } while (this.#path.takeGaveUp())
    this.#checkPatience(this.#path.target(), nowMs)
    const effects: DriveEffect<Batch>[] = []
    if (this.#committing === undefined) {
      this.#committing = this.#bodies.take()
      if (this.#committing !== undefined) effects.push({ kind: 'work', work: this.#committing })
    }
    if (this.#isDone(this.#path.target())) effects.push({ kind: 'end' })
    return effects
  }

  /** What was begun is finished first. */
  #isDone(target: Height | undefined): boolean {
    return (
      target !== undefined &&
      target <= this.#height + this.#options.nearBlocks &&
      this.#committing === undefined &&
      this.#path.lastHeight <= this.#height
    )
  }

  #checkPatience(target: Height | undefined, nowMs: number): void {
    const { patienceMs } = this.#options
    if (target !== undefined) this.#lonelySinceMs = undefined
    else this.#lonelySinceMs ??= nowMs
    // What is on its way to the database gets there first.
    if (this.#committing !== undefined) return
    if (this.#lonelySinceMs !== undefined && nowMs - this.#lonelySinceMs >= patienceMs)
      throw this.peers > 0
        ? new SyncError('unavailable', `none of ${this.peers} peers can prove the block that it says it has`)
        : new SyncError('no_peers', 'no peer is connected of whom blocks could be had')
    const stuck = this.#asking.stuck(nowMs, patienceMs)
    if (stuck === undefined) return
    const kept = this.#asking.book.usable().map(({ keptFrom }) => keptFrom)
    const from = kept.reduce<Height | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined)
    if (from !== undefined && from > this.#height + 1n)
      throw new SyncError(
        'pruned',
        `the peers keep blocks from ${from} on, and this node has them up to ${this.#height}: use a snapshot`,
      )
    throw new SyncError('unavailable', `no peer gives ${stuck.what}, though some say that they have it`)
  }
}
