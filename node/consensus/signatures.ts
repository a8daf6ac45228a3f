/**
 * What signatures say, at the edge of the pure replica: own votes are signed, those of a quorum are made a certificate or
 * found false, and of two votes that contradict each other both are verified before they count as evidence.
 *
 * Keys are those of the current epoch, and of the one before, whose effects may still be under way.
 */
import type { Evidence } from '../types/evidence.ts'
import type { ValidatorSet } from '../types/validator-set.ts'
import type { Certificate, Vote, VoteStatement } from '../types/vote.ts'
import { ConsensusError } from './error.ts'
import type { ReplicaEvent } from './protocol.ts'
import { createVoteKeys, type VoteKeys } from './vote-keys.ts'

export interface SignaturesOptions {
  readonly chainId: string
  readonly secretKey: Uint8Array | undefined
  /** Somebody has sent this vote, whose signature is false. */
  readonly onFalse: (vote: Vote, reason: string) => void
  /** Proved; once a signer and epoch. */
  readonly onEvidence: (evidence: Evidence) => void
}

export class Signatures {
  readonly #options: SignaturesOptions
  #keys: VoteKeys[] = []
  /** Against whom evidence was handed out, in this epoch. */
  readonly #convicted = new Set<string>()

  constructor(options: SignaturesOptions) {
    this.#options = options
  }

  beginEpoch(epoch: bigint, validators: ValidatorSet): void {
    const { chainId, secretKey } = this.#options
    this.#keys = [createVoteKeys({ chainId, epoch, validators, secretKey }), ...this.#keys.slice(0, 1)]
    this.#convicted.clear()
  }

  /** The same statement is signed once. */
  sign(statement: VoteStatement): Vote {
    return this.#keysOf(statement).sign(statement)
  }

  /** What the replica is to hear of it. */
  certify(statement: VoteStatement, votes: readonly Vote[]): ReplicaEvent {
    const result: Certificate | { faulty: number[] } = this.#keysOf(statement).certify(statement, votes)
    if (!('faulty' in result)) return { kind: 'certificate', certificate: result }
    const { faulty } = result
    for (const vote of votes)
      if (faulty.includes(vote.signer)) this.#tellFalse(vote, `a ${statement.kind} vote`)
    return { kind: 'refused', statement, faulty }
  }

  /** Two votes: each has to be its signer's. What the replica is to hear, if it is proved now. */
  prove(evidence: Evidence): ReplicaEvent | undefined {
    if (evidence.kind !== 'votes') return undefined
    const { first, second } = evidence
    const { epoch, signer } = first
    // One batch may hold several pairs, all seen before the first could be answered.
    const name = `${epoch}/${signer}`
    if (this.#convicted.has(name)) return undefined
    const keys = this.#keysOf(first)
    const faulty = [first, second].filter(vote => !keys.isValidVote(vote))
    for (const vote of faulty) this.#tellFalse(vote, 'a vote')
    if (faulty.length > 0) return undefined
    this.#convicted.add(name)
    this.#options.onEvidence(evidence)
    return { kind: 'proven', epoch, signer }
  }

  /** Throws `key_in_use` if it was signed with our key, by somebody else. */
  assertNotOurs(signed: Vote | Certificate): void {
    if ('signer' in signed && !this.#keysOf(signed).isValidVote(signed)) return
    const { kind, epoch, view } = signed
    throw new ConsensusError(
      'key_in_use',
      `a ${kind} vote of view ${view} in epoch ${epoch} was signed with this validator's key, but not here: another process ` +
        `uses the key, or the consensus log is not its latest. This one has stopped before it could be slashed. ` +
        `Stop the other one, and go on with the log of the one that voted last`,
    )
  }

  #tellFalse(vote: Vote, what: string): void {
    this.#options.onFalse(vote, `bad signature of ${what} of view ${vote.view}`)
  }

  #keysOf({ epoch }: VoteStatement): VoteKeys {
    const keys = this.#keys.find(keys => keys.epoch === epoch)
    if (keys === undefined) throw new ConsensusError('application', `a vote of epoch ${epoch}, which is over`)
    return keys
  }
}
