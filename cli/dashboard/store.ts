/** From what the feed hears to the next model. Pure: times are in the actions. */
import type { Abi } from '../../node/abi/types.ts'
import {
  type AccountStakes,
  type BlockRow,
  type ChainInfo,
  type ConnectionState,
  type ContractInfo,
  type ContractPage,
  type ContractRow,
  type DevControl,
  type Epoch,
  type EventRow,
  hasVoted,
  type Leaders,
  type ListedTransaction,
  type Loaded,
  type LogRow,
  type Model,
  type NodeStatus,
  type Peers,
  type Resources,
  type SecondRow,
  type StakeParameters,
  type Validators,
} from './model.ts'
import { append, createRing, type Ring } from './ring.ts'

const CAPACITY = { blocks: 1_000, transactions: 1_000, events: 2_000, logs: 2_000, seconds: 300, sizes: 60 }
const MAX_CONTRACTS = 500
/** So many are read from the chain’s list; the others have room for those that are made and called. */
export const MAX_LISTED_CONTRACTS = 300
export const MAX_ABIS = 200
const MAX_LOADED = 32

export type Polled = Partial<{
  info: ChainInfo
  status: NodeStatus
  resources: Resources
  peers: Peers
  validators: Validators
  epoch: Epoch
  leaders: Leaders
  stakeParameters: StakeParameters
  ownStakes: AccountStakes
  ownBalance: bigint
  control: DevControl
}>

export type ModelAction =
  /** What came in the last moments, in the chain's order. */
  | {
      readonly type: 'chain'
      readonly blocks: readonly BlockRow[]
      readonly transactions: readonly ListedTransaction[]
    }
  | { readonly type: 'polled'; readonly nowMs: number; readonly polled: Polled }
  | { readonly type: 'connection'; readonly nowMs: number; readonly connection: ConnectionState }
  | { readonly type: 'logged'; readonly rows: readonly LogRow[] }
  | { readonly type: 'abi'; readonly contract: string; readonly abi: Abi | null }
  | { readonly type: 'contract'; readonly info: ContractInfo }
  /** `isMore`: the chain has others, which are not asked for. */
  | { readonly type: 'contracts'; readonly listed: ContractPage['contracts']; readonly isMore: boolean }
  | { readonly type: 'loaded'; readonly key: string; readonly loaded: Loaded }
  /** Another chain answers at the same address. */
  | { readonly type: 'forget' }

export const createModel = (url: string, names: ReadonlyMap<string, string> = new Map()): Model => ({
  url,
  connection: { kind: 'connecting' },
  info: undefined,
  status: undefined,
  resources: undefined,
  sizes: createRing(CAPACITY.sizes),
  peers: undefined,
  validators: undefined,
  epoch: undefined,
  leaders: undefined,
  stakeParameters: undefined,
  ownStakes: undefined,
  ownBalance: undefined,
  control: undefined,
  blocks: createRing(CAPACITY.blocks),
  transactions: createRing(CAPACITY.transactions),
  events: createRing(CAPACITY.events),
  logs: createRing(CAPACITY.logs),
  seconds: createRing(CAPACITY.seconds),
  contracts: new Map(),
  hasMoreContracts: false,
  abis: new Map(),
  contractInfos: new Map(),
  loaded: new Map(),
  names,
  votes: { cast: 0, missed: 0 },
})

/** The oldest goes first. */
const keep = <T>(
  map: ReadonlyMap<string, T>,
  key: string,
  value: T,
  most: number,
): ReadonlyMap<string, T> => {
  const next = new Map(map)
  next.delete(key)
  next.set(key, value)
  for (const oldest of next.keys()) {
    if (next.size <= most) break
    next.delete(oldest)
  }
  return next
}

