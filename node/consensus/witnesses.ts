/**
 * Witnesses against a leader that proposes two blocks in one view, each to some of the others, and nothing to anybody that
 * contradicts what it told him. It has signed both (a proposal carries its N vote), but nobody holds both signatures:
 * certificates are aggregates, and what everybody broadcasts are votes of his own.
 *
 *   X holds the leader's N for A, and hears Y's N for B: X sends the leader's N for A to Y, as a `vote` that is not X's own
 *   Y holds the leader's N for B: both are evidence, which goes the way of all evidence (machine.ts, driver.ts)
 *
 * Why it is found. Let one honest validator Y have voted for B, and another honest node X have got the leader's N for A, both
 * in a view that is not long past for either, and their messages to each other arrive. An honest validator votes for a block
 * that came with its leader's N, and keeps that; it sends its own N to everybody. So X, whichever of the two it hears first,
 * answers Y, and Y has the pair. No quorum is needed, neither block's certificate, nor that X has voted.
 *
 * Why it does no harm
 * - A vote that is not its sender's never counts as a vote: it may become evidence, or nothing. Views, votes, timers and what is
 *   final are the same with it and without it.
 * - An answer goes to who voted, and each validator's first N of a view alone is answered: there is at most one answer for each
 *   vote, no longer than that. Who votes for a block that does not exist is sent answers, and costs others nothing.
 * - X verifies the leader's N before it answers with it, once; a leader cannot make X pass on a forgery. So a forged one is the
 *   fault of who passed it on, who is reported; the leader is convicted by nothing but two signatures of its own.
 * - Nothing is verified that would be of no use: the view is among the last WITNESS_VIEWS or ahead, its leader's N for another
 *   block is here, and the leader has not been found out in it, nor proven guilty in this epoch. A genuine witness is thus
 *   verified once a view; a forger costs one verification (1 ms), and is then no longer listened to as a witness.
 * - Signed with our own key, though we hold our N for another block: somebody else has the key (replica.ts, invariant 4).
 *
 * What it does not find: two blocks of which no honest validator voted for either (both came too late, or are invalid; they
 * have led nobody anywhere); a pair whose halves are lost with a crash, since votes of others are not logged, or with the
 * end of the epoch, when it comes before the answer; a validator that is not the leader and votes differently to different
 * others, where one side's block is known to nobody.
 *
 * Memory: a verdict for each leader's N that the tally holds; of forgers the last FORGERS.
 */
import { LruMap } from '../types/lru-map.ts'
import { bytesEqual, toHex } from '../types/primitives.ts'
import type { Vote } from '../types/vote.ts'
import type { Peer } from './protocol.ts'

const FORGERS = 1024

/** What the machine of the epoch holds. */
export interface WitnessedVotes {
  /** Of an N vote: whether one like it, by its view's leader, may still be evidence. */
  isOfUse(vote: Vote): boolean
  /** Whether it is of use and contradicts the vote that is held of its signer. */
  wantsWitness(vote: Vote): boolean
  /** The first N of each signer. */
  notarizeVotes(view: bigint): ReadonlyMap<number, Vote> | undefined
}

export interface Answer {
  readonly ofLeader: Vote
  /** Whose senders it goes to. */
  readonly rivals: readonly Vote[]
}

export class Witnesses {
  readonly #isValid: (vote: Vote) => boolean
  readonly #verdicts = new WeakMap<Vote, boolean>()
  /** By voice: a peer, or the validator that it speaks for. */
  readonly #forgers = new LruMap<string, true>(FORGERS)

  constructor(isValid: (vote: Vote) => boolean) {
    this.#isValid = isValid
  }

  /** `vote` came from its signer and was given to the machine. */
  answer(vote: Vote, leader: number, held: WitnessedVotes): Answer | undefined {
    const votes = held.notarizeVotes(vote.view)
    const ofLeader = votes?.get(leader)
    // Of a signer's votes the first is held: the others are not answered.
    if (votes === undefined || ofLeader === undefined || votes.get(vote.signer) !== vote) return undefined
    const rivals = [...(vote === ofLeader ? votes.values() : [vote])].filter(
      ({ hash }) => hash !== undefined && ofLeader.hash !== undefined && !bytesEqual(hash, ofLeader.hash),
    )
    if (rivals.length === 0 || !held.isOfUse(ofLeader) || !this.#isGenuine(ofLeader)) return undefined
    return { ofLeader, rivals }
  }

  /** Of a vote that its signer did not send. */
  judge(from: Peer, vote: Vote, held: WitnessedVotes): 'genuine' | 'forged' | 'useless' {
    const voice = from.voteKey === undefined ? from.id : `${from.id} ${toHex(from.voteKey)}`
    if (!held.wantsWitness(vote) || this.#forgers.get(voice) === true) return 'useless'
    if (this.#isValid(vote)) return 'genuine'
    this.#forgers.set(voice, true)
    return 'forged'
  }

  #isGenuine(vote: Vote): boolean {
    let verdict = this.#verdicts.get(vote)
    if (verdict === undefined) this.#verdicts.set(vote, (verdict = this.#isValid(vote)))
    return verdict
  }
}
