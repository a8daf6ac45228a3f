/**
 * Runs the replica (replica.ts): feeds it events, carries out its effects.
 *
 * One loop takes all waiting events, steps the replica through them, appends what must be remembered to the
 * log, syncs ONCE if a vote of our own is among it (signing meanwhile), and only then acts: sends, timers,
 * calls to the application. Own votes and results come back as events. Nothing signed leaves before it is logged.
 *
 * Behind the log, not before the sending, the signer's floor rises (floor.ts): a log put back from a backup is refused.
 *
 * Certificates and blocks without a vote are written with the next vote: losing them costs a question to
 * peers, never safety, and a final block's certificate is in the database.
 *
 * A build starts when our own events have run out and every `finalize` asked for before has returned, so a
 * lone validator builds on the committed block; among many, a leader whose parent is notarised but not
 * final builds at once and is not held up by finality.
 *
 * Any fault (the application throws, the disk is full, certificates conflict, somebody else has our key) stops
 * everything: `onFatal`. Evidence of a conflict is handed out before.
 */
import { blsPublicKeyOf, blsVerifyAggregate } from '../crypto/bls.ts'
import { BLS_PUBLIC_KEY_BYTES } from '../types/validator.ts'
import { certificateProblem } from '../types/validator-set.ts'
import type { Vote, VoteStatement } from '../types/vote.ts'
import { Alarm } from './alarm.ts'
import { ApplicationCalls } from './application-calls.ts'
import { ConsensusError } from './error.ts'
import type { SignerFloor } from './floor.ts'
import { HeldBlocks } from './held-blocks.ts'
import { Inbox } from './inbox.ts'
import { type Compaction, LogBook } from './log-book.ts'
import type { WireMessage } from './messages.ts'
import { Peers } from './peers.ts'
import type { Application, BlockWithBytes, Clock, Transport } from './ports.ts'
import type { Pacing, ReplicaEffect, ReplicaEvent } from './protocol.ts'
import { Relays } from './relays.ts'
import { Replica } from './replica.ts'
import { Signatures } from './signatures.ts'
import { isValidVote } from './vote-keys.ts'
import type { WriteAheadLog } from './wal.ts'

export interface ConsensusOptions {
  readonly chainId: string
  /** Own BLS secret key. Without it, or in an epoch whose set it is not in: follows the chain without voting. */
  readonly voteSecret: Uint8Array | undefined
  readonly pacing: Pacing
  /** Just opened; belongs to consensus from here on, which closes it. */
  readonly log: WriteAheadLog
  /** As the log. Without one an old copy of the log passes for the latest. */
  readonly floor?: SignerFloor | undefined
  readonly compaction?: Compaction
  readonly clock: Clock
  readonly application: Application
  readonly transport: Transport
  /** Called once. Consensus has stopped; `stop()` still has to be awaited. */
  readonly onFatal: (error: ConsensusError) => void
}

export interface ConsensusStatus {
  readonly epoch: bigint
  readonly view: bigint
  readonly finalView: bigint
  readonly finalHeight: bigint
  /** Position in the epoch's set. */
  readonly validator: number | undefined
  readonly logBytes: number
}

export interface Consensus {
  start(): void
  /** Finishes what is being written and committed, then closes the log. */
  stop(): Promise<void>
  status(): ConsensusStatus
}

interface Waiting {
  event: ReplicaEvent
  /** That come with it, until the replica says that it does not need them. */
  blocks: readonly BlockWithBytes[]
}

/** Throws `log_foreign` if the log was written by another validator or for another chain, `log_stale` if it is an old copy. */
export const createConsensus = (options: ConsensusOptions): Consensus => {
  const driver = new Driver(options)
  return {
    start: () => driver.start(),
    stop: () => driver.stop(),
    status: () => driver.status(),
  }
}

class Driver {
  readonly #options: ConsensusOptions
  readonly #replica: Replica
  readonly #signatures: Signatures
  readonly #voteKey: Uint8Array | undefined
  readonly #inbox: Inbox
  readonly #peers: Peers
  readonly #relays: Relays
  readonly #book: LogBook
  readonly #calls: ApplicationCalls
  readonly #blocks = new HeldBlocks()
  readonly #alarm: Alarm
  /** Own votes and results of our own calls: taken before anything from outside. */
  #own: Waiting[] = []
  /** Application calls that wait until our own events have run out. */
  #deferred: (() => void)[] = []
  #loop: Promise<void> | undefined
  #isStopping = false

