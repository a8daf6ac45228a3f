/**
 * Finality by simulation: every validator runs the node's replica on virtual time. What it computes takes its processor
 * what it takes here, one thing after the other: the replica's own steps as they come, cryptography, codec and disk as
 * measured before (costs.ts). Consensus has one thread, as in the driver; blocks are checked on another. Messages have their real sizes and the delays of a network (network-delays.ts). Blocks are empty.
 */
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { messageCodec, type WireMessage } from '../../../node/consensus/messages.ts'
import type {
  EpochInfo,
  Pacing,
  Peer,
  ReplicaEffect,
  ReplicaEvent,
} from '../../../node/consensus/protocol.ts'
import { Relays } from '../../../node/consensus/relays.ts'
import { Replica } from '../../../node/consensus/replica.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { createLeaders } from '../../../node/transition/leaders.ts'
import { blockCodec } from '../../../node/types/block.ts'
import { toAddress, toHash, toHex, ZERO_HASH } from '../../../node/types/primitives.ts'
import { type Validator, VRF_PROOF_BYTES } from '../../../node/types/validator.ts'
import { createValidatorSet, type ValidatorSet } from '../../../node/types/validator-set.ts'
import type { Certificate, Vote, VoteStatement } from '../../../node/types/vote.ts'
import { createRandom, type Random } from '../../sim/random.ts'
import { Schedule } from '../../sim/schedule.ts'
import { BenchError } from '../error.ts'
import type { Costs } from './costs.ts'
import { BYTES_EACH_MS, type NetworkProfile } from './network-delays.ts'

/** Of the genesis: at least this between two blocks. */
export const BLOCK_INTERVAL_MS = 250
const STANDSTILL_MS = 1_000
const CHAIN_ID = 'bench'
const SIGNATURE = new Uint8Array(96)
const LONG_EPOCH = 1_000_000n

export interface FinalityFigures {
  /** Of every block on every validator: from the leader's proposal to finality. */
  readonly latenciesMs: readonly number[]
  readonly blocks: number
  readonly messages: number
  readonly bytes: number
  readonly virtualMs: number
  readonly nullified: number
}

const GENESIS: BlockRef = {
  hash: ZERO_HASH,
  height: 0n,
  epoch: 0n,
  view: 0n,
  parentHash: ZERO_HASH,
  parentView: 0n,
}

/** An empty block's bytes, with its parent's certificate. */
const emptyBlock = (ref: BlockRef, parentCertificate: Certificate | undefined): Uint8Array =>
  blockCodec.encode({
    header: {
      version: 1,
      chainId: CHAIN_ID,
      height: ref.height,
      epoch: ref.epoch,
      view: ref.view,
      parentHash: ref.parentHash,
      parentView: ref.parentView,
      parentCertificate,
      timeMs: 0n,
      proposer: toAddress(ZERO_HASH),
      vrfProof: new Uint8Array(VRF_PROOF_BYTES),
      eta: ZERO_HASH,
      nextNonce: undefined,
      transactionsRoot: ZERO_HASH,
      stateRoot: ZERO_HASH,
      receiptsRoot: ZERO_HASH,
      validatorsHash: ZERO_HASH,
      nextValidatorsHash: ZERO_HASH,
      gasUsed: 0n,
      gasLimit: 0n,
      baseFee: 0n,
    },
    transactions: [],
  })

interface Sent {
  readonly message: WireMessage
  readonly blocks: readonly BlockRef[]
  readonly bytes: number
}

export class FinalityModel {
  readonly schedule = new Schedule()
  readonly random: Random
  readonly costs: Costs
  readonly set: ValidatorSet
  readonly epoch: EpochInfo
  readonly pacing: Pacing
  readonly blockBytes = new Map<string, Uint8Array>()
  readonly proposedAt = new Map<string, number>()
  readonly latenciesMs: number[] = []
  nullified = 0
  #messages = 0
  #bytes = 0
  readonly #network: NetworkProfile
  readonly #validators: ModelValidator[]
  readonly #freeAt: number[]

  constructor(options: { validators: number; network: NetworkProfile; costs: Costs; seed: number }) {
    const { validators: count, network, costs, seed } = options
    this.random = createRandom(seed)
    this.costs = costs
    this.#network = network
    this.pacing = {
      networkDelayMs: network.networkDelayMs,
      standstillMs: STANDSTILL_MS,
      paceMs: BLOCK_INTERVAL_MS,
    }
    const validators = Array.from({ length: count }, (_, i): Validator => {
      const voteKey = new Uint8Array(48)
      voteKey[0] = i + 1
      return {
        address: toAddress(new Uint8Array(32).fill(i)),
        voteKey,
        vrfKey: new Uint8Array(32),
        power: 1n,
      }
    })
    this.set = createValidatorSet(validators)
    const nonce = sha256(Buffer.from(`nonce ${seed}`))
    const { of } = createLeaders({ chainId: CHAIN_ID, epoch: 0n, nonce, validators })
    this.epoch = { epoch: 0n, validators, leaderOf: of, firstHeight: 1n, lastHeight: LONG_EPOCH }
    this.#validators = validators.map((_, index) => new ModelValidator(this, index))
    this.#freeAt = validators.map(() => 0)
  }

