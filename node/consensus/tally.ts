/**
 * Votes on their way to a certificate.
 *
 * Bounded: one vote per (signer, kind, view), whichever came first, and only for views the machine admits:
 * 2 windows * 3 kinds * n votes. Votes are counted unverified; when a quorum is there the whole set is handed
 * out once, to be aggregated and verified. Signers found faulty lose their vote of that kind and view.
 */
import type { Vote, VoteStatement } from '../types/vote.ts'
import { toHex } from '../types/primitives.ts'
import type { ValidatorSet } from '../types/validator-set.ts'

export interface Candidate {
  statement: VoteStatement
  votes: Vote[]
}

interface Ballot {
  statement: VoteStatement
  votes: Map<number, Vote>
  /** Handed out, answer awaited. */
  pending: boolean
}

interface Poll {
  /** Everyone whose vote of this kind and view has been counted, for any hash, or refused. */
  voted: Set<number>
  ballots: Map<string, Ballot>
}

const ballotKey = ({ hash }: VoteStatement): string => (hash === undefined ? '' : toHex(hash))

export class Tally {
  readonly #set: ValidatorSet
  /** By view, then kind. */
  readonly #views = new Map<bigint, Map<string, Poll>>()

  constructor(set: ValidatorSet) {
    this.#set = set
  }

  /** The candidate that this vote completes. */
  add(vote: Vote): Candidate | undefined {
    const { kind, epoch, view, hash, signer } = vote
    let polls = this.#views.get(view)
    if (polls === undefined) this.#views.set(view, (polls = new Map()))
    let poll = polls.get(kind)
    if (poll === undefined) polls.set(kind, (poll = { voted: new Set(), ballots: new Map() }))
    if (poll.voted.has(signer)) return undefined
    poll.voted.add(signer)
    const key = ballotKey(vote)
    let ballot = poll.ballots.get(key)
    if (ballot === undefined) {
      ballot = { statement: { kind, epoch, view, hash }, votes: new Map(), pending: false }
      poll.ballots.set(key, ballot)
    }
    ballot.votes.set(signer, vote)
    return this.#complete(ballot)
  }

  /** Takes the faulty votes out. What is left, with the votes that came meanwhile, may be a quorum again. */
  refuse(statement: VoteStatement, faulty: readonly number[]): Candidate | undefined {
    const ballot = this.#views.get(statement.view)?.get(statement.kind)?.ballots.get(ballotKey(statement))
    if (ballot === undefined) return undefined
    for (const signer of faulty) ballot.votes.delete(signer)
    ballot.pending = false
    return this.#complete(ballot)
  }

  /** Forgets every view that `keep` does not want. */
  prune(keep: (view: bigint) => boolean): void {
    for (const view of this.#views.keys()) if (!keep(view)) this.#views.delete(view)
  }

  /** Votes held, for bounds. */
  get size(): number {
    let size = 0
    for (const polls of this.#views.values())
      for (const { ballots } of polls.values()) for (const { votes } of ballots.values()) size += votes.size
    return size
  }

  #complete(ballot: Ballot): Candidate | undefined {
    if (ballot.pending || !this.#set.isQuorum(this.#set.powerOf(ballot.votes.keys()))) return undefined
    ballot.pending = true
    return { statement: ballot.statement, votes: [...ballot.votes.values()] }
  }
}
