/**
 * A simulated validator that follows the protocol: the real replica, carried out the way driver.ts does it, on
 * virtual time, a virtual network and a disk that can fail.
 */
import { type Hash, toHex } from '../../node/types/primitives.ts'
import type { Certificate, Vote, VoteStatement } from '../../node/types/vote.ts'
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import { ConsensusError } from '../../node/consensus/error.ts'
import { Inquiries } from '../../node/consensus/inquiries.ts'
import { FETCH_BLOCKS, STANDSTILL_ITEMS } from '../../node/consensus/messages.ts'
import type { LogRecord, Peer, ReplicaEffect, ReplicaEvent } from '../../node/consensus/protocol.ts'
import { Relays } from '../../node/consensus/relays.ts'
import { Replica } from '../../node/consensus/replica.ts'
import {
  coversMark,
  markOf,
  markOfRecords,
  raiseMark,
  type SignedMark,
} from '../../node/consensus/signed-mark.ts'
import { Commits } from './commits.ts'
import { FLOOR_LAG_MS, type SimDisk } from './disk.ts'
import { InvariantError, SentVotes } from './invariants.ts'
import type { SimMessage } from './network.ts'
import { BAD } from './signatures.ts'
import { describe } from './trace.ts'
import type { ProtocolNode, World } from './world.ts'

const CHECK_MS = 5
/** Of one block, or of what an epoch begins with. */
const COMMIT_MS = 6
/** A header this far ahead of the local clock is held until it is due. */
const AHEAD_MS = 500
const REWRITE_CHANCE = 0.002
/** That one event may lead to, by own votes and answers. */
const MOST_STEPS_AT_ONCE = 5_000

export class SimNode implements ProtocolNode {
  readonly node: number
  readonly identity: number
  readonly disk: SimDisk
  /** Why it does not run and will not start again. */
  stopped: ConsensusError | undefined
  readonly #simulation: World
  readonly #signsBadly: boolean
  readonly #isHonest: boolean
  /** Does not stop when somebody else signs with its key. */
  readonly #isStubborn: boolean
  readonly #sent = new SentVotes()
  #replica: Replica | undefined
  #relays: Relays | undefined
  #blocks = new Map<string, BlockRef>()
  #queue: ReplicaEvent[] = []
  #isRunning = false
  #wakeAt: number | undefined
  #upSinceMs = 0
  #floor: SignedMark | undefined
  /** The last of those given to the application, committed or not. */
  #finalized: BlockRef
  readonly #commits: Commits
  readonly #inquiries = new Inquiries()

