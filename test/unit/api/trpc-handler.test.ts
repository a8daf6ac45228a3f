/** Calls that are answered without tRPC's adapter (trpc-handler.ts, direct-call.ts), held against it, byte by byte, over the whole router. */
import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  request as ask,
  type RequestListener,
  type Server,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { ApiBackend, SubmitResult } from '../../../node/api/backend.ts'
import { MAX_BODY_BYTES } from '../../../node/api/limits.ts'
import { answer } from '../../../node/api/route.ts'
import { apiRouter } from '../../../node/api/router.ts'
import { query, router } from '../../../node/api/trpc.ts'
import { createAdapter, createTrpcHandler, type TrpcOptions } from '../../../node/api/trpc-handler.ts'
import { Chain } from '../../../node/chain/chain.ts'
import { LightQueries } from '../../../node/chain/light-queries.ts'
import { ChainQueries } from '../../../node/chain/queries.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { QueryError } from '../../../node/execution/query.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { type Address, toAddress, toHex } from '../../../node/types/primitives.ts'
import { parseTransaction } from '../../../node/types/transaction.ts'
import { createVm } from '../../../vm/vm.ts'
import { keptContracts } from '../../determinism/contracts.ts'
import { historyGenesis, runHistory } from '../../determinism/history.ts'

