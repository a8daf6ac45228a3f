/**
 * A scripted adversary, which random twins do not replace. When it leads, it forks: one block to all or one to each
 * half of the network, on an old certified parent without the C[L] between, or with a parent's view and
 * hash that do not belong together. In every view it votes for everything: N for every block, F for it, and L.
 */
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { Adversary } from './adversary.ts'

export class ForkingLeader extends Adversary {
  protected onView(view: bigint): void {
    if (!this.leads(view)) return
    const first = this.#fork(view)
    const second = this.simulation.random.chance(0.5) ? this.#fork(view) : first
    for (const to of this.others) {
      const block = to % 2 === 0 ? first : second
      if (block !== undefined) this.propose(block, this.#reason(block), [to])
    }
    for (const block of [first, second]) if (block !== undefined) this.#voteForAll(block)
  }

  protected onProposal(block: BlockRef): void {
    this.#voteForAll(block)
  }

  #fork(view: bigint): BlockRef | undefined {
    const { random } = this.simulation
    // Blocks below the final one are refused by everyone at once: the newest make the better forks.
    const certified = this.certifiedBlocks()
    const pick = (): BlockRef | undefined => certified.at(-1 - random.below(3)) ?? certified[0]
    const parent = pick()
    if (parent === undefined) return undefined
    return this.newBlock(view, random.chance(0.3) ? { ...parent, view: pick()?.view ?? 0n } : parent)
  }

  /** The certificate that ends the view before is what makes the others listen. */
  #reason(block: BlockRef) {
    const before = this.view - 1n
    const certified = this.blocks.find(({ view }) => view === before)
    const newest = [
      this.certificate('nullify', before),
      certified === undefined ? undefined : this.certificateOf(certified),
    ]
    return [
      ...newest.filter(certificate => certificate !== undefined),
      ...this.justification(block).slice(0, 1),
    ]
  }

  #voteForAll({ view, hash }: BlockRef): void {
    for (const kind of ['notarize', 'finalize', 'nullify'] as const) this.vote(kind, view, hash)
  }
}
