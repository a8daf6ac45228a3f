/**
 * What consensus needs from the rest of the node. The driver (driver.ts) is given one of each.
 *
 * A rejection or an exception of any method stops consensus for good (`onFatal`), except after its `signal`
 * was aborted: then whatever the method does is ignored.
 */
import type { Evidence } from '../types/evidence.ts'
import type { Hash } from '../types/primitives.ts'
import type { Certificate } from '../types/vote.ts'
import type { BlockRef } from './block-ref.ts'
import type { EpochInfo, Peer, Verdict } from './protocol.ts'

export interface BlockWithBytes {
  readonly ref: BlockRef
  readonly bytes: Uint8Array
}

export interface BuildRequest {
  readonly epoch: bigint
  readonly view: bigint
  /** Valid here, notarised or final. Final does not mean that its `finalize` has returned. */
  readonly parent: BlockRef
  /** In which the parent was certified; 0 if it is not of this epoch. The block's `parentView`. */
  readonly parentView: bigint
  /** The parent's, notarize or finalize; none after the genesis block. Goes into the header. */
  readonly certificate: Certificate | undefined
  /** Aborted when the view is over or consensus stops. */
  readonly signal: AbortSignal
}

export interface CheckRequest {
  readonly ref: BlockRef
  readonly bytes: Uint8Array
  readonly signal: AbortSignal
}

/**
 * The chain. When its methods run:
 * - `finalize` calls come one at a time, in order of height, and are never aborted;
 * - a check starts only when every `finalize` asked for before it has returned, and so does a build, unless its parent
 *   `isHere` and no more than one `finalize` is under way: so a block is made while the one before is being written;
 * - one build at most, and one check of a block at most, run at a time. While one waits, `finalize` may run:
 *   for an ancestor of its block (the result must be the same), or for another branch, after an abort.
 * - the parent of a block to build or to check was built here, was found valid here, or is final.
 */
export interface Application {
  /** What the database holds: the last block whose `finalize` returned. No certificate for the genesis block. */
  lastFinalized(): { readonly ref: BlockRef; readonly certificate: Certificate | undefined }
  /** Whether the block was built or found valid here, and can be built on as it is. */
  isHere(hash: Hash): boolean
  /**
   * May take until there is something to put in the block, or the idle interval (`paceMs`) has passed.
   * The block must be valid: it is not checked here again.
   */
  buildBlock(request: BuildRequest): Promise<BlockWithBytes>
  /**
   * Executes the block, and verifies the certificate of its parent that its header holds. One whose time is
   * ahead of the clock is held until it is due.
   */
  checkBlock(request: CheckRequest): Promise<Verdict>
  /**
   * Durable when it returns. `certificate` finalises the last of `blocks`, and with it the others. A block
   * that was never checked here (this node was behind) has to be executed now.
   */
  finalize(blocks: readonly BlockWithBytes[], certificate: Certificate): Promise<void>
  /**
   * Decodes a block that came from outside and verifies that its body is the one its header commits to, so
   * that a hash never stands for two byte strings. No execution. `undefined` if it is not such a block.
   */
  identifyBlock(bytes: Uint8Array): BlockRef | undefined
  /** A final block from the database, for a peer that is behind. */
  loadBlock(hash: Hash): BlockWithBytes | undefined
  /** Of the last final block's epoch and, once the last block of an epoch is in the database, of the next. */
  epoch(epoch: bigint): EpochInfo
  /** Of an epoch that is over: the certificate of its last block, for a peer that is behind. */
  boundaryCertificate(epoch: bigint): Certificate | undefined
  /** Somebody voted both ways, of which the evidence is proof: every signature in it was verified. */
  onEvidence(evidence: Evidence): void
}

/**
 * Unreliable: messages may be lost, repeated and reordered; the sender of one is authentic. Of what is relayed, who passed
 * it on is.
 */
export interface Transport {
  /** To every peer; not to oneself. */
  broadcast(message: Uint8Array): void
  send(peer: string, message: Uint8Array): void
  peers(): readonly Peer[]
  onMessage(handler: (from: Peer, message: Uint8Array) => void): void
  /** The peer sent something no honest node sends. */
  report(peer: string, reason: string): void
}

/** A chain with one validator talks to nobody. */
export const silentTransport: Transport = {
  broadcast: () => {},
  send: () => {},
  peers: () => [],
  onMessage: () => {},
  report: () => {},
}

/** Milliseconds of a clock that never goes back, and timers. */
export interface Clock {
  now(): number
  /** Calls once after `delayMs`; the function returned cancels. */
  after(delayMs: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}
