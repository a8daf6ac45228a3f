/**
 * Signatures of transactions, verified beside the main thread: one thread does 20,000 a second, or 45,000 under
 * keys that sign often, more than a node takes in.
 * It starts when transactions are expected or many are asked for (50 ms, 13 MB), answers in order, and ends when there has
 * been nothing to do for a while. While a block executes, the next one's transactions are verified with what the cores have
 * left (background-threads.ts). A few now and then are verified at once: that takes 45 us each.
 */
import type { Worker } from 'node:worker_threads'
import { startThread } from '../loading/start-thread.ts'
import { verifyNative } from '../crypto/ed25519.ts'
import { SIGNED_BYTES } from '../crypto/ed25519-many.ts'
import { HASH_BYTES, PUBLIC_KEY_BYTES } from '../types/primitives.ts'
import type { ParsedTransaction } from '../types/transaction.ts'
import { BlockExecutionFault, fromSentError, toSentError } from './block-protocol.ts'
import type { SignatureAnswer, SignatureRequest } from './signature-worker.ts'

export interface SignatureChecks {
  /** For each in order: is it signed by its sender? Keeps none of them meanwhile. Rejects when the node stops. */
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

/** A thread that had nothing to do for so long ends. */
const IDLE_MS = 8_000
/** As many in a second take no thread. */
const FEW = 32
const SECOND_MS = 1_000

/** What one request holds at most, so that few do not wait long behind many: 3 to 7 ms. */
export const AT_ONCE = 128

/** What the thread is asked. */
export const packSigned = (transactions: readonly ParsedTransaction[]): SignatureRequest => {
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
export const createSignatureChecks = (
  onFault: (error: Error) => void,
  idleMs: number = IDLE_MS,
): SignatureChecks => {
  const waiting: Waiting[] = []
  let worker: Worker | undefined
  let ending: Promise<unknown> = Promise.resolve()
  let idle: NodeJS.Timeout | undefined
  /** Verified without a thread since then. */
  let few = { sinceMs: 0, count: 0 }
  let failure: Error | undefined
  let isClosed = false

  const fail = (error: Error): void => {
    if (failure !== undefined) return
    failure = error
    for (const { reject } of waiting.splice(0)) reject(error)
    if (!isClosed) onFault(error)
  }
  const start = (): Worker => {
    const started = startThread(new URL('signature-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
    })
    idle = setTimeout(() => {
      if (waiting.length > 0) return
      worker = undefined
      ending = started.terminate()
    }, idleMs).unref()
    started.on('message', (answer: SignatureAnswer) => {
      idle?.refresh()
      waiting.shift()?.resolve(Array.from(answer, valid => valid === 1))
    })
    started.on('error', error => fail(fromSentError(toSentError(error), 'verifying signatures failed')))
    started.on('exit', () => {
      if (worker === started) fail(new BlockExecutionFault('the thread that verifies signatures has ended'))
    })
    // Signatures alone do not keep the process alive.
    started.unref()
    return started
  }
  const ask = (transactions: readonly ParsedTransaction[]): Promise<readonly boolean[]> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) return reject(failure)
      worker ??= start()
      waiting.push({ resolve, reject })
      const request = packSigned(transactions)
      worker.postMessage(request, [request.buffer])
    })

  const isWorthThread = (count: number): boolean => {
    const nowMs = performance.now()
    if (nowMs - few.sinceMs > SECOND_MS) few = { sinceMs: nowMs, count: 0 }
    few.count += count
    return few.count > FEW
  }

  return {
    // Not async: it would keep the transactions until it has the answer.
    areValid(transactions) {
      if (failure === undefined && worker === undefined && !isWorthThread(transactions.length))
        return Promise.resolve(
          transactions.map(({ transaction, id }) =>
            verifyNative(transaction.body.sender, id, transaction.signature),
          ),
        )
      const parts: Promise<readonly boolean[]>[] = []
      for (let at = 0; at < transactions.length; at += AT_ONCE)
        parts.push(ask(transactions.slice(at, at + AT_ONCE)))
      return Promise.all(parts).then(answers => answers.flat())
    },
    expect() {
      if (failure !== undefined) return
      worker ??= start()
      idle?.refresh()
    },
    async close() {
      isClosed = true
      clearTimeout(idle)
      fail(new BlockExecutionFault('the node is stopping'))
      await Promise.all([worker?.terminate(), ending])
    },
  }
}
