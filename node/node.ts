/**
 * The composition root: everything a node is made of is made and wired here, and nowhere else. Two nodes in
 * one process share nothing.
 */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { ApiBackend, NetworkPlace, SubmitResult } from './api/backend.ts'
import type { ApiListenOptions } from './api-servers.ts'
import { lowerBackgroundThreads } from './execution/background-threads.ts'
import { setEngineFlags } from './execution/engine-flags.ts'
import { createBell } from './bell.ts'
import { createBlockGate } from './block-gate.ts'
import { type Closers, createClosers } from './closers.ts'
import type { Transport } from './consensus/ports.ts'
import type { Head } from './chain/chain.ts'
import { findSodium } from './crypto/sodium.ts'
import { LightQueries } from './chain/light-queries.ts'
import type { ChainView } from './chain/chain-view.ts'
import { PRUNING_MODES, type Retention } from './chain/pruning.ts'
import { ChainQueries } from './chain/queries.ts'
import { BlockStore } from './chain/store.ts'
import { assertRoomToStart } from './disk-watch.ts'
import { createEvidenceReporter } from './evidence-reporter.ts'
import { createFailureLog } from './failure-log.ts'
import { startBlockExecutor } from './execution/block-client.ts'
import type { CommittedBlock } from './execution/blocks.ts'
import { createPruning } from './execution/pruning-client.ts'
import { createWay } from './execution/right-of-way.ts'
import { startQueryClient } from './execution/query-client.ts'
import { withQuickViews } from './execution/quick-views.ts'
import { createFinalBlocks } from './final-blocks.ts'
import { openIntake } from './intake.ts'
import { createSnapshotKeeper } from './snapshot/keeper.ts'
import { DATA_FILES } from './storage/data-directory.ts'
import { StorageError } from './storage/database.ts'
import { freeBytes as freeBytesOn, MIN_FREE_BYTES } from './storage/disk-space.ts'
import type { PeerInfo } from './network/network.ts'
import type { NodeNetwork, NodeNetworkOptions } from './node-network.ts'
import { databaseReader } from './state/database-reader.ts'
import { shareRocksDatabase } from './storage/rocks.ts'
import { type NodeDirectoryOptions, openNodeDirectory } from './node-directory.ts'
import { createNodeStatus } from './node-status.ts'
import { withDoctor } from './start-fault.ts'
import { giveBackIdleMemory } from './execution/idle-memory.ts'
import { createIdleCheck, rehearse } from './rehearsal.ts'
import { VEX_VERSION } from './version.ts'
import { openVoting, type Voting } from './voting.ts'
import { startWatches } from './watches.ts'

export interface NodeOptions extends NodeDirectoryOptions, ApiListenOptions {
  /** Its place among other nodes; by default it is alone. */
  readonly network?: NodeNetworkOptions | undefined
  /** For tests, instead of a network: to the other validators. */
  readonly transport?: Transport | undefined
  /** How often a snapshot is made for nodes that join; 0, the default: never. */
  readonly snapshotEveryEpochs?: number | undefined
  /** Debug twins of contracts (diagnostics/symbol-store.ts); without it failures are told without lines. */
  readonly symbolFolder?: string | undefined
  /** How many of the last blocks are kept, and of how many the state before them, so that their transactions can be traced. */
  readonly retention?: Retention | undefined
  /** Lets whoever reaches the admin port pause blocks and make them: for chains on one machine. */
  readonly hasBlockControl?: boolean | undefined
  /** Plays some transactions for itself once it is there, so that the first of others are quick (rehearsal.ts). */
  readonly rehearses?: boolean | undefined
  readonly logger: Logger
  /** Room on the disk below which no blocks are made (disk-watch.ts); 0 for none. Default: MIN_FREE_BYTES. */
  readonly minFreeBytes?: number | undefined
  /** For tests: how much room there is, and what the clock says. */
  readonly freeBytes?: ((path: string) => number) | undefined
  readonly nowMs?: (() => number) | undefined
  /** The node cannot go on (disk full, damaged files, a bug). It has stopped voting; `stop` it. */
  readonly onFatal: (error: unknown) => void
}

export interface VexNode {
  readonly url: string
  /** None without an admin port. */
  readonly adminUrl: string | undefined
  /** None without a network. */
  networkPlace(): NetworkPlace | undefined
  peers(): readonly PeerInfo[]
  readonly chainId: string
  readonly head: Head
  /** True if this start made the data directory. */
  readonly isNew: boolean
  /** After each commit, in order. Returns how to stop hearing. */
  onCommit(listener: (block: CommittedBlock) => void): () => void
  /** Finishes the block being written, closes everything. Idempotent. */
  stop(): Promise<void>
}

const STOPPING: SubmitResult = {
  accepted: false,
  code: 'stopping',
  message: 'the node is stopping. Send the transaction to another, or again when it is back',
}

