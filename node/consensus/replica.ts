/**
 * The whole of consensus without I/O: one machine (machine.ts) per epoch, and what leads from one to the next.
 * `step(event, now) -> effects`; the driver and the simulator both drive this. It takes whole messages of peers,
 * which nobody has verified: what the machine would not keep is dropped before anything is spent on it, and
 * a certificate is verified when it would be news. Votes are verified at their quorum (tally.ts); until then their sender
 * answers for them. A proposal is believed on its sender's word, and verified if somebody relays it. A vote that is not
 * its sender's is no vote, but may be evidence (witnesses.ts).
 *
 *   an epoch runs:    its machine decides; messages that name it go there
 *   it is over:       the machine finalised the boundary block -> `finalize`, then `beginEpoch`
 *   the next begins:  `epochReady` (the boundary block is committed: the application knows the next set)
 *                     -> a machine on the boundary block, views from 1; what came early is taken now
 *   a message of e+1: kept, bounded per peer (early-messages.ts); its sender knows C[F] of our boundary block:
 *                     ask it, unless we have that too and only wait for the commit
 *   of e+2 or later:  ask its sender; the message itself is of no use
 *   of e-1 or before: answered with the C[F] that ended that epoch. So whoever is behind goes epoch by epoch,
 *                     verifying each with the set that the epoch before has fixed
 *
 * Invariants
 * 1. The machine of e+1 starts only on a boundary block that is final in e and committed. Two nodes therefore
 *    start it on the same block with the same set, and the argument of machine.ts holds across epochs: an
 *    epoch's chain is one, and every next one stands on its last block.
 * 2. Epochs never go back, and no vote is cast in one that is over: its machine has ended.
 * 3. Own votes are never forgotten while they could be contradicted: records of later epochs than the current one
 *    (the database is an older copy than the log) wait for their epoch; where the log was rewritten a `sealed`
 *    record stands for the votes that it no longer holds, and the machine signs nothing in those views.
 * 4. Signed with our key but not by us: another process has the key, or the log is not its latest. `impostor`:
 *    the driver stops before the two can be played against each other.
 *
 * Memory: the machine's; early messages; a time per peer that was lately asked or answered.
 */
import type { Hash } from '../types/primitives.ts'
import { createValidatorSet, type ValidatorSet } from '../types/validator-set.ts'
import type { Certificate, Vote, VoteStatement } from '../types/vote.ts'
import type { BlockRef } from './block-ref.ts'
import { EarlyMessages } from './early-messages.ts'
import { ConsensusError } from './error.ts'
import type { FinalBlock } from './ledger.ts'
import { Machine } from './machine.ts'
import { epochOfMessage, type Message } from './messages.ts'
import { retryAfterMs } from './pacing.ts'
import {
  type EpochInfo,
  type Event,
  type LogRecord,
  type Pacing,
  type Peer,
  type ReplicaEffect,
  type ReplicaEvent,
  VIEW_WINDOW,
} from './protocol.ts'
import { epochOfRecord, sealedViewOf } from './restore.ts'
import { Witnesses } from './witnesses.ts'

export interface ReplicaConfig {
  /** Own public key. Without one, or in an epoch whose set it is not in: follows without voting. */
  readonly voteKey: Uint8Array | undefined
  readonly pacing: Pacing
  /** Form, signers, power and signature. Pure, about 1 ms. */
  isValidCertificate(certificate: Certificate, validators: ValidatorSet): boolean
  /** Its signature. Pure, about 1 ms. */
  isValidVote(vote: Vote, validators: ValidatorSet): boolean
}

/** What the database holds last. */
export interface Finalized {
  readonly ref: BlockRef
  /** Absent for the genesis block, and after a crash between the commits of several blocks. */
  readonly certificate: Certificate | undefined
}

export interface ReplicaStart {
  /** Of the block after `finalized`. */
  readonly epoch: EpochInfo
  readonly finalized: Finalized
  /** Everything ever appended, in order. */
  readonly records: readonly LogRecord[]
}

