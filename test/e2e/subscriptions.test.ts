/** Whoever follows the chain sees every height once and in order, whatever becomes of the connection. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { encodeArguments } from '../../node/abi/values.ts'
import { createApiClient } from '../../node/api/client.ts'
import { parseAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import { toHex } from '../../node/types/primitives.ts'
import type { Action } from '../../node/types/transaction.ts'
import { builtContract } from '../support/built-contract.ts'
import type { TestContract } from '../support/contracts.ts'
import { startCutProxy } from '../support/cut-proxy.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { signedTransaction, type TestAccount, testAccount } from '../support/transactions.ts'

const [deployer, loader] = devAccounts() as readonly TestAccount[] as readonly [TestAccount, TestAccount]
const bob = testAccount('bob').address

let node: RunningNode
let token: TestContract
let tokenAddress: string
let load: Promise<void>
const ending = new AbortController()
/** Heights of the blocks in which the token moved. */
const tokenHeights: bigint[] = []

const send = async (account: TestAccount, nonce: bigint, action: Action, gasLimit: bigint) => {
  const body = { gasLimit, maxFee: 100n, validUntilHeight: 50_000n }
  const { bytes, id } = signedTransaction(account, nonce, action, body)
  await node.client.api.transaction.submit.mutate({ transaction: `0x${toHex(bytes)}` })
  return node.client.api.transaction.wait.query({ id: `0x${toHex(id)}` })
}

/** A block about every 10 ms, each third with an event of the token. */
const runLoad = async (): Promise<void> => {
  const transfer: Action = { kind: 'transfer', to: bob, amount: 1n }
  const args = encodeArguments(token.abi, 'transfer', [bob, 1])
  const contract = parseAddress(tokenAddress)
  const move: Action = { kind: 'call', contract, method: 'transfer', args, value: 0n }
  for (let i = 0n, moves = 1n; !ending.signal.aborted; i++) {
    await send(loader, i, transfer, 400_000n)
    if (i % 3n !== 0n) continue
    const receipt = await send(deployer, moves++, move, 5_000_000n)
    expect(receipt.error).toBe(null)
    tokenHeights.push(BigInt(receipt.height))
  }
}

beforeAll(async () => {
  node = await startTestNode(await temporaryDirectory())
  token = await builtContract('token')
  const args = encodeArguments(token.abi, 'init', ['Token', 'TOK', 0, 1_000_000])
  const deploy: Action = { kind: 'deploy', code: token.code, args, value: 0n, owner: undefined }
  tokenAddress = (await send(deployer, 0n, deploy, 200_000_000n)).created[0] as string
  load = runLoad()
})
afterAll(async () => {
  ending.abort()
  await load
  await node.stop()
  await removeDirectory(node.directory)
})

const headHeight = async (): Promise<bigint> => BigInt((await node.client.api.chain.info.query()).head.height)

const range = (from: bigint, count: number): bigint[] =>
  Array.from({ length: count }, (_, index) => from + BigInt(index))

type Follow = 'blocks' | 'events'

/** A client of its own that takes `count` messages and is gone, in the middle of what the node sends it. */
const follow = async (
  what: Follow,
  count: number,
  input: { fromHeight?: string; lastEventId?: string | undefined },
) => {
  const client = createApiClient({ url: node.node.url })
  const ids: string[] = []
  const heights: bigint[] = []
  const finished = Promise.withResolvers<void>()
  const handlers = {
    onData(message: { id: string; data: { height: string } }) {
      if (ids.length >= count) return
      ids.push(message.id)
      heights.push(BigInt(message.data.height))
      if (ids.length === count) finished.resolve()
    },
    onError: (error: unknown) => finished.reject(error),
  }
  if (what === 'blocks') client.api.subscribe.blocks.subscribe(input, handlers)
  else client.api.subscribe.events.subscribe({ ...input, contract: tokenAddress }, handlers)
  await finished.promise
  client.close()
  return { heights, lastEventId: ids.at(-1) }
}

