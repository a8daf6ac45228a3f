/**
 * Shows each half of the network a block of its own, both well founded, and votes N for the one its half has. A while
 * later it votes N for the other one in each half, and F for both: a quorum for two blocks is what it hopes for.
 */
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { Adversary } from './adversary.ts'
import { drawHalf } from '../populations.ts'

const LATER_MS = 60

export class SplitProposer extends Adversary {
  protected onView(view: bigint): void {
    if (!this.leads(view)) return
    const parent = this.honestParent(view)
    if (parent === undefined) return
    const { random, size, schedule } = this.simulation
    const half = drawHalf(random, size)
    const sides = [this.others.filter(node => half.has(node)), this.others.filter(node => !half.has(node))]
    const blocks = sides.map(() => this.newBlock(view, parent))
    for (const [i, block] of blocks.entries()) this.propose(block, this.justification(block), sides[i] ?? [])
    const { epoch } = this
    schedule.after(random.below(LATER_MS), () => {
      if (this.epoch !== epoch) return
      for (const [i, { hash }] of blocks.entries()) {
        this.vote('notarize', view, hash, sides[1 - i])
        this.vote('finalize', view, hash, sides[i])
      }
    })
  }

  /** Of another leader's block it says yes to some, and no to the others. */
  protected onProposal({ view, hash }: BlockRef): void {
    const half = drawHalf(this.simulation.random, this.simulation.size)
    this.vote(
      'notarize',
      view,
      hash,
      this.others.filter(node => half.has(node)),
    )
    this.vote(
      'nullify',
      view,
      undefined,
      this.others.filter(node => !half.has(node)),
    )
  }
}