/** Peers of whom it is remembered that they were lately asked or answered. */
const PACED_PEERS = 1024

export class Replica {
  readonly #config: ReplicaConfig
  #epoch: EpochInfo
  #validators: ValidatorSet
  #self: number | undefined
  #machine: Machine
  /** As found in the log, but for epochs that a machine was made of. */
  #records: readonly LogRecord[]
  readonly #early = new EarlyMessages()
  #hasAskedToBegin = false
  /** By peer: when it may be asked, or answered, again. */
  readonly #paced = new Map<string, number>()
  readonly #senders = new WeakMap<Vote, string>()
  readonly #witnesses = new Witnesses(vote => this.#isValid(vote))
  #now = 0
  #effects: ReplicaEffect[] = []

  constructor(config: ReplicaConfig, { epoch, finalized, records }: ReplicaStart) {
    this.#config = config
    this.#records = records
    this.#epoch = epoch
    const { ref, certificate } = finalized
    if (ref.height + 1n < epoch.firstHeight || ref.height >= epoch.lastHeight)
      throw new ConsensusError(
        'application',
        `epoch ${epoch.epoch} has heights ${epoch.firstHeight} to ${epoch.lastHeight}, but ${ref.height} is final`,
      )
    const isOfEpoch = ref.height >= epoch.firstHeight
    // Within an epoch a block is certified in the view it was built in; the boundary block ends it.
    const view = isOfEpoch ? (certificate?.view ?? ref.view) : 0n
    this.#validators = createValidatorSet(epoch.validators)
    this.#self = this.#positionOf(config.voteKey)
    this.#machine = this.#createMachine({ ref, view, certificate })
  }

  get epoch(): EpochInfo {
    return this.#epoch
  }

  get validators(): ValidatorSet {
    return this.#validators
  }

  /** Own position in the epoch's set. */
  get self(): number | undefined {
    return this.#self
  }

  get machine(): Machine {
    return this.#machine
  }

  get view(): bigint {
    return this.#machine.view
  }

  get final(): FinalBlock {
    return this.#machine.final
  }

  /** The peer that this very vote came from; `undefined` for own ones. */
  senderOf(vote: Vote): string | undefined {
    return this.#senders.get(vote)
  }

  /** Whether the bytes of this block are still needed. */
  hasBlock(hash: Hash): boolean {
    return this.#machine.hasBlock(hash) || this.#early.hasBlock(hash)
  }

  /** The least that a replica must be made from to go on as this one. */
  snapshot(): LogRecord[] {
    return [...this.#machine.snapshot(), ...this.#records]
  }

  /** `now` in ms, never less than before. The effects must be carried out in their order. */
  step(event: ReplicaEvent, now: number): ReplicaEffect[] {
    this.#now = now
    this.#effects = []
    this.#take(event)
    if (this.#machine.isOver && !this.#hasAskedToBegin) {
      this.#hasAskedToBegin = true
      this.#emit({ kind: 'beginEpoch', epoch: this.#epoch.epoch + 1n })
    }
    return this.#effects
  }

  #take(event: ReplicaEvent): void {
    switch (event.kind) {
      case 'message':
        return this.#onMessage(event.from, event.message)
      case 'epochReady':
        return this.#begin(event.epoch)
      case 'vote':
        return this.#giveIfCurrent(event.vote.epoch, event)
      case 'certificate':
        return this.#giveIfCurrent(event.certificate.epoch, event)
      case 'refused':
        return this.#giveIfCurrent(event.statement.epoch, event)
      case 'built':
        // A late answer to the epoch before must not pass for one to this.
        return this.#giveIfCurrent(event.block.epoch, event)
      case 'proven':
        return this.#giveIfCurrent(event.epoch, event)
      case 'start':
      case 'tick':
      case 'checked':
        return this.#give(event)
    }
  }

