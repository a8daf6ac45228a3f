/**
 * One run: validators with weights, faults for a while, then calm. The seed decides everything; the same seed
 * gives the same trace hash. In the calm every honest node has to finalise `blocksAfterHealing` more blocks.
 */
import { ConsensusError } from '../../node/consensus/error.ts'
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import type { Pacing, ReplicaEffect } from '../../node/consensus/protocol.ts'
import { convictedBy, type Evidence } from '../../node/types/evidence.ts'
import type { Certificate, Vote, VoteStatement } from '../../node/types/vote.ts'
import type { Actor } from './actor.ts'
import type { SimChain } from './chain.ts'
import type { Committee } from './committee.ts'
import { SimDisk } from './disk.ts'
import { InvariantError, Invariants } from './invariants.ts'
import { ModelChain } from './model-chain.ts'
import { CALM, Network } from './network.ts'
import { SimNode } from './node.ts'
import type { Plan } from './plan.ts'
import { drawChurn } from './populations.ts'
import { createRandom, type Random } from './random.ts'
import { Schedule } from './schedule.ts'
import { Signatures } from './signatures.ts'
import { StateChain } from './state-chain.ts'
import { Trace } from './trace.ts'
import type { CrashPoint, ProtocolNode, Watch, World } from './world.ts'

export interface Outcome {
  readonly traceHash: string
  /** The highest final block of an honest node, and its epoch. */
  readonly height: number
  readonly epoch: number
  readonly simulatedMs: number
  readonly messages: number
}

const PACING: Pacing = { networkDelayMs: 30, standstillMs: 150, paceMs: 60 }
const BUILD_MS = 60
const PATIENCE_MS = 30_000
/** More than any run needs: something goes round in circles. */
const MOST_STEPS = 2_000_000
const FAR = 1_000_000
const LONG_EPOCH_CHANCE = 0.25
const STATE_CHANCE = 0.4
const SHORTEST_EPOCH = 3
const EPOCH_RANGE = 10
/** Before the calm: by then a block has been built with it. */
const EVIDENCE_MS = 500
const START_WITHIN_MS = 30
const RESTART_AFTER_MS = 50
const RESTART_WITHIN_MS = 400

export class Simulation implements World {
  readonly seed: number
  readonly plan: Plan
  readonly random: Random
  readonly pacing: Pacing
  readonly schedule = new Schedule()
  readonly trace = new Trace()
  readonly chain: SimChain
  readonly signatures: Signatures
  readonly invariants: Invariants
  readonly network: Network
  readonly actors: Actor[] = []
  readonly honest: SimNode[] = []
  readonly watch: Watch = {}
  readonly convicted = new Map<number, number>()
  isCalm = false
  readonly held = new Set<number>()
  /** A node's validator; twins share one. */
  readonly #identities: readonly number[]
  readonly #faulty: ReadonlySet<number>
  #steps = 0

  constructor(seed: number, plan: Plan, random: Random) {
    this.seed = seed
    this.plan = plan
    this.random = random
    this.pacing = plan.pacing ?? PACING
    const { powers, twins = [], silent = [], badSigners = [], invalidBuilders = [] } = plan
    const adversaries = plan.adversaries ?? new Map<number, never>()
    this.#identities = [...powers.keys(), ...twins]
    this.#faulty = new Set([...twins, ...silent, ...badSigners, ...invalidBuilders, ...adversaries.keys()])
    this.chain = this.#createChain()
    this.signatures = new Signatures({
      committeeOf: epoch => this.chain.committeeOf(epoch),
      onQuorum: statement => this.invariants.onQuorum(statement),
    })
    this.invariants = new Invariants(this.chain, () => this.signatures)
    this.network = new Network({
      schedule: this.schedule,
      random,
      size: this.#identities.length,
      deliver: (to, from, message) => this.actors[to]?.receive(from, message),
    })
    this.network.link = { ...CALM, ...plan.link }
    for (const [node, identity] of this.#identities.entries()) {
      const adversary = adversaries.get(identity)
      if (adversary === undefined) this.#addNode(node, identity, badSigners.includes(identity))
      else this.actors.push(adversary(this, node))
    }
  }

  get buildMs(): number {
    return this.plan.buildMs ?? BUILD_MS
  }

  get size(): number {
    return this.#identities.length
  }

  identityOf(node: number): number {
    return this.#identities[node] ?? -1
  }

  isHonest(node: number): boolean {
    return !this.#faulty.has(this.identityOf(node))
  }

