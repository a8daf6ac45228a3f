/**
 * Questions that run contracts: views, and what a transaction would do. Answered on a snapshot of the state,
 * as if in the block after the head; nothing is changed.
 *
 * Gas bounds them, and time does: whoever asks may allow more gas than runs in {@link QUERY_TIME_LIMIT_MS}.
 */
import type { CallOutcome } from '../../vm/execution.ts'
import type { TransactionPlace } from '../types/transaction-terms.ts'
import type { Failure } from '../diagnostics/failure.ts'
import type { TraceView } from '../diagnostics/trace-view.ts'
import type { Simulation } from '../transition/simulate.ts'
import type { BlockHeader } from '../types/block.ts'
import type { Address, Gas } from '../types/primitives.ts'
import type { Action } from '../types/transaction.ts'

/** Gas of a view unless the caller allows another limit; about 0.1 s of work at the worst. */
export const DEFAULT_VIEW_GAS = 200_000_000n
/** Of a view that the thread that asks runs itself (quick-views.ts); 50 us of work at the worst. */
export const QUICK_GAS: Gas = 100_000n
/** The alarm (query-alarm.ts), in time of the query's thread: protects the node, and is never part of a result on chain. */
export const QUERY_TIME_LIMIT_MS = 5_000
/** More than so many at once are refused. */
export const MAX_WAITING_QUERIES = 1_000
/** A view's trace messages beyond these are dropped. */
export const MAX_LOGS = 100

export interface ViewQuery {
  readonly kind: 'view'
  readonly caller: Address | undefined
  readonly contract: Address
  readonly method: string
  readonly args: Uint8Array
  /** Default: {@link DEFAULT_VIEW_GAS}. */
  readonly gasLimit: Gas | undefined
}

export interface SimulateQuery {
  readonly kind: 'simulate'
  readonly sender: Address
  readonly action: Action
  /** The most to try; the block's limit by default. The sender's balance need not cover the gas. */
  readonly gasLimit: Gas | undefined
  readonly trace?: TraceDetail | undefined
}

/** `gas`: with where the gas went, by function and instruction. */
export type TraceDetail = 'calls' | 'gas'

/** A final transaction, run once more on the state before its block. */
export interface TraceQuery {
  readonly kind: 'trace'
  readonly place: TransactionPlace
  readonly trace: TraceDetail
}

export type Query = ViewQuery | SimulateQuery | TraceQuery

export interface ViewAnswer {
  readonly outcome: CallOutcome
  readonly logs: readonly string[]
  /** Where it failed; `undefined` if it did not. */
  readonly failure: Failure | undefined
}

export interface SimulateAnswer {
  readonly simulation: Simulation
  readonly logs: readonly string[]
  /** Where a call failed; `undefined` if none did. */
  readonly failure: Failure | undefined
  /** If it was asked for. */
  readonly trace: TraceView | undefined
}

export type TraceAnswer =
  | {
      readonly kind: 'traced'
      readonly trace: TraceView
      /** The transaction came out as it did on the chain, to the last byte of its receipt. */
      readonly isExact: boolean
    }
  /** The state before the block is not kept. */
  | { readonly kind: 'no_history'; readonly message: string }

export type QueryErrorCode =
  /** It ran for longer than the limit and was stopped. */
  | 'time_limit'
  /** Too many wait, or the machine has no time for it. */
  | 'busy'
  /** The node is stopping. */
  | 'stopping'
  /** The thread that ran it ended: the node's fault, logged. */
  | 'fault'

/** The question was not answered; the contract is not to blame but for `time_limit`. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly code: QueryErrorCode
  constructor(code: QueryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Where questions are put. Rejects with a {@link QueryError}. */
export interface ContractQueries {
  view(query: Omit<ViewQuery, 'kind'>, head: BlockHeader): Promise<ViewAnswer>
  simulate(query: Omit<SimulateQuery, 'kind'>, head: BlockHeader): Promise<SimulateAnswer>
  trace(query: Omit<TraceQuery, 'kind'>, head: BlockHeader): Promise<TraceAnswer>
}