  // the next epoch begins
  #begin(epoch: EpochInfo): void {
    const { ref, certificate } = this.#machine.final
    if (
      !this.#machine.isOver ||
      epoch.epoch !== this.#epoch.epoch + 1n ||
      epoch.firstHeight !== ref.height + 1n
    )
      throw new ConsensusError(
        'application',
        `epoch ${epoch.epoch} from height ${epoch.firstHeight} cannot follow epoch ${this.#epoch.epoch}, final at height ${ref.height}`,
      )
    this.#epoch = epoch
    this.#validators = createValidatorSet(epoch.validators)
    this.#self = this.#positionOf(this.#config.voteKey)
    this.#machine = this.#createMachine({ ref, view: 0n, certificate })
    this.#hasAskedToBegin = false
    this.#give({ kind: 'start' })
    for (const { from, message } of this.#early.take()) {
      this.#onMessage(from, message)
      if (message.kind === 'proposal' && !this.#machine.hasBlock(message.block.hash))
        this.#emit({ kind: 'forget', hash: message.block.hash })
    }
  }

  #createMachine(final: FinalBlock): Machine {
    const { epoch, lastHeight, leaderOf } = this.#epoch
    const config = {
      epoch,
      lastHeight,
      leaderOf,
      validators: this.#validators,
      self: this.#self,
      sealedView: sealedViewOf(epoch, this.#records),
      pacing: this.#config.pacing,
    }
    const machine = new Machine(config, final, this.#records)
    this.#records = this.#records.filter(record => epochOfRecord(record) > epoch)
    return machine
  }

  #onMessage(from: Peer, message: Message<BlockRef>): void {
    const epoch = epochOfMessage(message)
    if (epoch === undefined) return
    if (epoch < this.#epoch.epoch) return this.#answerOld(from, epoch, message)
    if (epoch > this.#epoch.epoch) return this.#onLater(from, epoch, message)
    switch (message.kind) {
      case 'proposal':
        return this.#onProposal(from, message)
      case 'vote':
        return this.#onVote(from, message.vote)
      case 'certificates':
        this.#onCertificates(from, message.certificates)
        return
      case 'standstill':
        if (!this.#onCertificates(from, message.certificates)) return
        for (const vote of message.votes) this.#onVote(from, vote)
        return this.#give({ kind: 'standstill', peer: from.id, finalView: message.finalView })
      case 'blocks':
        return this.#give({ kind: 'blocks', blocks: message.blocks })
      case 'certificatesWanted':
        return this.#give({
          kind: 'certificatesWanted',
          peer: from.id,
          above: message.above,
          upTo: message.upTo,
        })
      case 'blocksWanted':
        return
    }
  }

  // of an epoch that is over
  #answerOld(from: Peer, epoch: bigint, { kind }: Message<BlockRef>): void {
    // Whoever relays certificates of it may be as far as we are.
    if (kind === 'certificates' || kind === 'blocks' || !this.#isTimeFor(from)) return
    this.#emit({ kind: 'sendBoundary', peer: from.id, epoch })
  }

  // of an epoch that has not begun here
  #onLater(from: Peer, epoch: bigint, message: Message<BlockRef>): void {
    if (epoch === this.#epoch.epoch + 1n) this.#early.add({ from, message })
    if (this.#machine.isOver || !this.#isTimeFor(from)) return
    const above = this.#machine.final.view
    this.#emit({
      kind: 'fetchCertificates',
      epoch: this.#epoch.epoch,
      above,
      upTo: above + VIEW_WINDOW,
      peer: from.id,
    })
  }

