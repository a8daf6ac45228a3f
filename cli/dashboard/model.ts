/**
 * What the dashboard knows of a chain and of the node that it asks. A value: store.ts makes the next one of it. Everything
 * in it is bounded, however long the screen is open.
 */
import type { Abi } from '../../node/abi/types.ts'
import type { VexApi } from '../connect.ts'
import type { BlockView } from '../follow.ts'
import type { Ring } from './ring.ts'

type Answer<T extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<T>>
export type ChainInfo = Answer<VexApi['chain']['info']['query']>
export type NodeStatus = Answer<VexApi['node']['status']['query']>
export type Resources = Answer<VexApi['node']['resources']['query']>
export type Peers = Answer<VexApi['network']['peers']['query']>
export type Validators = Answer<VexApi['staking']['validators']['query']>
export type Epoch = Answer<VexApi['staking']['epoch']['query']>
export type Leaders = Answer<VexApi['staking']['leaders']['query']>
export type StakeParameters = Answer<VexApi['staking']['parameters']['query']>
export type AccountStakes = Answer<VexApi['staking']['account']['query']>
export type ContractInfo = Answer<VexApi['contract']['get']['query']>
export type ContractPage = Answer<VexApi['contract']['list']['query']>
export type TransactionView = Extract<Answer<VexApi['transaction']['get']['query']>, { state: 'final' }>
/** As `subscribe.transactions` sends it. */
export type ListedTransaction = Omit<TransactionView, 'state'> & {
  readonly timeMs: string
  readonly outcome: Omit<
    Answer<VexApi['transaction']['receipt']['query']>,
    'transactionId' | 'height' | 'index' | 'blockHash'
  >
}

export interface BlockRow {
  readonly hash: string
  readonly height: bigint
  readonly epoch: bigint
  readonly view: bigint
  readonly timeMs: number
  /** When it came here, by this machine's clock; `undefined`: it was final before the screen was opened. */
  readonly arrivedMs: number | undefined
  readonly proposer: string
  readonly transactions: number
  readonly gasUsed: bigint
  readonly gasLimit: bigint
  readonly baseFee: bigint
  readonly stateRoot: string
  readonly parentHash: string
  /** Who voted for its parent: hex, a bit for each place in the set of that epoch; `undefined` of the first block. */
  readonly parentVotes: { readonly epoch: string; readonly signers: string } | undefined
}

export interface EventRow {
  readonly height: string
  readonly transactionId: string
  readonly contract: string
  readonly name: string
  readonly topics: readonly string[]
  readonly data: string
  /** Among those of its transaction. */
  readonly index: number
}

export interface LogRow {
  readonly timeMs: number
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly text: string
  /** The dashboard's own words, or the node's log. */
  readonly source: 'screen' | 'log'
}

export interface ContractRow {
  readonly address: string
  /** Of its class; `undefined`: not known yet, or there is none. */
  readonly name: string | undefined
  readonly calls: number
  readonly events: number
  /** When something last called it or it emitted something; `undefined`: not since the screen looks. */
  readonly lastHeight: string | undefined
}

/** Of one second of chain time. */
export interface SecondRow {
  readonly second: number
  readonly blocks: number
  readonly transactions: number
  readonly gas: number
}

export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly reason: string; readonly retryAtMs: number }

/** What was asked for one thing that stands in a detail. */
export type Loaded =
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'error'; readonly message: string }

export interface DevControl {
  readonly isPaused: boolean
}

export interface Model {
  readonly url: string
  readonly connection: ConnectionState
  readonly info: ChainInfo | undefined
  readonly status: NodeStatus | undefined
  readonly resources: Resources | undefined
  /** Bytes of the database and when, for how fast it grows. */
  readonly sizes: Ring<{ readonly atMs: number; readonly bytes: number }>
  readonly peers: Peers | undefined
  readonly validators: Validators | undefined
  readonly epoch: Epoch | undefined
  readonly leaders: Leaders | undefined
  readonly stakeParameters: StakeParameters | undefined
  /** Of the operator whose validator is looked after. */
  readonly ownStakes: AccountStakes | undefined
  readonly ownBalance: bigint | undefined
  /** Nothing: no development chain, or no admin port. */
  readonly control: DevControl | undefined
  readonly blocks: Ring<BlockRow>
  readonly transactions: Ring<ListedTransaction>
  readonly events: Ring<EventRow>
  readonly logs: Ring<LogRow>
  readonly seconds: Ring<SecondRow>
  readonly contracts: ReadonlyMap<string, ContractRow>
  /** The chain has more of them than are kept here. */
  readonly hasMoreContracts: boolean
  /** `null`: it has none that can be read. */
  readonly abis: ReadonlyMap<string, Abi | null>
  readonly contractInfos: ReadonlyMap<string, ContractInfo>
  /** By `trace:ID` and `block:HEIGHT`. */
  readonly loaded: ReadonlyMap<string, Loaded>
  /** Names of accounts, by address. */
  readonly names: ReadonlyMap<string, string>
  /** Votes of the own validator that were seen since the screen was opened. */
  readonly votes: { readonly cast: number; readonly missed: number }
}

export const toBlockRow = (block: BlockView, arrivedMs: number | undefined): BlockRow => ({
  hash: block.hash,
  height: BigInt(block.height),
  epoch: BigInt(block.epoch),
  view: BigInt(block.view),
  timeMs: Number(block.timeMs),
  arrivedMs,
  proposer: block.proposer,
  transactions: block.transactions.length,
  gasUsed: BigInt(block.gasUsed),
  gasLimit: BigInt(block.gasLimit),
  baseFee: BigInt(block.baseFee),
  stateRoot: block.stateRoot,
  parentHash: block.parentHash,
  parentVotes:
    block.parentCertificate === null
      ? undefined
      : { epoch: block.parentCertificate.epoch, signers: block.parentCertificate.signers },
})

/** Whether the validator in this place of its epoch's set has voted. */
export const hasVoted = (signers: string, place: number): boolean => {
  const byte = Number.parseInt(signers.slice(2 + 2 * (place >> 3), 4 + 2 * (place >> 3)), 16)
  return ((byte >> (place & 7)) & 1) === 1
}
