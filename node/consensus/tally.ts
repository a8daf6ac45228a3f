/**
 * Votes on their way to a certificate, and two by one signer that exclude each other.
 *
 * Bounded: one vote per (signer, kind, view), whichever came first, and only for views the machine admits:
 * 2 windows * 3 kinds * n votes. Votes are counted unverified; when a quorum is there the whole set is handed
 * out once, to be aggregated and verified. Signers found faulty lose their vote of that kind and view.
 *
 * A second vote that conflicts with one that is held is evidence, if both signatures are good: asked once per
 * signer and view, so that bad ones cost their sender as much as they cost us.
 */
import { type Evidence, voteEvidence } from '../types/evidence.ts'
import { toHex } from '../types/primitives.ts'
import type { ValidatorSet } from '../types/validator-set.ts'
import { type Vote, VOTE_KINDS, type VoteKind, type VoteStatement } from '../types/vote.ts'

export interface Candidate {
  statement: VoteStatement
  votes: Vote[]
}

interface Ballot {
  statement: VoteStatement
  signers: Set<number>
  /** Handed out, answer awaited. */
  pending: boolean
}

interface Poll {
  /** The first vote of each signer, for any hash. */
  votes: Map<number, Vote>
  /** Whose signature was bad: not counted again. */
  refused: Set<number>
  ballots: Map<string, Ballot>
}

interface ViewVotes {
  polls: Record<VoteKind, Poll>
  /** Of whom evidence was handed out. */
  suspects: Set<number>
}

const ballotKey = ({ hash }: VoteStatement): string => (hash === undefined ? '' : toHex(hash))

const newPoll = (): Poll => ({ votes: new Map(), refused: new Set(), ballots: new Map() })

export class Tally {
  readonly #set: ValidatorSet
  readonly #views = new Map<bigint, ViewVotes>()

  constructor(set: ValidatorSet) {
    this.#set = set
  }

  /** The candidate that this vote completes. */
  add(vote: Vote): Candidate | undefined {
    const { kind, epoch, view, hash, signer } = vote
    const poll = this.#of(view).polls[kind]
    if (poll.votes.has(signer)) return undefined
    poll.votes.set(signer, vote)
    if (poll.refused.has(signer)) return undefined
    const key = ballotKey(vote)
    let ballot = poll.ballots.get(key)
    if (ballot === undefined) {
      ballot = { statement: { kind, epoch, view, hash }, signers: new Set(), pending: false }
      poll.ballots.set(key, ballot)
    }
    ballot.signers.add(signer)
    return this.#complete(ballot, poll)
  }

  /** What this vote proves together with one that came before, if it is the first such of its signer and view. */
  suspect(vote: Vote): Evidence | undefined {
    const evidence = this.evidenceOf(vote)
    if (evidence !== undefined) this.#of(vote.view).suspects.add(vote.signer)
    return evidence
  }

  /** What `suspect` would say. */
  evidenceOf(vote: Vote): Evidence | undefined {
    const votes = this.#views.get(vote.view)
    if (votes === undefined || votes.suspects.has(vote.signer)) return undefined
    for (const kind of VOTE_KINDS) {
      const held = votes.polls[kind].votes.get(vote.signer)
      const evidence = held && voteEvidence(held, vote)
      if (evidence !== undefined) return evidence
    }
    return undefined
  }

  /** The first N of each signer. */
  notarizeVotes(view: bigint): ReadonlyMap<number, Vote> | undefined {
    return this.#views.get(view)?.polls.notarize.votes
  }

  /** Takes the faulty votes out. What is left, with the votes that came meanwhile, may be a quorum again. */
  refuse(statement: VoteStatement, faulty: readonly number[]): Candidate | undefined {
    const poll = this.#views.get(statement.view)?.polls[statement.kind]
    const ballot = poll?.ballots.get(ballotKey(statement))
    if (poll === undefined || ballot === undefined) return undefined
    for (const signer of faulty) {
      ballot.signers.delete(signer)
      poll.votes.delete(signer)
      poll.refused.add(signer)
    }
    ballot.pending = false
    return this.#complete(ballot, poll)
  }

  /** Forgets every view that `keep` does not want. */
  prune(keep: (view: bigint) => boolean): void {
    for (const view of this.#views.keys()) if (!keep(view)) this.#views.delete(view)
  }

  /** Votes held, for bounds. */
  get size(): number {
    let size = 0
    for (const { polls } of this.#views.values())
      for (const kind of VOTE_KINDS) size += polls[kind].votes.size
    return size
  }

  #of(view: bigint): ViewVotes {
    let votes = this.#views.get(view)
    if (votes === undefined) {
      const polls = { notarize: newPoll(), nullify: newPoll(), finalize: newPoll() }
      this.#views.set(view, (votes = { polls, suspects: new Set() }))
    }
    return votes
  }

  #complete(ballot: Ballot, { votes }: Poll): Candidate | undefined {
    if (ballot.pending || !this.#set.isQuorum(this.#set.powerOf(ballot.signers))) return undefined
    ballot.pending = true
    return {
      statement: ballot.statement,
      votes: [...ballot.signers].map(signer => votes.get(signer)).filter(vote => vote !== undefined),
    }
  }
}
