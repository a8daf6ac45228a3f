/**
 * From the node's public API to the store: two streams, and questions that are asked again and again. What the streams
 * bring is handed over a few times a second, however much that is. A connection that breaks is taken up where it was;
 * what was missed meanwhile comes first.
 */
import { type AdminApi } from '../../node/api/admin-client.ts'
import { apiFailure } from '../../node/api/client.ts'
import { type VexApi } from '../connect.ts'
import type { BlockView } from '../follow.ts'
import {
  type BlockRow,
  type ConnectionState,
  type ContractPage,
  type ListedTransaction,
  toBlockRow,
} from './model.ts'
import { MAX_LISTED_CONTRACTS, type ModelAction, type Polled } from './store.ts'

/** How often what came is handed over. */
const FLUSH_MS = 80
/** Of the past, at most: so many blocks, and no further than so many transactions. */
const PAST_BLOCKS = 100
const PAST_TRANSACTIONS = 1_000
const INFO_MS = 1_000
/** A second has passed since the last look, and more for what changes slowly. */
const SLOW_EVERY = 5
const RETRY_MS = [250, 500, 1_000, 2_000, 4_000]
const LEADERS = 20
/** A page with each look, until there are no more, or enough pages: among many accounts each holds few contracts. */
const CONTRACTS = 100
const CONTRACT_PAGES = 60
/** A screen shows the last of what came: of more that waits, the oldest is not kept. */
const MAX_WAITING = 5_000

export interface FeedOptions {
  readonly api: VexApi
  readonly url: string
  /** Of the node's own machine: how blocks are paused. */
  readonly admin: AdminApi | undefined
  /** The validator that is looked after. */
  readonly own: string | undefined
  readonly nowMs: () => number
  readonly dispatch: (action: ModelAction) => void
}

export interface Feed {
  /** Asks now, for what has just been changed. */
  refresh(): void
  stop(): void
}

interface Subscription {
  unsubscribe(): void
}

const sentence = (error: unknown, url: string): string =>
  apiFailure(error, url)?.message ?? (error instanceof Error ? error.message : String(error))

