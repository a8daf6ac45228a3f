/**
 * Spoils aggregates: signs badly among good votes, in its own name and in others', and passes on certificates with a signer who did not sign, with too
 * little power, with bits beyond the set, or of the wrong form.
 */
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import type { Certificate } from '../../../node/types/vote.ts'
import { BAD, GOOD } from '../signatures.ts'
import { Adversary } from './adversary.ts'

export class AggregateSpoiler extends Adversary {
  protected onView(view: bigint): void {
    this.#spoil('nullify', view, undefined)
  }

  protected onProposal({ view, hash }: BlockRef): void {
    this.#spoil('notarize', view, hash)
    this.#spoil('finalize', view, hash)
    const { random, network } = this.simulation
    const certificates = [this.#forge(view, hash)]
    for (const to of this.others)
      if (random.chance(0.5)) network.send(this.node, to, { kind: 'certificates', certificates })
  }

  #spoil(kind: 'notarize' | 'nullify' | 'finalize', view: bigint, hash: BlockRef['hash'] | undefined): void {
    const vote = { ...this.sign(kind, view, hash), signature: BAD }
    const { network, random } = this.simulation
    network.broadcast(this.node, { kind: 'vote', vote })
    const { set } = this.simulation.committeeOf(this.epoch)
    const signer = random.below(set.validators.length)
    network.broadcast(this.node, { kind: 'vote', vote: { ...vote, signer } })
  }

  #forge(view: bigint, hash: BlockRef['hash']): Certificate {
    const { random } = this.simulation
    const { set } = this.simulation.committeeOf(this.epoch)
    const everyone = [...set.validators.keys()]
    const kind = (['notarize', 'finalize'] as const)[random.below(2)] ?? 'finalize'
    const forged = { kind, epoch: this.epoch, view, hash }
    switch (random.below(5)) {
      case 0:
        return { ...forged, signers: set.toBitmap(everyone), signature: GOOD }
      case 1:
        return { ...forged, signers: set.toBitmap(everyone), signature: BAD }
      case 2:
        return { ...forged, signers: set.toBitmap(everyone.slice(0, 1)), signature: GOOD }
      case 3:
        return { ...forged, signers: new Uint8Array(set.toBitmap([]).length).fill(0xff), signature: GOOD }
      default:
        return { ...forged, kind: 'nullify', signers: set.toBitmap(everyone), signature: GOOD }
    }
  }
}
