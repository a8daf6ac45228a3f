/**
 * The main thread's side of the queries: hands them to the worker, sounds the alarm, brings a new worker.
 *
 * The worker answers in order, so the oldest unanswered query is the one that runs. If it runs for longer than
 * the limit (query-alarm.ts), or the worker dies of it, that query alone is answered with an error; a new worker
 * gets the others. One that nobody has asked for a while ends.
 */
import type { Worker } from 'node:worker_threads'
import { startThread } from '../loading/start-thread.ts'
import type { BlockHeader } from '../types/block.ts'
import { setQueryAlarm } from './query-alarm.ts'
import {
  type ContractQueries,
  MAX_WAITING_QUERIES,
  type Query,
  QUERY_TIME_LIMIT_MS,
  QueryError,
  type SimulateAnswer,
  type TraceAnswer,
  type ViewAnswer,
} from './query.ts'
import type { QueryMessage, QueryRequest, QueryResponse, QueryWorkerData } from './query-worker.ts'

/** Room for contract stacks of the greatest depth in the engine's slowest tier. */
const STACK_MIB = 16
/** A thread that nobody asked for so long ends; the next query waits 50 ms for another. */
const IDLE_MS = 8_000
/** Little outlives a query; by default V8 takes ten times as much before it looks. */
const YOUNG_MIB = 12

type Answer = QueryResponse['answer']

interface Waiting {
  readonly request: QueryRequest
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: QueryError) => void
}

export interface QueryClientOptions extends QueryWorkerData {
  readonly timeLimitMs?: number
  readonly idleMs?: number
  /** A query ended the worker through the node's fault; another one works on. */
  readonly onFault: (error: unknown) => void
}

export interface QueryClient extends ContractQueries {
  /** The worker has ended when it resolves; only then may the database be closed. */
  close(): Promise<void>
}

class WorkerQueries implements QueryClient {
  readonly #options: QueryClientOptions
  readonly #timeLimitMs: number
  /** Sent and not answered, oldest first. */
  readonly #waiting: Waiting[] = []
  /** Started with the first query: a chain that nobody asks does not pay for it. */
  #worker: Worker | undefined
  /** What it was told last. */
  #knownHead: BlockHeader | undefined
  /** Made ready when a query has run for half of its time, so that after the alarm nobody waits for a start. */
  #spare: Worker | undefined
  #cancelAlarm: (() => void) | undefined
  #idle: NodeJS.Timeout | undefined
  #nextId = 0
  #isClosed = false
  /** Workers that are ending: each may still hold the database. */
  readonly #ending = new Set<Promise<unknown>>()

  constructor(options: QueryClientOptions) {
    this.#options = options
    this.#timeLimitMs = options.timeLimitMs ?? QUERY_TIME_LIMIT_MS
  }

  view(query: Parameters<ContractQueries['view']>[0], head: BlockHeader): Promise<ViewAnswer> {
    return this.#ask({ kind: 'view', ...query }, head) as Promise<ViewAnswer>
  }

  simulate(query: Parameters<ContractQueries['simulate']>[0], head: BlockHeader): Promise<SimulateAnswer> {
    return this.#ask({ kind: 'simulate', ...query }, head) as Promise<SimulateAnswer>
  }

  trace(query: Parameters<ContractQueries['trace']>[0], head: BlockHeader): Promise<TraceAnswer> {
    return this.#ask({ kind: 'trace', ...query }, head) as Promise<TraceAnswer>
  }

