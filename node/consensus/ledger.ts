/**
 * What is known of an epoch above its final block, and what follows from it for a block's place in the chain.
 * Nothing is decided or asked for here: where something is missing, the answer says what ({@link Lack}).
 *
 * A block is certified in the view it was built in, but for the epoch's last one, the boundary block: nothing can
 * stand on it, so that later views certify it again until it is final. What counts is the certificate's view.
 */
import type { Certificate } from '../types/vote.ts'
import { bytesEqual, type Hash, type Height, toHex } from '../types/primitives.ts'
import type { BlockRef } from './block-ref.ts'
import { BlockTree, type KnownBlock } from './block-tree.ts'
import { Certificates } from './certificates.ts'
import { ConsensusError } from './error.ts'
import { STANDSTILL_ITEMS } from './messages.ts'

export interface FinalBlock {
  readonly ref: BlockRef
  /** Of this epoch, in which it became final; 0 if it is the last block of the epoch before. */
  readonly view: bigint
  /** Absent for the genesis block, and while it is not known which certificate made this block final. */
  readonly certificate: Certificate | undefined
}

export type Lack =
  | { kind: 'certificate'; view: bigint }
  /** With its ancestors above a height. */
  | { kind: 'block'; hash: Hash; above: Height }
  /** The application has not said yet that it is valid. */
  | { kind: 'verdict'; block: KnownBlock }

export class Ledger {
  readonly certificates = new Certificates()
  readonly blocks = new BlockTree()
  readonly #epoch: bigint
  readonly #lastHeight: Height
  #final: FinalBlock

  constructor(epoch: { epoch: bigint; lastHeight: Height }, final: FinalBlock) {
    this.#epoch = epoch.epoch
    this.#lastHeight = epoch.lastHeight
    this.#final = final
  }

  get final(): FinalBlock {
    return this.#final
  }

  /** The boundary block is final: nothing more will be decided in this epoch. */
  get isOver(): boolean {
    return this.#final.ref.height >= this.#lastHeight
  }

