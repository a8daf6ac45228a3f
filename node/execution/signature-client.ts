/**
 * Signatures of transactions, verified beside the main thread: one thread does 18,000 a second, more than a node takes in.
 * It starts with the first that is expected or asked for (50 ms, 13 MB), and answers in order. While a block executes, the next one's transactions are
 * verified on another core, unless enough of them wait already (right-of-way.ts).
 */
import { Worker } from 'node:worker_threads'
import { HASH_BYTES, PUBLIC_KEY_BYTES } from '../types/primitives.ts'
import type { ParsedTransaction } from '../types/transaction.ts'
import { BlockExecutionFault, fromSentError, toSentError } from './block-protocol.ts'
import { setEnough, type Way } from './right-of-way.ts'
import { SIGNED_BYTES, type SignatureAnswer, type SignatureRequest } from './signature-worker.ts'

export interface SignatureChecks {
  /**
   * For each in order: is it signed by its sender? Rejects when the node stops. `isUrgent`: they are in a block, which
   * everybody waits for.
   */
  areValid(transactions: readonly ParsedTransaction[], isUrgent?: boolean): Promise<readonly boolean[]>
  /** Somebody is about to send a transaction: the thread starts, if it has not. */
  expect(): void
  /** Whether as many transactions wait as the next blocks can hold. */
  setEnough(isEnough: boolean): void
  close(): Promise<void>
}

interface Waiting {
  readonly resolve: (answer: readonly boolean[]) => void
  readonly reject: (error: Error) => void
}

/** It holds a request at a time. */
const HEAP_MIB = 32
const YOUNG_MIB = 4

/** What one request holds at most, so that few do not wait long behind many: some 7 ms. */
const AT_ONCE = 128

const pack = (transactions: readonly ParsedTransaction[]): SignatureRequest => {
  const request = new Uint8Array(transactions.length * SIGNED_BYTES)
  transactions.forEach(({ transaction, id }, i) => {
    const at = i * SIGNED_BYTES
    request.set(transaction.body.sender, at)
    request.set(id, at + PUBLIC_KEY_BYTES)
    request.set(transaction.signature, at + PUBLIC_KEY_BYTES + HASH_BYTES)
  })
  return request
}

/** `way`: of the thread that executes blocks. `onFault`, once: the thread has failed, and nothing is verified any more. */
export const createSignatureChecks = (way: Way, onFault: (error: Error) => void): SignatureChecks => {
  const waiting: Waiting[] = []
  let worker: Worker | undefined
  let failure: Error | undefined
  let isClosed = false
  let isEnough = false
  let urgent = 0

  const fail = (error: Error): void => {
    if (failure !== undefined) return
    failure = error
    for (const { reject } of waiting.splice(0)) reject(error)
    if (!isClosed) onFault(error)
  }
  const start = (): Worker => {
    const started = new Worker(new URL('signature-worker.ts', import.meta.url), {
      workerData: way,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
    })
    started.on('message', (answer: SignatureAnswer) =>
      waiting.shift()?.resolve(Array.from(answer, valid => valid === 1)),
    )
    started.on('error', error => fail(fromSentError(toSentError(error), 'verifying signatures failed')))
    started.on('exit', () => fail(new BlockExecutionFault('the thread that verifies signatures has ended')))
    // Signatures alone do not keep the process alive.
    started.unref()
    return started
  }
  const ask = (transactions: readonly ParsedTransaction[]): Promise<readonly boolean[]> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) return reject(failure)
      worker ??= start()
      waiting.push({ resolve, reject })
      const request = pack(transactions)
      worker.postMessage(request, [request.buffer])
    })

  const askAll = async (transactions: readonly ParsedTransaction[]): Promise<readonly boolean[]> => {
    const parts: Promise<readonly boolean[]>[] = []
    for (let at = 0; at < transactions.length; at += AT_ONCE)
      parts.push(ask(transactions.slice(at, at + AT_ONCE)))
    return (await Promise.all(parts)).flat()
  }
  // What is urgent waits behind what is not, and so nothing before it may wait.
  const pace = (): void => setEnough(way, isEnough && urgent === 0)

  return {
    async areValid(transactions, isUrgent = false) {
      if (!isUrgent) return askAll(transactions)
      urgent++
      pace()
      try {
        return await askAll(transactions)
      } finally {
        urgent--
        pace()
      }
    },
    expect() {
      if (failure === undefined) worker ??= start()
    },
    setEnough(value) {
      isEnough = value
      pace()
    },
    async close() {
      isClosed = true
      fail(new BlockExecutionFault('the node is stopping'))
      await worker?.terminate()
    },
  }
}
