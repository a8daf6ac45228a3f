/**
 * How patient a client is where the network breaks, a request gets no answer, or a server says that it is too busy.
 *
 * Only what changes nothing is asked again by itself: everything but `transaction.submit` and `transaction.submitMany`.
 * How a signed transaction is sent again, and when it is not, stands in wallet/settle.ts.
 */

export interface RetryPolicy {
  /** How often a question is asked at most, the first time included; 1 asks no question again. Default: 5. */
  readonly attempts: number
  /** Between the first two tries; doubles with each. A part of it, up to a half, is left to chance. Default: 200. */
  readonly backoffMs: number
  /** Default: 5,000. */
  readonly maxBackoffMs: number
  /** A try without an answer for so long has failed. Default: 30,000. */
  readonly requestTimeoutMs: number
  /** Who asks for more patience than this (`Retry-After`) is not waited for: that is an error. Default: 30,000. */
  readonly maxRetryAfterMs: number
}

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 5,
  backoffMs: 200,
  maxBackoffMs: 5_000,
  requestTimeoutMs: 30_000,
  maxRetryAfterMs: 30_000,
}

/** The answer of `transaction.wait` takes as long as it was told to wait, at most this. */
const LONGEST_WAIT_MS = 60_000

/** The node is stopping or too busy, or what stands before it finds it gone. */
const PASSING_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504])

const SENDING = /\/transaction\.submit(?:Many)?$/
const WAITING = /\/transaction\.wait$/

/** Before try `attempt` + 1. `chance` is from 0 to 1. */
export const backoffMs = (policy: RetryPolicy, attempt: number, chance: number): number => {
  const fullMs = Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** (attempt - 1))
  return fullMs * (1 - chance / 2)
}

/** What the header asks for: seconds, or a date. `undefined` if it is neither, or is not there. */
export const readRetryAfterMs = (header: string | null | undefined, nowMs: number): number | undefined => {
  if (header == null) return undefined
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000
  const atMs = Date.parse(header)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

/** Ends early when `signal` is aborted. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const finish = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    if (signal?.aborted === true) finish()
    else signal?.addEventListener('abort', finish, { once: true })
  })

/** A part of `Response`, read to its end. */
interface Answer {
  readonly ok: boolean
  readonly status: number
  readonly headers: Headers
  json(): Promise<unknown>
}

type Fetch = typeof fetch

const ask = async (fetchOnce: Fetch, url: string, init: RequestInit, timeoutMs: number): Promise<Answer> => {
  const late = new AbortController()
  const timer = setTimeout(() => {
    late.abort(new Error(`no answer within ${timeoutMs} ms`))
  }, timeoutMs)
  const signal = init.signal ? AbortSignal.any([init.signal, late.signal]) : late.signal
  try {
    const response = await fetchOnce(url, { ...init, signal })
    // A connection may break in the middle of the body.
    const text = await response.text()
    const { ok, status, headers } = response
    return { ok, status, headers, json: async () => JSON.parse(text) as unknown }
  } finally {
    clearTimeout(timer)
  }
}

/** `fetch` for tRPC's calls over HTTP, with this patience. */
export const createPatientFetch =
  (policy: RetryPolicy, fetchOnce: Fetch = fetch) =>
  async (input: Request | URL | string, init: object = {}): Promise<Answer> => {
    const request = init as RequestInit
    const url = input instanceof Request ? input.url : String(input)
    const [path = ''] = url.split('?')
    const attempts = SENDING.test(path) ? 1 : policy.attempts
    const timeoutMs = policy.requestTimeoutMs + (WAITING.test(path) ? LONGEST_WAIT_MS : 0)
    for (let attempt = 1; ; attempt++) {
      let askedMs = 0
      try {
        const answer = await ask(fetchOnce, url, request, timeoutMs)
        if (!PASSING_STATUS.has(answer.status) || attempt >= attempts) return answer
        askedMs = readRetryAfterMs(answer.headers.get('retry-after'), Date.now()) ?? 0
        if (askedMs > policy.maxRetryAfterMs) return answer
      } catch (error) {
        if (request.signal?.aborted === true || attempt >= attempts) throw error
      }
      const pauseMs = Math.max(askedMs, backoffMs(policy, attempt, Math.random()))
      await sleep(pauseMs, request.signal ?? undefined)
      request.signal?.throwIfAborted()
    }
  }
