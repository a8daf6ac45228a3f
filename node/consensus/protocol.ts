/**
 * The language of machine.ts and replica.ts: what they are told (events), what they want done (effects), what
 * must be remembered for them (records). All are plain data; the driver and the simulator both speak it.
 */
import type { Evidence } from '../types/evidence.ts'
import type { Hash, Height } from '../types/primitives.ts'
import type { Validator } from '../types/validator.ts'
import type { Certificate, Vote, VoteStatement } from '../types/vote.ts'
import type { BlockRef } from './block-ref.ts'
import type { Message } from './messages.ts'

/** Who proposes in a view: a position in the epoch's set. */
export type LeaderOf = (view: bigint) => number

/** A stretch of heights that one set votes on. */
export interface EpochInfo {
  readonly epoch: bigint
  readonly validators: readonly Validator[]
  readonly leaderOf: LeaderOf
  readonly firstHeight: Height
  /** Of the boundary block: the epoch ends when it is final. */
  readonly lastHeight: Height
}

/** Whoever is at the other end of a connection. */
export interface Peer {
  readonly id: string
  /** As proven when it connected. Whether it is a validator, and which, each epoch's set says. */
  readonly voteKey: Uint8Array | undefined
  /**
   * The holder of the vote key is not at the other end: the peer passes on what it says, and is only believed to have the
   * right to. What counts on its sender's word alone is verified then.
   */
  readonly isRelayed?: true
}

/** `missing`: the application cannot judge yet (data it needs is not here); asked again later. */
export type Verdict = 'valid' | 'invalid' | 'missing'

/** Views ahead of and behind the current one for which votes are kept. */
export const VIEW_WINDOW = 64n
/** Views behind the current one of which a leader's second signature is still looked for (witnesses.ts). */
export const WITNESS_VIEWS = 16n

/** Written to the log. A replica is made from all that were ever appended, or from `snapshot()`. */
export type LogRecord =
  /** This node's own vote, before it is signed. */
  | { kind: 'vote'; statement: VoteStatement }
  | { kind: 'certificate'; certificate: Certificate }
  | { kind: 'block'; block: BlockRef }
  /** Own votes up to here are not in the log any more: nothing may be signed in these views. */
  | { kind: 'sealed'; epoch: bigint; view: bigint }

/** What the machine of one epoch is told. */
export type Event =
  /** First, once. */
  | { kind: 'start' }
  /** The time of a `wake` has come. Harmless at any other time. */
  | { kind: 'tick' }
  /** A vote by `vote.signer`, authenticated as its sender; the signature need not be verified. Own votes too. */
  | { kind: 'vote'; vote: Vote }
  /** A vote that somebody else than its signer sent, wanted and verified: may prove something, and does not count. */
  | { kind: 'witness'; vote: Vote }
  /** Its signature, signers and power are verified. */
  | { kind: 'certificate'; certificate: Certificate }
  /** Answer to `certify`: these signatures are bad. (A good set comes back as a certificate.) */
  | { kind: 'refused'; statement: VoteStatement; faulty: readonly number[] }
  /** From validator `from`; its justification has been given as certificates before. Hash and body match. */
  | { kind: 'proposal'; from: number; view: bigint; block: BlockRef }
  /** Answer to `fetchBlocks`: the one asked for, then its parent, and so on. Hashes and bodies match. */
  | { kind: 'blocks'; blocks: readonly BlockRef[] }
  /** Answer to `build`. */
  | { kind: 'built'; view: bigint; block: BlockRef }
  /** Answer to `check`. */
  | { kind: 'checked'; hash: Hash; verdict: Verdict }
  /** Answer to `evidence` of two votes: both signatures are good. */
  | { kind: 'proven'; epoch: bigint; signer: number }
  /** A peer's standstill: it has finalised up to `finalView`. */
  | { kind: 'standstill'; peer: string; finalView: bigint }
  /** A peer lacks certificates of views in (above, upTo]. */
  | { kind: 'certificatesWanted'; peer: string; above: bigint; upTo: bigint }

