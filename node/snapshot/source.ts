/** What a snapshot is made of, from the database of a node: at the end of an epoch whose state can still be read. */
import { HistoryError, recordsAfter } from '../chain/history.ts'
import { LightQueries } from '../chain/light-queries.ts'
import type { ChainView } from '../chain/chain-view.ts'
import { leavesBefore, type ReadableState, type StateLeaf } from '../state/leaves.ts'
import { storedNodes } from '../state/tree-store.ts'
import { replacedValues } from '../state/undo.ts'
import { COLUMNS, type Database, StorageError } from '../storage/database.ts'
import type { BlockHeader } from '../types/block.ts'
import { epochOf, lastHeight } from '../types/epoch.ts'
import { type Genesis, genesisHash } from '../types/genesis.ts'
import type { HandOver } from '../types/hand-over.ts'
import { type Hash, type Height, toHash } from '../types/primitives.ts'
import { SnapshotError } from './error.ts'

export interface SnapshotSource {
  readonly genesis: Genesis
  readonly genesisHash: Hash
  readonly header: BlockHeader
  readonly blockHash: Hash
  readonly blockBytes: Uint8Array
  readonly receiptBytes: readonly Uint8Array[]
  /** In the order of the epochs, up to the block's. Read as they are taken. */
  handOvers(): Generator<HandOver>
  /** In the order of their key hashes. Read as they are taken. */
  leaves(): Generator<StateLeaf>
}

/** Of the last epoch that has ended, or the end of an epoch that the caller names. */
const boundaryHeight = (head: Height, epochBlocks: bigint, wanted: Height | undefined): Height => {
  const last = (head / epochBlocks) * epochBlocks
  if (last === 0n)
    throw new SnapshotError(
      'no_boundary',
      `no epoch has ended yet: the first ends with block ${epochBlocks}, and the last block here is ${head}`,
    )
  if (wanted === undefined) return last
  if (wanted === 0n || wanted % epochBlocks !== 0n || wanted > last)
    throw new SnapshotError(
      'no_boundary',
      `block ${wanted} does not end an epoch that is over: every ${epochBlocks}th block ends one, the last here is ${last}`,
    )
  return wanted
}

/**
 * `database` must not change while the snapshot is made: the node is stopped, or the caller reads from its columns as
 * they were at one moment.
 */
export const openSnapshotSource = (chain: ChainView, database: Database, wanted?: Height): SnapshotSource => {
  const { genesis, store } = chain
  const { epochBlocks } = genesis.params
  const head = chain.head.header.height
  const height = boundaryHeight(head, epochBlocks, wanted)
  const epoch = epochOf(height, epochBlocks)
  const missing = (what: string): never => {
    throw new StorageError('corrupt', `the database lacks ${what}: vex doctor says what is wrong`)
  }
  if (height < store.keptFrom())
    throw new SnapshotError(
      'no_boundary',
      `block ${height} is not kept here: the blocks begin with ${store.keptFrom()}`,
    )
  const stored = store.blockByHeight(height) ?? missing(`block ${height}`)
  const blockBytes = store.blockBytes(height) ?? missing(`block ${height}`)
  const light = new LightQueries(chain, database)
  let replaced: ReadonlyMap<string, Uint8Array | undefined>
  try {
    replaced = replacedValues(recordsAfter(database, height, head))
  } catch (cause) {
    if (!(cause instanceof HistoryError)) throw cause
    const next = lastHeight(epochOf(head + 1n, epochBlocks), epochBlocks)
    throw new SnapshotError(
      'no_boundary',
      `the state after block ${height}, which ended epoch ${epoch}, can no longer be read: ${cause.message}. Start the node, and stop it soon after block ${next}, which ends the next epoch`,
      { cause },
    )
  }
  const now: ReadableState = {
    nodesOf: nodeKeys => storedNodes(database, nodeKeys),
    valuesOf: keys => database.getMany(COLUMNS.state, keys),
    version: head,
  }
  return {
    genesis,
    genesisHash: genesisHash(genesis),
    header: stored.block.header,
    blockHash: toHash(stored.hash),
    blockBytes,
    receiptBytes: store.receiptBytes(height),
    *handOvers() {
      for (let at = 0n; at <= epoch; at++)
        yield light.handOver(at) ??
          missing(`the certificate, header or next validators of the end of epoch ${at}`)
    },
    leaves: () => leavesBefore(now, replaced),
  }
}