  #ask(query: Query, head: BlockHeader): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new QueryError('stopping', 'the node is stopping'))
      if (this.#waiting.length >= MAX_WAITING_QUERIES) {
        return reject(
          new QueryError('busy', `${MAX_WAITING_QUERIES} queries wait already. Try again in a moment`),
        )
      }
      const request = { id: this.#nextId++, query, head }
      this.#waiting.push({ request, resolve, reject })
      this.#post(request)
      if (this.#waiting.length === 1) this.#setAlarm()
    })
  }

  #post(request: QueryRequest): void {
    this.#worker ??= this.#start()
    const { head } = request
    const message: QueryMessage = { ...request, head: head === this.#knownHead ? undefined : head }
    this.#knownHead = head
    this.#worker.postMessage(message)
  }

  #start(): Worker {
    const { database, genesis, instrumentedFolder, symbolFolder } = this.#options
    const workerData: QueryWorkerData = { database, genesis, instrumentedFolder, symbolFolder }
    const worker = startThread(new URL('query-worker.ts', import.meta.url), {
      workerData,
      resourceLimits: { stackSizeMb: STACK_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
    })
    worker.on('message', (response: QueryResponse) => {
      // Until it has ended it may answer what nobody waits for any more.
      if (worker === this.#worker && !this.#isClosed) this.#onAnswer(response)
    })
    worker.on('error', error => {
      if (this.#isClosed) return
      if (worker === this.#worker) this.#onFault(error)
      else if (worker === this.#spare) this.#spare = undefined
    })
    // Queries alone do not keep the process alive.
    worker.unref()
    return worker
  }

  #onAnswer({ id, answer }: QueryResponse): void {
    const [oldest] = this.#waiting
    if (oldest?.request.id !== id) throw new Error(`the query worker answered ${id} out of turn`)
    this.#waiting.shift()
    this.#setAlarm()
    oldest.resolve(answer)
  }

  /** For the query that runs now. */
  #setAlarm(): void {
    this.#cancelAlarm?.()
    this.#cancelAlarm = undefined
    if (this.#waiting.length === 0 || this.#worker === undefined) {
      this.#idle ??= setTimeout(() => this.#onIdle(), this.#options.idleMs ?? IDLE_MS).unref()
      this.#idle.refresh()
      return
    }
    this.#cancelAlarm = setQueryAlarm({
      limitMs: this.#timeLimitMs,
      worker: this.#worker,
      onHalf: () => {
        this.#spare ??= this.#start()
      },
      onAlarm: () => this.#onAlarm(),
      onStall: waitedMs => this.#onStall(waitedMs),
    })
  }

  #onIdle(): void {
    if (this.#isClosed || this.#waiting.length > 0) return
    for (const worker of [this.#worker, this.#spare]) if (worker !== undefined) this.#end(worker)
    this.#worker = undefined
    this.#spare = undefined
    this.#knownHead = undefined
  }

  #onAlarm(): void {
    const seconds = this.#timeLimitMs / 1000
    this.#replace(
      new QueryError(
        'time_limit',
        `the call ran for ${seconds} s and was stopped. Give it less to do, or a lower gas limit to see how far it comes`,
      ),
    )
  }

  #onStall(waitedMs: number): void {
    this.#replace(
      new QueryError(
        'busy',
        `the machine is too busy: in ${waitedMs / 1000} s it gave a call less than the ${this.#timeLimitMs / 1000} s that it may run. Try again later`,
      ),
    )
  }

  #onFault(error: unknown): void {
    this.#options.onFault(error)
    this.#replace(
      new QueryError('fault', 'the node failed to run this call; its log says why', { cause: error }),
    )
  }

  /** Ends the worker and the query it runs; the others go to a new one. */
  #replace(error: QueryError): void {
    if (this.#worker !== undefined) this.#end(this.#worker)
    this.#waiting.shift()?.reject(error)
    this.#worker = this.#spare ?? this.#start()
    this.#spare = undefined
    this.#knownHead = undefined
    for (const { request } of this.#waiting) this.#post(request)
    this.#setAlarm()
  }

  #end(worker: Worker): void {
    const ended = worker.terminate().finally(() => this.#ending.delete(ended))
    this.#ending.add(ended)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancelAlarm?.()
    clearTimeout(this.#idle)
    for (const { reject } of this.#waiting.splice(0))
      reject(new QueryError('stopping', 'the node is stopping'))
    if (this.#worker !== undefined) this.#end(this.#worker)
    if (this.#spare !== undefined) this.#end(this.#spare)
    await Promise.all(this.#ending)
  }
}

export const startQueryClient = (options: QueryClientOptions): QueryClient => new WorkerQueries(options)