  /** All certificates above the final view, in order. */
  above(): Certificate[] {
    return this.certificates.between(this.#final.view, this.certificates.highestView)
  }

  isBoundary({ height }: BlockRef): boolean {
    return height === this.#lastHeight
  }

  /** base(v): the block that a block of `view` has to stand on, as far as is known here, and where it was certified. */
  base(view: bigint): { parent: BlockRef; parentView: bigint } | Lack {
    for (let u = view - 1n; u > this.#final.view; u--) {
      const hash = this.certificates.certifiedHash(u)
      if (hash !== undefined) {
        const known = this.blocks.get(hash)
        return known === undefined ? this.#lackOfBlock(hash) : { parent: known.ref, parentView: u }
      }
      if (this.certificates.get('nullify', u) === undefined) return { kind: 'certificate', view: u }
    }
    return { parent: this.#final.ref, parentView: this.#final.view }
  }

  /** Whether an honest validator may vote N for a block in the current view; `never`: whatever else arrives. */
  judge(view: bigint, block: BlockRef): 'yes' | 'never' | Lack {
    const { height, epoch } = block
    if (epoch !== this.#epoch || height <= this.#final.ref.height || height > this.#lastHeight) return 'never'
    if (block.view === view) return this.#judgeNew(block)
    return block.view < view && this.isBoundary(block) ? this.#judgeAgain(view, block) : 'never'
  }

  #judgeNew(block: BlockRef): 'yes' | 'never' | Lack {
    const { view, parentHash, parentView } = block
    const final = this.#final
    // The final view can be neither skipped nor built on from below.
    if (parentView >= view || parentView < final.view) return 'never'
    const parent = parentView === final.view ? final.ref.hash : this.certificates.certifiedHash(parentView)
    if (parent === undefined) return { kind: 'certificate', view: parentView }
    if (!bytesEqual(parent, parentHash)) return 'never'
    for (let u = view - 1n; u > parentView; u--)
      if (this.certificates.get('nullify', u) === undefined) return { kind: 'certificate', view: u }
    const lack = this.lackOf(parentHash)
    if (lack !== undefined) return lack
    const parentHeight =
      parentView === final.view ? final.ref.height : this.blocks.get(parentHash)?.ref.height
    if (parentHeight === undefined || block.height !== parentHeight + 1n) return 'never'
    const known = this.blocks.add(block)
    if (known.status === 'invalid') return 'never'
    return known.status === 'valid' ? 'yes' : { kind: 'verdict', block: known }
  }

  /** The boundary block in a later view: certified before, and every view since then given up. */
  #judgeAgain(view: bigint, block: BlockRef): 'yes' | 'never' | Lack {
    if (block.view <= this.#final.view) return 'never'
    for (let u = view - 1n; u >= block.view; u--) {
      const certified = this.certificates.certifiedHash(u)
      if (certified !== undefined && bytesEqual(certified, block.hash))
        return this.lackOf(block.hash) ?? 'yes'
      if (this.certificates.get('nullify', u) === undefined) return { kind: 'certificate', view: u }
    }
    return { kind: 'certificate', view: block.view }
  }

  /** What a certified block still needs before one can build on it: it and all its ancestors valid here. */
  lackOf(hash: Hash): Lack | undefined {
    const path = this.blocks.path(hash, this.#final.ref)
    if ('absent' in path) return this.#lackOfAncestor(path.absent)
    for (const block of path.blocks) {
      assertNotInvalid(block)
      if (block.status !== 'valid') return { kind: 'verdict', block }
    }
    return undefined
  }

  /** That the block certified in this view was voted for; absent for the genesis block. */
  certificateOf(view: bigint): Certificate | undefined {
    return view === this.#final.view
      ? this.#final.certificate
      : (this.certificates.get('notarize', view) ?? this.certificates.get('finalize', view))
  }

  /**
   * For proposing a block in `view`: the certificate of what it stands on, its parent or, if it is the boundary
   * block again, itself; and every C[L] between. Of a very long gap the newest, the rest can be asked for.
   */
  justification(view: bigint, block: BlockRef): Certificate[] {
    const parentView = block.view === view ? block.parentView : this.#certifiedBelow(view, block)
    const parent = this.certificateOf(parentView)
    const skipped = this.certificates.between(parentView, view - 1n).filter(({ kind }) => kind === 'nullify')
    return [...(parent?.epoch === this.#epoch ? [parent] : []), ...skipped.slice(1 - STANDSTILL_ITEMS)]
  }

  /**
   * Moves the final block up to the highest C[F] whose branch is all here, and forgets what lies below.
   * `lacks`: blocks without which a higher C[F] cannot take effect.
   */
  advanceFinality(): {
    finalized: { blocks: BlockRef[]; certificate: Certificate; forgotten: Hash[] } | undefined
    lacks: Lack[]
  } {
    const lacks: Lack[] = []
    for (const certificate of this.above().reverse()) {
      const { kind, hash, view } = certificate
      if (kind !== 'finalize' || hash === undefined) continue
      const path = this.blocks.path(hash, this.#final.ref)
      if ('absent' in path) {
        const isFirst = bytesEqual(path.absent, hash)
        lacks.push(isFirst ? this.#lackOfBlock(hash) : this.#lackOfAncestor(path.absent))
        continue
      }
      for (const block of path.blocks) assertNotInvalid(block)
      const blocks = path.blocks.map(({ ref }) => ref)
      const last = blocks.at(-1)
      if (last === undefined) continue
      this.#final = { ref: last, view, certificate }
      this.certificates.prune(view)
      const forgotten = this.blocks.prune(({ ref }) => ref.view > view)
      return { finalized: { blocks, certificate, forgotten }, lacks }
    }
    return { finalized: undefined, lacks }
  }

  /** Forgets blocks that nothing leads to: neither certified, nor below one that is, nor wanted by `keep`. */
  forgetLoose(keep: (block: KnownBlock) => boolean): Hash[] {
    const reachable = this.blocks.withAncestors(this.certificates.certifiedHashes())
    return this.blocks.prune((block, name) => reachable.has(name) || keep(block))
  }

  #certifiedBelow(view: bigint, block: BlockRef): bigint {
    for (let u = view - 1n; u > block.view; u--) {
      const certified = this.certificates.certifiedHash(u)
      if (certified !== undefined && bytesEqual(certified, block.hash)) return u
    }
    return block.view
  }

  /** A certified block: what lies below it is probably here. */
  #lackOfBlock(hash: Hash): Lack {
    let above = this.#final.ref.height
    for (const { ref } of this.blocks.values()) if (ref.height > above) above = ref.height
    return { kind: 'block', hash, above }
  }

  /** Below a block that is here: everything down to the final one may be missing. */
  #lackOfAncestor(hash: Hash): Lack {
    return { kind: 'block', hash, above: this.#final.ref.height }
  }

  /** For voting F: the block of a certificate. */
  certified(hash: Hash): KnownBlock | Lack {
    return this.blocks.get(hash) ?? this.#lackOfBlock(hash)
  }
}

/** For a certified block: more than a third of the power is honest and found it valid. */
export const assertNotInvalid = ({ ref, status }: KnownBlock): void => {
  if (status !== 'invalid') return
  throw new ConsensusError(
    'diverged',
    `block ${toHex(ref.hash)} of view ${ref.view} is certified by more than two thirds of the power and invalid ` +
      `here: this node's state or software differs from theirs. Upgrade it, or restore it from a snapshot`,
  )
}
