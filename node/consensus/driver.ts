/**
 * Runs the voting machine (machine.ts): feeds it events, carries out its effects.
 *
 * One loop takes all waiting events, steps the machine through them, appends what must be remembered to the
 * log, syncs ONCE if a vote of our own is among it (signing meanwhile), and only then acts: sends, timers,
 * calls to the application. Own votes and results come back as events. Nothing signed leaves before it is logged.
 *
 * Certificates and blocks without a vote are written with the next vote: losing them costs a question to
 * peers, never safety, and a final block's certificate is in the database.
 *
 * A build starts when our own events have run out and every `finalize` asked for before has returned, so a
 * lone validator builds on the committed block; among many, a leader whose parent is notarised but not
 * final builds at once and is not held up by finality.
 *
 * Any fault (the application throws, the disk is full, certificates conflict) stops everything: `onFatal`.
 */
import type { Certificate, Vote, VoteStatement } from '../types/vote.ts'
import type { Validator } from '../types/validator.ts'
import { bytesEqual, type Hash, toHex } from '../types/primitives.ts'
import { BLS_PUBLIC_KEY_BYTES } from '../types/validator.ts'
import { ApplicationCalls } from './application-calls.ts'
import { ConsensusError } from './error.ts'
import { Inbox } from './inbox.ts'
import type { LeaderOf } from './protocol.ts'
import { Machine } from './machine.ts'
import { type Message, messageCodec } from './messages.ts'
import type { Application, BlockWithBytes, Clock, Peer, Transport } from './ports.ts'
import type { Effect, Event, LogRecord, Pacing } from './protocol.ts'
import { type LogOwner, recordCodec, type StoredRecord } from './records.ts'
import { createValidatorSet } from '../types/validator-set.ts'
import { createVoteKeys, type VoteKeys } from './vote-keys.ts'
import type { WriteAheadLog } from './wal.ts'

/** Events from peers that wait; more are dropped, as a network may. */
const MAX_WAITING_EVENTS = 4096
const MAX_WAITING_BYTES = 64 * 1024 * 1024

export interface ConsensusOptions {
  readonly chainId: string
  readonly epoch: bigint
  readonly validators: readonly Validator[]
  /** Own BLS secret key. Without it, or if it is not in the set: follows the chain without voting. */
  readonly voteSecret: Uint8Array | undefined
  readonly leaderOf: LeaderOf
  readonly pacing: Pacing
  /** Just opened; belongs to consensus from here on, which closes it. */
  readonly log: WriteAheadLog
  /** The log is rewritten beyond this size, or after so many final blocks. */
  readonly compaction?: { readonly maxBytes: number; readonly everyBlocks: number }
  readonly clock: Clock
  readonly application: Application
  readonly transport: Transport
  /** Called once. Consensus has stopped; `stop()` still has to be awaited. */
  readonly onFatal: (error: ConsensusError) => void
}

export interface ConsensusStatus {
  readonly view: bigint
  readonly finalView: bigint
  readonly finalHeight: bigint
  /** Position in the validator set. */
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
  event: Event
  bytes: Uint8Array | undefined
}

const DEFAULT_COMPACTION = { maxBytes: 16 * 1024 * 1024, everyBlocks: 10_000 }