const addSeconds = (ring: Ring<SecondRow>, blocks: readonly BlockRow[]): Ring<SecondRow> => {
  let { items } = ring
  const added: SecondRow[] = []
  for (const { timeMs, transactions, gasUsed } of blocks) {
    const second = Math.floor(timeMs / 1_000)
    const list = added.length > 0 ? added : items
    const last = list.at(-1)
    const row = {
      second: Math.max(second, last?.second ?? 0),
      blocks: 1,
      transactions,
      gas: Number(gasUsed),
    }
    if (last === undefined || row.second > last.second) {
      added.push(row)
      continue
    }
    const sum = {
      second: last.second,
      blocks: last.blocks + 1,
      transactions: last.transactions + row.transactions,
      gas: last.gas + row.gas,
    }
    if (added.length > 0) added[added.length - 1] = sum
    else items = [...items.slice(0, -1), sum]
  }
  return append({ ...ring, items }, added)
}

const eventRows = ({ id, height, outcome }: ListedTransaction): EventRow[] =>
  outcome.events.map((event, index) => ({ ...event, height, transactionId: id, index }))

const calledIn = (action: ListedTransaction['action']): readonly string[] => {
  if (action.kind === 'batch') return action.actions.flatMap(calledIn)
  return action.kind === 'call' || action.kind === 'upgrade' ? [action.contract] : []
}

const upgradedIn = (action: ListedTransaction['action']): readonly string[] => {
  if (action.kind === 'batch') return action.actions.flatMap(upgradedIn)
  return action.kind === 'upgrade' ? [action.contract] : []
}

/** Of `contracts` itself. */
const withoutOldest = (contracts: Map<string, ContractRow>): ReadonlyMap<string, ContractRow> => {
  for (const oldest of contracts.keys()) {
    if (contracts.size <= MAX_CONTRACTS) break
    contracts.delete(oldest)
  }
  return contracts
}

const addContracts = (
  known: ReadonlyMap<string, ContractRow>,
  abis: ReadonlyMap<string, Abi | null>,
  transactions: readonly ListedTransaction[],
): ReadonlyMap<string, ContractRow> => {
  const next = new Map(known)
  const count = (address: string, height: string, what: 'calls' | 'events' | undefined): void => {
    const row = next.get(address) ?? {
      address,
      name: abis.get(address)?.name,
      calls: 0,
      events: 0,
      lastHeight: height,
    }
    next.set(address, { ...row, lastHeight: height, ...(what !== undefined && { [what]: row[what] + 1 }) })
  }
  for (const { action, height, outcome } of transactions) {
    for (const address of outcome.created) count(address, height, undefined)
    if (outcome.status === 'success') for (const address of calledIn(action)) count(address, height, 'calls')
    for (const { contract } of outcome.events) count(contract, height, 'events')
  }
  return withoutOldest(next)
}

const failures = (transactions: readonly ListedTransaction[]): LogRow[] =>
  transactions.flatMap(({ id, timeMs, outcome }) =>
    outcome.error === null
      ? []
      : [
          {
            timeMs: Number(timeMs),
            level: 'warn',
            text: `transaction ${id.slice(0, 10)}… failed: ${outcome.error.message} (${outcome.error.code})`,
            source: 'screen',
          } satisfies LogRow,
        ],
  )

const countVotes = (model: Model, blocks: readonly BlockRow[], own: string | undefined): Model['votes'] => {
  const place =
    own === undefined ? -1 : (model.epoch?.validators.findIndex(({ address }) => address === own) ?? -1)
  if (place < 0) return model.votes
  let { cast, missed } = model.votes
  for (const { parentVotes, arrivedMs } of blocks) {
    if (arrivedMs === undefined || parentVotes === undefined || parentVotes.epoch !== model.epoch?.epoch)
      continue
    if (hasVoted(parentVotes.signers, place)) cast++
    else missed++
  }
  return { cast, missed }
}

