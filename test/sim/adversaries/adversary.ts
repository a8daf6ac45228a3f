/**
 * What adversaries share: one that knows all that was ever signed, follows the views, serves blocks, signs whatever
 * it likes with its own key, and sends to whom it likes.
 */
import { type Hash, toHex } from '../../../node/types/primitives.ts'
import type { Certificate, Vote, VoteKind } from '../../../node/types/vote.ts'
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import type { Actor } from '../actor.ts'
import type { SimMessage } from '../network.ts'
import type { World } from '../world.ts'

export abstract class Adversary implements Actor {
  readonly node: number
  protected readonly simulation: World
  protected epoch = 0n
  protected view = 0n
  /** Of the epoch, in the order in which they came; what stands below the epoch first. */
  protected blocks: BlockRef[]
  #hasStarted = false

  constructor(simulation: World, node: number) {
    this.simulation = simulation
    this.node = node
    this.blocks = [simulation.chain.genesis]
  }

  /** A view has begun, as far as it knows. */
  protected abstract onView(view: bigint): void

  /** Somebody else's proposal. */
  protected abstract onProposal(block: BlockRef): void

  start(): void {
    if (this.#hasStarted) return
    this.#hasStarted = true
    this.#enter(1n)
  }

  /** It forgets nothing. */
  crash(): void {}

  receive(from: number, message: SimMessage): void {
    switch (message.kind) {
      case 'proposal':
        this.#learnAll(message.justification)
        this.#keep(message.block)
        if (this.hasVote && message.block.epoch === this.epoch) this.onProposal(message.block)
        return
      case 'certificates':
      case 'standstill':
        return this.#learnAll(message.certificates)
      case 'blocks':
        for (const block of message.blocks) this.#keep(block)
        return
      case 'blocksWanted': {
        const { hash } = message
        const blocks = this.blocks.filter(block => toHex(block.hash) === toHex(hash))
        return this.simulation.network.send(this.node, from, { kind: 'blocks', hash, blocks })
      }
      case 'vote':
      case 'certificatesWanted':
        return
    }
  }

  protected get identity(): number {
    return this.simulation.identityOf(this.node)
  }

  /** Whether it has a vote in the epoch it is in. */
  protected get hasVote(): boolean {
    return this.simulation.chain.committeeOf(this.epoch)?.positionOf(this.identity) !== undefined
  }

  protected leads(view: bigint): boolean {
    const committee = this.simulation.chain.committeeOf(this.epoch)
    return committee !== undefined && committee.identityAt(committee.info.leaderOf(view)) === this.identity
  }

  protected get others(): number[] {
    return [...Array(this.simulation.size).keys()].filter(node => node !== this.node)
  }

  protected sign(kind: VoteKind, view: bigint, hash: Hash | undefined): Vote {
    return this.simulation.signatures.sign(this.identity, {
      kind,
      epoch: this.epoch,
      view,
      hash: kind === 'nullify' ? undefined : hash,
    })
  }

  protected vote(
    kind: VoteKind,
    view: bigint,
    hash: Hash | undefined,
    to: readonly number[] = this.others,
  ): void {
    if (!this.hasVote) return
    const vote = this.sign(kind, view, hash)
    for (const node of to) this.simulation.network.send(this.node, node, { kind: 'vote', vote })
  }

  protected certificate(kind: VoteKind, view: bigint, hash?: Hash): Certificate | undefined {
    return this.simulation.signatures.assemble({ kind, epoch: this.epoch, view, hash })
  }

  /** Of this epoch's blocks, those that a certificate exists for, and what stands below the epoch. */
  protected certifiedBlocks(): BlockRef[] {
    return this.blocks.filter((block, index) => index === 0 || this.certificateOf(block) !== undefined)
  }

  protected certificateOf({ epoch, view, hash }: BlockRef): Certificate | undefined {
    if (epoch !== this.epoch) return undefined
    return this.certificate('notarize', view, hash) ?? this.certificate('finalize', view, hash)
  }

  /** What an honest leader would build on: the newest certified block that only nullified views follow. */
  protected honestParent(view: bigint): BlockRef | undefined {
    const base = this.blocks[0]
    for (let u = view - 1n; u > 0n; u--) {
      const certified = this.blocks.find(block => block.view === u && this.certificateOf(block) !== undefined)
      if (certified !== undefined) return certified
      if (this.certificate('nullify', u) === undefined) return undefined
    }
    return base
  }

  /** A new block on `parent`, or on what it is made to claim. */
  protected newBlock(view: bigint, parent: BlockRef, isNonsense = false): BlockRef {
    const block = this.simulation.chain.build({
      epoch: this.epoch,
      view,
      parent,
      parentView: parent.epoch === this.epoch ? parent.view : 0n,
      certificate: this.certificateOf(parent),
      builder: this.identity,
      wallMs: this.simulation.schedule.now,
      isNonsense,
    })
    this.#keep(block)
    return block
  }

  /** Everything that exists of the parent's and of the views between. */
  protected justification(block: BlockRef): Certificate[] {
    const parent = this.blocks.find(({ hash }) => toHex(hash) === toHex(block.parentHash))
    const certificates = [parent === undefined ? undefined : this.certificateOf(parent)]
    for (let u = block.view - 1n; u > block.parentView && certificates.length < 60; u--)
      certificates.push(this.certificate('nullify', u))
    return certificates.filter(certificate => certificate !== undefined)
  }

  protected propose(
    block: BlockRef,
    justification: readonly Certificate[],
    to: readonly number[],
    view = block.view,
  ): void {
    const { signature } = this.sign('notarize', view, block.hash)
    for (const node of to)
      this.simulation.network.send(this.node, node, {
        kind: 'proposal',
        view,
        block,
        signature,
        justification: [...justification],
      })
  }

  #keep(block: BlockRef): void {
    if (!this.blocks.some(({ hash }) => toHex(hash) === toHex(block.hash))) this.blocks.push(block)
  }

  #learnAll(certificates: readonly Certificate[]): void {
    for (const certificate of certificates) this.#learn(certificate)
  }

  #learn({ kind, epoch, view, hash }: Certificate): void {
    if (epoch < this.epoch) return
    if (epoch > this.epoch) this.#enterEpoch(epoch)
    const block = this.blocks.find(known => hash !== undefined && toHex(known.hash) === toHex(hash))
    const isBoundary = block !== undefined && block.height % this.simulation.chain.epochBlocks === 0n
    if (kind === 'finalize' && isBoundary && block.height > 0n) {
      this.#enterEpoch(epoch + 1n, block)
      this.#enter(1n)
    } else this.#enter(view + 1n)
  }

  #enterEpoch(epoch: bigint, boundary?: BlockRef): void {
    this.epoch = epoch
    this.view = 0n
    const height = epoch * this.simulation.chain.epochBlocks
    const base = boundary ?? this.blocks.find(block => block.height === height)
    this.blocks = base === undefined ? [] : [base]
  }

  #enter(view: bigint): void {
    if (view <= this.view) return
    this.view = view
    if (this.hasVote) this.onView(view)
  }
}
