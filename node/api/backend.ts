/** What the API needs of a node. The composition root implements it; tests may too. */
import type { LightQueries } from '../chain/light-queries.ts'
import type { ChainView } from '../chain/chain-view.ts'
import type { ChainQueries } from '../chain/queries.ts'
import type { CommittedBlock } from '../execution/blocks.ts'
import type { ContractQueries } from '../execution/query.ts'
import type { PeerInfo } from '../network/network.ts'
import type { RefusalCode } from '../transition/admission.ts'
import type { Address, Hash } from '../types/primitives.ts'
import type { NamedTransaction } from '../types/transaction.ts'

/** Why a transaction was not taken: the rules' codes, and those of the pool and the decoder. */
export type SubmitRefusalCode =
  | RefusalCode
  | 'malformed'
  | 'too_large'
  | 'duplicate'
  | 'already_final'
  | 'replacement_underpriced'
  | 'pool_full'
  | 'account_full'
  | 'disk_low'
  | 'stopping'

export type SubmitResult =
  | { readonly accepted: true; readonly id: Hash }
  | { readonly accepted: false; readonly code: SubmitRefusalCode; readonly message: string }

export interface NetworkPlace {
  readonly peerId: string
  /** Multiaddrs that others are told; none if this node can be reached from its own network alone. */
  readonly addresses: readonly string[]
}

export interface NodeResources {
  /** Of the whole process. */
  readonly memoryBytes: number
  readonly databaseBytes: number
  /** That the disk has left. */
  readonly freeBytes: number
  readonly uptimeMs: number
}

/** What the admin router does with blocks of a development chain. */
export interface BlockGate {
  readonly isPaused: boolean
  pause(): void
  resume(): void
  makeBlock(): void
}

export interface ApiBackend {
  readonly chain: ChainView
  readonly queries: ChainQueries
  readonly light: LightQueries
  /** Runs contracts without changing anything; rejects with a QueryError. */
  readonly contracts: ContractQueries
  readonly version: string
  submit(transactions: readonly Uint8Array[]): Promise<SubmitResult[]>
  pendingTransaction(id: Hash): NamedTransaction | undefined
  /** All that wait, in no order that means anything. */
  pendingTransactions(): Iterable<NamedTransaction>
  /** The nonce after the sender's waiting transactions. */
  pendingNonce(sender: Address): bigint
  /** What is wrong with this node's surroundings now, and what to do. */
  warnings(): readonly { readonly code: string; readonly message: string }[]
  /** Other nodes; none for a chain of one. */
  peers(): readonly PeerInfo[]
  /** By which other nodes know this one, and where they can reach it; none of a chain of one. */
  networkPlace(): NetworkPlace | undefined
  /** Why others should ask another node now, in sentences; none: this one is at the head, and blocks go on. */
  reasonsNotReady(): readonly string[]
  /** For Prometheus. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>
  /** What this node takes of its machine. */
  resources(): Promise<NodeResources>
  poolStats(): { transactions: number; bytes: number }
  /** For the admin listener alone. */
  readonly admin: {
    /** Pauses and makes blocks; `undefined`: not on this chain. */
    readonly blocks: BlockGate | undefined
    logLevel(): string
    setLogLevel(level: string): void
    /** Those of `network.privatePeers`. */
    hiddenPeers(): readonly PeerInfo[]
  }
  /** Called after each commit, in order. Returns how to stop. */
  readonly onCommit: (listener: (block: CommittedBlock) => void) => () => void
  /** Aborted when the node stops, so that subscriptions end. */
  readonly stopping: AbortSignal
}