describe('a subscription', () => {
  it('to blocks starts at the next one', async () => {
    const before = await headHeight()
    const { heights } = await follow('blocks', 5, {})
    expect(heights[0]).toBeGreaterThan(before)
    expect(heights).toEqual(range(heights[0] as bigint, 5))
  })

  it('to blocks gives every height once, over clients that go and come back', async () => {
    const seen: bigint[] = []
    let position: { fromHeight?: string; lastEventId?: string | undefined } = { fromHeight: '0' }
    for (let client = 0; client < 12; client++) {
      const { heights, lastEventId } = await follow('blocks', 1 + (client % 4) * 3, position)
      seen.push(...heights)
      position = { lastEventId }
    }
    expect(seen).toEqual(range(0n, seen.length))
  })

  it('to events gives every block that has some once, over clients that go and come back', async () => {
    const seen: bigint[] = []
    let position: { fromHeight?: string; lastEventId?: string | undefined } = { fromHeight: '0' }
    for (let client = 0; client < 8; client++) {
      const { heights, lastEventId } = await follow('events', 1 + (client % 3), position)
      seen.push(...heights)
      position = { lastEventId }
    }
    // The deploy mints: its block is the first. The load hears of its last one a little later than we do.
    await expect.poll(() => tokenHeights.length).toBeGreaterThanOrEqual(seen.length)
    expect(seen.slice(1)).toEqual(tokenHeights.slice(0, seen.length - 1))
  })

  it('goes on by itself when its connection breaks', async () => {
    const proxy = await startCutProxy(node.node.url)
    const client = createApiClient({ url: proxy.url })
    const heights: bigint[] = []
    client.api.subscribe.blocks.subscribe(
      { fromHeight: '0' },
      { onData: ({ data }) => heights.push(BigInt(data.height)) },
    )
    const isMoving = async () => {
      const before = heights.length
      await expect.poll(() => heights.length, { timeout: 10_000 }).toBeGreaterThan(before + 3)
    }
    for (let cut = 1; cut <= 3; cut++) {
      await isMoving()
      proxy.cut()
    }
    await isMoving()
    expect(proxy.connections).toBeGreaterThan(3)
    client.close()
    await proxy.close()
    expect(heights).toEqual(range(0n, heights.length))
  })

  it('whose client does not read does not stall blocks, and misses nothing', async () => {
    const socket = new WebSocket(`${node.node.url.replace('http', 'ws')}/trpc`)
    await once(socket, 'open')
    const READERS = 20
    const ask = (id: number) =>
      JSON.stringify({
        id,
        method: 'subscription',
        params: { path: 'subscribe.blocks', input: { fromHeight: '0' } },
      })
    for (let id = 1; id <= READERS; id++) socket.send(ask(id))
    socket.pause()
    const before = await headHeight()
    await expect.poll(headHeight, { timeout: 10_000 }).toBeGreaterThan(before + 20n)
    // It catches up once it reads.
    const heights: number[] = []
    socket.on('message', data => {
      const { id, result } = JSON.parse((data as Buffer).toString()) as {
        id: number
        result: { type: string; data: { data: { height: string } } }
      }
      if (id === READERS && result.type === 'data') heights.push(Number(result.data.data.height))
    })
    socket.resume()
    await expect.poll(() => heights.length, { timeout: 20_000 }).toBeGreaterThan(Number(before) + 20)
    socket.terminate()
    expect(heights).toEqual(heights.map((_, index) => index))
  })

  it('over server-sent events too', async () => {
    const input = encodeURIComponent(JSON.stringify({ fromHeight: '0' }))
    const read = async (query: string, count: number): Promise<string[]> => {
      const ends = new AbortController()
      const response = await fetch(`${node.node.url}/trpc/subscribe.blocks?${query}`, {
        headers: { accept: 'text/event-stream' },
        signal: ends.signal,
      })
      let text = ''
      const ids = () => Array.from(text.matchAll(/^id: (\d+)$/gm), ([, id]) => id as string)
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString()
        if (ids().length >= count) break
      }
      ends.abort()
      return ids().slice(0, count)
    }
    expect(await read(`input=${input}`, 4)).toEqual(['0', '1', '2', '3'])
    expect(await read(`input=${input}&lastEventId=3`, 3)).toEqual(['4', '5', '6'])
  })

  it('ends when the node stops', async () => {
    const other = await startTestNode(await temporaryDirectory())
    const client = createApiClient({ url: other.node.url })
    const isStarted = Promise.withResolvers<void>()
    client.api.subscribe.blocks.subscribe(
      {},
      { onStarted: () => isStarted.resolve(), onError: () => undefined },
    )
    await isStarted.promise
    const stopped = await Promise.race([other.stop().then(() => 'stopped'), sleep(5_000, 'late')])
    client.close()
    await removeDirectory(other.directory)
    expect(stopped).toBe('stopped')
    expect(other.fatal).toEqual([])
  })
})