type FromPeers = 'proposal' | 'witness' | 'blocks' | 'standstill' | 'certificatesWanted'

/** What a replica is told: answers to its effects as the machine knows them, and whole messages. */
export type ReplicaEvent =
  | Exclude<Event, { kind: FromPeers }>
  /** Nothing in it is verified but who sent it, and that its blocks' hashes and bodies match. */
  | { kind: 'message'; from: Peer; message: Message<BlockRef> }
  /** Answer to `beginEpoch`. */
  | { kind: 'epochReady'; epoch: EpochInfo }

/** What the machine of one epoch wants done. */
export type Effect =
  /** A vote is durable, with all that was appended before it, before any effect after it is acted on. */
  | { kind: 'append'; record: LogRecord }
  /** Sign, broadcast, and give back as a `vote`. */
  | { kind: 'cast'; statement: VoteStatement }
  /** Like `cast` of `statement`, but broadcast inside the proposal; its view is the statement's. */
  | { kind: 'propose'; block: BlockRef; statement: VoteStatement; justification: readonly Certificate[] }
  | { kind: 'relay'; certificate: Certificate }
  /** Aggregate and verify; answer with `certificate` or `refused`. */
  | { kind: 'certify'; statement: VoteStatement; votes: readonly Vote[] }
  /** At most one per view; `abandon` ends the one that runs. The certificate is the parent's: none after the genesis. */
  | {
      kind: 'build'
      epoch: bigint
      view: bigint
      parent: BlockRef
      parentView: bigint
      certificate: Certificate | undefined
    }
  | { kind: 'abandon'; view: bigint }
  | { kind: 'check'; block: BlockRef }
  /** Oldest first; the certificate is the last one's. */
  | { kind: 'finalize'; blocks: readonly BlockRef[]; certificate: Certificate }
  /** Ask for this block and its ancestors above a height. */
  | { kind: 'fetchBlocks'; hash: Hash; above: Height }
  /** Ask `peer`, or everybody. */
  | {
      kind: 'fetchCertificates'
      epoch: bigint
      above: bigint
      upTo: bigint
      peer: string | undefined
    }
  | { kind: 'sendCertificates'; peer: string; certificates: readonly Certificate[] }
  /** Broadcast, each statement signed; and give the own votes back as `vote`s. */
  | {
      kind: 'standstill'
      epoch: bigint
      finalView: bigint
      certificates: readonly Certificate[]
      statements: readonly VoteStatement[]
    }
  /** Two votes: verify each alone, answer with `proven`, hand them out. (Certificates come with an error: error.ts.) */
  | { kind: 'evidence'; evidence: Evidence }
  /** The bytes of this block are not needed any more (once a `finalize` that names it is done). */
  | { kind: 'forget'; hash: Hash }
  /** The one timer: a `tick` at or after `at`; `undefined` stops it. */
  | { kind: 'wake'; at: number | undefined }

export type ReplicaEffect =
  | Effect
  /** The boundary block's `finalize` came before: when it has returned, answer with `epochReady`. */
  | { kind: 'beginEpoch'; epoch: bigint }
  /** The peer is still in `epoch`, which is over here: send it the certificate that ended it. */
  | { kind: 'sendBoundary'; peer: string; epoch: bigint }
  /** The peer has voted for another block than its leader's vote here is for: show it that (witnesses.ts). Verified. */
  | { kind: 'sendWitness'; peer: string; vote: Vote }
  /** The peer sent what no honest node sends. */
  | { kind: 'report'; peer: string; reason: string }
  /** Signed with our key, but not by us. A vote's signature must be verified first; then stop for good. */
  | { kind: 'impostor'; signed: Vote | Certificate }

export interface Pacing {
  /** d0: what a message takes on this network. */
  readonly networkDelayMs: number
  /** R: standstill after 2R without finality. */
  readonly standstillMs: number
  /** How long a leader may wait for something to put in a block. */
  readonly paceMs: number
}
