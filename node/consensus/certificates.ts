/**
 * An epoch's certificates, at most one per kind and view: those above the final view, and of the VIEW_WINDOW
 * views below it, which only serve to notice another that conflicts.
 */
import { certificateEvidence } from '../types/evidence.ts'
import { bytesEqual, type Hash, toHex } from '../types/primitives.ts'
import { type Certificate, VOTE_KINDS, type VoteKind, type VoteStatement } from '../types/vote.ts'
import { ConsensusError } from './error.ts'
import { VIEW_WINDOW } from './protocol.ts'

type Slot = Partial<Record<VoteKind, Certificate>>

const sameHash = (a: Hash | undefined, b: Hash | undefined): boolean =>
  a === undefined || b === undefined ? a === b : bytesEqual(a, b)

const describe = ({ kind, hash }: VoteStatement): string =>
  `${kind} ${hash === undefined ? '' : toHex(hash)}`.trim()

/** Which kinds of certificate of one view a certificate excludes, if their hashes differ. */
const EXCLUDED: Readonly<Record<VoteKind, readonly VoteKind[]>> = {
  notarize: ['notarize', 'finalize'],
  nullify: ['finalize'],
  finalize: ['finalize', 'notarize', 'nullify'],
}

export class Certificates {
  readonly #views = new Map<bigint, Slot>()
  #highest = 0n

  /** The highest view that ever had a certificate here. */
  get highestView(): bigint {
    return this.#highest
  }

  get(kind: VoteKind, view: bigint): Certificate | undefined {
    return this.#views.get(view)?.[kind]
  }

  /** The block that more than two thirds voted for in this view, by N or F. */
  certifiedHash(view: bigint): Hash | undefined {
    const slot = this.#views.get(view)
    return (slot?.notarize ?? slot?.finalize)?.hash
  }

  certifiedHashes(): Hash[] {
    return [...this.#views.keys()].map(view => this.certifiedHash(view)).filter(hash => hash !== undefined)
  }

  /** One that cannot exist beside this unless a third of the power is faulty. */
  rivalOf({ kind, view, hash }: VoteStatement): Certificate | undefined {
    const slot = this.#views.get(view)
    return EXCLUDED[kind]
      .map(other => slot?.[other])
      .find(other => other !== undefined && !sameHash(other.hash, hash))
  }

  /** False if it was there already. Throws `conflict`, with the evidence if this is any. */
  put(certificate: Certificate): boolean {
    const { kind, view } = certificate
    const rival = this.rivalOf(certificate)
    if (rival !== undefined) {
      const evidence = certificateEvidence(rival, certificate)
      throw new ConsensusError(
        'conflict',
        `view ${view} of epoch ${certificate.epoch} has two certificates that exclude each other ` +
          `(${describe(rival)}; ${describe(certificate)}): validators with more than a third of the power ` +
          `voted both ways. Nothing that is decided from here on can be trusted`,
        evidence === undefined ? {} : { evidence },
      )
    }
    let slot = this.#views.get(view)
    if (slot === undefined) this.#views.set(view, (slot = {}))
    if (slot[kind] !== undefined) return false
    slot[kind] = certificate
    if (view > this.#highest) this.#highest = view
    return true
  }

  /** In order of view; within a view N, L, F. */
  between(above: bigint, upTo: bigint): Certificate[] {
    const views = [...this.#views.keys()].filter(view => view > above && view <= upTo)
    views.sort((a, b) => (a < b ? -1 : 1))
    return views.flatMap(view => {
      const slot = this.#views.get(view)
      return VOTE_KINDS.map(kind => slot?.[kind]).filter(certificate => certificate !== undefined)
    })
  }

  prune(finalView: bigint): void {
    for (const view of this.#views.keys()) if (view <= finalView - VIEW_WINDOW) this.#views.delete(view)
  }
}
