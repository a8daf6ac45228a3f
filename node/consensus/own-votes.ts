/**
 * S[view]: what this validator has signed, and must never contradict.
 *
 * Adding is the last guard in front of the signature: a vote that would be slashable with an earlier one of
 * its view throws instead, whatever led to it.
 */
import type { VoteStatement } from '../types/vote.ts'
import { bytesEqual, type Hash } from '../types/primitives.ts'
import { ConsensusError } from './error.ts'

export interface OwnVotesOfView {
  readonly notarize: Hash | undefined
  readonly nullify: boolean
  readonly finalize: Hash | undefined
}

const NONE: OwnVotesOfView = { notarize: undefined, nullify: false, finalize: undefined }

const differ = (before: Hash | undefined, now: Hash | undefined): boolean =>
  before !== undefined && (now === undefined || !bytesEqual(before, now))

export class OwnVotes {
  readonly #views = new Map<bigint, OwnVotesOfView>()

  of(view: bigint): OwnVotesOfView {
    return this.#views.get(view) ?? NONE
  }

  add({ kind, view, hash }: VoteStatement): void {
    const before = this.of(view)
    const isSlashable =
      kind === 'notarize'
        ? differ(before.notarize, hash)
        : kind === 'finalize'
          ? differ(before.finalize, hash) || before.nullify
          : before.finalize !== undefined
    if (isSlashable) {
      throw new ConsensusError(
        'conflict',
        `refused to sign ${kind} in view ${view}: an earlier vote of this validator excludes it`,
      )
    }
    const change = kind === 'nullify' ? { nullify: true } : { [kind]: hash }
    this.#views.set(view, { ...before, ...change })
  }

  /** In order of view; within a view N, L, F. */
  statements(epoch: bigint): VoteStatement[] {
    const views = [...this.#views].sort(([a], [b]) => (a < b ? -1 : 1))
    return views.flatMap(([view, { notarize, nullify, finalize }]) => {
      const statements: VoteStatement[] = []
      if (notarize !== undefined) statements.push({ kind: 'notarize', epoch, view, hash: notarize })
      if (nullify) statements.push({ kind: 'nullify', epoch, view, hash: undefined })
      if (finalize !== undefined) statements.push({ kind: 'finalize', epoch, view, hash: finalize })
      return statements
    })
  }

  prune(finalView: bigint): void {
    for (const view of this.#views.keys()) if (view <= finalView) this.#views.delete(view)
  }
}
