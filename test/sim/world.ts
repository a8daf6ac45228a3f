/** What nodes, adversaries and scenarios see of a simulation (simulation.ts). */
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import type { ConsensusError } from '../../node/consensus/error.ts'
import type { Pacing, ReplicaEffect } from '../../node/consensus/protocol.ts'
import type { Evidence } from '../../node/types/evidence.ts'
import type { Certificate, Vote, VoteStatement } from '../../node/types/vote.ts'
import type { Actor } from './actor.ts'
import type { SimChain } from './chain.ts'
import type { Committee } from './committee.ts'
import type { SimDisk } from './disk.ts'
import type { Invariants } from './invariants.ts'
import type { Network } from './network.ts'
import type { Random } from './random.ts'
import type { Schedule } from './schedule.ts'
import type { Signatures } from './signatures.ts'
import type { Trace } from './trace.ts'

export type CrashPoint = 'before sync' | 'after sync'

/** A node that follows the protocol (node.ts). */
export interface ProtocolNode extends Actor {
  /** `tearsLog`: a part of the write that was under way is on the disk. */
  crash(tearsLog?: boolean): void
  readonly identity: number
  readonly disk: SimDisk
  /** Why it does not run and will not start again. */
  readonly stopped: ConsensusError | undefined
  readonly isUp: boolean
  readonly upSinceMs: number
  readonly epoch: bigint
  readonly view: bigint
  readonly votesHeld: number
  /** Blocks whose bytes the node keeps in memory. */
  readonly blocksHeld: number
  /** In the database. */
  readonly finalHeight: bigint
}

/** What a scenario's script adds. */
export type Watch = {
  /** True: the node loses power here. Called with what it was about to do. */
  crashesAt?: (node: ProtocolNode, point: CrashPoint, effects: readonly ReplicaEffect[]) => boolean
  /** True: that this honest node stops for good is what the scenario is about. */
  mayStop?: (node: ProtocolNode, error: ConsensusError) => boolean
  /** By an honest node. The certificate is the last block's. */
  onFinal?: (node: ProtocolNode, blocks: readonly BlockRef[], certificate: Certificate) => void
  onProposed?: (node: ProtocolNode, block: BlockRef, view: bigint) => void
  onEvidence?: (node: ProtocolNode, evidence: Evidence) => void
  /** Signed for the first time. */
  onHonestVote?: (identity: number, statement: VoteStatement) => void
}

export interface World {
  readonly random: Random
  readonly pacing: Pacing
  /** A leader takes up to this long for a block. */
  readonly buildMs: number
  readonly schedule: Schedule
  readonly trace: Trace
  readonly chain: SimChain
  readonly signatures: Signatures
  readonly invariants: Invariants
  readonly network: Network
  readonly actors: readonly Actor[]
  /** Whom the invariants hold for. */
  readonly honest: readonly ProtocolNode[]
  readonly watch: Watch
  /** Validators that honest nodes hold evidence against, and since when. */
  readonly convicted: ReadonlyMap<number, number>
  /** Nodes that `startAll` leaves alone. */
  readonly held: Set<number>
  readonly isCalm: boolean
  /** Places in the network. */
  readonly size: number
  identityOf(node: number): number
  voteKeyOf(identity: number): Uint8Array
  /** Throws before the epoch is known to anyone. */
  committeeOf(epoch: bigint): Committee
  clockSkewMs(identity: number): number
  /** The furthest view that an honest node is in. */
  front(): { epoch: bigint; view: bigint }

  sign(identity: number, statement: VoteStatement, isHonest: boolean): Vote
  /** Whether the node loses power at this point; if so it comes back a little later. */
  crashesAt(node: ProtocolNode, point: CrashPoint, effects: readonly ReplicaEffect[]): boolean
  onProposed(node: ProtocolNode, block: BlockRef, statement: VoteStatement): void
  /** `below`: what the node had made final before. */
  onFinal(node: ProtocolNode, below: BlockRef, blocks: readonly BlockRef[], certificate: Certificate): void
  onEvidence(node: ProtocolNode, evidence: Evidence): void
  onReport(node: ProtocolNode, peer: number, reason: string): void
  onBadSignatures(node: ProtocolNode, epoch: bigint, signers: readonly number[]): void
  onStopped(node: ProtocolNode, error: ConsensusError): void

  /** Calls again and again while faults last. */
  everyMs(ms: number, run: () => void): void
  /** Starts everyone that is down and may run, each a little later than the other. */
  startAll(): void
  crashAll(): void
  /** Ends the faults: everyone is up, and messages arrive. */
  heal(): void
}