  constructor(options: ConsensusOptions) {
    this.#options = options
    const { chainId, log, floor, pacing, application, compaction, transport, voteSecret } = options
    this.#voteKey = voteSecret && blsPublicKeyOf(voteSecret)
    const owner = { chainId, voteKey: this.#voteKey ?? new Uint8Array(BLS_PUBLIC_KEY_BYTES) }
    this.#book = new LogBook({ log, floor, blocks: this.#blocks, owner, compaction })
    const finalized = application.lastFinalized()
    const last = application.epoch(finalized.ref.epoch)
    const epoch = finalized.ref.height < last.lastHeight ? last : application.epoch(last.epoch + 1n)
    this.#replica = new Replica(
      {
        voteKey: this.#voteKey,
        pacing,
        isValidCertificate: (certificate, validators) =>
          certificateProblem(chainId, validators, certificate, blsVerifyAggregate) === undefined,
        isValidVote: (vote, validators) => isValidVote(chainId, validators, vote),
      },
      { epoch, finalized, records: this.#book.recovered },
    )
    // Alone, nobody can hold two votes against each other.
    if (epoch.validators.length > 1) this.#book.checkFloor()
    if (log.recovered.length === 0) this.#book.begin(epoch.epoch)
    this.#signatures = new Signatures({
      chainId,
      secretKey: voteSecret,
      onFalse: (vote, reason) => {
        const sender = this.#replica.senderOf(vote)
        if (sender !== undefined) transport.report(sender, reason)
      },
      onEvidence: evidence => application.onEvidence(evidence),
    })
    this.#useKeys()
    this.#blocks.prune(hash => this.#replica.hasBlock(hash))
    this.#alarm = new Alarm(options.clock, () => this.#enqueue({ kind: 'tick' }))
    this.#inbox = new Inbox(application, transport)
    this.#peers = new Peers(transport, application, this.#blocks)
    this.#relays = new Relays({
      clock: options.clock,
      networkDelayMs: pacing.networkDelayMs,
      peers: () => transport.peers(),
      isVoter: ({ voteKey }) =>
        voteKey !== undefined && this.#replica.validators.indexOf(voteKey) !== undefined,
      send: (peers, certificates) =>
        this.#peers.sendTo(peers, { kind: 'certificates', certificates: [...certificates] }),
    })
    this.#calls = new ApplicationCalls(application, {
      built: (view, block) => this.#enqueue({ kind: 'built', view, block: block.ref }, [block]),
      checked: (hash, verdict) => this.#enqueue({ kind: 'checked', hash, verdict }),
      finalized: blocks => {
        this.#book.countFinal(blocks.length)
        this.#wake()
      },
      epochReady: epoch => this.#enqueue({ kind: 'epochReady', epoch }),
      onError: error => this.#fail(error),
    })
  }

  start(): void {
    this.#options.transport.onMessage((from, message) => {
      if (this.#isStopping) return
      try {
        if (this.#inbox.receive(from, message)) this.#wake()
      } catch (error) {
        this.#fail(toConsensusError(error))
      }
    })
    this.#enqueue({ kind: 'start' })
  }

  status(): ConsensusStatus {
    const { epoch, view, final, self } = this.#replica
    return {
      epoch: epoch.epoch,
      view,
      finalView: final.view,
      finalHeight: final.ref.height,
      validator: self,
      logBytes: this.#book.sizeBytes,
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#alarm.set(undefined)
    this.#relays.stop()
    const committed = this.#calls.stop()
    await this.#loop
    await committed
    await this.#book.close()
  }

  #enqueue(event: ReplicaEvent, blocks: readonly BlockWithBytes[] = []): void {
    this.#own.push({ event, blocks })
    this.#wake()
  }

  #wake(): void {
    if (this.#isStopping || this.#loop !== undefined) return
    // Never in the caller's turn: what it calls may wake it, and two loops would write over each other's log.
    this.#loop = Promise.resolve()
      .then(() => this.#run())
      .catch((error: unknown) => this.#fail(toConsensusError(error)))
      .finally(() => {
        this.#loop = undefined
        if (this.#hasWork()) this.#wake()
      })
  }

  #hasWork(): boolean {
    return this.#own.length + this.#inbox.size + this.#deferred.length > 0 || this.#isRewriteDue()
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      await this.#process(this.#nextBatch())
      if (this.#own.length === 0) {
        for (const call of this.#deferred.splice(0)) call()
        if (this.#isRewriteDue() && !this.#isStopping)
          await this.#book.rewrite(this.#replica.epoch.epoch, this.#replica.snapshot())
      }
      if (!this.#hasWork()) return
    }
  }

  #nextBatch(): Waiting[] {
    if (this.#own.length > 0) return this.#own.splice(0)
    const batch: Waiting[] = []
    for (const { from, message, blocks } of this.#inbox.take()) {
      this.#relays.heard(from, message)
      if (message.kind === 'blocksWanted') this.#peers.serveBlocks(from.id, message)
      else if (message.kind === 'blocks' && blocks.length === 0) this.#peers.askNext(message.hash)
      else batch.push({ event: { kind: 'message', from, message }, blocks })
    }
    return batch
  }

  async #process(batch: readonly Waiting[]): Promise<void> {
    const actions: (() => void)[] = []
    const statements: VoteStatement[] = []
    for (const { event, blocks } of batch) {
      for (const block of blocks) this.#blocks.keep(block)
      const effects = this.#replica.step(event, this.#options.clock.now())
      if (event.kind === 'epochReady') {
        this.#book.begin(event.epoch.epoch)
        this.#useKeys()
      }
      for (const effect of effects) {
        if (effect.kind === 'append') this.#book.append(effect.record)
        if (effect.kind === 'cast' || effect.kind === 'propose') statements.push(effect.statement)
        const action = this.#prepare(effect)
        if (action !== undefined) actions.push(action)
      }
      for (const { ref } of blocks) if (!this.#replica.hasBlock(ref.hash)) this.#blocks.forget(ref.hash)
    }
    if (this.#book.hasUnsyncedVotes) {
      const synced = this.#book.sync()
      // The signatures are remembered by `sign`: made here, they cost no time beside the disk.
      for (const statement of statements) this.#signatures.sign(statement)
      await synced
    }
    for (const action of actions) {
      if (this.#isStopping) return
      action()
    }
  }

  /** Takes what the effect needs now; what it returns runs when the log is durable. */
  #prepare(effect: ReplicaEffect): (() => void) | undefined {
    const { transport, application } = this.#options
    switch (effect.kind) {
      case 'append':
        return undefined
      case 'cast':
        return () => this.#peers.broadcast({ kind: 'vote', vote: this.#vote(effect.statement) })
      case 'propose': {
        const block = this.#blocks.get(effect.block).bytes
        return () => {
          const { view, signature } = this.#vote(effect.statement)
          const justification = [...effect.justification]
          this.#peers.broadcast({ kind: 'proposal', view, block, signature, justification })
        }
      }
      case 'relay':
        return () => this.#relays.add(effect.certificate)
      case 'certify':
        return () => this.#enqueue(this.#signatures.certify(effect.statement, effect.votes))
      case 'build': {
        const { kind: _, ...request } = effect
        // A log that is to be rewritten must not hold what the database lacks.
        return () => this.#deferred.push(() => this.#calls.build(request, this.#book.isRewriteDue))
      }
      case 'abandon':
        return () => {
          this.#deferred = []
          this.#calls.abandonBuild()
        }
      case 'check': {
        const block = this.#blocks.get(effect.block)
        return () => this.#calls.check(block)
      }
      case 'finalize': {
        const blocks = effect.blocks.map(ref => this.#blocks.get(ref))
        return () => this.#calls.finalize(blocks, effect.certificate)
      }
      case 'beginEpoch':
        return () => this.#calls.beginEpoch(effect.epoch)
      case 'fetchBlocks':
        return () => this.#peers.fetchBlocks(effect.hash, effect.above)
      case 'fetchCertificates': {
        const { epoch, above, upTo, peer } = effect
        const message: WireMessage = { kind: 'certificatesWanted', epoch, above, upTo }
        return () => (peer === undefined ? this.#peers.broadcast(message) : this.#peers.send(peer, message))
      }
      case 'sendCertificates': {
        const certificates = [...effect.certificates]
        return () => this.#peers.send(effect.peer, { kind: 'certificates', certificates })
      }
      case 'sendBoundary':
        return () => {
          const certificate = application.boundaryCertificate(effect.epoch)
          if (certificate !== undefined)
            this.#peers.send(effect.peer, { kind: 'certificates', certificates: [certificate] })
        }
      case 'sendWitness':
        return () => this.#peers.send(effect.peer, { kind: 'vote', vote: effect.vote })
      case 'standstill': {
        const { epoch, finalView, statements } = effect
        const certificates = [...effect.certificates]
        return () => {
          const votes = statements.map(statement => this.#vote(statement))
          this.#peers.broadcast({ kind: 'standstill', epoch, finalView, certificates, votes })
        }
      }
      case 'evidence':
        return () => {
          const proven = this.#signatures.prove(effect.evidence)
          if (proven !== undefined) this.#enqueue(proven)
        }
      case 'impostor':
        return () => this.#signatures.assertNotOurs(effect.signed)
      case 'report':
        return () => transport.report(effect.peer, effect.reason)
      case 'forget':
        this.#blocks.forget(effect.hash)
        return () => this.#calls.abandonCheck(effect.hash)
      case 'wake':
        return () => this.#alarm.set(effect.at)
    }
  }

  /** Signed, and on its way back to the replica. */
  #vote(statement: VoteStatement): Vote {
    const vote = this.#signatures.sign(statement)
    this.#enqueue({ kind: 'vote', vote })
    return vote
  }

  #useKeys(): void {
    const { epoch, validators } = this.#replica
    this.#signatures.beginEpoch(epoch.epoch, validators)
  }

  /** Only while everything final is in the database: the rewritten log does not hold it any more. */
  #isRewriteDue(): boolean {
    return this.#book.isRewriteDue && this.#calls.isCommitted
  }

  #fail(error: ConsensusError): void {
    if (this.#isStopping) return
    this.#isStopping = true
    this.#alarm.set(undefined)
    this.#relays.stop()
    this.#calls.abandonBuild()
    if (error.evidence !== undefined) this.#options.application.onEvidence(error.evidence)
    this.#options.onFatal(error)
  }
}

const toConsensusError = (error: unknown): ConsensusError =>
  error instanceof ConsensusError
    ? error
    : new ConsensusError(
        'application',
        `consensus stopped: ${error instanceof Error ? error.message : String(error)}`,
        {
          cause: error,
        },
      )
