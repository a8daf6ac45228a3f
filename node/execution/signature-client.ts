/**
 * Signatures of transactions, verified beside the main thread: one thread does 23,000 a second, more than a node takes in.
 * It starts with the first that is expected or asked for (50 ms, 13 MB), and answers in order. While a block executes, the
 * next one's transactions are verified with what the cores have left (background-threads.ts).
 */
import { Worker } from 'node:worker_threads'
import { HASH_BYTES, PUBLIC_KEY_BYTES } from '../types/primitives.ts'
import type { ParsedTransaction } from '../types/transaction.ts'
import { BlockExecutionFault, fromSentError, toSentError } from './block-protocol.ts'
import { SIGNED_BYTES, type SignatureAnswer, type SignatureRequest } from './signature-worker.ts'

export interface SignatureChecks {
  /** For each in order: is it signed by its sender? Rejects when the node stops. */
  areValid(transactions: readonly ParsedTransaction[]): Promise<readonly boolean[]>
  /** Somebody is about to send a transaction: the thread starts, if it has not. */
  expect(): void
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

/** `onFault`, once: the thread has failed, and nothing is verified any more. */
export const createSignatureChecks = (onFault: (error: Error) => void): SignatureChecks => {
  const waiting: Waiting[] = []
  let worker: Worker | undefined
  let failure: Error | undefined
  let isClosed = false

  const fail = (error: Error): void => {
    if (failure !== undefined) return
    failure = error
    for (const { reject } of waiting.splice(0)) reject(error)
    if (!isClosed) onFault(error)
  }
  const start = (): Worker => {
    const started = new Worker(new URL('signature-worker.ts', import.meta.url), {
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

  return {
    async areValid(transactions) {
      const parts: Promise<readonly boolean[]>[] = []
      for (let at = 0; at < transactions.length; at += AT_ONCE)
        parts.push(ask(transactions.slice(at, at + AT_ONCE)))
      return (await Promise.all(parts)).flat()
    },
    expect() {
      if (failure === undefined) worker ??= start()
    },
    async close() {
      isClosed = true
      fail(new BlockExecutionFault('the node is stopping'))
      await worker?.terminate()
    },
  }
}
