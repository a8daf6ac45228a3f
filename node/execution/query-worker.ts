/**
 * The thread that runs queries: one after another, each on a snapshot (moments.ts) of the database that the
 * node's main thread has open. It may be ended at any moment, in the middle of a contract.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { BlockStore } from '../chain/store.ts'
import { openSharedRocksDatabase, type SharedDatabase } from '../storage/rocks.ts'
import type { BlockHeader } from '../types/block.ts'
import type { Genesis } from '../types/genesis.ts'
import type { Diagnosis } from './diagnosis.ts'
import { Moments } from './moments.ts'
import type { Query, SimulateAnswer, TraceAnswer, ViewAnswer } from './query.ts'
import { runSimulation, runTrace, runView } from './run-query.ts'
import { createWorkerVm } from './worker-vm.ts'

export interface QueryWorkerData {
  readonly database: SharedDatabase
  readonly genesis: Genesis
  /** Where instrumented contracts are kept; nowhere if it is undefined. */
  readonly instrumentedFolder?: string | undefined
  /** Of debug twins; without it failures are told without lines. */
  readonly symbolFolder?: string | undefined
}

export interface QueryRequest {
  readonly id: number
  readonly query: Query
  readonly head: BlockHeader
}

/** Without a head: that of the message before. Copying it would cost more than most queries. */
export type QueryMessage = Omit<QueryRequest, 'head'> & { readonly head: BlockHeader | undefined }

export interface QueryResponse {
  readonly id: number
  readonly answer: ViewAnswer | SimulateAnswer | TraceAnswer
}

const port = parentPort
if (port === null) throw new Error('query-worker.ts runs as a worker thread only')
const { database: shared, genesis, instrumentedFolder, symbolFolder } = workerData as QueryWorkerData
const database = openSharedRocksDatabase(shared)
const vm = createWorkerVm(instrumentedFolder)
class NoDiagnosis extends Error {
  override readonly name = 'NoDiagnosis'
}

let opened: Diagnosis | undefined
const diagnosis = (): Diagnosis => {
  if (opened === undefined) throw new NoDiagnosis()
  return opened
}

const moments = new Moments(database, new BlockStore(database))

const run = ({ query, head }: QueryRequest): QueryResponse['answer'] => {
  const { state, height } = moments.at(head)
  const world = { vm, genesis, state, head, diagnosis }
  switch (query.kind) {
    case 'view':
      return runView(world, query)
    case 'simulate':
      return runSimulation(world, query)
    case 'trace':
      return runTrace({ ...world, database, height }, query)
  }
}

const answer = async (request: QueryRequest): Promise<QueryResponse['answer']> => {
  try {
    return run(request)
  } catch (error) {
    if (!(error instanceof NoDiagnosis)) throw error
    opened = (await import('./diagnosis.ts')).openDiagnosis(symbolFolder)
    // From the beginning: the moment of the first run may be gone.
    return run(request)
  }
}

let lastHead: BlockHeader | undefined

let last: Promise<void> = Promise.resolve()
// An exception ends the thread: it is the node's fault, and the main thread answers for it.
port.on('message', ({ id, query, head = lastHead }: QueryMessage) => {
  if (head === undefined) throw new Error(`query ${id} came without a head`)
  lastHead = head
  last = last.then(async () => {
    port.postMessage({ id, answer: await answer({ id, query, head }) } satisfies QueryResponse)
  })
})
