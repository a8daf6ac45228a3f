/**
 * Signs two blocks in one view, and tells nobody anything that contradicts what it told him: no two of its signatures for one
 * view ever come from it to one node. By turns of chance:
 * - each half of the network gets a block of its own;
 * - the same, but the second half gets zeros for a signature;
 * - all but one get a block; the last one gets, a while later, no block but a vote for another.
 */
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { drawHalf } from '../populations.ts'
import { BAD } from '../signatures.ts'
import { Adversary } from './adversary.ts'

const LATER_MS = 100

export class CarefulSplitter extends Adversary {
  /** Views in which each half got a block and a signature, by `epoch/view`. */
  readonly split = new Set<string>()
  /** Views in which an honest node got a vote for another block than all others, and when it was sent. */
  readonly whispered = new Map<string, number>()

  protected onView(view: bigint): void {
    if (!this.leads(view)) return
    const parent = this.honestParent(view)
    if (parent === undefined) return
    const [first, second] = [this.newBlock(view, parent), this.newBlock(view, parent)]
    const { random } = this.simulation
    if (random.chance(0.4)) return this.#whisper(first, second)
    this.#split(first, second, random.chance(0.3))
  }

  protected onProposal({ view, hash }: BlockRef): void {
    this.vote('notarize', view, hash)
    this.vote('finalize', view, hash)
  }

  #split(first: BlockRef, second: BlockRef, isUnsigned: boolean): void {
    const half = drawHalf(this.simulation.random, this.simulation.size)
    const few = this.others.filter(node => half.has(node))
    const many = this.others.filter(node => !half.has(node))
    this.#show(first, few)
    if (isUnsigned) return this.#showUnsigned(second, many)
    this.#show(second, many)
    this.split.add(`${this.epoch}/${first.view}`)
  }

  #show(block: BlockRef, to: readonly number[]): void {
    this.propose(block, this.justification(block), to)
    this.vote('finalize', block.view, block.hash, to)
  }

  #showUnsigned(block: BlockRef, to: readonly number[]): void {
    const { view } = block
    const justification = this.justification(block)
    for (const node of to)
      this.simulation.network.send(this.node, node, {
        kind: 'proposal',
        view,
        block,
        signature: BAD,
        justification,
      })
  }

  #whisper(first: BlockRef, { view, hash }: BlockRef): void {
    const { random, schedule, honest } = this.simulation
    const one = this.others[random.below(this.others.length)] ?? this.node
    this.#show(
      first,
      this.others.filter(node => node !== one),
    )
    const { epoch } = this
    schedule.after(random.below(LATER_MS), () => {
      if (this.epoch !== epoch) return
      this.vote('notarize', view, hash, [one])
      if (honest.some(({ node }) => node === one)) this.whispered.set(`${epoch}/${view}`, schedule.now)
    })
  }
}