export const startFeed = ({ api, url, admin, own, nowMs, dispatch }: FeedOptions): Feed => {
  let isStopped = false
  let blocks: BlockRow[] = []
  let transactions: ListedTransaction[] = []
  let flushTimer: NodeJS.Timeout | undefined
  let pollTimer: NodeJS.Timeout | undefined
  let subscriptions: Subscription[] = []
  let connection: ConnectionState = { kind: 'connecting' }
  let genesisHash: string | undefined
  /** The last block and the last transaction that came. */
  let seenHeight: bigint | undefined
  /** Where the list of contracts goes on; `null`: it was read, and what is made later comes with the streams. */
  let contractCursor: ContractPage['cursor'] | undefined
  let listedContracts = 0
  let contractPages = 0
  let failures = 0
  let round = 0
  /** Blocks up to here were there before. */
  let pastHeight = 0n

  const flush = (): void => {
    flushTimer = undefined
    if (blocks.length === 0 && transactions.length === 0) return
    const action: ModelAction = { type: 'chain', blocks, transactions }
    blocks = []
    transactions = []
    dispatch(action)
  }
  const soon = (): void => {
    flushTimer ??= setTimeout(flush, FLUSH_MS)
  }

  const unsubscribe = (): void => {
    for (const each of subscriptions) each.unsubscribe()
    subscriptions = []
  }

  const setConnection = (next: ConnectionState): void => {
    connection = next
    dispatch({ type: 'connection', nowMs: nowMs(), connection: next })
  }

  const lost = (error: unknown): void => {
    if (isStopped) return
    const waitMs = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0
    failures++
    unsubscribe()
    const now = nowMs()
    setConnection({
      kind: 'lost',
      sinceMs: connection.kind === 'lost' ? connection.sinceMs : now,
      reason: sentence(error, url),
      retryAtMs: now + waitMs,
    })
    schedule(waitMs)
  }

  /** As far back as there is little to read. */
  const firstHeight = async (): Promise<bigint> => {
    const page = await api.block.list.query({ limit: PAST_BLOCKS, order: 'newest' })
    let count = 0
    let height = BigInt(page.blocks[0]?.height ?? 0)
    for (const block of page.blocks) {
      count += block.transactions
      if (count > PAST_TRANSACTIONS) break
      height = BigInt(block.height)
    }
    return height
  }

  const subscribe = async (headHeight: bigint): Promise<void> => {
    const isFirst = seenHeight === undefined
    const from = seenHeight === undefined ? await firstHeight() : seenHeight + 1n
    if (isStopped || subscriptions.length > 0) return
    if (isFirst) pastHeight = headHeight
    const fromHeight = String(from)
    // The client of the stream takes up by itself what breaks off; what the node ends is taken up here.
    const onError = (error: unknown): void => lost(error)
    subscriptions = [
      api.subscribe.blocks.subscribe(
        { fromHeight },
        {
          onData({ data }: { data: BlockView }) {
            const height = BigInt(data.height)
            seenHeight = height
            if (blocks.length >= MAX_WAITING) blocks = blocks.slice(-MAX_WAITING / 2)
            blocks.push(toBlockRow(data, height <= pastHeight ? undefined : nowMs()))
            soon()
          },
          onError,
        },
      ),
      api.subscribe.transactions.subscribe(
        { fromHeight },
        {
          onData({ data }: { data: ListedTransaction }) {
            if (transactions.length >= MAX_WAITING) transactions = transactions.slice(-MAX_WAITING / 2)
            transactions.push(data)
            soon()
          },
          onError,
        },
      ),
    ]
  }

  const pollSlow = async (): Promise<Polled> => {
    const [validators, epoch, leaders, stakeParameters, resources] = await Promise.all([
      api.staking.validators.query({}),
      api.staking.epoch.query({}),
      api.staking.leaders.query({ count: LEADERS }),
      api.staking.parameters.query(),
      // A node may keep these to its own machine.
      (admin?.machine ?? api.node).resources.query().catch(() => undefined),
    ])
    const mine =
      own === undefined
        ? {}
        : {
            ownStakes: await api.staking.account.query({ address: own }),
            ownBalance: BigInt((await api.account.get.query({ address: own })).balance),
          }
    return {
      validators,
      epoch,
      leaders,
      stakeParameters,
      ...mine,
      ...(resources !== undefined && { resources }),
    }
  }

  const pollContracts = (cursor: ContractPage['cursor'] | undefined): Promise<ContractPage> =>
    api.contract.list.query({ limit: CONTRACTS, ...(typeof cursor === 'string' && { cursor }) })

  const takeContracts = (page: ContractPage | undefined): void => {
    const listed = page?.contracts ?? []
    listedContracts += listed.length
    contractPages++
    const isEnough = listedContracts >= MAX_LISTED_CONTRACTS || contractPages >= CONTRACT_PAGES
    const cursor = page?.cursor ?? null
    contractCursor = isEnough ? null : cursor
    dispatch({ type: 'contracts', listed, isMore: cursor !== null })
  }

  const poll = async (): Promise<void> => {
    const isSlowTurn = round % SLOW_EVERY === 0
    const [info, status, peers, control, contracts, slow] = await Promise.all([
      api.chain.info.query(),
      api.node.status.query(),
      api.network.peers.query(),
      admin?.blocks.status.query().catch(() => undefined),
      // A node of another version may not have it.
      contractCursor === null ? undefined : pollContracts(contractCursor).catch(() => undefined),
      isSlowTurn ? pollSlow() : {},
    ])
    if (isStopped) return
    round++
    failures = 0
    if (genesisHash !== undefined && genesisHash !== info.genesisHash) {
      unsubscribe()
      seenHeight = undefined
      contractCursor = undefined
      listedContracts = 0
      contractPages = 0
      dispatch({ type: 'forget' })
    } else if (contractCursor !== null) takeContracts(contracts)
    genesisHash = info.genesisHash
    if (connection.kind !== 'live') setConnection({ kind: 'live' })
    dispatch({
      type: 'polled',
      nowMs: nowMs(),
      polled: { info, status, peers, ...(control !== undefined && { control }), ...slow },
    })
    if (subscriptions.length === 0) await subscribe(BigInt(info.head.height))
  }

  const turn = async (): Promise<void> => {
    try {
      await poll()
      schedule(INFO_MS)
    } catch (error) {
      lost(error)
    }
  }
  const schedule = (waitMs: number): void => {
    if (isStopped) return
    clearTimeout(pollTimer)
    pollTimer = setTimeout(() => void turn(), waitMs)
  }

  schedule(0)
  return {
    refresh() {
      round = 0
      schedule(0)
    },
    stop() {
      isStopped = true
      clearTimeout(flushTimer)
      clearTimeout(pollTimer)
      unsubscribe()
    },
  }
}
