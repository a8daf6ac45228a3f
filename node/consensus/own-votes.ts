/**
 * S[view]: what this validator has signed in an epoch, and must never contradict.
 *
 * Adding is the last guard in front of the signature: a vote that would be slashable with an earlier one of
 * its view throws instead, whatever led to it. So does a vote of a sealed view: what was signed there is not
 * known any more.
 */
import { conflictOf } from '../types/evidence.ts'
import type { VoteStatement } from '../types/vote.ts'
import { bytesEqual, type Hash } from '../types/primitives.ts'
import { ConsensusError } from './error.ts'

export interface OwnVotesOfView {
  readonly notarize: Hash | undefined
  readonly nullify: boolean
  readonly finalize: Hash | undefined
}

const NONE: OwnVotesOfView = { notarize: undefined, nullify: false, finalize: undefined }

const sameHash = (a: Hash | undefined, b: Hash | undefined): boolean =>
  a !== undefined && b !== undefined && bytesEqual(a, b)

export class OwnVotes {
  readonly #epoch: bigint
  readonly #views = new Map<bigint, OwnVotesOfView>()
  #sealedView: bigint

  constructor(epoch: bigint, sealedView: bigint) {
    this.#epoch = epoch
    this.#sealedView = sealedView
  }

  /** Up to here nothing may be signed any more. */
  get sealedView(): bigint {
    return this.#sealedView
  }

  of(view: bigint): OwnVotesOfView {
    return this.#views.get(view) ?? NONE
  }

  /** Whether this node signed that, as far as it can know: of a sealed view it cannot. */
  mayHaveSigned({ kind, view, hash }: VoteStatement): boolean {
    if (view <= this.#sealedView) return true
    const own = this.of(view)
    return kind === 'nullify' ? own.nullify : sameHash(own[kind], hash)
  }

  add(statement: VoteStatement): void {
    const { kind, view, hash } = statement
    if (view <= this.#sealedView || this.#of(view).some(own => conflictOf(own, statement) !== undefined)) {
      throw new ConsensusError(
        'conflict',
        `refused to sign ${kind} in view ${view} of epoch ${this.#epoch}: an earlier vote of this validator excludes it`,
      )
    }
    const change = kind === 'nullify' ? { nullify: true } : { [kind]: hash }
    this.#views.set(view, { ...this.of(view), ...change })
  }

  /** In order of view; within a view N, L, F. */
  statements(): VoteStatement[] {
    const views = [...this.#views.keys()].sort((a, b) => (a < b ? -1 : 1))
    return views.flatMap(view => this.#of(view))
  }

  /** Forgets the views up to the final one, and seals them. */
  prune(finalView: bigint): void {
    for (const view of this.#views.keys()) if (view <= finalView) this.#views.delete(view)
    if (finalView > this.#sealedView) this.#sealedView = finalView
  }

  #of(view: bigint): VoteStatement[] {
    const { notarize, nullify, finalize } = this.of(view)
    const epoch = this.#epoch
    const statements: VoteStatement[] = []
    if (notarize !== undefined) statements.push({ kind: 'notarize', epoch, view, hash: notarize })
    if (nullify) statements.push({ kind: 'nullify', epoch, view, hash: undefined })
    if (finalize !== undefined) statements.push({ kind: 'finalize', epoch, view, hash: finalize })
    return statements
  }
}