/** What came and went among the sentences that say what is wrong. */
const changes = (model: Model, status: NodeStatus | undefined, nowMs: number): LogRow[] => {
  if (status === undefined) return []
  const sentences = ({ reasons, warnings }: NodeStatus) => [
    ...new Set([...reasons, ...warnings.map(({ message }) => message)]),
  ]
  const before = model.status === undefined ? [] : sentences(model.status)
  const now = sentences(status)
  // Sentences with a count of seconds in them change all the time and say the same.
  const core = (text: string): string => text.replaceAll(/\d+/g, '#')
  const known = new Set(before.map(core))
  const still = new Set(now.map(core))
  const row = (level: LogRow['level'], text: string): LogRow => ({
    timeMs: nowMs,
    level,
    text,
    source: 'screen',
  })
  return [
    ...now.filter(text => !known.has(core(text))).map(text => row('warn', text)),
    ...before.filter(text => !still.has(core(text))).map(text => row('info', `over: ${text}`)),
  ]
}

const connectionRows = (model: Model, next: ConnectionState, nowMs: number): LogRow[] => {
  const before = model.connection.kind
  if (next.kind === 'lost' && before !== 'lost')
    return [{ timeMs: nowMs, level: 'error', text: next.reason, source: 'screen' }]
  if (next.kind === 'live' && before !== 'live')
    return [{ timeMs: nowMs, level: 'info', text: `connected to ${model.url}`, source: 'screen' }]
  return []
}

/** `own`: the validator that is looked after. */
export const reduceModel = (model: Model, action: ModelAction, own?: string): Model => {
  switch (action.type) {
    case 'chain': {
      const { blocks, transactions } = action
      const upgraded = transactions.flatMap(each => upgradedIn(each.action))
      const abis =
        upgraded.length === 0
          ? model.abis
          : new Map([...model.abis].filter(([address]) => !upgraded.includes(address)))
      return {
        ...model,
        abis,
        blocks: append(model.blocks, blocks),
        transactions: append(model.transactions, transactions),
        events: append(model.events, transactions.flatMap(eventRows)),
        logs: append(model.logs, failures(transactions)),
        seconds: addSeconds(model.seconds, blocks),
        contracts:
          transactions.length === 0 ? model.contracts : addContracts(model.contracts, abis, transactions),
        votes: countVotes(model, blocks, own),
      }
    }
    case 'polled': {
      const { polled, nowMs } = action
      const { resources } = polled
      return {
        ...model,
        ...polled,
        sizes:
          resources === undefined
            ? model.sizes
            : append(model.sizes, [{ atMs: nowMs, bytes: resources.databaseBytes }]),
        logs: append(model.logs, changes(model, polled.status, nowMs)),
      }
    }
    case 'connection':
      return {
        ...model,
        connection: action.connection,
        logs: append(model.logs, connectionRows(model, action.connection, action.nowMs)),
      }
    case 'logged':
      return { ...model, logs: append(model.logs, action.rows) }
    case 'abi': {
      const { contract, abi } = action
      const row = model.contracts.get(contract)
      return {
        ...model,
        abis: keep(model.abis, contract, abi, MAX_ABIS),
        contracts:
          row === undefined || abi === null
            ? model.contracts
            : new Map(model.contracts).set(contract, { ...row, name: abi.name }),
      }
    }
    case 'contract': {
      const { info } = action
      const row = model.contracts.get(info.address) ?? {
        address: info.address,
        name: info.name ?? undefined,
        calls: 0,
        events: 0,
        lastHeight: undefined,
      }
      return {
        ...model,
        contractInfos: keep(model.contractInfos, info.address, info, MAX_ABIS),
        contracts: new Map(model.contracts).set(info.address, row),
      }
    }
    case 'contracts': {
      const contracts = new Map(model.contracts)
      for (const { address, name } of action.listed)
        if (!contracts.has(address))
          contracts.set(address, {
            address,
            name: name ?? undefined,
            calls: 0,
            events: 0,
            lastHeight: undefined,
          })
      return { ...model, contracts: withoutOldest(contracts), hasMoreContracts: action.isMore }
    }
    case 'loaded':
      return { ...model, loaded: keep(model.loaded, action.key, action.loaded, MAX_LOADED) }
    case 'forget':
      return { ...createModel(model.url, model.names), connection: model.connection, logs: model.logs }
  }
}
