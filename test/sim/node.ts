/**
 * One simulated validator: the real machine, carried out the way driver.ts does it, on virtual time, a
 * virtual network and a disk that can fail. A signature is one byte that says whether it is good.
 */
import { bytesEqual, toHex } from '../../node/types/primitives.ts'
import type { Certificate, Vote, VoteStatement } from '../../node/types/vote.ts'
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import { Machine, type MachineConfig } from '../../node/consensus/machine.ts'
import type { Effect, Event } from '../../node/consensus/protocol.ts'
import type { SimDisk } from './disk.ts'
import type { Network, SimMessage } from './network.ts'
import type { Random } from './random.ts'
import type { Schedule } from './schedule.ts'

export interface World {
  readonly schedule: Schedule
  readonly random: Random
  readonly network: Network
  /** The validator that a node votes as; twins share one. */
  validatorOf(node: number): number
  newBlock(view: bigint, parent: BlockRef, builder: number): BlockRef
  isValidBlock(block: BlockRef): boolean
  onCast(node: number, statement: VoteStatement): void
  onCertificate(certificate: Certificate): void
  onFinal(node: number, blocks: readonly BlockRef[]): void
  onEffect(node: number, effect: Effect): void
  /** Of a crash before, and after, the sync of a batch with a vote. */
  crashChance(): number
}

const GOOD = Uint8Array.of(1)
const BAD = Uint8Array.of(0)

export class SimNode {
  readonly id: number
  readonly disk: SimDisk
  readonly #config: MachineConfig
  readonly #world: World
  readonly #signsBadly: boolean
  #machine: Machine | undefined
  #blocks = new Map<string, BlockRef>()
  #queue: Event[] = []
  #isRunning = false
  #wakeAt: number | undefined

  constructor(options: {
    id: number
    disk: SimDisk
    config: MachineConfig
    world: World
    signsBadly?: boolean
  }) {
    this.id = options.id
    this.disk = options.disk
    this.#config = options.config
    this.#world = options.world
    this.#signsBadly = options.signsBadly ?? false
  }

  get machine(): Machine | undefined {
    return this.#machine
  }

