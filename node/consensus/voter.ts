/**
 * How a vote comes about: into S, which refuses what would contradict it, into the log, and only then out. The block
 * that it names is logged before it. Who is not in the set, and in a sealed view everybody, votes for nothing.
 */
import type { Hash } from '../types/primitives.ts'
import type { VoteKind, VoteStatement } from '../types/vote.ts'
import type { KnownBlock } from './block-tree.ts'
import type { OwnVotes, OwnVotesOfView } from './own-votes.ts'
import type { Effect } from './protocol.ts'

export class Voter {
  readonly #epoch: bigint
  readonly #self: number | undefined
  readonly #own: OwnVotes
  readonly #emit: (effect: Effect) => void

  constructor(
    { epoch, self }: { readonly epoch: bigint; readonly self: number | undefined },
    own: OwnVotes,
    emit: (effect: Effect) => void,
  ) {
    this.#epoch = epoch
    this.#self = self
    this.#own = own
    this.#emit = emit
  }

  mayVote(view: bigint): boolean {
    return this.#self !== undefined && view > this.#own.sealedView
  }

  /** S[view] */
  of(view: bigint): OwnVotesOfView {
    return this.#own.of(view)
  }

  makeDurable(known: KnownBlock): void {
    if (known.durable) return
    known.durable = true
    this.#emit({ kind: 'append', record: { kind: 'block', block: known.ref } })
  }

  /** Remembers a vote that goes out with something else. */
  record(kind: VoteKind, view: bigint, hash: Hash | undefined): void {
    const statement = this.statement(kind, view, hash)
    this.#own.add(statement)
    this.#emit({ kind: 'append', record: { kind: 'vote', statement } })
  }

  cast(kind: VoteKind, view: bigint, hash: Hash | undefined): void {
    this.record(kind, view, hash)
    this.#emit({ kind: 'cast', statement: this.statement(kind, view, hash) })
  }

  statement(kind: VoteKind, view: bigint, hash: Hash | undefined): VoteStatement {
    return { kind, epoch: this.#epoch, view, hash }
  }
}
