/**
 * Puts blocks where they may not stand, each time it leads in another way:
 * - on a certified block of some views ago, although no C[L] excuses the views between;
 * - on claims that do not fit together: another view's hash, a later view, a wrong height;
 * - on the sibling, which few have seen, of the block that was certified in the same view;
 * - an epoch's last block once more, although nobody certified it in its own view;
 * - in a view that another leads.
 * It hands over only those certificates that make the others listen.
 */
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { Adversary } from './adversary.ts'

export class SkippingLeader extends Adversary {
  protected onView(view: bigint): void {
    const { random } = this.simulation
    if (!this.leads(view)) return random.chance(0.2) ? this.#usurp(view) : undefined
    if (this.#proposeLastAgain(view)) return
    const sibling = this.#siblingOfCertified()
    if (sibling !== undefined && random.chance(0.8)) return this.#propose(this.newBlock(view, sibling))
    const parent = this.honestParent(view)
    if (parent !== undefined && random.chance(0.7)) return this.#proposeTwo(view, parent)
    const claims = this.#falseClaims(view)
    const claim = claims[random.below(claims.length)]
    if (claim !== undefined) this.#propose(this.newBlock(view, claim))
  }

  protected onProposal({ view, hash }: BlockRef): void {
    this.vote('notarize', view, hash)
  }

  /** One that a quorum may see, and one for a single node. */
  #proposeTwo(view: bigint, parent: BlockRef): void {
    const [first, ...more] = this.others
    if (first === undefined) return
    const [shown, hidden] = [this.newBlock(view, parent), this.newBlock(view, parent)]
    this.propose(shown, this.justification(shown), more)
    this.propose(hidden, this.justification(hidden), [first])
  }

  #usurp(view: bigint): void {
    const parent = this.honestParent(view)
    if (parent === undefined) return
    const block = this.newBlock(view, parent)
    this.propose(block, this.justification(block), this.others)
  }

  #siblingOfCertified(): BlockRef | undefined {
    const newest = this.certifiedBlocks().at(-1)
    return this.blocks.find(
      block =>
        newest !== undefined &&
        block !== newest &&
        block.view === newest.view &&
        block.height === newest.height &&
        this.certificateOf(block) === undefined,
    )
  }

  #proposeLastAgain(view: bigint): boolean {
    const lastHeight = (this.epoch + 1n) * this.simulation.chain.epochBlocks
    const parent = this.honestParent(view)
    const isNext = parent !== undefined && parent.height + 1n === lastHeight
    const isNullified = this.certificate('nullify', view - 1n) !== undefined
    const last =
      isNext && isNullified && view > 1n
        ? this.newBlock(view - 1n, parent)
        : this.blocks.find(
            block =>
              block.epoch === this.epoch &&
              block.view < view &&
              block.height === lastHeight &&
              this.certificateOf(block) === undefined,
          )
    if (last === undefined) return false
    this.propose(last, this.justification({ ...last, view }), this.others, view)
    return true
  }

  #falseClaims(view: bigint): BlockRef[] {
    const certified = this.certifiedBlocks()
    const old = certified.at(-2 - this.simulation.random.below(2)) ?? certified[0]
    const newest = certified.at(-1)
    if (old === undefined || newest === undefined) return []
    return [
      old,
      { ...old, view: newest.view },
      { ...newest, view: old.view },
      { ...newest, height: newest.height + 1n },
      { ...newest, view },
    ]
  }

  #propose(block: BlockRef): void {
    const newest = this.certifiedBlocks().at(-1)
    const reason = [
      newest === undefined ? undefined : this.certificateOf(newest),
      this.certificate('nullify', block.view - 1n),
    ]
    this.propose(
      block,
      reason.filter(certificate => certificate !== undefined),
      this.others,
    )
  }
}
