/**
 * What is known above the final block, and what follows from it for a block's place in the chain. Nothing is
 * decided or asked for here: where something is missing, the answer says what ({@link Lack}).
 */
import type { Certificate } from '../types/vote.ts'
import { bytesEqual, type Hash, toHex } from '../types/primitives.ts'
import type { BlockRef } from './block-ref.ts'
import { BlockTree, type KnownBlock } from './block-tree.ts'
import { Certificates } from './certificates.ts'
import { ConsensusError } from './error.ts'
import { STANDSTILL_ITEMS } from './protocol.ts'

export interface FinalBlock {
  readonly ref: BlockRef
  /** Absent for the genesis block alone. */
  readonly certificate: Certificate | undefined
}

export type Lack =
  | { kind: 'certificate'; view: bigint }
  | { kind: 'block'; hash: Hash }
  /** The application has not said yet that it is valid. */
  | { kind: 'verdict'; block: KnownBlock }

export class Ledger {
  readonly certificates = new Certificates()
  readonly blocks = new BlockTree()
  #final: FinalBlock

  constructor(final: FinalBlock) {
    this.#final = final
  }

  get final(): FinalBlock {
    return this.#final
  }

  /** All certificates above the final view, in order. */
  above(): Certificate[] {
    return this.certificates.between(this.#final.ref.view, this.certificates.highestView)
  }

  isCertified({ view, hash }: BlockRef): boolean {
    const certified = this.certificates.certifiedHash(view)
    return certified !== undefined && bytesEqual(certified, hash)
  }

  /** base(v): the block that a block of `view` has to stand on, as far as is known here. */
  base(view: bigint): { parent: BlockRef } | Lack {
    for (let u = view - 1n; u > this.#final.ref.view; u--) {
      const hash = this.certificates.certifiedHash(u)
      if (hash !== undefined) {
        const known = this.blocks.get(hash)
        return known === undefined ? { kind: 'block', hash } : { parent: known.ref }
      }
      if (this.certificates.get('nullify', u) === undefined) return { kind: 'certificate', view: u }
    }
    return { parent: this.#final.ref }
  }

  /** Whether an honest validator may vote N for a block of the current view; `never`: whatever else arrives. */
  judge(block: BlockRef): 'yes' | 'never' | Lack {
    const { view, parentHash, parentView } = block
    const final = this.#final.ref
    // The final view can be neither skipped nor built on from below.
    if (parentView >= view || parentView < final.view) return 'never'
    const parent = parentView === final.view ? final.hash : this.certificates.certifiedHash(parentView)
    if (parent === undefined) return { kind: 'certificate', view: parentView }
    if (!bytesEqual(parent, parentHash)) return 'never'
    for (let u = view - 1n; u > parentView; u--)
      if (this.certificates.get('nullify', u) === undefined) return { kind: 'certificate', view: u }
    const lack = this.lackOf(parentHash)
    if (lack !== undefined) return lack
    const parentHeight = parentView === final.view ? final.height : this.blocks.get(parentHash)?.ref.height
    if (parentHeight === undefined || block.height !== parentHeight + 1n) return 'never'
    const known = this.blocks.add(block)
    if (known.status === 'invalid') return 'never'
    return known.status === 'valid' ? 'yes' : { kind: 'verdict', block: known }
  }

  /** What a certified block still needs before one can build on it: it and all its ancestors valid here. */
  lackOf(hash: Hash): Lack | undefined {
    const path = this.blocks.path(hash, this.#final.ref)
    if ('absent' in path) return { kind: 'block', hash: path.absent }
    for (const block of path.blocks) {
      assertNotInvalid(block)
      if (block.status !== 'valid') return { kind: 'verdict', block }
    }
    return undefined
  }

  /** That the block one may build on was voted for; absent for the genesis block. */
  certificateOf(view: bigint): Certificate | undefined {
    return view === this.#final.ref.view
      ? this.#final.certificate
      : (this.certificates.get('notarize', view) ?? this.certificates.get('finalize', view))
  }

  /** The parent's certificate and every C[L] between; of a very long gap the newest, the rest can be asked for. */
  justification({ view, parentView }: BlockRef): Certificate[] {
    const parent = this.certificateOf(parentView)
    const skipped = this.certificates.between(parentView, view - 1n).filter(({ kind }) => kind === 'nullify')
    return [...(parent === undefined ? [] : [parent]), ...skipped.slice(1 - STANDSTILL_ITEMS)]
  }

  /**
   * Moves the final block up to the highest C[F] whose branch is all here, and forgets what lies below.
   * `absent`: blocks without which a higher C[F] cannot take effect.
   */
  advanceFinality(): {
    finalized: { blocks: BlockRef[]; certificate: Certificate; forgotten: Hash[] } | undefined
    absent: Hash[]
  } {
    const absent: Hash[] = []
    for (const certificate of this.above().reverse()) {
      if (certificate.kind !== 'finalize' || certificate.hash === undefined) continue
      const path = this.blocks.path(certificate.hash, this.#final.ref)
      if ('absent' in path) {
        absent.push(path.absent)
        continue
      }
      for (const block of path.blocks) assertNotInvalid(block)
      const blocks = path.blocks.map(({ ref }) => ref)
      const last = blocks.at(-1)
      if (last === undefined) continue
      this.#final = { ref: last, certificate }
      this.certificates.prune(last.view)
      const forgotten = this.blocks.prune(({ ref }) => ref.view > last.view)
      return { finalized: { blocks, certificate, forgotten }, absent }
    }
    return { finalized: undefined, absent }
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