  committeeOf(epoch: bigint): Committee {
    const committee = this.chain.committeeOf(epoch)
    if (committee === undefined) throw new InvariantError(`epoch ${epoch} was entered before it began`)
    return committee
  }

  voteKeyOf(identity: number): Uint8Array {
    return this.chain.voteKeyOf(identity)
  }

  clockSkewMs(identity: number): number {
    return this.plan.clockSkewMs?.[identity] ?? 0
  }

  sign(identity: number, statement: VoteStatement, isHonest: boolean): Vote {
    if (isHonest && this.invariants.onHonestVote(identity, statement))
      this.watch.onHonestVote?.(identity, statement)
    return this.signatures.sign(identity, statement)
  }

  crashesAt(node: ProtocolNode, point: CrashPoint, effects: readonly ReplicaEffect[]): boolean {
    const { crashBeforeSync = 0, crashAfterSync = 0, tornTail = 0 } = this.plan
    const chance = this.isCalm ? 0 : point === 'before sync' ? crashBeforeSync : crashAfterSync
    const isByScript = this.watch.crashesAt?.(node, point, effects) === true
    if (!isByScript && !this.random.chance(chance)) return false
    this.trace.note(`${this.schedule.now} ${node.node} crash ${point};`)
    node.crash(point === 'before sync' && this.random.chance(tornTail))
    if (!isByScript)
      this.schedule.after(RESTART_AFTER_MS + this.random.below(RESTART_WITHIN_MS), () => node.start())
    return true
  }

  onProposed(node: ProtocolNode, block: BlockRef, { epoch, view }: VoteStatement): void {
    const committee = this.committeeOf(epoch)
    const leader = committee.identityAt(committee.info.leaderOf(view))
    if (this.isHonest(node.node) && leader !== node.identity)
      throw new InvariantError(`node ${node.node} proposes in view ${epoch}/${view}, which it does not lead`)
    this.watch.onProposed?.(node, block, view)
  }

  onFinal(node: ProtocolNode, below: BlockRef, blocks: readonly BlockRef[], certificate: Certificate): void {
    this.invariants.onFinal(node.node, below, blocks)
    this.watch.onFinal?.(node, blocks, certificate)
  }