  start(): void {
    if (this.#machine !== undefined) return
    this.#machine = new Machine(this.#config, this.disk.final, this.disk.log)
    for (const record of this.disk.log) if (record.kind === 'block') this.#keep(record.block)
    this.#give({ kind: 'start' })
  }

  crash(): void {
    this.#machine = undefined
    this.#blocks = new Map()
    this.#queue = []
    this.#wakeAt = undefined
    this.disk.crash()
  }

  receive(from: number, message: SimMessage): void {
    const machine = this.#machine
    if (machine === undefined) return
    const validator = this.#world.validatorOf(from)
    const take = (vote: Vote) => {
      if (vote.signer === validator) this.#give({ kind: 'vote', vote })
    }
    const takeAll = (certificates: readonly Certificate[]) => {
      for (const certificate of certificates)
        if (this.#machine?.wantsCertificate(certificate) === true)
          this.#give({ kind: 'certificate', certificate })
    }
    switch (message.kind) {
      case 'proposal':
        takeAll(message.justification)
        this.#keep(message.block)
        this.#give({ kind: 'proposal', from: validator, block: message.block })
        return take(message.vote)
      case 'vote':
        return take(message.vote)
      case 'certificates':
        return takeAll(message.certificates)
      case 'standstill':
        takeAll(message.certificates)
        for (const vote of message.votes) take(vote)
        return this.#give({ kind: 'standstill', peer: String(from), finalView: message.finalView })
      case 'blockWanted': {
        const block =
          this.#blocks.get(toHex(message.hash)) ??
          this.disk.chain.find(({ hash }) => bytesEqual(hash, message.hash))
        if (block !== undefined) this.#world.network.send(this.id, from, { kind: 'block', block })
        return
      }
      case 'block':
        this.#keep(message.block)
        return this.#give({ kind: 'block', block: message.block })
      case 'certificatesWanted': {
        const { above, upTo } = message
        return this.#give({ kind: 'certificatesWanted', peer: String(from), above, upTo })
      }
    }
  }

  #keep(block: BlockRef): void {
    this.#blocks.set(toHex(block.hash), block)
  }

  /** Own votes come back as new events, never inside a step. */
  #give(event: Event): void {
    this.#queue.push(event)
    if (this.#isRunning) return
    this.#isRunning = true
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#step(next)
    this.#isRunning = false
  }

  #step(event: Event): void {
    if (this.#machine === undefined) return
    const { schedule, random } = this.#world
    const effects = this.#machine.step(event, schedule.now)
    let hasVoted = false
    for (const effect of effects) {
      if (effect.kind !== 'append') continue
      this.disk.append(effect.record)
      hasVoted ||= effect.record.kind === 'vote'
    }
    if (hasVoted) {
      if (random.chance(this.#world.crashChance())) return this.#powerCut()
      this.disk.sync()
      if (random.chance(this.#world.crashChance())) return this.#powerCut()
    }
    for (const effect of effects) {
      this.#world.onEffect(this.id, effect)
      this.#act(effect)
    }
    if (random.chance(0.002)) this.disk.rewrite(this.#machine.snapshot())
  }

  #powerCut(): void {
    this.crash()
    this.#world.schedule.after(50 + this.#world.random.below(400), () => this.start())
  }

  #vote(statement: VoteStatement): Vote {
    this.#world.onCast(this.id, statement)
    const vote: Vote = {
      ...statement,
      signer: this.#world.validatorOf(this.id),
      signature: this.#signsBadly ? BAD : GOOD,
    }
    this.#give({ kind: 'vote', vote })
    return vote
  }

  /** A later event, unless the node has crashed meanwhile. */
  #later(delayMs: number, run: () => Event | undefined): void {
    const machine = this.#machine
    this.#world.schedule.after(delayMs, () => {
      if (this.#machine !== machine || machine === undefined) return
      const event = run()
      if (event !== undefined) this.#give(event)
    })
  }

  #act(effect: Effect): void {
    const { network, random, schedule } = this.#world
    switch (effect.kind) {
      case 'cast':
        return network.broadcast(this.id, { kind: 'vote', vote: this.#vote(effect.statement) })
      case 'propose': {
        const { block, statement, justification } = effect
        return network.broadcast(this.id, {
          kind: 'proposal',
          block,
          vote: this.#vote(statement),
          justification,
        })
      }
      case 'relay':
        return network.broadcast(this.id, { kind: 'certificates', certificates: [effect.certificate] })
      case 'certify': {
        const own = this.#world.validatorOf(this.id)
        const isFaulty = ({ signer, signature }: Vote) => signer !== own && signature[0] !== 1
        const faulty = effect.votes.filter(isFaulty).map(({ signer }) => signer)
        if (faulty.length > 0) return this.#give({ kind: 'refused', statement: effect.statement, faulty })
        const signers = this.#config.validators.toBitmap(effect.votes.map(({ signer }) => signer))
        const certificate = { ...effect.statement, signers, signature: GOOD }
        this.#world.onCertificate(certificate)
        return this.#give({ kind: 'certificate', certificate })
      }
      case 'build':
        return this.#later(random.below(60), () => {
          const block = this.#world.newBlock(effect.view, effect.parent, this.id)
          this.#keep(block)
          return { kind: 'built', view: effect.view, block }
        })
      case 'check':
        return this.#later(random.below(5), () => ({
          kind: 'checked',
          hash: effect.block.hash,
          verdict: this.#world.isValidBlock(effect.block) ? 'valid' : 'invalid',
        }))
      case 'finalize': {
        const ref = effect.blocks.at(-1)
        if (ref === undefined) return
        this.disk.commit(effect.blocks, { ref, certificate: effect.certificate })
        return this.#world.onFinal(this.id, effect.blocks)
      }
      case 'fetchBlock':
        return network.broadcast(this.id, { kind: 'blockWanted', hash: effect.hash })
      case 'fetchCertificates':
        return network.broadcast(this.id, {
          kind: 'certificatesWanted',
          above: effect.above,
          upTo: effect.upTo,
        })
      case 'sendCertificates':
        return network.send(this.id, Number(effect.peer), {
          kind: 'certificates',
          certificates: effect.certificates,
        })
      case 'standstill': {
        const { finalView, certificates, statements } = effect
        const votes = statements.map(statement => this.#vote(statement))
        return network.broadcast(this.id, { kind: 'standstill', finalView, certificates, votes })
      }
      case 'wake': {
        const at = effect.at
        this.#wakeAt = at
        if (at === undefined) return
        return this.#later(at - schedule.now, () => (this.#wakeAt === at ? { kind: 'tick' } : undefined))
      }
      case 'append':
      case 'abandon':
      case 'forget':
        return
    }
  }
}
