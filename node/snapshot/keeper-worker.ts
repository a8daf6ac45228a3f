/**
 * The thread that makes one snapshot beside the running node: of the database at the moment when it starts, a chunk at a
 * time, at rest for as long as each has taken. It ends by itself; told to stop it ends after the chunk that it is at.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { setTimeout as sleep } from 'node:timers/promises'
import { BlockStore } from '../chain/store.ts'
import { databaseReader } from '../state/database-reader.ts'
import { openSharedRocksDatabase, type SharedDatabase } from '../storage/rocks.ts'
import type { Genesis } from '../types/genesis.ts'
import type { Height } from '../types/primitives.ts'
import { openMoment } from './moment.ts'
import { openSnapshotSource } from './source.ts'
import { writeSnapshot } from './write.ts'

export interface KeeperWorkerData {
  readonly database: SharedDatabase
  readonly genesis: Genesis
  /** Of the epoch's last block. */
  readonly height: Height
  /** Of this one snapshot. */
  readonly folder: string
  readonly chunkBudgetBytes?: number | undefined
}

const port = parentPort
if (port === null) throw new Error('keeper-worker.ts runs as a worker thread only')
const { database: shared, genesis, height, folder, chunkBudgetBytes } = workerData as KeeperWorkerData

let isStopped = false
port.once('message', () => {
  isStopped = true
})

const moment = openMoment(openSharedRocksDatabase(shared))
try {
  const store = new BlockStore(moment)
  const stored = store.head()
  const header = stored && store.header(stored.height)
  if (stored === undefined || header === undefined) throw new Error('the database has no head')
  const chain = { genesis, head: { hash: stored.hash, header }, store, state: databaseReader(moment) }
  const source = openSnapshotSource(chain, moment, height)
  const steps = writeSnapshot(source, {
    folder,
    ...(chunkBudgetBytes === undefined ? {} : { chunkBudgetBytes }),
  })
  try {
    for (;;) {
      const startedMs = performance.now()
      if (steps.next().done === true || isStopped) break
      await sleep(performance.now() - startedMs)
    }
  } finally {
    // Of one that is not whole nothing stays.
    steps.return(undefined as never)
  }
} finally {
  await moment.close()
  port.close()
}