  constructor(options: {
    node: number
    identity: number
    disk: SimDisk
    simulation: World
    isHonest: boolean
    signsBadly: boolean
    isStubborn: boolean
  }) {
    this.node = options.node
    this.identity = options.identity
    this.disk = options.disk
    this.#simulation = options.simulation
    this.#isHonest = options.isHonest
    this.#signsBadly = options.signsBadly
    this.#isStubborn = options.isStubborn
    this.#finalized = this.disk.final.ref
    const { chain, random } = this.#simulation
    this.#commits = new Commits(
      ({ block, certificate }) => {
        chain.commit(this.node, block)
        this.disk.commit(block, certificate, block.height % chain.epochBlocks === 0n)
      },
      run => this.#after(random.below(COMMIT_MS), run),
    )
  }

  get isUp(): boolean {
    return this.#replica !== undefined
  }

  get upSinceMs(): number {
    return this.#upSinceMs
  }

  get epoch(): bigint {
    return this.#replica?.epoch.epoch ?? 0n
  }

  get view(): bigint {
    return this.#replica?.view ?? 0n
  }

  get votesHeld(): number {
    return this.#replica?.machine.held.votes ?? 0
  }

  /** Blocks whose bytes the node keeps in memory. */
  get blocksHeld(): number {
    return this.#blocks.size
  }

  /** In the database. */
  get finalHeight(): bigint {
    return this.disk.final.ref.height
  }

  start(): void {
    if (this.#replica !== undefined || this.stopped !== undefined) return
    this.#guard(() => {
      const { chain, pacing, signatures } = this.#simulation
      const records = this.disk.recover()
      const { ref, certificate } = this.disk.final
      const epoch = ref.height / chain.epochBlocks
      const { info } = this.#simulation.committeeOf(epoch)
      this.#finalized = ref
      const replica = new Replica(
        {
          voteKey: this.#simulation.voteKeyOf(this.identity),
          pacing,
          isValidCertificate: certificate => signatures.isValidCertificate(certificate),
          isValidVote: vote => signatures.isGood(vote),
        },
        { epoch: info, finalized: { ref, certificate }, records },
      )
      this.#checkFloor(records)
      if (this.#isHonest) this.#checkMemory(replica)
      this.#replica = replica
      this.#relays = this.#createRelays(replica)
      this.#upSinceMs = this.#simulation.schedule.now
      this.#writeFloor()
      for (const record of records)
        if (record.kind === 'block' && replica.hasBlock(record.block.hash)) this.#keep(record.block)
      this.#give({ kind: 'start' })
    })
  }

  /** `tearsLog`: a part of the write that was under way is on the disk. */
  crash(tearsLog = false): void {
    this.#replica = undefined
    this.#relays?.stop()
    this.#relays = undefined
    this.#blocks = new Map()
    this.#queue = []
    this.#commits.crash()
    this.#inquiries.clear()
    this.#wakeAt = undefined
    this.#floor = this.disk.floor
    this.disk.crash(tearsLog ? this.#simulation.random : undefined)
  }

  receive(from: number, message: SimMessage): void {
    if (this.#replica === undefined) return
    this.#guard(() => {
      if (message.kind === 'blocksWanted') return this.#serveBlocks(from, message.hash, message.above)
      if (message.kind === 'blocks' && message.blocks.length === 0) return this.#askForBlocks(message.hash)
      for (const block of blocksOfMessage(message)) this.#keep(block)
      const peer = this.#peer(from)
      this.#relays?.heard(peer, message)
      this.#give({ kind: 'message', from: peer, message })
    })
  }

  /** An error of consensus stops the node: that an honest one stops is for the simulation to judge. */
  #guard(run: () => void): void {
    try {
      run()
    } catch (error) {
      if (!(error instanceof ConsensusError)) throw error
      this.#isRunning = false
      if (error.evidence !== undefined) this.#simulation.onEvidence(this, error.evidence)
      this.crash()
      this.stopped = error
      this.#simulation.onStopped(this, error)
    }
  }

  /** As log-book.ts: refuses, or lets the floor learn of the votes that a crash kept from it. */
  #checkFloor(records: readonly LogRecord[]): void {
    const { floor } = this.disk
    const known = markOfRecords(records)
    if (floor !== undefined && !coversMark(known, floor))
      throw new ConsensusError(
        'log_stale',
        `the log is older than the votes up to ${floor.epoch}/${floor.view}`,
      )
    this.#floor = known
  }

  #checkMemory(replica: Replica): void {
    const recovered = replica.snapshot().flatMap(record => (record.kind === 'vote' ? [record.statement] : []))
    const { epoch } = replica.epoch
    this.#sent.checkRecovered(
      this.node,
      recovered,
      sent => sent.epoch < epoch || (sent.epoch === epoch && sent.view <= replica.final.view),
    )
  }

  #peer(node: number): Peer {
    const simulation = this.#simulation
    return { id: String(node), voteKey: simulation.voteKeyOf(simulation.identityOf(node)) }
  }

  #createRelays(replica: Replica): Relays {
    const { schedule, pacing, network, size } = this.#simulation
    const others = Array.from({ length: size }, (_, node) => node).filter(node => node !== this.node)
    return new Relays({
      clock: {
        now: () => schedule.now,
        after: (delayMs, callback) => {
          let isWanted = true
          this.#after(delayMs, () => {
            if (isWanted) callback()
          })
          return () => {
            isWanted = false
          }
        },
      },
      networkDelayMs: pacing.networkDelayMs,
      peers: () => others.map(node => this.#peer(node)),
      isVoter: ({ voteKey }) => voteKey !== undefined && replica.validators.indexOf(voteKey) !== undefined,
      send: (peers, certificates) => {
        for (const peer of peers)
          network.send(this.node, Number(peer), { kind: 'certificates', certificates: [...certificates] })
      },
    })
  }

  #keep(block: BlockRef): void {
    this.#blocks.set(toHex(block.hash), block)
  }

  /** Own votes come back as new events, never inside a step. */
  #give(event: ReplicaEvent): void {
    this.#queue.push(event)
    if (this.#isRunning) return
    this.#isRunning = true
    let steps = 0
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (steps++ > MOST_STEPS_AT_ONCE) throw new InvariantError(`node ${this.node} goes round in circles`)
      this.#step(next)
    }
    this.#isRunning = false
  }

  #step(event: ReplicaEvent): void {
    const replica = this.#replica
    if (replica === undefined) return
    const { schedule, random, trace } = this.#simulation
    const effects = replica.step(event, schedule.now)
    const votes: VoteStatement[] = []
    for (const effect of effects) {
      if (effect.kind !== 'append') continue
      this.disk.append(effect.record)
      if (effect.record.kind === 'vote') votes.push(effect.record.statement)
    }
    if (votes.length > 0) {
      if (this.#simulation.crashesAt(this, 'before sync', effects)) return
      this.disk.sync()
      this.#raiseFloor(votes)
      if (this.#simulation.crashesAt(this, 'after sync', effects)) return
    }
    for (const effect of effects) {
      trace.note(`${schedule.now} ${this.node} ${describe(effect)};`)
      this.#act(effect)
      if (this.#replica !== replica) return
    }
    for (const { hash } of blocksOf(event)) if (!replica.hasBlock(hash)) this.#blocks.delete(toHex(hash))
    if (this.#commits.isIdle && random.chance(REWRITE_CHANCE)) this.disk.rewrite(replica.snapshot())
  }

  #raiseFloor(votes: readonly VoteStatement[]): void {
    for (const vote of votes) this.#floor = raiseMark(this.#floor, markOf(vote))
    this.#writeFloor()
  }

  /** On disk a while later; until then, a crash loses it. */
  #writeFloor(): void {
    const mark = this.#floor
    if (mark === undefined) return
    this.#after(FLOOR_LAG_MS, () => {
      this.disk.floor = raiseMark(this.disk.floor, mark)
    })
  }

  #vote(statement: VoteStatement): Vote {
    if (this.#isHonest) {
      if (!this.disk.hasVote(statement))
        throw new InvariantError(`node ${this.node} sends a ${statement.kind} vote that is not in its log`)
      this.#sent.add(statement)
    }
    const vote = this.#simulation.sign(this.identity, statement, this.#isHonest)
    const sent = this.#signsBadly ? { ...vote, signature: BAD } : vote
    this.#give({ kind: 'vote', vote: sent })
    return sent
  }

  /** Unless the node has crashed meanwhile. */
  #after(delayMs: number, run: () => void): void {
    const replica = this.#replica
    this.#simulation.schedule.after(delayMs, () => {
      if (this.#replica === replica && replica !== undefined) this.#guard(run)
    })
  }

  #wallMs(): number {
    return this.#simulation.schedule.now + this.#simulation.clockSkewMs(this.identity)
  }

  #act(effect: ReplicaEffect): void {
    const { network, random, schedule, signatures } = this.#simulation
    switch (effect.kind) {
      case 'cast':
        return network.broadcast(this.node, { kind: 'vote', vote: this.#vote(effect.statement) })
      case 'propose': {
        const { block, statement, justification } = effect
        this.#simulation.onProposed(this, block, statement)
        const { view, signature } = this.#vote(statement)
        return network.broadcast(this.node, {
          kind: 'proposal',
          view,
          block,
          signature,
          justification: [...justification],
        })
      }
      case 'relay':
        return this.#relays?.add(effect.certificate)
      case 'certify':
        return this.#certify(effect.statement, effect.votes)
      case 'build': {
        const { kind: _, ...request } = effect
        const replica = this.#replica
        return this.#commits.whenDone(() =>
          this.#after(random.below(this.#simulation.buildMs), () => {
            // Abandoned: the view is over.
            if (replica?.view !== request.view || replica.epoch.epoch !== request.epoch) return
            const block = this.#simulation.chain.build({
              ...request,
              builder: this.identity,
              wallMs: this.#wallMs(),
            })
            this.#keep(block)
            this.#give({ kind: 'built', view: request.view, block })
          }),
        )
      }
      case 'check':
        return this.#commits.whenDone(() => this.#check(effect.block.hash))
      case 'finalize':
        return this.#finalize(effect.blocks, effect.certificate)
      case 'beginEpoch':
        return this.#commits.whenDone(() =>
          this.#after(random.below(COMMIT_MS), () =>
            this.#give({ kind: 'epochReady', epoch: this.#simulation.committeeOf(effect.epoch).info }),
          ),
        )
      case 'fetchBlocks':
        this.#inquiries.begin(effect.hash, effect.above)
        return this.#askForBlocks(effect.hash)
      case 'fetchCertificates': {
        const { epoch, above, upTo, peer } = effect
        const message: SimMessage = { kind: 'certificatesWanted', epoch, above, upTo }
        return peer === undefined
          ? network.broadcast(this.node, message)
          : network.send(this.node, Number(peer), message)
      }
      case 'sendCertificates':
        return this.#sendCertificates(effect.peer, effect.certificates)
      case 'sendBoundary': {
        const certificate = this.disk.boundaries.get(effect.epoch)
        return this.#sendCertificates(effect.peer, certificate === undefined ? [] : [certificate])
      }
      case 'sendWitness':
        return network.send(this.node, Number(effect.peer), { kind: 'vote', vote: effect.vote })
      case 'standstill': {
        const { epoch, finalView, certificates, statements } = effect
        this.#assertBounded(certificates)
        this.#assertBounded(statements)
        const votes = statements.map(statement => this.#vote(statement))
        return network.broadcast(this.node, {
          kind: 'standstill',
          epoch,
          finalView,
          certificates: [...certificates],
          votes,
        })
      }
      case 'evidence': {
        const { evidence } = effect
        if (evidence.kind !== 'votes') return
        const { first, second } = evidence
        if (!signatures.isGood(first) || !signatures.isGood(second)) return
        this.#simulation.onEvidence(this, evidence)
        return this.#give({ kind: 'proven', epoch: first.epoch, signer: first.signer })
      }
      case 'impostor': {
        const { signed } = effect
        if (this.#isStubborn || ('signer' in signed && !signatures.isGood(signed))) return
        throw new ConsensusError('key_in_use', `somebody else signed view ${signed.epoch}/${signed.view}`)
      }
      case 'report':
        return this.#simulation.onReport(this, Number(effect.peer), effect.reason)
      case 'wake': {
        const { at } = effect
        this.#wakeAt = at
        if (at === undefined) return
        return this.#after(Math.max(0, at - schedule.now), () => {
          if (this.#wakeAt === at) this.#give({ kind: 'tick' })
        })
      }
      case 'forget':
        this.#blocks.delete(toHex(effect.hash))
        return
      case 'append':
      case 'abandon':
        return
    }
  }

  #certify(statement: VoteStatement, votes: readonly Vote[]): void {
    const { signatures } = this.#simulation
    const faulty = votes.filter(vote => !signatures.isGood(vote)).map(({ signer }) => signer)
    if (faulty.length > 0) {
      this.#simulation.onBadSignatures(this, statement.epoch, faulty)
      return this.#give({ kind: 'refused', statement, faulty })
    }
    const [first] = votes
    if (first === undefined) throw new InvariantError(`node ${this.node} certifies without votes`)
    const { set } = this.#simulation.committeeOf(statement.epoch)
    const signers = set.toBitmap(votes.map(({ signer }) => signer))
    const certificate = { ...statement, signers, signature: first.signature }
    if (!signatures.isValidCertificate(certificate))
      throw new InvariantError(`node ${this.node} made a ${statement.kind} certificate without a quorum`)
    this.#give({ kind: 'certificate', certificate })
  }

  #check(hash: Hash): void {
    const { chain, random } = this.#simulation
    const heldMs = Math.max(0, chain.block(hash).timeMs - AHEAD_MS - this.#wallMs())
    this.#after(heldMs + random.below(CHECK_MS), () =>
      this.#give({ kind: 'checked', hash, verdict: chain.check(this.node, hash) ? 'valid' : 'invalid' }),
    )
  }

  #finalize(blocks: readonly BlockRef[], certificate: Certificate): void {
    if (this.#isHonest) this.#simulation.onFinal(this, this.#finalized, blocks, certificate)
    this.#finalized = blocks.at(-1) ?? this.#finalized
    const last = this.#finalized
    this.#commits.add(blocks.map(block => ({ block, certificate: block === last ? certificate : undefined })))
  }

  #sendCertificates(peer: string, certificates: readonly Certificate[]): void {
    if (certificates.length === 0) return
    this.#assertBounded(certificates)
    const message: SimMessage = { kind: 'certificates', certificates: [...certificates] }
    this.#simulation.network.send(this.node, Number(peer), message)
  }

  /** Whatever a node repeats or answers is a message of a bounded size. */
  #assertBounded(list: readonly unknown[]): void {
    if (list.length > STANDSTILL_ITEMS + 1)
      throw new InvariantError(`node ${this.node} sends ${list.length} certificates or votes at once`)
  }

  #serveBlocks(to: number, hash: Hash, above: bigint): void {
    const blocks: BlockRef[] = []
    for (let next = hash; blocks.length < FETCH_BLOCKS; ) {
      const block = this.#blocks.get(toHex(next)) ?? this.disk.load(next)
      if (block === undefined || (blocks.length > 0 && block.height <= above)) break
      blocks.push(block)
      next = block.parentHash
    }
    this.#simulation.network.send(this.node, to, { kind: 'blocks', hash, blocks })
  }

  #askForBlocks(hash: Hash): void {
    const peers = [...Array(this.#simulation.size).keys()].filter(node => node !== this.node)
    const next = this.#inquiries.next(hash, peers)
    if (next === undefined) return
    const { peer, above } = next
    this.#simulation.network.send(this.node, peer, { kind: 'blocksWanted', hash, above })
  }
}

const blocksOfMessage = (message: SimMessage): readonly BlockRef[] =>
  message.kind === 'proposal' ? [message.block] : message.kind === 'blocks' ? message.blocks : []

const blocksOf = (event: ReplicaEvent): readonly BlockRef[] =>
  event.kind === 'built' ? [event.block] : event.kind === 'message' ? blocksOfMessage(event.message) : []
