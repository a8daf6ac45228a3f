/** Proposes a good block and gives its own view up at once, before some of the others, or all, have seen the block. */
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { Adversary } from './adversary.ts'
import { drawHalf } from '../populations.ts'

export class SelfNullifier extends Adversary {
  protected onView(view: bigint): void {
    if (!this.leads(view)) return
    const parent = this.honestParent(view)
    if (parent === undefined) return
    const { random, size } = this.simulation
    const block = this.newBlock(view, parent)
    const half = drawHalf(random, size)
    const told = this.others.filter(node => half.has(node))
    if (random.chance(0.5)) this.vote('nullify', view, undefined)
    this.propose(block, this.justification(block), random.chance(0.5) ? this.others : told)
    this.vote('nullify', view, undefined, random.chance(0.5) ? this.others : told)
  }

  protected onProposal({ view, hash }: BlockRef): void {
    this.vote('notarize', view, hash)
    this.vote('finalize', view, hash)
  }
}
