/** Runs one query on a state; pure but for the VM's caches. */
import { MAX_GAS_LIMIT } from '../../vm/gas.ts'
import type { Vm } from '../../vm/execution.ts'
import { HistoryError, tracePast } from '../chain/history.ts'
import type { Database } from '../storage/database.ts'
import type { StateReader } from '../state/view.ts'
import { readAccount } from '../transition/accounts.ts'
import { nextBaseFee } from '../transition/gas.ts'
import { blockRandomness } from '../transition/randomness.ts'
import { simulateTransaction, traceTransaction, traceView, viewContract } from '../transition/simulate.ts'
import type { BlockHeader } from '../types/block.ts'
import { epochOf } from '../types/epoch.ts'
import type { Genesis } from '../types/genesis.ts'
import { type Gas, type Height, SIGNATURE_BYTES, toAddress, ZERO_HASH } from '../types/primitives.ts'
import { type Transaction, transactionCodec } from '../types/transaction.ts'
import type { Diagnosis } from './diagnosis.ts'
import {
  DEFAULT_VIEW_GAS,
  MAX_LOGS,
  type SimulateAnswer,
  type SimulateQuery,
  type TraceAnswer,
  type TraceQuery,
  type ViewAnswer,
  type ViewQuery,
} from './query.ts'

export interface QueryWorld {
  readonly vm: Vm
  readonly genesis: Genesis
  readonly state: StateReader
  /** Of the block after which the query runs. */
  readonly head: BlockHeader
}

/** One in which failures are told: what fails is run once more to see where. */
export interface DiagnosedWorld extends QueryWorld {
  /** Throws what it likes if there is none yet: the query is then run again. */
  readonly diagnosis: () => Diagnosis
}

const nextBlock = ({ genesis, head }: QueryWorld) => ({
  chainId: genesis.chainId,
  height: head.height + 1n,
  timeMs: head.timeMs + genesis.params.minBlockIntervalMs,
  staking: {
    params: genesis.params,
    epoch: epochOf(head.height + 1n, genesis.params.epochBlocks),
  },
  // The next block's is not known yet.
  randomness: blockRandomness(head.eta),
})

const collectLogs = () => {
  const logs: string[] = []
  const onTrace = (_: unknown, message: string): void => {
    if (logs.length < MAX_LOGS) logs.push(message)
  }
  return { logs, onTrace }
}

const viewOf = (world: QueryWorld, query: Omit<ViewQuery, 'kind'>, limit: Gas = MAX_GAS_LIMIT - 1n) => {
  const gasLimit = query.gasLimit ?? DEFAULT_VIEW_GAS
  return {
    vm: world.vm,
    state: world.state,
    block: nextBlock(world),
    caller: query.caller ?? toAddress(ZERO_HASH),
    contract: query.contract,
    method: query.method,
    args: query.args,
    gasLimit: gasLimit < limit ? gasLimit : limit,
  }
}

export const runView = (world: DiagnosedWorld, query: ViewQuery): ViewAnswer => {
  const { logs, onTrace } = collectLogs()
  const view = viewOf(world, query)
  const outcome = viewContract({ ...view, onTrace })
  if (outcome.kind === 'returned') return { outcome, logs, failure: undefined }
  const diagnosis = world.diagnosis()
  return { outcome, logs, failure: diagnosis.failure(traceView(view).trace) }
}

/** As {@link runView}, with `limit` gas at most; `undefined` for a view that does not return. */
export const runShortView = (
  world: QueryWorld,
  query: Omit<ViewQuery, 'kind'>,
  limit: Gas,
): ViewAnswer | undefined => {
  const { logs, onTrace } = collectLogs()
  const outcome = viewContract({ ...viewOf(world, query, limit), onTrace })
  return outcome.kind === 'returned' ? { outcome, logs, failure: undefined } : undefined
}

export const runSimulation = (world: DiagnosedWorld, query: SimulateQuery): SimulateAnswer => {
  const { logs, onTrace } = collectLogs()
  const { params, chainId } = world.genesis
  const block = nextBlock(world)
  const baseFee = nextBaseFee(world.head)
  const unsigned: Transaction = {
    body: {
      version: 1,
      chainId,
      sender: new Uint8Array(32),
      nonce: readAccount(world.state, query.sender).nonce,
      gasLimit: query.gasLimit ?? params.blockGasLimit,
      maxFee: baseFee,
      tip: 0n,
      validUntilHeight: block.height,
      action: query.action,
    },
    signature: new Uint8Array(SIGNATURE_BYTES),
  }
  const options = {
    vm: world.vm,
    state: world.state,
    block,
    context: { chainId, height: block.height, baseFee, blockGasLimit: params.blockGasLimit },
    parsed: {
      bytes: transactionCodec.encode(unsigned),
      transaction: unsigned,
      id: ZERO_HASH,
      sender: query.sender,
    },
  }
  const simulation = simulateTransaction({ ...options, onTrace })
  const didFail = simulation.kind === 'ran' && simulation.receipt.status === 'failed'
  const mayTrace = simulation.kind === 'ran' && (didFail || query.trace !== undefined)
  if (!mayTrace) return { simulation, logs, failure: undefined, trace: undefined }
  const diagnosis = world.diagnosis()
  const { trace } = traceTransaction({ ...options, gas: query.trace === 'gas' })
  return {
    simulation,
    logs,
    failure: diagnosis.failure(trace),
    trace: query.trace === undefined ? undefined : diagnosis.view(trace),
  }
}

/** `height` is that of the world's state. */
export const runTrace = (
  world: DiagnosedWorld & { database: Database; height: Height },
  { place, trace: detail }: TraceQuery,
): TraceAnswer => {
  const { database: db, genesis, vm, state: now, height: head } = world
  const diagnosis = world.diagnosis()
  try {
    const { trace, isExact } = tracePast({ db, genesis, vm, now, head, place, gas: detail === 'gas' })
    return { kind: 'traced', trace: diagnosis.view(trace), isExact }
  } catch (error) {
    if (error instanceof HistoryError) return { kind: 'no_history', message: error.message }
    throw error
  }
}