  /** Nobody can prove anything against an honest validator. */
  onEvidence(node: ProtocolNode, evidence: Evidence): void {
    if (!this.isHonest(node.node)) return
    const { epoch } = evidence.first
    const convicted = convictedBy(evidence).map(signer => this.committeeOf(epoch).identityAt(signer))
    if (convicted.length === 0)
      throw new InvariantError(`node ${node.node} holds evidence that proves nothing`)
    for (const identity of convicted) {
      if (!this.#faulty.has(identity))
        throw new InvariantError(
          `node ${node.node} has evidence against validator ${identity}, which is honest`,
        )
      if (!this.convicted.has(identity)) this.convicted.set(identity, this.schedule.now)
    }
    if (this.chain instanceof StateChain) this.chain.submitEvidence(evidence)
    this.watch.onEvidence?.(node, evidence)
  }

  /** Honest nodes send nothing that an honest node reports. */
  onReport(node: ProtocolNode, peer: number, reason: string): void {
    if (this.isHonest(node.node) && this.isHonest(peer))
      throw new InvariantError(`node ${node.node} reports node ${peer}, which is honest: ${reason}`)
  }

  /** Whoever is found to have signed badly is reported as a peer, and counts no more in that vote. */
  onBadSignatures(node: ProtocolNode, epoch: bigint, signers: readonly number[]): void {
    if (!this.isHonest(node.node)) return
    for (const signer of signers) {
      const identity = this.committeeOf(epoch).identityAt(signer)
      if (!this.#faulty.has(identity))
        throw new InvariantError(
          `node ${node.node} blames validator ${identity}, which is honest, for a signature`,
        )
    }
  }

  onStopped(node: ProtocolNode, error: ConsensusError): void {
    if (!this.isHonest(node.node) || this.watch.mayStop?.(node, error) === true) return
    throw new InvariantError(`node ${node.node} stopped: ${error.code}: ${error.message}`, { cause: error })
  }

  startAll(): void {
    const { silent = [] } = this.plan
    for (const actor of this.actors)
      if (!silent.includes(this.identityOf(actor.node)) && !this.held.has(actor.node))
        this.schedule.after(this.random.below(START_WITHIN_MS), () => actor.start())
  }

  everyMs(ms: number, run: () => void): void {
    this.schedule.after(ms, () => {
      if (this.isCalm) return
      run()
      this.everyMs(ms, run)
    })
  }

  front(): { epoch: bigint; view: bigint } {
    return this.honest.reduce(
      (front, { epoch, view }) =>
        epoch > front.epoch || (epoch === front.epoch && view > front.view) ? { epoch, view } : front,
      { epoch: 0n, view: 0n },
    )
  }

  crashAll(): void {
    for (const actor of this.actors) actor.crash()
  }

  heal(): void {
    if (this.isCalm) return
    this.isCalm = true
    this.network.link = { ...CALM, maxDelayMs: Math.min(CALM.maxDelayMs, this.network.link.maxDelayMs) }
    this.network.tamper = undefined
    delete this.watch.crashesAt
    this.held.clear()
    this.startAll()
  }

  run(): Outcome {
    const { faultsMs, script, verify, blocksAfterHealing = 3 } = this.plan
    script?.(this)
    this.startAll()
    this.schedule.at(faultsMs, () => this.heal())
    while (!this.isCalm && this.#step());
    const calmAt = this.schedule.now
    const running = () => this.honest.filter(({ stopped }) => stopped === undefined)
    const lowest = () =>
      running().reduce((least, { finalHeight }) => Math.min(least, Number(finalHeight)), FAR)
    const goal = this.invariants.finalHeight + blocksAfterHealing
    while (lowest() < goal) {
      if (!this.#step() || this.schedule.now > calmAt + PATIENCE_MS)
        throw new InvariantError(`no progress: height ${lowest()} of ${goal} at ${this.schedule.now} ms`)
    }
    this.#checkConvicted(calmAt)
    verify?.(this)
    const height = this.invariants.finalHeight
    return {
      traceHash: this.trace.digest(),
      height,
      epoch: Math.floor((height - 1) / Number(this.chain.epochBlocks)),
      simulatedMs: this.schedule.now,
      messages: this.network.messages,
    }
  }

  /** Evidence that anybody saw has become a transaction, and taken effect. */
  #checkConvicted(calmAt: number): void {
    const { chain } = this
    if (!(chain instanceof StateChain)) return
    const head = this.honest.reduce((a, b) => (a.finalHeight >= b.finalHeight ? a : b)).disk.final.ref
    for (const [identity, sinceMs] of this.convicted)
      if (sinceMs < calmAt - EVIDENCE_MS && !chain.isTombstoned(identity, head.hash))
        throw new InvariantError(`validator ${identity} equivocated before ${sinceMs} ms and is not slashed`)
  }

  #step(): boolean {
    if (this.#steps++ > MOST_STEPS)
      throw new InvariantError(`no end after ${MOST_STEPS} steps, at ${this.schedule.now} ms`)
    return this.schedule.step()
  }

  /** With the node's own state and staking, or with blocks that are empty where the plan says who votes. */
  #createChain(): SimChain {
    const { seed, plan, random } = this
    const { powers, powersOf, stopping = [], invalidBuilders = [], hasState } = plan
    const isLong = random.chance(LONG_EPOCH_CHANCE)
    const drawn = isLong ? FAR : SHORTEST_EPOCH + random.below(EPOCH_RANGE)
    const epochBlocks = BigInt(plan.epochBlocks ?? drawn)
    const isFaultyBuilder = (identity: number) => invalidBuilders.includes(identity)
    const ownSeed = random.below(2 ** 30)
    const isFrail = (identity: number) => this.#faulty.has(identity) || stopping.includes(identity)
    if (hasState ?? (powersOf === undefined && random.chance(STATE_CHANCE))) {
      const honest = [...powers.keys()].filter(identity => !isFrail(identity))
      return new StateChain({ powers, epochBlocks, random: createRandom(ownSeed), honest, isFaultyBuilder })
    }
    const churn = (epoch: bigint) => drawChurn(createRandom(ownSeed + Number(epoch)), powers, isFrail)
    return new ModelChain({
      seed,
      epochBlocks,
      powersOf: epoch => (epoch === 0n ? powers : (powersOf ?? churn)(epoch)),
      isFaultyBuilder,
    })
  }

  #addNode(node: number, identity: number, signsBadly: boolean): void {
    const isHonest = this.isHonest(node)
    const disk = new SimDisk({ ref: this.chain.genesis, certificate: undefined })
    const isStubborn = this.plan.twins?.includes(identity) === true && this.plan.areTwinsCareful !== true
    const actor = new SimNode({ node, identity, disk, simulation: this, isHonest, signsBadly, isStubborn })
    this.actors.push(actor)
    if (isHonest) this.honest.push(actor)
  }
}
