/**
 * Sends whatever costs a receiver memory or work, most of it to one victim: votes of far and near views for blocks
 * that do not exist, forged certificates, blocks that nobody asked for, questions about everything, and in the views
 * that it leads one proposal after the other. It hardly ever stops.
 */
import { createHash } from 'node:crypto'
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { toHash } from '../../../node/types/primitives.ts'
import { BAD } from '../signatures.ts'
import type { SimMessage } from '../network.ts'
import { Adversary } from './adversary.ts'

const EVERY_MS = 10
const AT_ONCE = 40
/** In a view of its own. */
const PROPOSALS = 150
const FAR_VIEWS = 1_000_000

export class Flooder extends Adversary {
  #count = 0

  override start(): void {
    super.start()
    this.#flood()
  }

  protected onView(view: bigint): void {
    const parent = this.leads(view) ? this.honestParent(view) : undefined
    if (parent === undefined || this.simulation.isCalm) return
    const reason = this.newBlock(view, parent)
    const justification = this.justification(reason)
    this.propose(reason, justification, this.others)
    for (let i = 1; i < PROPOSALS; i++)
      this.propose(this.#extraBlock(view, parent), justification, this.#victim())
  }

  protected onProposal(): void {}

  #flood(): void {
    const { network, random, schedule, isCalm } = this.simulation
    if (isCalm || !this.hasVote) return
    for (let i = 0; i < AT_ONCE; i++) {
      const [to] = random.chance(0.8) ? this.#victim() : [this.others[random.below(this.others.length)]]
      if (to !== undefined) network.send(this.node, to, this.#nuisance())
    }
    schedule.after(EVERY_MS, () => this.#flood())
  }

  #victim(): number[] {
    return this.others.slice(0, 1)
  }

  /** That it does not keep itself. */
  #extraBlock(view: bigint, parent: BlockRef): BlockRef {
    const block = this.newBlock(view, parent, true)
    this.blocks.pop()
    return block
  }

  #nuisance(): SimMessage {
    const { random, signatures } = this.simulation
    const near = this.view + BigInt(random.below(160)) - 80n
    const view = random.chance(0.8) && near > 0n ? near : BigInt(random.below(FAR_VIEWS))
    const name = `flood/${this.node}/${this.#count++}`
    const hash = toHash(Uint8Array.from(createHash('sha256').update(name).digest()))
    const kind = (['notarize', 'nullify', 'finalize'] as const)[random.below(3)] ?? 'notarize'
    const vote = this.sign(kind, view, hash)
    switch (random.below(16)) {
      case 0: {
        const signers = this.simulation.committeeOf(this.epoch).set.toBitmap([vote.signer])
        return { kind: 'certificates', certificates: [{ ...vote, signers, signature: BAD }] }
      }
      case 1: {
        const block = this.#extraBlock(view, this.blocks.at(-1) ?? this.simulation.chain.genesis)
        const { signature } = this.sign('notarize', view, block.hash)
        return { kind: 'proposal', view, block, signature, justification: [] }
      }
      case 2: {
        const block = this.#extraBlock(view, this.blocks.at(-1) ?? this.simulation.chain.genesis)
        return { kind: 'blocks', hash: block.hash, blocks: [block] }
      }
      case 3:
        return { kind: 'certificatesWanted', epoch: this.epoch, above: 0n, upTo: BigInt(FAR_VIEWS) }
      case 4:
        return { kind: 'standstill', epoch: this.epoch, finalView: 0n, certificates: [], votes: [vote] }
      case 5: {
        const certificate = signatures.assemble({ kind: 'nullify', epoch: this.epoch, view, hash: undefined })
        return { kind: 'certificates', certificates: certificate === undefined ? [] : [certificate] }
      }
      default:
        return { kind: 'vote', vote }
    }
  }
}