interface Sent {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** As the server asks it. */
const createPlain = (options: TrpcOptions): RequestListener => {
  const handler = createTrpcHandler(options)
  return (request, response) =>
    void (handler.plain(request, response, {}) || handler.other(request, response))
}

interface Told {
  readonly error: string
  readonly path: string | undefined
}

const servers: Server[] = []
const listen = async (make: (options: TrpcOptions) => RequestListener, backend: ApiBackend) => {
  const told: Told[] = []
  const server = createServer(
    make({
      router: apiRouter,
      context: { backend, hasMetrics: true, pace: async () => {} },
      root: '/trpc',
      onError: ({ error, path }) => told.push({ error: `${error.code}: ${error.message}`, path }),
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  const { port } = server.address() as AddressInfo
  const send = async ({ method = 'POST', path, headers = {}, body = '' }: Sent) => {
    const sent = ask({
      port,
      method,
      path: `/trpc/${path}`,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        host: 'node',
        ...headers,
      },
    })
    sent.end(body)
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    const { date: _date, 'content-length': length, 'transfer-encoding': coding, ...rest } = answer.headers
    const isWhole = length !== undefined
    const given = await text(answer)
    if (isWhole) expect(length).toBe(String(Buffer.byteLength(given)))
    else expect(coding).toBe('chunked')
    return {
      isWhole,
      answer: { status: answer.statusCode, headers: rest, body: given },
      told: told.splice(0),
    }
  }
  return send
}

type Send = Awaited<ReturnType<typeof listen>>
let plain: Send
let reference: Send
/** Inputs by procedure, most of them good. */
let samples: Readonly<Record<string, readonly (object | undefined)[]>>

const failure = (code: 'reverted' | 'trapped') => ({
  kind: code === 'reverted' ? ('reverted' as const) : ('failed' as const),
  code,
  message: 'it went wrong',
  data: Uint8Array.of(1, 2, 3),
  gasUsed: 7n,
})
const VIEWS: Readonly<Record<string, () => unknown>> = {
  good: () => ({ outcome: { kind: 'returned', data: Uint8Array.of(9), gasUsed: 5n }, logs: ['é ☃ \u2028'] }),
  reverts: () => ({ outcome: failure('reverted'), logs: [], failure: undefined }),
  fails: () => ({ outcome: failure('trapped'), logs: [], failure: undefined }),
  late: () => {
    throw new QueryError('time_limit', 'the call ran for 5 s and was stopped')
  },
  busy: () => {
    throw new QueryError('busy', 'too many queries wait')
  },
  breaks: () => {
    throw new TypeError('a secret of the node')
  },
}

const madeUpContracts = {
  view: async ({ method }: { method: string }) => (VIEWS[method] as () => unknown)(),
  simulate: async () => ({
    simulation: { kind: 'refused', refusal: { code: 'expired', message: 'it is late' } },
  }),
  trace: async () => ({ kind: 'no_history', message: 'the state before the block is not kept' }),
}

const openChain = (): { backend: ApiBackend; samples: typeof samples } => {
  const db = createMemoryDatabase()
  runHistory(keptContracts(), db)
  const chain = Chain.open({ db, genesis: historyGenesis(), vm: createVm() })
  const queries = new ChainQueries(chain)
  const { height } = chain.head.header
  const found = chain.store.blockByHeight(height)?.block.transactions.map(parseTransaction) ?? []
  const [waiting] = found
  if (waiting === undefined) throw new Error('the last block is empty')
  const submitted: SubmitResult[] = [
    { accepted: true, id: waiting.id },
    { accepted: false, code: 'stopping', message: 'the node is stopping' },
  ]
  const backend = {
    chain,
    queries,
    light: new LightQueries(chain, db),
    contracts: madeUpContracts,
    version: 'test',
    submit: async (given: readonly Uint8Array[]) => given.map(({ length }) => submitted[length % 2]),
    pendingTransaction: () => waiting,
    pendingTransactions: () => [waiting],
    pendingNonce: () => 3n,
    warnings: () => [{ code: 'clock', message: 'it is late' }],
    peers: () => [],
    networkPlace: () => undefined,
    reasonsNotReady: () => [],
    resources: async () => ({ memoryBytes: 1, databaseBytes: 2, freeBytes: 3, uptimeMs: 4 }),
    poolStats: () => ({ transactions: 1, bytes: 2 }),
    onCommit: () => () => undefined,
    stopping: new AbortController().signal,
  } as unknown as ApiBackend

  const id = `0x${toHex(waiting.id)}`
  const unknown = `0x${'ab'.repeat(32)}`
  const address = formatAddress(waiting.sender)
  const created = chain.store.receipts(1n).flatMap(receipt => receipt.created)
  const contract = formatAddress(created[0] as Address)
  const validator = formatAddress(chain.genesis.validators[0]?.address as Address)
  const action = { kind: 'transfer', to: address, amount: '1' }
  return {
    backend,
    samples: {
      'fees.history': [undefined, { limit: 3 }, { limit: 0 }],
      'mempool.list': [undefined, { limit: 1 }, { limit: 'one' }],
      'block.get': [{ tag: 'latest' }, { height: '7' }, { height: '99999' }, { hash: unknown }],
      'block.list': [{}, { limit: 2 }, { limit: -1 }],
      'block.receipts': [{ height: 5 }, { height: '99999' }],
      'account.get': [{ address }, { address: contract }, { address: `${address}q` }],
      'account.nonce': [{ address }],
      'transaction.get': [{ id }, { id: unknown }, { id: '0x12' }],
      'transaction.decoded': [{ id }, { id: unknown }],
      'transaction.list': [
        { by: { sender: address } },
        { by: { party: contract }, limit: 2, order: 'oldest' },
      ],
      'transaction.receipt': [{ id }, { id: unknown }],
      'transaction.wait': [{ id }, { id: unknown, timeoutMs: 1 }],
      'transaction.submit': [{ transaction: '0x0102' }, { transaction: '0x01' }, { transaction: '0x0' }],
      'transaction.submitMany': [{ transactions: ['0x01', '0x0102'] }, { transactions: [] }],
      'transaction.simulate': [{ sender: address, action }],
      'transaction.trace': [{ id }, { id: unknown }],
      'contract.list': [{}, { limit: 1 }, { limit: 0 }],
      'contract.get': [{ contract }, { contract: address }],
      'contract.storage': [{ contract }, { contract, limit: 1 }, { contract, cursor: '0xzz' }],
      'contract.abi': [{ contract }, { contract: address }],
      'contract.view': Object.keys(VIEWS).map(method => ({ contract, method, args: '0x00' })),
      'staking.validators': [undefined, { limit: 1 }],
      'staking.validator': [{ address: validator }, { address: contract }],
      'staking.account': [{ address: validator }],
      'staking.epoch': [undefined, { epoch: '999' }],
      'staking.leaders': [undefined, { count: 2 }],
      'light.header': [undefined, { height: '99999' }],
      'light.handOver': [{ epoch: '0' }, { epoch: '999' }],
      'light.inclusion': [{ id }, { id: unknown }],
      'light.account': [{ address }, {}],
      'light.storage': [{ contract, key: '0x00' }],
    },
  }
}

beforeAll(async () => {
  const opened = openChain()
  ;({ samples } = opened)
  plain = await listen(createPlain, opened.backend)
  reference = await listen(createAdapter, opened.backend)
})
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

const expectSame = async (sent: Sent) => {
  const [given, expected] = await Promise.all([plain(sent), reference(sent)])
  expect(given.answer, JSON.stringify(sent).slice(0, 200)).toEqual(expected.answer)
  expect(given.told).toEqual(expected.told)
  return given
}

const procedures = Object.entries(
  apiRouter._def.procedures as unknown as Record<
    string,
    { _def: { type: string; inputs: readonly unknown[] } }
  >,
).filter(([, { _def }]) => _def.type !== 'subscription')

/** Whatever an input has to be. */
const STRANGE_BODIES = [
  '',
  'null',
  '[]',
  '7',
  '"text"',
  '{}',
  '{"stranger":1}',
  '{"address":"vex1"}',
  '{',
  'a procedure',
  '\ufeff{}',
  '\ufeff',
  '{"__proto__":{"limit":1}}',
  Uint8Array.of(0x22, 0xff, 0xc3, 0x28, 0xe2, 0x82, 0x22),
]

/** Nobody voted on this chain, and what simulates and traces is made up. */
const ALWAYS_FAIL = [
  'light.header',
  'light.handOver',
  'light.inclusion',
  'transaction.simulate',
  'transaction.trace',
]

describe.each(procedures)('%s', (path, { _def }) => {
  it('is answered as by the adapter, whatever it is given', async () => {
    for (const body of STRANGE_BODIES) expect((await expectSame({ path, body })).isWhole).toBe(true)
  })

  it('is answered as by the adapter where it succeeds and fails', async () => {
    const given = _def.inputs.length === 0 ? [undefined] : samples[path]
    const statuses = new Set<number | undefined>()
    for (const input of given ?? []) {
      const { answer, isWhole } = await expectSame({
        path,
        body: input === undefined ? '' : JSON.stringify(input),
      })
      expect(isWhole).toBe(true)
      statuses.add(answer.status)
    }
    expect(statuses.has(200), [...statuses].join()).toBe(!ALWAYS_FAIL.includes(path))
  })
})

describe('what is no plain call', () => {
  const path = 'chain.info'
  it.each<[string, Sent]>([
    ['a GET', { method: 'GET', path }],
    ['a GET with an input', { method: 'GET', path: 'block.get?input=%7B%22tag%22%3A%22latest%22%7D' }],
    ['a PUT', { method: 'PUT', path }],
    ['a batch', { path: `${path},${path}?batch=1`, body: '{}' }],
    ['a batch of one', { path: `${path}?batch=1`, body: '{}' }],
    ['an address with a query', { path: `${path}?x=1` }],
    ['connection parameters', { path: `${path}?connectionParams=7` }],
    ['a slash at the end', { path: `${path}/` }],
    ['an escape', { path: 'chain%2einfo' }],
    ['a broken escape', { path: 'chain.%zz' }],
    ['no such procedure', { path: 'chain.nothing' }],
    ['a name of every object', { path: 'constructor' }],
    ['another media type', { path, headers: { 'content-type': 'text/plain' } }],
    ['a form', { path, headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' }],
    [
      'a parameter of the media type',
      { path, headers: { 'content-type': 'application/json; charset=utf-8' } },
    ],
    ['capitals in the media type', { path, headers: { 'content-type': 'Application/JSON' } }],
    ['a stream', { path, headers: { 'trpc-accept': 'application/jsonl' } }],
    ['a stream, as HTTP asks for it', { path, headers: { accept: 'text/html, application/jsonl' } }],
    ['a host that is none', { path, headers: { host: 'node:99999' } }],
    ['a subscription', { path: 'subscribe.blocks', body: '{"fromHeight":"x"}' }],
  ])('%s is answered as by the adapter', async (_, sent) => {
    expect((await expectSame(sent)).answer.body).not.toBe('')
  })

  it('leaves a body that is too large to the adapter', async () => {
    const { answer, isWhole } = await plain({ path: 'block.get', body: 'x'.repeat(MAX_BODY_BYTES + 1) })
    expect([answer.status, isWhole]).toEqual([413, false])
  })
})

it('says to a procedure when its caller has left, and to none that the answer was sent', async () => {
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<AbortSignal>()
  const waiting = router({
    wait: query.output(answer(z.null())).query(async ({ signal }) => {
      if (signal === undefined) throw new Error('there is no signal')
      onAsked(signal)
      await once(signal, 'abort')
      return null
    }),
  })
  const server = createServer(
    createPlain({
      router: waiting,
      context: { backend: {} as ApiBackend, hasMetrics: true, pace: async () => {} },
      root: '/trpc',
      onError: () => undefined,
    }),
  )
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sent = ask({
    port: (server.address() as AddressInfo).port,
    method: 'POST',
    path: '/trpc/wait',
    headers: { 'content-type': 'application/json', 'content-length': 0 },
  })
  sent.on('error', () => undefined)
  sent.end()
  const signal = await asked
  expect(signal.aborted).toBe(false)
  sent.destroy()
  if (!signal.aborted) await once(signal, 'abort')
  expect(signal.aborted).toBe(true)
})

it('runs a view once for all who ask it at one head, and again at the next, or where it failed', async () => {
  const ran: string[] = []
  const chain = { head: { header: {} } }
  const contracts = {
    view: async (asked: { method: string }) => {
      ran.push(asked.method)
      return (VIEWS[asked.method] as () => unknown)()
    },
  }
  const send = await listen(createPlain, { chain, contracts } as unknown as ApiBackend)
  const contract = formatAddress(toAddress(new Uint8Array(32)))
  const ask = async (method: string) =>
    (await send({ path: 'contract.view', body: JSON.stringify({ contract, method }) })).answer.body
  const first = await ask('good')
  expect(first).toContain('"returnData":"0x09"')
  expect([await ask('good'), await ask('good')]).toEqual([first, first])
  expect(ran.splice(0)).toEqual(['good'])
  expect(await ask('reverts')).toEqual(await ask('reverts'))
  expect(ran.splice(0)).toEqual(['reverts', 'reverts'])
  chain.head = { header: {} }
  expect(await ask('good')).toEqual(first)
  expect(ran.splice(0)).toEqual(['good'])
})

it('answers also where it cannot be told whether it knows the answer', async () => {
  const chain = {
    get head(): never {
      throw new Error('there is no head')
    },
  }
  const send = await listen(createPlain, { chain, contracts: {} } as unknown as ApiBackend)
  const body = JSON.stringify({ contract: formatAddress(toAddress(new Uint8Array(32))), method: 'good' })
  const { answer, told } = await send({ path: 'contract.view', body })
  expect(answer.status).toBe(500)
  expect(told).toEqual([{ error: 'INTERNAL_SERVER_ERROR: there is no head', path: 'contract.view' }])
})

it('does not remember what was found at a head that is gone', async () => {
  const chain = { head: { header: {} } }
  let ran = 0
  const contracts = {
    view: async () => {
      if (ran++ === 0) chain.head = { header: {} }
      return (VIEWS['good'] as () => unknown)()
    },
  }
  const send = await listen(createPlain, { chain, contracts } as unknown as ApiBackend)
  const body = JSON.stringify({ contract: formatAddress(toAddress(new Uint8Array(32))), method: 'good' })
  for (let i = 0; i < 3; i++) await send({ path: 'contract.view', body })
  expect(ran).toBe(2)
})