  /** Until so many blocks are final everywhere, after as many that only warm up. */
  run(blocks: number, warmUp: number): FinalityFigures {
    for (const validator of this.#validators) validator.start()
    const untilFinal = (height: number): void => {
      while (this.#validators.some(({ height: at }) => at < height))
        if (!this.schedule.step()) throw new BenchError('wrong_result', 'the simulated network stands still')
    }
    untilFinal(warmUp)
    const before = { messages: this.#messages, bytes: this.#bytes, now: this.schedule.now }
    this.latenciesMs.length = 0
    untilFinal(warmUp + blocks)
    return {
      latenciesMs: this.latenciesMs,
      blocks,
      messages: this.#messages - before.messages,
      bytes: this.#bytes - before.bytes,
      virtualMs: this.schedule.now - before.now,
      nullified: this.nullified,
    }
  }

  send(from: number, to: number, sent: Sent): void {
    this.#messages++
    this.#bytes += sent.bytes
    const { now } = this.schedule
    const leavesAt = Math.max(now, this.#freeAt[from] ?? 0) + sent.bytes / BYTES_EACH_MS
    this.#freeAt[from] = leavesAt
    const delayMs = this.#network.delayMs(from, to) * (1 + this.#network.jitter * this.random.next())
    this.schedule.at(leavesAt + delayMs, () => this.#validators[to]?.receive(from, sent))
  }

  broadcast(from: number, sent: Sent): void {
    for (let to = 0; to < this.#validators.length; to++) if (to !== from) this.send(from, to, sent)
  }

  bytesOf({ hash }: Pick<BlockRef, 'hash'>): Uint8Array {
    const bytes = this.blockBytes.get(toHex(hash))
    if (bytes === undefined) throw new BenchError('wrong_result', 'a block without bytes')
    return bytes
  }
}

interface Work {
  readonly event: ReplicaEvent
  readonly costMs: number
}

class ModelValidator {
  readonly #model: FinalityModel
  readonly #index: number
  readonly #replica: Replica
  readonly #relays: Relays
  /** Own votes and results go before what comes from outside. */
  #own: Work[] = []
  #outside: Work[] = []
  #isBusy = false
  #extraMs = 0
  /** The thread that checks blocks. */
  #checksUntil = 0
  #wakeAt: number | undefined
  height = 0

  constructor(model: FinalityModel, index: number) {
    this.#model = model
    this.#index = index
    this.#replica = new Replica(
      {
        voteKey: model.set.validators[index]?.voteKey,
        pacing: model.pacing,
        isValidCertificate: () => {
          this.#extraMs += model.costs.verifyCertificateMs
          return true
        },
        isValidVote: () => true,
      },
      { epoch: model.epoch, finalized: { ref: GENESIS, certificate: undefined }, records: [] },
    )
    const others = model.set.validators.flatMap((_, i) => (i === index ? [] : [this.#peer(i)]))
    this.#relays = new Relays({
      clock: {
        now: () => model.schedule.now,
        after: (delayMs, callback) => {
          model.schedule.at(model.schedule.now + delayMs, callback)
          return () => undefined
        },
      },
      networkDelayMs: model.pacing.networkDelayMs,
      peers: () => others,
      isVoter: () => true,
      send: (peers, certificates) => {
        const message: WireMessage = { kind: 'certificates', certificates: [...certificates] }
        const bytes = messageCodec.encode(message).length
        for (const peer of peers) model.send(index, Number(peer), { message, blocks: [], bytes })
      },
    })
  }

  #peer(index: number): Peer {
    return { id: String(index), voteKey: this.#model.set.validators[index]?.voteKey }
  }

  start(): void {
    this.#take({ event: { kind: 'start' }, costMs: 0 }, true)
  }

  receive(from: number, { message, blocks }: Sent): void {
    const [block] = blocks
    const inner =
      message.kind === 'proposal' && block !== undefined
        ? { ...message, block }
        : message.kind === 'blocks'
          ? { ...message, blocks: [...blocks] }
          : message
    if (inner.kind === 'blocksWanted') return
    const peer = this.#peer(from)
    this.#relays.heard(peer, inner as never)
    const { decodeMs } = this.#model.costs
    this.#take({ event: { kind: 'message', from: peer, message: inner as never }, costMs: decodeMs }, false)
  }

  #take(work: Work, isOwn: boolean): void {
    if (isOwn) this.#own.push(work)
    else this.#outside.push(work)
    if (!this.#isBusy) this.#next()
  }

  /** One event after the other; what it leads to leaves when the log is durable and the signature made. */
  #next(): void {
    const work = this.#own.shift() ?? this.#outside.shift()
    this.#isBusy = work !== undefined
    if (work === undefined) return
    const { schedule, costs } = this.#model
    this.#extraMs = work.costMs
    const beganMs = performance.now()
    const effects = this.#replica.step(work.event, schedule.now)
    this.#extraMs += performance.now() - beganMs
    const signs = effects.filter(({ kind }) => kind === 'cast' || kind === 'propose').length
    const isLogged = effects.some(effect => effect.kind === 'append' && effect.record.kind === 'vote')
    this.#extraMs += isLogged ? Math.max(costs.syncMs, signs * costs.signMs) : 0
    for (const effect of effects) {
      if (effect.kind === 'certify') this.#extraMs += costs.certifyMs
      if (['cast', 'propose', 'standstill'].includes(effect.kind)) this.#extraMs += costs.encodeMs
    }
    schedule.after(this.#extraMs, () => {
      for (const effect of effects) this.#act(effect)
      this.#next()
    })
  }

  #vote(statement: VoteStatement): Vote {
    const vote = { ...statement, signer: this.#index, signature: SIGNATURE }
    this.#own.push({ event: { kind: 'vote', vote }, costMs: 0 })
    return vote
  }

  #broadcast(message: WireMessage, blocks: readonly BlockRef[] = []): void {
    this.#model.broadcast(this.#index, { message, blocks, bytes: messageCodec.encode(message).length })
  }

  #act(effect: ReplicaEffect): void {
    const { schedule, costs, set } = this.#model
    switch (effect.kind) {
      case 'cast':
        if (effect.statement.kind === 'nullify') this.#model.nullified++
        return this.#broadcast({ kind: 'vote', vote: this.#vote(effect.statement) })
      case 'propose': {
        const { block, statement, justification } = effect
        const { view, signature } = this.#vote(statement)
        this.#model.proposedAt.set(toHex(block.hash), schedule.now)
        const bytes = this.#model.bytesOf(block)
        const message = {
          kind: 'proposal' as const,
          view,
          block: bytes,
          signature,
          justification: [...justification],
        }
        return this.#broadcast(message, [block])
      }
      case 'relay':
        return this.#relays.add(effect.certificate)
      case 'certify': {
        const { statement, votes } = effect
        const signers = set.toBitmap(votes.map(({ signer }) => signer))
        const certificate: Certificate = { ...statement, signers, signature: SIGNATURE }
        this.#own.push({ event: { kind: 'certificate', certificate }, costMs: 0 })
        return
      }
      case 'build': {
        const { view, epoch, parent, parentView, certificate } = effect
        const earliest = (this.#model.proposedAt.get(toHex(parent.hash)) ?? 0) + BLOCK_INTERVAL_MS
        return schedule.at(earliest, () => {
          const hash = toHash(sha256(Buffer.from(`block ${view}`)))
          const ref = { hash, height: parent.height + 1n, epoch, view, parentHash: parent.hash, parentView }
          this.#model.blockBytes.set(toHex(hash), emptyBlock(ref, certificate))
          // Its VRF proof takes a third of a millisecond while it waits (application.ts).
          this.#take({ event: { kind: 'built', view, block: ref }, costMs: 0 }, true)
        })
      }
      case 'check': {
        const { hash } = effect.block
        this.#checksUntil =
          Math.max(schedule.now, this.#checksUntil) + costs.vrfVerifyMs + costs.verifyCertificateMs
        return schedule.at(this.#checksUntil, () =>
          this.#take({ event: { kind: 'checked', hash, verdict: 'valid' }, costMs: 0 }, true),
        )
      }
      case 'finalize':
        for (const { hash, height } of effect.blocks) {
          this.height = Number(height)
          const proposedAt = this.#model.proposedAt.get(toHex(hash))
          if (proposedAt !== undefined) this.#model.latenciesMs.push(schedule.now - proposedAt)
        }
        return
      case 'wake': {
        const { at } = effect
        this.#wakeAt = at
        if (at !== undefined)
          schedule.at(at, () => {
            if (this.#wakeAt === at) this.#take({ event: { kind: 'tick' }, costMs: 0 }, true)
          })
        return
      }
      case 'standstill': {
        const { epoch, finalView, certificates, statements } = effect
        const votes = statements.map(statement => this.#vote(statement))
        return this.#broadcast({
          kind: 'standstill',
          epoch,
          finalView,
          certificates: [...certificates],
          votes,
        })
      }
      case 'sendCertificates':
      case 'fetchBlocks':
      case 'fetchCertificates':
      case 'beginEpoch':
      case 'sendBoundary':
      case 'sendWitness':
      case 'evidence':
      case 'impostor':
      case 'report':
      case 'append':
      case 'abandon':
      case 'forget':
        return
    }
  }
}
