/**
 * What the rest of the node sees of the network: who is there, and questions with one answer. Consensus has a port of its
 * own (consensus/ports.ts, Transport). Everything a peer says is unverified until its receiver has verified it.
 */
import type { Hash, Height } from '../types/primitives.ts'
import type { RequestName } from './request-table.ts'

/** Positions are on the wire: append only. */
export const NODE_KINDS = ['validator', 'full', 'archive', 'sentry'] as const
export type NodeKind = (typeof NODE_KINDS)[number]

/** Validators behind one sentry. */
export const MAX_DELEGATIONS = 16

/** A peer that speaks our protocol about our chain. */
export interface NetworkPeer {
  /** Its libp2p peer id. */
  readonly id: string
  readonly kind: NodeKind
  /** Its last final block, as it said last. */
  readonly head: { readonly height: Height; readonly hash: Hash }
  /** From this block on it has bodies; 1 for an archive. */
  readonly keptFrom: Height
}

/**
 * What a peer did that no honest node does. `invalid`: provably wrong bytes (a bad signature, a block that is not the
 * one asked for). `useless`: nothing false, but no use, such as a deadline that ran out.
 */
export type Offence = 'invalid' | 'useless'

export type RequestErrorCode =
  /** No answer within the table's deadline. */
  | 'timeout'
  /** The connection ended, or there is none. */
  | 'closed'
  /** It does not have what was asked for, or refused to say it now. */
  | 'refused'
  /** The answer breaks a limit of the table. */
  | 'too_large'
  /** The caller's signal. */
  | 'aborted'

export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: RequestErrorCode
  constructor(code: RequestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export interface Requests {
  /** Those connected now. */
  peers(): readonly NetworkPeer[]
  /** Rejects with a {@link RequestError} only. */
  request(peer: string, name: RequestName, body: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>
  /** Enough of it and the peer is banned for a while. */
  report(peer: string, offence: Offence, reason: string): void
}

/**
 * Answers requests of one name. `undefined`: we do not have it (the asker gets `refused`). What it throws is logged, and
 * refused to the asker. The answer must keep to the table's limit.
 */
export type RequestHandler = (
  body: Uint8Array,
  from: NetworkPeer,
  signal: AbortSignal,
) => Promise<Uint8Array | undefined>

export type RequestHandlers = Readonly<Partial<Record<RequestName, RequestHandler>>>