/** Throws `log_foreign` if the log was written by another validator or for another chain or epoch. */
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
  readonly #keys: VoteKeys
  readonly #owner: LogOwner
  readonly #machine: Machine
  readonly #inbox: Inbox
  readonly #calls: ApplicationCalls
  /** Bytes of every block that the machine holds. */
  readonly #blocks = new Map<string, BlockWithBytes>()
  /** Own votes and results of our own calls: taken before anything from outside. */
  #inner: Waiting[] = []
  #outer: Waiting[] = []
  #outerBytes = 0
  /** Application calls that wait until our own events have run out. */
  #deferred: (() => void)[] = []
  #loop: Promise<void> | undefined
  #isStopping = false
  #cancelTimer = () => {}
  /** Peers already asked for a block. */
  readonly #asked = new Map<string, number>()
  #compactAboveBytes: number
  #finalSinceRewrite = 0

  constructor(options: ConsensusOptions) {
    this.#options = options
    const { chainId, epoch, log } = options
    const validators = createValidatorSet(options.validators)
    this.#keys = createVoteKeys({ chainId, validators, secretKey: options.voteSecret })
    const { self } = this.#keys
    const own = self === undefined ? undefined : options.validators[self]
    this.#owner = { chainId, epoch, voteKey: own?.voteKey ?? new Uint8Array(BLS_PUBLIC_KEY_BYTES) }
    this.#compactAboveBytes = this.#compaction.maxBytes
    const final = options.application.lastFinalized()
    const records: LogRecord[] = []
    for (const bytes of log.recovered) {
      const record = recordCodec.decode(bytes)
      if (record.kind === 'owner') {
        this.#checkOwner(record)
        continue
      }
      if (record.kind === 'block') this.#keepBlock(record.block, record.bytes)
      records.push(record)
    }
    if (log.recovered.length === 0) log.append(this.#encode({ kind: 'owner', ...this.#owner }))
    const { leaderOf, pacing, application, transport } = options
    this.#machine = new Machine({ epoch, validators, self, leaderOf, pacing }, final, records)
    for (const [key, { ref }] of this.#blocks) if (!this.#machine.hasBlock(ref.hash)) this.#blocks.delete(key)
    this.#calls = new ApplicationCalls(application, {
      built: (view, block) => this.#enqueueOwn({ kind: 'built', view, block: block.ref }, block.bytes),
      checked: (hash, verdict) => this.#enqueueOwn({ kind: 'checked', hash, verdict }),
      finalized: blocks => {
        this.#finalSinceRewrite += blocks.length
        this.#wake()
      },
      onError: error => this.#fail(error),
    })
    this.#inbox = new Inbox({
      epoch,
      machine: this.#machine,
      keys: this.#keys,
      application,
      transport,
      target: {
        enqueue: (event, bytes) => this.#enqueueOuter(event, bytes),
        serveBlock: (to, { hash }) => this.#serveBlock(to, hash),
        askElsewhere: ({ hash }) => this.#askForBlock(hash),
      },
    })
  }

  start(): void {
    this.#options.transport.onMessage((from, message) => {
      if (this.#isStopping) return
      try {
        this.#inbox.receive(from, message)
      } catch (error) {
        this.#fail(toConsensusError(error))
      }
    })
    this.#enqueueOwn({ kind: 'start' })
  }

  status(): ConsensusStatus {
    const { ref } = this.#machine.final
    return {
      view: this.#machine.view,
      finalView: ref.view,
      finalHeight: ref.height,
      validator: this.#keys.self,
      logBytes: this.#options.log.sizeBytes,
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#cancelTimer()
    const committed = this.#calls.stop()
    await this.#loop
    await committed
    await this.#options.log.close()
  }

  get #compaction() {
    return this.#options.compaction ?? DEFAULT_COMPACTION
  }

  #enqueueOwn(event: Event, bytes?: Uint8Array): void {
    this.#inner.push({ event, bytes })
    this.#wake()
  }

  #enqueueOuter(event: Event, bytes?: Uint8Array): void {
    const size = bytes?.length ?? 0
    if (this.#outer.length >= MAX_WAITING_EVENTS || this.#outerBytes + size > MAX_WAITING_BYTES) return
    this.#outer.push({ event, bytes })
    this.#outerBytes += size
    this.#wake()
  }

  #wake(): void {
    if (this.#isStopping || this.#loop !== undefined) return
    this.#loop = this.#run()
      .catch((error: unknown) => this.#fail(toConsensusError(error)))
      .finally(() => {
        this.#loop = undefined
        if (this.#hasWork()) this.#wake()
      })
  }

  #hasWork(): boolean {
    return this.#inner.length + this.#outer.length + this.#deferred.length > 0 || this.#isCompactionDue()
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const isInner = this.#inner.length > 0
      const batch = isInner ? this.#inner : this.#outer
      if (isInner) this.#inner = []
      else {
        this.#outer = []
        this.#outerBytes = 0
      }
      if (batch.length > 0) await this.#process(batch)
      if (this.#inner.length === 0) {
        for (const call of this.#deferred.splice(0)) call()
        await this.#compact()
      }
      if (!this.#hasWork()) return
    }
  }

  async #process(batch: readonly Waiting[]): Promise<void> {
    const actions: (() => void)[] = []
    const statements: VoteStatement[] = []
    let hasVoted = false
    for (const { event, bytes } of batch) {
      if (bytes !== undefined && 'block' in event) this.#keepBlock(event.block, bytes)
      const effects = this.#machine.step(event, this.#options.clock.now())
      for (const effect of effects) {
        if (effect.kind === 'append') {
          this.#append(effect.record)
          hasVoted ||= effect.record.kind === 'vote'
        }
        if (effect.kind === 'cast' || effect.kind === 'propose') statements.push(effect.statement)
        const action = this.#prepare(effect)
        if (action !== undefined) actions.push(action)
      }
      if (bytes !== undefined && 'block' in event && !this.#machine.hasBlock(event.block.hash))
        this.#blocks.delete(toHex(event.block.hash))
    }
    if (hasVoted) {
      const synced = this.#options.log.sync()
      // The signatures are remembered by `sign`: made here, they cost no time beside the disk.
      for (const statement of statements) this.#keys.sign(statement)
      await synced
    }
    for (const action of actions) {
      if (this.#isStopping) return
      action()
    }
  }

  #append(record: LogRecord): void {
    const stored: StoredRecord =
      record.kind === 'block' ? { ...record, bytes: this.#blockOf(record.block.hash).bytes } : record
    this.#options.log.append(this.#encode(stored))
  }

  /** Takes what the effect needs now; what it returns runs when the log is durable. */
  #prepare(effect: Effect): (() => void) | undefined {
    const { transport } = this.#options
    switch (effect.kind) {
      case 'append':
        return undefined
      case 'cast':
        return () => this.#broadcast({ kind: 'vote', vote: this.#vote(effect.statement) })
      case 'propose': {
        const block = this.#blockOf(effect.block.hash).bytes
        return () => {
          const { signature } = this.#vote(effect.statement)
          this.#broadcast({ kind: 'proposal', block, signature, justification: [...effect.justification] })
        }
      }
      case 'relay':
        return () => this.#broadcast({ kind: 'certificates', certificates: [effect.certificate] })
      case 'certify':
        return () => this.#certify(effect.statement, effect.votes)
      case 'build':
        return () =>
          this.#deferred.push(() => this.#calls.build(effect.view, effect.parent, effect.certificate))
      case 'abandon':
        return () => {
          this.#deferred = []
          this.#calls.abandonBuild()
        }
      case 'check': {
        const block = this.#blockOf(effect.block.hash)
        return () => this.#calls.check(block)
      }
      case 'finalize': {
        const blocks = effect.blocks.map(({ hash }) => this.#blockOf(hash))
        return () => this.#calls.finalize(blocks, effect.certificate)
      }
      case 'fetchBlock':
        return () => {
          this.#asked.clear()
          this.#askForBlock(effect.hash)
        }
      case 'fetchCertificates': {
        const { above, upTo } = effect
        return () => this.#broadcast({ kind: 'certificatesWanted', above, upTo })
      }
      case 'sendCertificates': {
        const certificates = [...effect.certificates]
        return () => transport.send(effect.peer, messageCodec.encode({ kind: 'certificates', certificates }))
      }
      case 'standstill': {
        const { finalView, statements } = effect
        const certificates = [...effect.certificates]
        return () => {
          const votes = statements.map(statement => this.#vote(statement))
          this.#broadcast({ kind: 'standstill', finalView, certificates, votes })
        }
      }
      case 'forget':
        this.#blocks.delete(toHex(effect.hash))
        return () => this.#calls.abandonCheck(effect.hash)
      case 'wake':
        return () => this.#setTimer(effect.at)
    }
  }

  /** Signed, and on its way back to the machine. */
  #vote(statement: VoteStatement): Vote {
    const vote = this.#keys.sign(statement)
    this.#enqueueOwn({ kind: 'vote', vote })
    return vote
  }

  #certify(statement: VoteStatement, votes: readonly Vote[]): void {
    const result: Certificate | { faulty: number[] } = this.#keys.certify(statement, votes)
    if ('faulty' in result) {
      for (const { id, validator } of this.#options.transport.peers())
        if (validator !== undefined && result.faulty.includes(validator))
          this.#options.transport.report(
            id,
            `bad signature of a ${statement.kind} vote of view ${statement.view}`,
          )
      this.#enqueueOwn({ kind: 'refused', statement, faulty: result.faulty })
    } else this.#enqueueOwn({ kind: 'certificate', certificate: result })
  }

  #setTimer(at: number | undefined): void {
    this.#cancelTimer()
    this.#cancelTimer = () => {}
    if (at === undefined) return
    const { clock } = this.#options
    this.#cancelTimer = clock.after(Math.max(0, at - clock.now()), () => {
      // A timer may ring early by the clock's rounding; then it is set again.
      if (clock.now() < at) this.#setTimer(at)
      else this.#enqueueOwn({ kind: 'tick' })
    })
  }

  #broadcast(message: Message): void {
    const { transport } = this.#options
    // A lone validator does not pay for encoding its blocks again.
    if (transport.peers().length > 0) transport.broadcast(messageCodec.encode(message))
  }

  #serveBlock(to: Peer, hash: Hash): void {
    const block = this.#blocks.get(toHex(hash))?.bytes ?? this.#options.application.loadBlock(hash)
    this.#options.transport.send(to.id, messageCodec.encode({ kind: 'block', hash, block }))
  }

  /** One peer at a time, each once; the machine asks again after a while. */
  #askForBlock(hash: Hash): void {
    const peers = this.#options.transport.peers()
    const key = toHex(hash)
    const asked = this.#asked.get(key) ?? 0
    // Start at a different peer for each view, so that a silent one is not always the first.
    const peer = peers[(asked + Number(this.#machine.view % 1024n)) % Math.max(1, peers.length)]
    if (peer === undefined || asked >= peers.length) return
    this.#asked.set(key, asked + 1)
    this.#options.transport.send(peer.id, messageCodec.encode({ kind: 'blockWanted', hash }))
  }

  /** Only while everything final is in the database: the rewritten log does not hold it any more. */
  #isCompactionDue(): boolean {
    const isLarge = this.#options.log.sizeBytes > this.#compactAboveBytes
    return (isLarge || this.#finalSinceRewrite >= this.#compaction.everyBlocks) && this.#calls.isCommitted
  }

  async #compact(): Promise<void> {
    if (!this.#isCompactionDue() || this.#isStopping) return
    const { log } = this.#options
    await log.sync()
    const records: StoredRecord[] = [{ kind: 'owner', ...this.#owner }]
    for (const record of this.#machine.snapshot())
      records.push(
        record.kind === 'block' ? { ...record, bytes: this.#blockOf(record.block.hash).bytes } : record,
      )
    await log.rewrite(records.map(record => this.#encode(record)))
    this.#finalSinceRewrite = 0
    this.#compactAboveBytes = Math.max(this.#compaction.maxBytes, 2 * log.sizeBytes)
  }

  #keepBlock(ref: BlockWithBytes['ref'], bytes: Uint8Array): void {
    this.#blocks.set(toHex(ref.hash), { ref, bytes })
  }

  #blockOf(hash: Hash): BlockWithBytes {
    const block = this.#blocks.get(toHex(hash))
    if (block === undefined) throw new ConsensusError('io', `block ${toHex(hash)} was dropped while in use`)
    return block
  }

  #encode(record: StoredRecord): Uint8Array {
    return recordCodec.encode(record)
  }

  #checkOwner(found: LogOwner): void {
    const { chainId, epoch, voteKey } = this.#owner
    if (found.chainId === chainId && found.epoch === epoch && bytesEqual(found.voteKey, voteKey)) return
    throw new ConsensusError(
      'log_foreign',
      `the consensus log belongs to vote key ${toHex(found.voteKey)}, chain ${found.chainId}, epoch ${found.epoch}; ` +
        `this node has vote key ${toHex(voteKey)}, chain ${chainId}, epoch ${epoch}. Start it with its own data directory`,
    )
  }

  #fail(error: ConsensusError): void {
    if (this.#isStopping) return
    this.#isStopping = true
    this.#cancelTimer()
    this.#calls.abandonBuild()
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
