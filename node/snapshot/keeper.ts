/**
 * Snapshots of a running node, for its peers: at the end of every so many epochs one is made in a thread of its own, and
 * the last few are kept, each in a folder named by its height.
 *
 * Invariants
 * - under the name of a height there is a whole snapshot or nothing: what is being made or removed has another name;
 * - one is made at a time; a boundary that comes meanwhile is left out;
 * - a snapshot that cannot be made is told of, and disturbs nothing else.
 */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../loading/start-thread.ts'
import { makeFolder } from '../storage/make-folder.ts'
import type { SharedDatabase } from '../storage/rocks.ts'
import type { BlockHeader } from '../types/block.ts'
import { lastHeight } from '../types/epoch.ts'
import type { Genesis } from '../types/genesis.ts'
import type { Height } from '../types/primitives.ts'
import type { KeeperWorkerData } from './keeper-worker.ts'

export interface SnapshotKeeperOptions {
  readonly database: SharedDatabase
  readonly genesis: Genesis
  /** Holds nothing else. */
  readonly folder: string
  /** From 1 on. */
  readonly everyEpochs: bigint
  /** Default: 2. One of them may be on its way to a peer when the next is made. */
  readonly keep?: number | undefined
  readonly chunkBudgetBytes?: number | undefined
  readonly onMade?: ((height: Height) => void) | undefined
  readonly onProblem: (error: unknown) => void
}

export interface SnapshotKeeper {
  /** After each commit; returns at once. */
  onCommit(header: BlockHeader): void
  /** The thread has ended when it resolves; only then may the database be closed. */
  close(): Promise<void>
}

const KEPT = 2
const WHOLE = /^[1-9]\d*$/
const PARTIAL = /^[1-9]\d*\.partial$/
const REMOVED = /^[1-9]\d*\.removed$/

/** What a kill has left, and all whole ones but the last `keep`. */
const tidy = (folder: string, keep: number): void => {
  const names = readdirSync(folder)
  const whole = names.filter(name => WHOLE.test(name)).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))
  // Removing a folder takes a while: until then nobody takes it for a snapshot.
  for (const name of whole.slice(0, Math.max(0, whole.length - keep))) {
    renameSync(join(folder, name), join(folder, `${name}.removed`))
    names.push(`${name}.removed`)
  }
  for (const name of names)
    if (PARTIAL.test(name) || REMOVED.test(name)) rmSync(join(folder, name), { recursive: true, force: true })
}

export const createSnapshotKeeper = (options: SnapshotKeeperOptions): SnapshotKeeper => {
  const { database, genesis, folder, everyEpochs, keep = KEPT, chunkBudgetBytes, onProblem } = options
  if (everyEpochs < 1n || keep < 1)
    throw new RangeError('snapshots are made every epoch or less often, and one is kept')
  let worker: Worker | undefined
  let making: Promise<void> | undefined
  let isClosed = false

  const run = (height: Height): Promise<void> =>
    new Promise((resolve, reject) => {
      const data: KeeperWorkerData = {
        database,
        genesis,
        height,
        folder: join(folder, String(height)),
        chunkBudgetBytes,
      }
      worker = startThread(new URL('keeper-worker.ts', import.meta.url), { workerData: data })
      let fault: unknown
      worker.on('error', error => (fault = error))
      worker.once('exit', () => {
        worker = undefined
        if (fault === undefined) resolve()
        else reject(fault)
      })
    })

  const make = async (height: Height): Promise<void> => {
    try {
      makeFolder(folder)
      tidy(folder, keep)
      const path = join(folder, String(height))
      if (existsSync(path)) return
      await run(height)
      if (!existsSync(path)) return
      tidy(folder, keep)
      options.onMade?.(height)
    } catch (error) {
      onProblem(error)
    }
  }

  return {
    onCommit({ height, epoch }) {
      const isBoundary = height === lastHeight(epoch, genesis.params.epochBlocks)
      if (isClosed || making !== undefined || !isBoundary || (epoch + 1n) % everyEpochs !== 0n) return
      making = make(height).finally(() => {
        making = undefined
      })
    },
    async close() {
      isClosed = true
      // Not terminated: where the database is read at that moment, that would end the process.
      worker?.postMessage('stop')
      await making
    },
  }
}
