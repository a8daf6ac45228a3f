/**
 * The whole of consensus without I/O: one machine (machine.ts) per epoch, and what leads from one to the next.
 * The driver and the simulator both drive this. Signatures here, until the rest is in place.
 */
import type { Hash } from '../types/primitives.ts'
import type { ValidatorSet } from '../types/validator-set.ts'
import type { Certificate } from '../types/vote.ts'
import type { BlockRef } from './block-ref.ts'
import type { EpochInfo, LogRecord, Pacing, ReplicaEffect, ReplicaEvent } from './protocol.ts'

export interface ReplicaConfig {
  /** Own public key. Without one, or in an epoch whose set it is not in: follows without voting. */
  readonly voteKey: Uint8Array | undefined
  readonly pacing: Pacing
  /** Form, signers, power and signature. Pure, about 1 ms. */
  isValidCertificate(certificate: Certificate, validators: ValidatorSet): boolean
}

/** What the database holds last. */
export interface Finalized {
  readonly ref: BlockRef
  /** Absent for the genesis block alone. */
  readonly certificate: Certificate | undefined
}

export interface Replica {
  readonly epoch: EpochInfo
  readonly validators: ValidatorSet
  /** Own position in the epoch's set. */
  readonly self: number | undefined
  readonly view: bigint
  /** The block up to which everything is final, and the view of this epoch in which it became so; 0: before it. */
  readonly final: {
    readonly ref: BlockRef
    readonly view: bigint
    readonly certificate: Certificate | undefined
  }
  /** Whether the bytes of this block are still needed. */
  hasBlock(hash: Hash): boolean
  /** The least that a replica must be made from to go on as this one. */
  snapshot(): LogRecord[]
  /** `now` in ms, never less than before. The effects must be carried out in their order. */
  step(event: ReplicaEvent, now: number): ReplicaEffect[]
}

/**
 * `epoch`: of the block after `finalized`. `records`: everything ever appended, in order.
 */
export type CreateReplica = (
  config: ReplicaConfig,
  start: { epoch: EpochInfo; finalized: Finalized; records: readonly LogRecord[] },
) => Replica
