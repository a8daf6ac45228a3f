/**
 * What one epoch's machine asks of others and tells them, apart from its votes: blocks and certificates that are
 * missing here, those that a peer misses, and everything again when nothing becomes final. Bounded by messages.ts.
 */
import { Asks } from './asks.ts'
import type { Lack, Ledger } from './ledger.ts'
import type { OwnVotes } from './own-votes.ts'
import { retryAfterMs } from './pacing.ts'
import { STANDSTILL_ITEMS } from './messages.ts'
import { type Effect, type Pacing, VIEW_WINDOW } from './protocol.ts'
import type { Certificate } from '../types/vote.ts'
import type { Hash } from '../types/primitives.ts'
import { isDue } from './timers.ts'

export class Exchange {
  readonly #epoch: bigint
  readonly #ledger: Ledger
  readonly #own: OwnVotes
  readonly #asks: Asks
  readonly #now: () => number
  readonly #emit: (effect: Effect) => void

  constructor(options: {
    epoch: bigint
    pacing: Pacing
    ledger: Ledger
    own: OwnVotes
    now: () => number
    emit: (effect: Effect) => void
  }) {
    this.#epoch = options.epoch
    this.#ledger = options.ledger
    this.#own = options.own
    this.#asks = new Asks(retryAfterMs(options.pacing))
    this.#now = options.now
    this.#emit = options.emit
  }

  get retryAt(): number | undefined {
    return this.#asks.retryAt
  }

  get isRetryDue(): boolean {
    return isDue(this.#asks.retryAt, this.#now())
  }

  /** Something cannot be had now: again later. */
  retry(): void {
    this.#asks.retryFrom(this.#now())
  }

  /** Asks whoever can give it, peers or the application, unless the answer is awaited. */
  obtain(lack: Lack): void {
    const now = this.#now()
    switch (lack.kind) {
      case 'block': {
        const { hash, above } = lack
        if (this.#asks.addBlock(hash, now)) this.#emit({ kind: 'fetchBlocks', hash, above })
        return
      }
      case 'certificate': {
        const { view } = lack
        if (!this.#asks.addView(view, now)) return
        const lowest = view - VIEW_WINDOW
        const above = lowest > this.#ledger.final.view ? lowest : this.#ledger.final.view
        return this.#emit({
          kind: 'fetchCertificates',
          epoch: this.#epoch,
          above,
          upTo: view,
          peer: undefined,
        })
      }
      case 'verdict':
        if (lack.block.status !== 'unchecked') return
        lack.block.status = 'checking'
        return this.#emit({ kind: 'check', block: lack.block.ref })
    }
  }

  /** True if the block was asked for. */
  take(hash: Hash): boolean {
    return this.#asks.takeBlock(hash)
  }

  askAgain(): void {
    this.#asks.clear()
    for (const known of this.#ledger.blocks.values())
      if (known.status === 'missing') known.status = 'unchecked'
  }

  stop(): void {
    this.#asks.clear()
  }

  // standstill
  standstill(): void {
    this.#emit({
      kind: 'standstill',
      epoch: this.#epoch,
      finalView: this.#ledger.final.view,
      certificates: [...this.#finalCertificate(), ...this.#ledger.above().slice(-STANDSTILL_ITEMS)],
      statements: this.#own.statements().slice(-STANDSTILL_ITEMS),
    })
  }

  onStandstill(peer: string, finalView: bigint): void {
    if (finalView < this.#ledger.final.view) this.#send(peer, [])
  }

  onCertificatesWanted(peer: string, above: bigint, upTo: bigint): void {
    const { view } = this.#ledger.final
    const found = this.#ledger.certificates.between(above > view ? above : view, upTo)
    this.#send(peer, found.slice(-STANDSTILL_ITEMS))
  }

  #send(peer: string, certificates: readonly Certificate[]): void {
    const all = [...this.#finalCertificate(), ...certificates]
    if (all.length > 0) this.#emit({ kind: 'sendCertificates', peer, certificates: all })
  }

  /** Of this epoch: the one before is over for everybody who is in this one. */
  #finalCertificate(): Certificate[] {
    const { certificate } = this.#ledger.final
    return certificate?.epoch === this.#epoch ? [certificate] : []
  }
}
