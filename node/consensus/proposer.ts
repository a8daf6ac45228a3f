/** A leader's part (machine.ts: tryPropose): builds on base(v), or proposes again what it must. */
import { bytesEqual, toHex } from '../types/primitives.ts'
import type { BlockRef } from './block-ref.ts'
import { ConsensusError } from './error.ts'
import type { Exchange } from './exchange.ts'
import type { Ledger } from './ledger.ts'
import type { Effect, LeaderOf } from './protocol.ts'
import type { Timers } from './timers.ts'
import type { Voter } from './voter.ts'

export class Proposer {
  readonly #epoch: { epoch: bigint; self: number | undefined; leaderOf: LeaderOf }
  readonly #ledger: Ledger
  readonly #voter: Voter
  readonly #exchange: Exchange
  readonly #timers: Timers
  readonly #emit: (effect: Effect) => void
  #building: { view: bigint; parent: BlockRef; parentView: bigint } | undefined
  /** In the current view. */
  #hasProposed = false

  constructor(options: {
    epoch: { epoch: bigint; self: number | undefined; leaderOf: LeaderOf }
    ledger: Ledger
    voter: Voter
    exchange: Exchange
    timers: Timers
    emit: (effect: Effect) => void
  }) {
    this.#epoch = options.epoch
    this.#ledger = options.ledger
    this.#voter = options.voter
    this.#exchange = options.exchange
    this.#timers = options.timers
    this.#emit = options.emit
  }

  startView(): void {
    this.abandon()
    this.#hasProposed = false
  }

  abandon(): void {
    if (this.#building !== undefined) this.#emit({ kind: 'abandon', view: this.#building.view })
    this.#building = undefined
  }

  // tryPropose
  tryPropose(view: bigint): void {
    const { epoch, self, leaderOf } = this.#epoch
    if (self !== leaderOf(view) || this.#hasProposed || !this.#voter.mayVote(view)) return
    const own = this.#voter.of(view)
    if (own.nullify) return
    if (own.notarize !== undefined) {
      const known = this.#ledger.blocks.get(own.notarize)
      if (known !== undefined) this.#propose(view, known.ref)
      return
    }
    if (this.#building !== undefined) return
    const base = this.#ledger.base(view)
    if (!('parent' in base)) return this.#exchange.obtain(base)
    const { parent, parentView } = base
    const lack = this.#ledger.lackOf(parent.hash)
    if (lack !== undefined) return this.#exchange.obtain(lack)
    if (this.#ledger.isBoundary(parent)) return this.#proposeNew(view, parent)
    const certificate = this.#ledger.certificateOf(parentView)
    // After a crash between the commits of several blocks: others, who know it, will build.
    if (certificate === undefined && parent.height > 0n) return
    this.#building = { view, parent, parentView }
    this.#emit({ kind: 'build', epoch, view, parent, parentView, certificate })
  }

  onBuilt(view: bigint, block: BlockRef): void {
    if (this.#building?.view !== view) return
    const { parent, parentView } = this.#building
    this.#building = undefined
    if (
      block.view !== view ||
      block.epoch !== this.#epoch.epoch ||
      block.parentView !== parentView ||
      block.height !== parent.height + 1n ||
      !bytesEqual(block.parentHash, parent.hash)
    ) {
      throw new ConsensusError(
        'application',
        `buildBlock was asked for view ${view} on ${toHex(parent.hash)} and gave view ${block.view}, ` +
          `height ${block.height}, parent ${toHex(block.parentHash)} of view ${block.parentView}`,
      )
    }
    const own = this.#voter.of(view)
    if (own.nullify || own.notarize !== undefined) return
    this.#ledger.blocks.add(block).status = 'valid'
    this.#proposeNew(view, block)
  }

  #proposeNew(view: bigint, block: BlockRef): void {
    this.#voter.makeDurable(this.#ledger.blocks.add(block))
    this.#timers.leaderDone()
    this.#voter.record('notarize', view, block.hash)
    this.#propose(view, block)
  }

  #propose(view: bigint, block: BlockRef): void {
    this.#hasProposed = true
    this.#emit({
      kind: 'propose',
      block,
      statement: this.#voter.statement('notarize', view, block.hash),
      justification: this.#ledger.justification(view, block),
    })
  }
}