  #onProposal(from: Peer, message: Message<BlockRef> & { kind: 'proposal' }): void {
    const { view, block, signature, justification } = message
    const signer = this.#positionOf(from.voteKey)
    if (signer === undefined || this.#machine.isOver || view <= this.#machine.final.view) return
    if (!this.#onCertificates(from, justification)) return
    const { epoch } = this.#epoch
    const vote: Vote = { kind: 'notarize', epoch, view, hash: block.hash, signer, signature }
    if (from.isRelayed === true && this.#machine.awaitsProposal(signer, view) && !this.#isValid(vote))
      return this.#emit({ kind: 'report', peer: from.id, reason: `forged proposal of view ${view}` })
    this.#give({ kind: 'proposal', from: signer, view, block })
    this.#onVote(from, vote)
  }

  #isValid(vote: Vote): boolean {
    return this.#config.isValidVote(vote, this.#validators)
  }

  /** A vote has to come from its signer. */
  #onVote(from: Peer, vote: Vote): void {
    if (vote.epoch !== this.#epoch.epoch || !isWellFormed(vote)) return
    if (vote.signer !== this.#positionOf(from.voteKey)) return this.#onWitness(from, vote)
    this.#senders.set(vote, from.id)
    if (vote.signer === this.#self) {
      if (!this.#machine.mayHaveSigned(vote)) this.#emit({ kind: 'impostor', signed: vote })
      return
    }
    this.#give({ kind: 'vote', vote })
    this.#bearWitness(vote)
  }

  #bearWitness(vote: Vote): void {
    if (vote.kind !== 'notarize' || !this.#machine.admitsVote(vote)) return
    const leader = this.#epoch.leaderOf(vote.view)
    if (leader === this.#self) return
    const answer = this.#witnesses.answer(vote, leader, this.#machine)
    if (answer === undefined) return
    for (const rival of answer.rivals) {
      // Own votes have no sender.
      const peer = this.#senders.get(rival)
      if (peer !== undefined) this.#emit({ kind: 'sendWitness', peer, vote: answer.ofLeader })
    }
  }

  #onWitness(from: Peer, vote: Vote): void {
    switch (this.#witnesses.judge(from, vote, this.#machine)) {
      case 'useless':
        return
      case 'forged':
        return this.#emit({ kind: 'report', peer: from.id, reason: `forged witness of view ${vote.view}` })
      case 'genuine':
        if (vote.signer === this.#self) return this.#emit({ kind: 'impostor', signed: vote })
        return this.#give({ kind: 'witness', vote })
    }
  }

  /** False, and the rest of the message is not looked at, if one is forged. */
  #onCertificates(from: Peer, certificates: readonly Certificate[]): boolean {
    for (const certificate of certificates) {
      if (this.#machine.isOver || !this.#machine.wantsCertificate(certificate)) continue
      if (!this.#config.isValidCertificate(certificate, this.#validators)) {
        const { kind, view } = certificate
        this.#emit({ kind: 'report', peer: from.id, reason: `forged ${kind} certificate of view ${view}` })
        return false
      }
      if (this.#isSignedElsewhere(certificate)) this.#emit({ kind: 'impostor', signed: certificate })
      this.#give({ kind: 'certificate', certificate })
    }
    return true
  }

  #isSignedElsewhere(certificate: Certificate): boolean {
    const self = this.#self
    if (self === undefined || this.#machine.mayHaveSigned(certificate)) return false
    return ((certificate.signers[self >> 3] ?? 0) & (1 << (self & 7))) !== 0
  }

  /** False if this peer was asked or answered a moment ago. */
  #isTimeFor({ id }: Peer): boolean {
    if ((this.#paced.get(id) ?? 0) > this.#now) return false
    if (this.#paced.size >= PACED_PEERS) this.#paced.clear()
    this.#paced.set(id, this.#now + retryAfterMs(this.#config.pacing))
    return true
  }

  #positionOf(voteKey: Uint8Array | undefined): number | undefined {
    return voteKey === undefined ? undefined : this.#validators.indexOf(voteKey)
  }

  #giveIfCurrent(epoch: bigint, event: Event): void {
    if (epoch === this.#epoch.epoch) this.#give(event)
  }

  #give(event: Event): void {
    this.#effects.push(...this.#machine.step(event, this.#now))
  }

  #emit(effect: ReplicaEffect): void {
    this.#effects.push(effect)
  }
}

/** A nullify names no block; the others name one. */
const isWellFormed = ({ kind, hash }: VoteStatement): boolean => (kind === 'nullify') === (hash === undefined)
