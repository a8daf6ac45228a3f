/** What a running node says of itself: whether it is ready, and its metrics. */
import { join } from 'node:path'
import type { ApiBackend } from './api/backend.ts'
import type { ChainView } from './chain/chain-view.ts'
import { epochInfo } from './chain/epochs.ts'
import type { ChainQueries } from './chain/queries.ts'
import { createCounters } from './counters.ts'
import { publicKeyToAddress } from './crypto/address.ts'
import { blsPublicKeyOf } from './crypto/bls.ts'
import type { BlockExecutor, CommittedBlock } from './execution/blocks.ts'
import type { Metrics } from './metrics.ts'
import type { PeerInfo } from './network/network.ts'
import { reasonsNotReady } from './readiness.ts'
import { DATA_FILES } from './storage/data-directory.ts'
import { folderBytes, freeBytes } from './storage/disk-space.ts'
import { bytesEqual } from './types/primitives.ts'
import type { ValidatorKeys } from './validator-keys.ts'
import { VEX_VERSION } from './version.ts'
import type { VotingPhase } from './voting.ts'
import type { Watches } from './watches.ts'

export interface NodeStatusOptions {
  readonly chain: ChainView
  readonly queries: ChainQueries
  readonly executor: BlockExecutor
  readonly keys: ValidatorKeys | undefined
  readonly dataDirectory: string
  readonly watches: Watches
  /** Hidden ones too: only their numbers are told. */
  readonly peers: () => readonly PeerInfo[]
  readonly poolStats: ApiBackend['poolStats']
  readonly phase: () => VotingPhase
}

export interface NodeStatus extends Pick<ApiBackend, 'reasonsNotReady' | 'metrics' | 'resources'> {
  onCommit(block: CommittedBlock): void
}

export const createNodeStatus = (options: NodeStatusOptions): NodeStatus => {
  const { chain, queries, executor, keys, watches, peers } = options
  const voteKey = keys && blsPublicKeyOf(keys.voteSecretKey)
  const placesIn = (epoch: bigint): number | undefined => {
    const found = epochInfo(chain.genesis, chain.state, epoch)
    const place = voteKey && found?.validators.findIndex(each => bytesEqual(each.voteKey, voteKey))
    return place === -1 ? undefined : place
  }
  let known: { readonly epoch: bigint; readonly place: number | undefined } | undefined
  const counters = createCounters({
    operator: keys && publicKeyToAddress(keys.operatorPublicKey),
    placeIn(epoch) {
      if (known?.epoch !== epoch) known = { epoch, place: placesIn(epoch) }
      return known.place
    },
  })
  let lastBlockMs = performance.now()
  const isCutOff = (): boolean =>
    peers().length === 0 &&
    queries.epoch().validators.some(each => voteKey === undefined || !bytesEqual(each.voteKey, voteKey))
  const reasons = (): string[] =>
    reasonsNotReady({
      phase: options.phase(),
      height: chain.head.header.height,
      peerHeights: peers().map(({ head }) => head.height),
      quietMs: performance.now() - lastBlockMs,
      idleBlockIntervalMs: chain.genesis.params.idleBlockIntervalMs,
      isCutOff: isCutOff(),
      warnings: watches.warnings,
    })

  const loadMetrics = async (): Promise<Metrics> => {
    const { createMetrics } = await import('./metrics.ts')
    return createMetrics({
      version: VEX_VERSION,
      chainId: chain.genesis.chainId,
      counters,
      dataDirectory: options.dataDirectory,
      databaseFolder: join(options.dataDirectory, DATA_FILES.database),
      isValidator: keys !== undefined,
      heads() {
        const { height, view } = chain.head.header
        return { executed: executor.executedHeight, final: height, view }
      },
      baseFee: () => queries.baseFee(),
      pool: options.poolStats,
      peers,
      isReady: () => reasons().length === 0,
    })
  }
  let metrics: Promise<Metrics> | undefined

  return {
    onCommit(block) {
      lastBlockMs = performance.now()
      counters.onCommit(block)
    },
    reasonsNotReady: reasons,
    resources: async () => ({
      memoryBytes: process.memoryUsage.rss(),
      databaseBytes: await folderBytes(join(options.dataDirectory, DATA_FILES.database)),
      freeBytes: freeBytes(options.dataDirectory),
      uptimeMs: Math.round(process.uptime() * 1_000),
    }),
    metrics: async () => (await (metrics ??= loadMetrics())).text(),
  }
}
