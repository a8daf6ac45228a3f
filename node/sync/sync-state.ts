/**
 * A data directory from a snapshot that peers have: for a node that is new, or further behind than its peers keep blocks.
 * What comes after the snapshot's block is a block sync's (sync-blocks.ts).
 */
import { rmSync } from 'node:fs'
import { restoreDirectory } from '../snapshot/restore-directory.ts'
import type { Hash, Height } from '../types/primitives.ts'
import { fetchSnapshot, type FetchSnapshotOptions } from './fetch-snapshot.ts'

export interface SyncStateOptions extends FetchSnapshotOptions {
  /** Does not exist, is empty, or was begun by an earlier call. */
  readonly dataDirectory: string
  /** The text of `validator-key.json`, if the node is to have one. */
  readonly validatorKeys?: string | undefined
  /** Which part of the chunks is in the database, from 0 to 1. */
  readonly onRestore?: ((done: number) => void) | undefined
}

/**
 * Fetches, proves and restores; then the snapshot's folder goes. Rejects with a SyncError, a SnapshotError or a StorageError,
 * and goes on from there the next time.
 */
export const syncState = async (
  options: SyncStateOptions,
): Promise<{ readonly height: Height; readonly blockHash: Hash }> => {
  const snapshot = await fetchSnapshot(options)
  const { height, blockHash } = snapshot.manifest
  await restoreDirectory(snapshot, {
    path: options.dataDirectory,
    validatorKeys: options.validatorKeys,
    onStep: ({ done }) => options.onRestore?.(done),
  })
  rmSync(options.folder, { recursive: true, force: true })
  return { height, blockHash }
}
