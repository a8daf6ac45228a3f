import { describe, expect, it } from 'vitest'
import { backoffMs, createPatientFetch, DEFAULT_RETRY, readRetryAfterMs } from '../../../node/api/retry.ts'

const POLICY = { ...DEFAULT_RETRY, attempts: 4, backoffMs: 1, maxBackoffMs: 4 }
const QUESTION = 'http://node/trpc/chain.info?input=1'

describe('pauses', () => {
  it('double up to the longest, and are left to chance by half', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7].map(attempt => backoffMs(DEFAULT_RETRY, attempt, 0))
    expect(longest).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000])
    expect(backoffMs(DEFAULT_RETRY, 3, 1)).toBe(400)
  })

  it('are what the server asks for, in seconds or until a date', () => {
    const nowMs = Date.parse('Fri, 31 Dec 1999 23:59:50 GMT')
    expect(readRetryAfterMs('3', nowMs)).toBe(3_000)
    expect(readRetryAfterMs('Fri, 31 Dec 1999 23:59:59 GMT', nowMs)).toBe(9_000)
    expect(readRetryAfterMs('Fri, 31 Dec 1999 23:59:00 GMT', nowMs)).toBe(0)
    for (const none of [null, undefined, 'soon']) expect(readRetryAfterMs(none, nowMs)).toBe(undefined)
  })
})

describe('a question', () => {
  /** Answers in turn; an Error breaks the connection, `late` never answers. */
  const server = (...answers: readonly (Response | Error | 'late')[]) => {
    let asked = 0
    const ask = createPatientFetch({ ...POLICY, requestTimeoutMs: 20 }, (_, init) => {
      const answer = answers[asked++]
      if (answer === undefined) throw new Error('asked too often')
      if (answer instanceof Response) return Promise.resolve(answer)
      if (answer instanceof Error) return Promise.reject(answer)
      return new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))
      })
    })
    return {
      ask,
      get asked() {
        return asked
      },
    }
  }
  const broken = () => new TypeError('fetch failed')
  const busy = (retryAfter?: string) =>
    new Response('', { status: 429, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } })

  it('is asked again when the connection breaks, nothing answers, or the server is busy or gone', async () => {
    const gone = new Response('', { status: 503 })
    const { ask } = server(broken(), 'late', gone, new Response('{"a":1}'))
    expect(await (await ask(QUESTION)).json()).toEqual({ a: 1 })
  })

  it('is given up after as many tries as were allowed, with what came last', async () => {
    const four = server(broken(), broken(), broken(), broken(), broken())
    await expect(four.ask(QUESTION)).rejects.toThrow('fetch failed')
    expect(four.asked).toBe(4)
    const late = server('late', 'late', 'late', 'late')
    await expect(late.ask(QUESTION)).rejects.toThrow('no answer within 20 ms')
    const still = server(busy('0'), busy('0'), busy('0'), busy('0'))
    expect((await still.ask(QUESTION)).status).toBe(429)
  })

  it('is not asked again before the server wants, nor at all if that is long', async () => {
    const startMs = performance.now()
    const patient = server(busy('1'), new Response('1'))
    expect((await patient.ask(QUESTION)).status).toBe(200)
    expect(performance.now() - startMs).toBeGreaterThan(990)
    const tomorrow = server(busy('86400'))
    expect((await tomorrow.ask(QUESTION)).status).toBe(429)
  })

  it('is not asked again when it was refused, or whoever asks gave up', async () => {
    const refused = server(new Response('{}', { status: 422 }))
    expect((await refused.ask(QUESTION)).status).toBe(422)
    const ends = new AbortController()
    const waiting = server('late', new Response('1'))
    const asking = waiting.ask(QUESTION, { signal: ends.signal })
    ends.abort()
    await expect(asking).rejects.toThrow()
    expect(waiting.asked).toBe(1)
  })

  it('that sends a transaction is asked once', async () => {
    for (const path of ['transaction.submit', 'transaction.submitMany']) {
      const { ask } = server(broken())
      await expect(ask(`http://node/trpc/${path}`, { method: 'POST' })).rejects.toThrow('fetch failed')
    }
  })
})
