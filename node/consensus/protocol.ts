/**
 * The machine's language: what it is told (events), what it wants done (effects), what it must remember
 * (records). All are plain data; the driver and the simulator both speak it.
 */
import type { Certificate, Vote, VoteStatement } from '../types/vote.ts'
import type { Hash } from '../types/primitives.ts'
import type { BlockRef } from './block-ref.ts'
import type { Verdict } from './ports.ts'

/** Who proposes in a view: a position in the epoch's set. */
export type LeaderOf = (view: bigint) => number

/** Views ahead of and behind the current one for which votes are kept. */
export const VIEW_WINDOW = 64n
/** Certificates, and votes, of one standstill message. */
export const STANDSTILL_ITEMS = 64

/** Written to the log. On restart a machine is made from all that were ever appended, or from `snapshot()`. */
export type LogRecord =
  /** This node's own vote, before it is signed. */
  | { kind: 'vote'; statement: VoteStatement }
  | { kind: 'certificate'; certificate: Certificate }
  | { kind: 'block'; block: BlockRef }

export type Event =
  /** First, once. */
  | { kind: 'start' }
  /** The time of a `wake` has come. Harmless at any other time. */
  | { kind: 'tick' }
  /** A vote by `vote.signer`, authenticated as its sender; the signature need not be verified. Own votes too. */
  | { kind: 'vote'; vote: Vote }
  /** Its signature, signers and power are verified. */
  | { kind: 'certificate'; certificate: Certificate }
  /** Answer to `certify`: these signatures are bad. (A good set comes back as a certificate.) */
  | { kind: 'refused'; statement: VoteStatement; faulty: readonly number[] }
  /** From validator `from`; its justification has been given as certificates before. Hash and body match. */
  | { kind: 'proposal'; from: number; block: BlockRef }
  /** Answer to `fetchBlock`. Hash and body match. */
  | { kind: 'block'; block: BlockRef }
  /** Answer to `build`. */
  | { kind: 'built'; view: bigint; block: BlockRef }
  /** Answer to `check`. */
  | { kind: 'checked'; hash: Hash; verdict: Verdict }
  /** A peer's standstill: it has finalised up to `finalView`. */
  | { kind: 'standstill'; peer: string; finalView: bigint }
  /** A peer lacks certificates of views in (above, upTo]. */
  | { kind: 'certificatesWanted'; peer: string; above: bigint; upTo: bigint }

export type Effect =
  /** A vote is durable, with all that was appended before it, before any effect after it is acted on. */
  | { kind: 'append'; record: LogRecord }
  /** Sign, broadcast, and give back as a `vote`. */
  | { kind: 'cast'; statement: VoteStatement }
  /** Like `cast` of `statement`, but broadcast inside the proposal. */
  | { kind: 'propose'; block: BlockRef; statement: VoteStatement; justification: readonly Certificate[] }
  | { kind: 'relay'; certificate: Certificate }
  /** Aggregate and verify; answer with `certificate` or `refused`. */
  | { kind: 'certify'; statement: VoteStatement; votes: readonly Vote[] }
  /** At most one per view; `abandon` ends the one that runs. */
  | { kind: 'build'; view: bigint; parent: BlockRef; certificate: Certificate | undefined }
  | { kind: 'abandon'; view: bigint }
  | { kind: 'check'; block: BlockRef }
  /** Oldest first; the certificate is the last one's. */
  | { kind: 'finalize'; blocks: readonly BlockRef[]; certificate: Certificate }
  | { kind: 'fetchBlock'; hash: Hash }
  | { kind: 'fetchCertificates'; above: bigint; upTo: bigint }
  | { kind: 'sendCertificates'; peer: string; certificates: readonly Certificate[] }
  /** Broadcast, each statement signed; and give the own votes back as `vote`s. */
  | {
      kind: 'standstill'
      finalView: bigint
      certificates: readonly Certificate[]
      statements: readonly VoteStatement[]
    }
  /** The bytes of this block are not needed any more (once a `finalize` that names it is done). */
  | { kind: 'forget'; hash: Hash }
  /** The one timer: a `tick` at or after `at`; `undefined` stops it. */
  | { kind: 'wake'; at: number | undefined }

export interface Pacing {
  /** d0: what a message takes on this network. */
  readonly networkDelayMs: number
  /** R: standstill after 2R without finality. */
  readonly standstillMs: number
  /** How long a leader may wait for something to put in a block. */
  readonly paceMs: number
}