/** Opens or makes what is on disk, opens the chain, starts voting and listening. */
export const startNode = async (options: NodeOptions): Promise<VexNode> => {
  const closers = createClosers()
  try {
    return await assemble(options, closers)
  } catch (error) {
    await closers.closeAll()
    throw withDoctor(error, options.dataDirectory)
  }
}

const assemble = async (
  {
    logger,
    freeBytes = freeBytesOn,
    minFreeBytes = MIN_FREE_BYTES,
    nowMs = Date.now,
    ...options
  }: NodeOptions,
  closers: Closers,
): Promise<VexNode> => {
  const stopping = new AbortController()
  const listeners = new Set<(block: CommittedBlock) => void>()
  const bell = createBell()
  const gate = options.hasBlockControl === true ? createBlockGate(bell.ring) : undefined
  let isStarted = false
  let hasFailed = false
  let startFault: unknown

  assertRoomToStart({ directory: options.dataDirectory, freeBytes, minFreeBytes })
  const { directory, genesis, keys } = await openNodeDirectory(options, logger)
  const { database } = directory
  closers.add(() => database.close())
  lowerBackgroundThreads()
  const shared = shareRocksDatabase(database)
  const way = createWay()
  const { instrumentedPath: instrumentedFolder } = directory
  const executing = startBlockExecutor({ database: shared, way, genesis, instrumentedFolder })
  closers.add(() =>
    executing.then(
      blocks => blocks.close(),
      () => undefined,
    ),
  )
  // While the other thread opens the chain, this one loads what it answers with.
  const [executor, { startApiServers }] = await Promise.all([executing, import('./api-servers.ts')])
  // The first block wants it, and the thread of blocks has loaded it under the flags of before.
  findSodium()
  setEngineFlags()
  const chain: ChainView = {
    genesis,
    store: new BlockStore(database),
    state: databaseReader(database),
    get head() {
      return executor.head
    },
  }
  // A fault of the disk says itself what to do; consensus only adds where it met it.
  const fail = (error: Error): void => {
    // A full disk is met by more than one thread.
    if (hasFailed) return
    hasFailed = true
    const fault = withDoctor(error.cause instanceof StorageError ? error.cause : error, options.dataDirectory)
    // Whoever waits for the start hears of it there, and only there.
    if (isStarted) options.onFatal(fault)
    else startFault = fault
  }
  let voting: Voting | undefined
  const stopVoting = async (error: Error): Promise<void> => {
    try {
      await voting?.halt()
    } catch (reason) {
      logger.error({ error: reason }, 'voting did not stop in order')
    }
    fail(error)
  }
  const watches = startWatches({
    directory: options.dataDirectory,
    database,
    chain,
    logger,
    minFreeBytes,
    freeBytes,
    nowMs,
    onFault: error => void stopVoting(error),
  })
  closers.add(() => watches.close())
  const pruning = createPruning({
    database: shared,
    way,
    retention: options.retention ?? PRUNING_MODES.default,
    onFault: error => void stopVoting(error),
  })
  closers.add(() => pruning.close())
  const queries = new ChainQueries(chain)
  let network: NodeNetwork | undefined
  const intake = await openIntake({
    chain,
    queries,
    journalPath: directory.mempoolJournalPath,
    hasPeers: options.network !== undefined,
    logger,
    onAccepted(transaction) {
      network?.accepted(transaction)
      bell.ring()
    },
    onFault: error => void stopVoting(error),
    onOpened: close => closers.add(close),
  })
  const { mempool, submission } = intake

  const reporter =
    keys &&
    createEvidenceReporter({
      chainId: genesis.chainId,
      operatorSecretKey: keys.operatorSecretKey,
      unconvicted: (epoch, positions) => queries.staking.unconvicted(epoch, positions),
      nextHeight: () => queries.nextHeight(),
      baseFee: () => queries.baseFee(),
      pendingNonce: sender => mempool.pendingNonce(sender),
      submit: async transaction => (await submission.submit([transaction]))[0] as SubmitResult,
      onProblem: problem =>
        logger.warn(problem, 'evidence was not submitted: vex stake evidence --hex does it by hand'),
    })
  const poolStats = () => ({ transactions: mempool.size, bytes: mempool.bytes })
  const status = createNodeStatus({
    chain,
    queries,
    executor,
    keys,
    dataDirectory: options.dataDirectory,
    watches,
    peers: () => (network === undefined ? [] : [...network.peers(), ...network.hiddenPeers()]),
    poolStats,
    phase: () => voting?.phase ?? 'catching_up',
  })
  const onCommit = (block: CommittedBlock): void => {
    watches.onCommit()
    pruning.onCommit(block.header.height)
    status.onCommit(block)
    network?.committed(block.header.height)
    intake.committed(block)
    reporter?.onCommit()
    for (const listener of listeners) listener(block)
  }

  const finalBlocks = createFinalBlocks({
    executor,
    isKnown: transaction => mempool.holds(transaction),
    areSignaturesValid: submission.areSignaturesValid,
    onCommit,
  })

  const snapshotFolder = join(options.dataDirectory, DATA_FILES.snapshots)
  if (options.network !== undefined) {
    // A chain of one does not pay for loading libp2p.
    const { joinNetwork } = await import('./node-network.ts')
    network = await joinNetwork({
      settings: options.network,
      chain,
      mempool,
      submission,
      voteSecretKey: keys?.voteSecretKey,
      snapshotFolder,
      logger,
    })
    closers.add(network.close)
  }
  const everyEpochs = BigInt(options.snapshotEveryEpochs ?? 0)
  if (everyEpochs > 0n) {
    const keeper = createSnapshotKeeper({
      database: shared,
      genesis,
      folder: snapshotFolder,
      everyEpochs,
      onMade: height => logger.info({ height: String(height) }, 'made a snapshot for nodes that join'),
      onProblem: error => logger.warn({ error }, 'a snapshot was not made'),
    })
    closers.add(() => keeper.close())
    listeners.add(({ header }) => keeper.onCommit(header))
  }

  voting = await openVoting({
    directory,
    chain,
    executor,
    mempool,
    keys,
    epoch: () => queries.epoch(),
    network,
    transport: options.transport,
    checkpoint: options.network?.checkpoint,
    nowMs,
    async room(signal) {
      await watches.room(signal)
      return gate !== undefined && gate.pass(signal)
    },
    isBlockWanted: gate && (() => gate.isWanted),
    transactionArrives: bell.wait,
    finalBlocks,
    onEvidence: evidence => {
      logger.warn({ evidence }, 'a validator voted both ways')
      reporter?.report(evidence)
    },
    logger,
    onFatal: fail,
    failure: () => startFault,
    onOpened: close => closers.add(close),
  })

  const queryOptions = {
    database: shared,
    genesis,
    instrumentedFolder,
    symbolFolder: options.symbolFolder,
    onFault: (error: unknown) =>
      logger.error({ error }, 'a query met a fault of the node; others are answered'),
  }
  const contracts = withQuickViews(startQueryClient(queryOptions), queryOptions)
  closers.add(() => contracts.close())
  if (options.symbolFolder !== undefined)
    listeners.add(createFailureLog({ logger, store: chain.store, contracts }))

  const backend: ApiBackend = {
    chain,
    queries,
    light: new LightQueries(chain, database),
    contracts: {
      ...contracts,
      simulate(query, head) {
        intake.expect()
        return contracts.simulate(query, head)
      },
    },
    version: VEX_VERSION,
    submit: async transactions => {
      if (stopping.signal.aborted) return transactions.map(() => STOPPING)
      const message = watches.diskProblem
      if (message !== undefined)
        return transactions.map(() => ({ accepted: false, code: 'disk_low', message }))
      return submission.submit(transactions)
    },
    pendingTransaction: id => mempool.get(id),
    pendingTransactions: () => mempool.transactions(),
    pendingNonce: sender => mempool.pendingNonce(sender),
    peers: () => network?.peers() ?? [],
    networkPlace: () => network && { peerId: network.peerId, addresses: network.addresses() },
    poolStats,
    reasonsNotReady: status.reasonsNotReady,
    metrics: status.metrics,
    resources: status.resources,
    admin: {
      blocks: gate,
      logLevel: () => logger.level,
      setLogLevel(level) {
        logger.level = level
      },
      hiddenPeers: () => network?.hiddenPeers() ?? [],
    },
    warnings: () => watches.warnings,
    onCommit: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stopping: stopping.signal,
  }
  const servers = await startApiServers({ ...options, backend, logger })
  closers.add(() => servers.close())
  closers.add(() => stopping.abort())
  if (startFault !== undefined) throw startFault
  isStarted = true
  closers.add(giveBackIdleMemory())
  if (options.rehearses === true) {
    const isIdle = createIdleCheck({ waiting: () => mempool.size, requests: () => servers.requests })
    const isStopping = (): boolean => stopping.signal.aborted || hasFailed
    rehearse({ chain, queries, executor, isIdle, isStopping }).catch((error: unknown) => {
      if (!stopping.signal.aborted)
        logger.warn({ error }, 'the rehearsal has ended early: the first blocks are slower')
    })
  }

  let stopped: Promise<void> | undefined
  return {
    url: servers.url,
    adminUrl: servers.adminUrl,
    chainId: genesis.chainId,
    get head() {
      return chain.head
    },
    isNew: directory.isNew,
    networkPlace: () => backend.networkPlace(),
    peers: () => backend.peers(),
    onCommit: backend.onCommit,
    stop: () => (stopped ??= closers.closeAll()),
  }
}
