/** The server on a chain that is made up: one block at every height, as many as a test wants. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { ApiBackend } from '../../../node/api/backend.ts'
import { createApiClient } from '../../../node/api/client.ts'
import { type ApiServer, startApiServer } from '../../../node/api/server.ts'
import type { CommittedBlock } from '../../../node/execution/blocks.ts'
import { genesisBlock } from '../../../node/chain/genesis.ts'
import { devGenesis } from '../../../node/dev.ts'
import { blockHash } from '../../../node/types/block.ts'
import { toHex, ZERO_HASH } from '../../../node/types/primitives.ts'
import { createValidatorKeys } from '../../../node/validator-keys.ts'
import { TEST_CHAIN_ID } from '../../support/transactions.ts'

const genesis = devGenesis(createValidatorKeys(), 0n, TEST_CHAIN_ID)
const first = genesisBlock(genesis, ZERO_HASH)

interface MadeUpChain {
  readonly backend: ApiBackend
  /** How many blocks were read. */
  reads: number
  readonly listeners: Set<(block: CommittedBlock) => void>
  stop(): void
  commit(): void
}

const madeUpChain = (height: bigint): MadeUpChain => {
  const stopping = new AbortController()
  const listeners = new Set<(block: CommittedBlock) => void>()
  const head = { hash: ZERO_HASH, header: { ...first.header, height } }
  const chain = {
    genesis,
    head,
    store: {
      blockByHeight(at: bigint) {
        made.reads++
        const header = { ...first.header, height: at }
        return { hash: blockHash(header), block: { header, transactions: [] } }
      },
      certificate: () => undefined,
      transactionPlace: () => undefined,
      receipts: () => [],
    },
  }
  const backend: Partial<ApiBackend> = {
    chain: chain as never,
    queries: { nextHeight: () => head.header.height + 1n } as never,
    version: 'test',
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stopping: stopping.signal,
  }
  const made: MadeUpChain = {
    backend: backend as ApiBackend,
    reads: 0,
    listeners,
    stop: () => stopping.abort(),
    commit() {
      for (const listener of listeners) listener({} as CommittedBlock)
    },
  }
  return made
}

let made: MadeUpChain
let server: ApiServer
const errors: unknown[] = []
const start = async (height: bigint): Promise<void> => {
  made = madeUpChain(height)
  server = await startApiServer({
    backend: made.backend,
    host: '127.0.0.1',
    port: 0,
    onError: error => errors.push(error),
  })
}
beforeEach(() => start(0n))
afterEach(async () => {
  made.stop()
  await server.close()
  expect(errors.splice(0)).toEqual([])
})

const openSocket = async (): Promise<WebSocket> => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/trpc`)
  await once(socket, 'open')
  return socket
}

const subscribe = (id: number, fromHeight?: string): string =>
  JSON.stringify({ id, method: 'subscription', params: { path: 'subscribe.blocks', input: { fromHeight } } })

describe('a client that does not read', () => {
  beforeEach(async () => {
    made.stop()
    await server.close()
    await start(100_000n)
  })

  it('is sent no more than lies in a few buffers, and holds nobody up', async () => {
    const socket = await openSocket()
    socket.pause()
    socket.send(subscribe(1, '0'))
    // What is sent goes on for a while: the system's buffers take some megabytes too.
    let longestMs = 0
    for (let i = 0, before = performance.now(); i < 60; i++) {
      await sleep(10)
      const now = performance.now()
      longestMs = Math.max(longestMs, now - before)
      before = now
    }
    await expect
      .poll(
        async () => {
          const { reads } = made
          await sleep(100)
          return made.reads - reads
        },
        { timeout: 20_000 },
      )
      .toBe(0)
    const answer = await fetch(`${server.url}/health`)
    expect(answer.status).toBe(200)
    expect(longestMs).toBeLessThan(1_000)
    const messageBytes = 900
    expect(made.reads * messageBytes).toBeLessThan(32 * 1024 * 1024)
    socket.terminate()
  })
})

describe('what is dropped', () => {
  const COUNT = 500

  it('leaves no listener behind: waits over HTTP', async () => {
    const ends = new AbortController()
    const client = createApiClient({ url: server.url })
    const waits = Array.from({ length: COUNT }, () =>
      client.api.transaction.wait
        .query({ id: `0x${toHex(ZERO_HASH)}` }, { signal: ends.signal })
        .catch(() => 'dropped'),
    )
    await expect.poll(() => made.listeners.size, { timeout: 10_000 }).toBe(COUNT)
    ends.abort()
    expect(new Set(await Promise.all(waits))).toEqual(new Set(['dropped']))
    await expect.poll(() => made.listeners.size, { timeout: 10_000 }).toBe(0)
    client.close()
  })

  it('leaves no listener behind: subscriptions, whether stopped or cut off', async () => {
    const stopped = await openSocket()
    const cut = await openSocket()
    for (let id = 1; id <= COUNT; id++) {
      stopped.send(subscribe(id))
      cut.send(subscribe(id))
    }
    await expect.poll(() => made.listeners.size, { timeout: 10_000 }).toBe(2 * COUNT)
    for (let id = 1; id <= COUNT; id++) stopped.send(JSON.stringify({ id, method: 'subscription.stop' }))
    await expect.poll(() => made.listeners.size, { timeout: 10_000 }).toBe(COUNT)
    cut.terminate()
    await expect.poll(() => made.listeners.size, { timeout: 10_000 }).toBe(0)
    stopped.terminate()
  })

  it('leaves no listener behind: waits that end by themselves', async () => {
    const client = createApiClient({ url: server.url })
    const id = `0x${toHex(ZERO_HASH)}`
    const waits = Array.from({ length: 50 }, () =>
      client.api.transaction.wait.query({ id, timeoutMs: 300 }).catch((error: Error) => error.message),
    )
    await expect.poll(() => made.listeners.size).toBe(50)
    made.commit()
    await expect.poll(() => made.listeners.size).toBe(50)
    expect(await waits[0]).toMatch(/not final after 300 ms/)
    await Promise.all(waits)
    expect(made.listeners.size).toBe(0)
    client.close()
  })
})

describe('a connection that nobody uses', () => {
  it('is kept for longer than a proxy keeps it', async () => {
    const { headers } = await fetch(`${server.url}/health`)
    expect(Number(/timeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1])).toBeGreaterThan(60)
  })
})

describe('a request', () => {
  it('is counted, whatever it asks for, and however often a connection does', async () => {
    expect(server.requests).toBe(0)
    await fetch(`${server.url}/health`)
    await fetch(`${server.url}/trpc/chain.head`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    })
    await fetch(`${server.url}/nowhere`)
    expect(server.requests).toBe(3)
  })
})

describe('a server that closes', () => {
  it('does not wait for sockets that say nothing, half requests or followers', async () => {
    const { hostname, port } = new URL(server.url)
    const silent = connect(Number(port), hostname)
    const half = connect(Number(port), hostname)
    for (const socket of [silent, half]) socket.resume().on('error', () => undefined)
    await Promise.all([once(silent, 'connect'), once(half, 'connect')])
    half.write('POST /trpc/chain.info HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{')
    const others = [silent, half].map(socket => once(socket, 'close'))
    const follower = await openSocket()
    follower.send(subscribe(1))
    await expect.poll(() => made.listeners.size).toBe(1)
    const startedMs = performance.now()
    made.stop()
    await server.close()
    expect(performance.now() - startedMs).toBeLessThan(2_000)
    await Promise.all(others)
    await start(0n)
  })
})
