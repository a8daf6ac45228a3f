/** A verified snapshot into a data directory, from which a node starts then. Killed at any moment, it goes on the next time. */
import { setImmediate } from 'node:timers/promises'
import { openRestoredDirectory } from '../storage/restored-directory.ts'
import { isRestored, restoreChunks, restoreHead, type RestoreStep } from './restore.ts'
import type { VerifiedSnapshot } from './verify.ts'

export interface RestoreOptions {
  /** Does not exist, is empty, or was begun by a restore of the same snapshot. */
  readonly path: string
  /** The text of `validator-key.json`; `undefined` for a node that does not vote. */
  readonly validatorKeys: string | undefined
  /** After each chunk; not if an earlier run has restored them all. */
  readonly onStep: (step: RestoreStep) => void
}

/** Gives how many chunks an earlier run had restored. Throws a SnapshotError or a StorageError. */
export const restoreDirectory = async (
  snapshot: VerifiedSnapshot,
  { path, validatorKeys, onStep }: RestoreOptions,
): Promise<{ readonly before: number }> => {
  const { genesisHash, blockHash, chunks } = snapshot.manifest
  const directory = await openRestoredDirectory(path, { snapshot: snapshot.folder, genesisHash, blockHash })
  const { database } = directory
  let before = chunks.length
  try {
    if (!isRestored(database)) {
      const steps = restoreChunks(database, snapshot)
      let step = steps.next()
      for (; step.done !== true; step = steps.next()) {
        onStep(step.value)
        // Only when the event loop turns is freed what the database has read and written.
        await setImmediate()
      }
      before = step.value.before
      restoreHead(database, snapshot)
    }
    directory.finish({ genesis: snapshot.genesisText, validatorKeys })
  } finally {
    await database.close()
  }
  return { before }
}
