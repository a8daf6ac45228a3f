/** Transactions as bytes, over a socket: what comes in is what was sent, and what is wrong is said. */
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ANY_ORIGIN } from '../../../node/api/access.ts'
import type { ApiBackend, SubmitResult } from '../../../node/api/backend.ts'
import { MAX_BODY_BYTES, MAX_SUBMIT } from '../../../node/api/limits.ts'
import { type ApiServer, startApiServer } from '../../../node/api/server.ts'
import { submitBytes } from '../../../node/api/submit-client.ts'
import { SUBMIT_PATH, SUBMIT_TYPE } from '../../../node/api/submit-codec.ts'
import { ZERO_HASH } from '../../../node/types/primitives.ts'

const TOKEN = 'a-token-of-thirty-two-characters'
let server: ApiServer
let taken: Uint8Array[][]
let answer: (transaction: Uint8Array) => SubmitResult
let errors: unknown[]

beforeEach(async () => {
  taken = []
  errors = []
  answer = () => ({ accepted: true, id: ZERO_HASH })
  const backend: Pick<ApiBackend, 'submit' | 'version'> = {
    version: 'test',
    async submit(transactions) {
      taken.push([...transactions])
      return transactions.map(answer)
    },
  }
  server = await startApiServer({
    backend: backend as ApiBackend,
    host: '127.0.0.1',
    port: 0,
    access: { corsOrigins: [ANY_ORIGIN], token: TOKEN },
    onError: error => errors.push(error),
  })
})
afterEach(() => server.close())

const target = () => ({ url: `${server.url}/`, token: TOKEN })
const transactions = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => new Uint8Array((i % 300) + 1).fill(i))

/** The status, and the code and message of the answer. */
const post = (
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  method = 'POST',
): Promise<{ status: number | undefined; code: string; message: string }> =>
  new Promise((resolve, reject) => {
    const sent = request(
      `${server.url}${SUBMIT_PATH}`,
      { method, headers: { 'content-type': SUBMIT_TYPE, authorization: `Bearer ${TOKEN}`, ...headers } },
      response => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => resolve({ status: response.statusCode, ...JSON.parse(text) }))
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })

describe('transactions as bytes', () => {
  it('come in as they were sent, and each is answered in its place', async () => {
    const sent = transactions(700)
    const long = `of ${'€'.repeat(1_000)}`
    answer = transaction =>
      transaction.length % 3 === 0
        ? { accepted: false, code: 'pool_full', message: transaction.length === 6 ? long : 'no room' }
        : { accepted: true, id: ZERO_HASH }
    const results = await submitBytes(target(), sent)
    expect(taken).toEqual([sent])
    expect(results.map(({ accepted }) => accepted)).toEqual(sent.map(({ length }) => length % 3 !== 0))
    expect(results[2]).toEqual({ accepted: false, code: 'pool_full', message: 'no room' })
    const cut = results[5]
    expect(cut?.accepted === false && cut.message).toMatch(/^of €{330,}/)
    expect(errors).toEqual([])
  })

  it('keep no memory of the request: each has its own', async () => {
    await submitBytes(target(), transactions(3))
    for (const transaction of taken.flat()) expect(transaction.buffer.byteLength).toBe(transaction.length)
  })

  it('are refused with a sentence if they are none, too many, or too long', async () => {
    expect(await post(Uint8Array.of(2, 1, 7))).toMatchObject({
      status: 400,
      code: 'bad_input',
      message: expect.stringContaining('the body is no BCS list of transactions'),
    })
    expect(await post(Uint8Array.of(0xd1, 0x0f))).toMatchObject({
      status: 400,
      message: expect.stringContaining(`2001 elements; the limit is ${MAX_SUBMIT}`),
    })
    expect(await post(new Uint8Array(MAX_BODY_BYTES + 1))).toMatchObject({ status: 413, code: 'bad_input' })
    expect(await post(Uint8Array.of(0), { 'content-type': 'application/json' })).toMatchObject({
      status: 415,
      message: expect.stringContaining('/api/transactions/batch'),
    })
    expect(await post(Uint8Array.of(), {}, 'PUT')).toMatchObject({ status: 405 })
    expect(await post(Uint8Array.of(0), { authorization: 'Bearer other' })).toMatchObject({
      status: 401,
      code: 'unauthorized',
    })
    expect([taken, errors]).toEqual([[], []])
  })

  it('of a sender who hangs up are nobody’s fault, over REST neither', async () => {
    for (const [path, type] of [
      [SUBMIT_PATH, SUBMIT_TYPE],
      ['/api/transactions/batch', 'application/json'],
    ] as const) {
      const sent = request(`${server.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': type, 'content-length': 1_000, authorization: `Bearer ${TOKEN}` },
      })
      sent.on('error', () => undefined)
      await new Promise<void>(resolve => sent.write('{', () => resolve()))
      // The server is at its body by now.
      await post(Uint8Array.of(0), {}, 'PUT')
      sent.destroy()
      await post(Uint8Array.of(0), {}, 'PUT')
    }
    await new Promise(resolve => setTimeout(resolve, 50))
    expect([taken, errors]).toEqual([[], []])
  })

  it('end in an error of the client that has the node’s code, or says that there is none', async () => {
    await expect(submitBytes({ url: server.url }, transactions(1))).rejects.toMatchObject({
      name: 'SubmitError',
      code: 'unauthorized',
    })
    await expect(submitBytes({ url: 'http://127.0.0.1:9' }, transactions(1))).rejects.toMatchObject({
      code: 'unreachable',
    })
    const aborted = AbortSignal.abort()
    await expect(submitBytes(target(), transactions(1), aborted)).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
})
