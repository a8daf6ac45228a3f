/**
 * Makes the data directory of a new node from a snapshot that other nodes of the chain have. The network is up for that
 * alone: nobody can reach this node, and it answers nothing.
 */
import type { Logger } from 'pino'
import { startNetwork } from './network/network.ts'
import type { Checkpoint } from './sync/header-spans.ts'
import { syncState, type SyncStateOptions } from './sync/sync-state.ts'
import { type Genesis, genesisHash } from './types/genesis.ts'
import { VEX_VERSION } from './version.ts'

export interface JoinOptions
  extends Pick<SyncStateOptions, 'dataDirectory' | 'validatorKeys' | 'onProgress' | 'onRestore' | 'signal'> {
  readonly genesis: Genesis
  readonly nodeKey: Uint8Array
  readonly bootstrap: readonly string[]
  /** Nobody but them is talked to, if there are any. */
  readonly sentries: readonly string[]
  /** Of the last block of an epoch. */
  readonly checkpoint: Checkpoint | undefined
  readonly logger: Logger
}

/** Gives the height of the snapshot. Rejects as {@link syncState} does; the same call goes on where it was. */
export const joinBySnapshot = async ({
  genesis,
  nodeKey,
  bootstrap,
  sentries,
  logger,
  ...options
}: JoinOptions): Promise<bigint> => {
  const hash = genesisHash(genesis)
  const network = await startNetwork({
    nodeKey,
    kind: 'full',
    genesisHash: hash,
    agent: `vex/${VEX_VERSION}`,
    listen: [],
    bootstrap,
    persistentPeers: sentries,
    isHidden: sentries.length > 0,
    status: () => ({ height: 0n, hash, keptFrom: 1n }),
    handlers: {},
    onTransactions: () => Promise.resolve('ignore'),
    logger,
  })
  try {
    const { height } = await syncState({
      ...options,
      requests: network.requests,
      genesisHash: hash,
      folder: `${options.dataDirectory}.snapshot`,
      nowMs: () => BigInt(Date.now()),
    })
    return height
  } finally {
    await network.close()
  }
}
