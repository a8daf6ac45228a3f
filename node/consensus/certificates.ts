/** The certificates above the final view, at most one per kind and view. */
import type { Certificate, VoteKind } from '../types/vote.ts'
import { bytesEqual, type Hash, toHex } from '../types/primitives.ts'
import { ConsensusError } from './error.ts'

type Slot = Partial<Record<VoteKind, Certificate>>

const sameHash = (a: Hash | undefined, b: Hash | undefined): boolean =>
  a === undefined || b === undefined ? a === b : bytesEqual(a, b)

const describe = ({ kind, hash }: Certificate): string =>
  `${kind} ${hash === undefined ? '' : toHex(hash)}`.trim()

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

  /** False if it was there already. Throws `conflict` on what a faulty third alone can make. */
  put(certificate: Certificate): boolean {
    const { kind, view } = certificate
    let slot = this.#views.get(view)
    if (slot === undefined) this.#views.set(view, (slot = {}))
    const rivals: (Certificate | undefined)[] =
      kind === 'nullify' ? [slot.finalize] : [slot.notarize, slot.finalize]
    if (kind === 'finalize') rivals.push(slot.nullify)
    const rival = rivals.find(other => other !== undefined && !sameHash(other.hash, certificate.hash))
    if (rival !== undefined) {
      throw new ConsensusError(
        'conflict',
        `view ${view} has two certificates that exclude each other (${describe(rival)}; ${describe(certificate)}): ` +
          `validators with more than a third of the power voted both ways. Keep the log: it is the evidence`,
      )
    }
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
      const { notarize, nullify, finalize } = this.#views.get(view) ?? {}
      return [notarize, nullify, finalize].filter(certificate => certificate !== undefined)
    })
  }

  prune(finalView: bigint): void {
    for (const view of this.#views.keys()) if (view <= finalView) this.#views.delete(view)
  }
}
