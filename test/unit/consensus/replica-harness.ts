/**
 * A replica alone, event by event. Epochs of two blocks; validators 0 to 3 in even ones, 2 to 5 in odd ones. The first
 * two views belong to 1 and 3, and to 4 and 5: never to 2, who is in all sets and whose part the tests play most.
 */
import { sha256 } from '../../../node/crypto/hash.ts'
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import type { Message } from '../../../node/consensus/messages.ts'
import type { Peer } from '../../../node/consensus/protocol.ts'
import type { EpochInfo, LogRecord, ReplicaEffect, ReplicaEvent } from '../../../node/consensus/protocol.ts'
import { type Finalized, Replica } from '../../../node/consensus/replica.ts'
import { bytesEqual, toAddress } from '../../../node/types/primitives.ts'
import type { Certificate, Vote, VoteKind } from '../../../node/types/vote.ts'
import { GENESIS } from './harness.ts'

export const EPOCH_BLOCKS = 2n

export const keyOf = (seed: number): Uint8Array => new Uint8Array(48).fill(seed + 1)

export const peerOf = (seed: number): Peer => ({ id: `peer${seed}`, voteKey: keyOf(seed) })

/** Seeds, in the order of the epoch's set. */
export const setOf = (epoch: bigint): number[] => (epoch % 2n === 0n ? [0, 1, 3, 2] : [2, 4, 5, 3])

export const epochOf = (epoch: bigint): EpochInfo => ({
  epoch,
  validators: setOf(epoch).map(seed => ({
    address: toAddress(new Uint8Array(32).fill(seed)),
    voteKey: keyOf(seed),
    vrfKey: new Uint8Array(32),
    power: 1n,
  })),
  leaderOf: view => Number(view % 4n),
  firstHeight: epoch * EPOCH_BLOCKS + 1n,
  lastHeight: (epoch + 1n) * EPOCH_BLOCKS,
})

/** In the first view that it can stand in. */
export const childOf = (parent: BlockRef, given: Partial<BlockRef> = {}): BlockRef => {
  const height = parent.height + 1n
  const epoch = (height - 1n) / EPOCH_BLOCKS
  const isFirst = epoch !== parent.epoch || parent.height === 0n
  const view = given.view ?? (isFirst ? 1n : parent.view + 1n)
  return {
    hash: sha256(Buffer.from(`${epoch}/${view}/${height}`)),
    height,
    epoch,
    view,
    parentHash: parent.hash,
    parentView: isFirst ? 0n : parent.view,
    ...given,
  }
}

/** The chain without a fault, from height 1. */
export const chainTo = (height: number): BlockRef[] => {
  const chain: BlockRef[] = []
  for (let parent = GENESIS; chain.length < height; chain.push(parent)) parent = childOf(parent)
  return chain
}

const GOOD = Uint8Array.of(1)
const BAD = Uint8Array.of(0)

export const voteOf = (kind: VoteKind, block: BlockRef, seed: number, view = block.view): Vote => ({
  kind,
  epoch: block.epoch,
  view,
  hash: kind === 'nullify' ? undefined : block.hash,
  signer: setOf(block.epoch).indexOf(seed),
  signature: GOOD,
})

export const certificateOf = (
  kind: VoteKind,
  block: BlockRef,
  given: Partial<Certificate> = {},
): Certificate => ({
  kind,
  epoch: block.epoch,
  view: block.view,
  hash: kind === 'nullify' ? undefined : block.hash,
  // All but the first.
  signers: Uint8Array.of(0b1110),
  signature: GOOD,
  ...given,
})

export const forged = (certificate: Certificate): Certificate => ({ ...certificate, signature: BAD })

export class ReplicaHarness {
  readonly replica: Replica
  readonly log: LogRecord[]
  readonly seed: number | undefined
  effects: ReplicaEffect[] = []
  now = 0
  verified = 0
  readonly #ready: boolean
  readonly #served: readonly BlockRef[]

  constructor(
    seed: number | undefined,
    given: {
      finalized?: Finalized
      records?: readonly LogRecord[]
      epoch?: bigint
      /** False: epochs begin when the test says so. */
      ready?: boolean
      /** That a peer gives when asked. */
      served?: readonly BlockRef[]
    } = {},
  ) {
    const { finalized = { ref: GENESIS, certificate: undefined }, records = [], epoch = 0n } = given
    this.seed = seed
    this.log = [...records]
    this.#ready = given.ready ?? true
    this.#served = given.served ?? []
    this.replica = new Replica(
      {
        voteKey: seed === undefined ? undefined : keyOf(seed),
        pacing: { networkDelayMs: 100, standstillMs: 1000, paceMs: 50 },
        isValidCertificate: ({ signature }) => {
          this.verified++
          return signature[0] === 1
        },
        isValidVote: ({ signature }) => {
          this.verified++
          return signature[0] === 1
        },
      },
      { epoch: epochOf(epoch), finalized, records },
    )
    this.give({ kind: 'start' })
  }

  /** Answers checks, builds nothing, begins epochs at once unless told not to. */
  give(...events: ReplicaEvent[]): ReplicaEffect[] {
    this.effects = []
    for (const queue = [...events]; queue.length > 0; ) {
      const effects = this.replica.step(queue.shift() as ReplicaEvent, this.now)
      for (const effect of effects) {
        if (effect.kind === 'append') this.log.push(effect.record)
        if (effect.kind === 'check')
          queue.push({ kind: 'checked', hash: effect.block.hash, verdict: 'valid' })
        if (effect.kind === 'beginEpoch' && this.#ready)
          queue.push({ kind: 'epochReady', epoch: epochOf(effect.epoch) })
        if (effect.kind !== 'fetchBlocks') continue
        const { hash } = effect
        const blocks = this.#served.filter(block => bytesEqual(block.hash, hash))
        if (blocks.length > 0)
          queue.push({ kind: 'message', from: peerOf(1), message: { kind: 'blocks', hash, blocks } })
      }
      this.effects.push(...effects)
    }
    return this.effects
  }

  hear(seed: number, message: Message<BlockRef>): ReplicaEffect[] {
    return this.give({ kind: 'message', from: peerOf(seed), message })
  }

  /** A proposal by its leader, with what justifies it. */
  propose(block: BlockRef, justification: Certificate[] = [], view = block.view): ReplicaEffect[] {
    const leader = setOf(block.epoch)[Number(view % 4n)] as number
    return this.hear(leader, { kind: 'proposal', view, block, signature: GOOD, justification })
  }

  certify(...certificates: Certificate[]): ReplicaEffect[] {
    return this.hear(9, { kind: 'certificates', certificates })
  }

  /** Proposed, notarised, final: all of the chain. */
  follow(blocks: readonly BlockRef[]): void {
    for (const block of blocks) {
      this.propose(block)
      this.certify(certificateOf('notarize', block))
      this.certify(certificateOf('finalize', block))
    }
  }

  of<K extends ReplicaEffect['kind']>(kind: K): Extract<ReplicaEffect, { kind: K }>[] {
    return this.effects.filter(
      (effect): effect is Extract<ReplicaEffect, { kind: K }> => effect.kind === kind,
    )
  }

  /** "notarize 1/2": kind, epoch, view. */
  get casts(): string[] {
    return this.of('cast').map(({ statement: { kind, epoch, view } }) => `${kind} ${epoch}/${view}`)
  }
}
