/**
 * A scripted adversary, which random twins do not replace. When it leads, it forks: one block to all or one to each
 * half of the network, on an old certified parent without the C[L] between, or with a parent's view and
 * hash that do not belong together. In every view it votes for everything: N for every block, F for it, and L.
 */
import { toHex } from '../../node/types/primitives.ts'
import type { Certificate, Vote, VoteStatement } from '../../node/types/vote.ts'
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import type { LeaderOf } from '../../node/consensus/leader.ts'
import type { SimMessage } from './network.ts'
import type { World } from './node.ts'

const GOOD = Uint8Array.of(1)

export class ForkingLeader {
  readonly id: number
  readonly #world: World
  readonly #leaderOf: LeaderOf
  readonly #peers: number
  readonly #genesis: BlockRef
  #view = 0n
  readonly #blocks: BlockRef[] = []
  readonly #certificates = new Map<string, Certificate>()

  constructor(options: { id: number; world: World; leaderOf: LeaderOf; peers: number; genesis: BlockRef }) {
    this.id = options.id
    this.#world = options.world
    this.#leaderOf = options.leaderOf
    this.#peers = options.peers
    this.#genesis = options.genesis
    this.#blocks.push(options.genesis)
  }

  start(): void {
    this.#enter(1n)
  }

  /** It forgets nothing. */
  crash(): void {}

  receive(_from: number, message: SimMessage): void {
    if (message.kind === 'proposal') {
      this.#learn(message.justification)
      this.#blocks.push(message.block)
      this.#voteForAll(message.block)
    } else if (message.kind === 'certificates' || message.kind === 'standstill')
      this.#learn(message.certificates)
    else if (message.kind === 'blockWanted') {
      const block = this.#blocks.find(({ hash }) => toHex(hash) === toHex(message.hash))
      if (block !== undefined) this.#world.network.broadcast(this.id, { kind: 'block', block })
    }
  }

  #learn(certificates: readonly Certificate[]): void {
    for (const certificate of certificates) {
      if (certificate.hash !== undefined) this.#certificates.set(toHex(certificate.hash), certificate)
      this.#enter(certificate.view + 1n)
    }
  }

  #enter(view: bigint): void {
    if (view <= this.#view) return
    this.#view = view
    if (this.#leaderOf(view) !== this.#world.validatorOf(this.id)) return
    const { network } = this.#world
    const first = this.#fork(view)
    const proposals = [first, this.#world.random.chance(0.5) ? this.#fork(view) : first]
    for (let to = 0; to < this.#peers; to++) {
      const proposal = proposals[to % 2]
      if (proposal !== undefined && to !== this.id) network.send(this.id, to, proposal)
    }
  }

  #fork(view: bigint): SimMessage {
    const { random } = this.#world
    // Blocks below the final one are refused by everyone at once: the newest make the better forks.
    const certified = this.#blocks.filter(
      ({ hash, view }) => view === 0n || this.#certificates.has(toHex(hash)),
    )
    const pick = (): BlockRef => certified.at(-1 - random.below(3)) ?? this.#genesis
    const parent = pick()
    const claimed = random.chance(0.3) ? { ...parent, view: pick().view } : parent
    const block = this.#world.newBlock(view, claimed, this.id)
    this.#blocks.push(block)
    const certificate = this.#certificates.get(toHex(parent.hash))
    // The certificate that ends the view before is what makes the others listen.
    const newest = [...this.#certificates.values()].filter(({ view: v }) => v === view - 1n)
    const justification = [...newest, ...(certificate === undefined ? [] : [certificate])]
    this.#voteForAll(block)
    return { kind: 'proposal', block, vote: this.#sign('notarize', block), justification }
  }

  #voteForAll(block: BlockRef): void {
    for (const kind of ['notarize', 'finalize', 'nullify'] as const)
      this.#world.network.broadcast(this.id, { kind: 'vote', vote: this.#sign(kind, block) })
  }

  #sign(kind: VoteStatement['kind'], { view, hash }: BlockRef): Vote {
    return {
      kind,
      epoch: 0n,
      view,
      hash: kind === 'nullify' ? undefined : hash,
      signer: this.#world.validatorOf(this.id),
      signature: GOOD,
    }
  }
}
