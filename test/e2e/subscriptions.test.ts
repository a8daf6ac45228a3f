/** Whoever follows the chain sees every height once and in order, whatever becomes of the connection. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { encodeArguments } from '../../node/abi/values.ts'
import { createApiClient } from '../../node/api/client.ts'
import { formatAddress, parseAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import { toHex } from '../../node/types/primitives.ts'
import type { Action } from '../../node/types/transaction.ts'
import { builtContract } from '../support/built-contract.ts'
import type { TestContract } from '../support/contracts.ts'
import { startCutProxy } from '../support/cut-proxy.ts'
import { readEvents } from '../support/event-source.ts'
import { inForm } from '../support/form.ts'
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

const range = (from: bigint, count: number): bigint[] =>
  Array.from({ length: count }, (_, index) => from + BigInt(index))

const BURST = 3n
const KILLS = inForm(60, 200)

/** So many that most of them share a block. */
const sendBurst = async (nonce: bigint, action: Action): Promise<void> => {
  const signed = range(nonce, Number(BURST)).map(each =>
    signedTransaction(loader, each, action, { gasLimit: 400_000n, maxFee: 100n, validUntilHeight: 50_000n }),
  )
  const { api } = node.client
  await api.transaction.submitMany.mutate({ transactions: signed.map(({ bytes }) => `0x${toHex(bytes)}`) })
  await api.transaction.wait.query({ id: `0x${toHex(signed.at(-1)?.id ?? new Uint8Array(32))}` })
}

/** Blocks some 10 ms apart, each third with an event of the token. */
const runLoad = async (): Promise<void> => {
  const transfer: Action = { kind: 'transfer', to: bob, amount: 1n }
  const args = encodeArguments(token.abi, 'transfer', [bob, 1])
  const contract = parseAddress(tokenAddress)
  const move: Action = { kind: 'call', contract, method: 'transfer', args, value: 0n }
  for (let i = 0n, moves = 1n; !ending.signal.aborted; i++) {
    await sendBurst(i * BURST, transfer)
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

/** Server-sent events as a browser follows them: back with the last id after every break. */
const keepFollowing = (url: string, signal: AbortSignal) => {
  const ids: string[] = []
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        for await (const { id = '' } of readEvents(url, { lastEventId: ids.at(-1), signal })) ids.push(id)
      } catch {
        await sleep(1)
      }
    }
  }
  return { ids, ended: run() }
}

/** What the streams must have given, read off the chain block by block. */
const placesUntil = async (until: bigint) => {
  const transactions: string[] = []
  const events: string[] = []
  for (const height of range(0n, Number(until) + 1).map(String)) {
    let index = 0
    for (const receipt of await node.client.api.block.receipts.query({ height })) {
      transactions.push(`${height}-${receipt.index}`)
      for (const event of receipt.events) {
        if (event.contract === tokenAddress) events.push(`${height}-${receipt.index}-${index}`)
        index++
      }
    }
  }
  return { transactions, events }
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
    // What was on its way before the last cut may have been enough to move.
    await expect.poll(() => proxy.connections).toBeGreaterThan(3)
    client.close()
    await proxy.close()
    expect(heights).toEqual(range(0n, heights.length))
  })

  it(`loses nothing and gives nothing twice while its socket is killed at random ${KILLS} times`, async () => {
    const proxy = await startCutProxy(node.node.url)
    const client = createApiClient({ url: proxy.url })
    const from = { fromHeight: '0' }
    const seen: Record<string, string[]> = { blocks: [], transactions: [], events: [] }
    client.api.subscribe.blocks.subscribe(from, { onData: ({ id }) => seen['blocks']?.push(id) })
    client.api.subscribe.transactions.subscribe(from, { onData: ({ id }) => seen['transactions']?.push(id) })
    client.api.subscribe.events.subscribe(
      { ...from, contract: tokenAddress },
      {
        onData: ({ data }) => {
          for (const event of data.events)
            seen['events']?.push(`${data.height}-${event.transactionIndex}-${event.index}`)
        },
      },
    )
    const stop = new AbortController()
    const kept = keepFollowing(`${proxy.url}/api/streams/transactions?fromHeight=0`, stop.signal)

    let seed = 200
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(random() * 60)
      proxy.cut()
    }
    // On a busy machine blocks are few, and clients that are cut off all the time get none: until there are enough.
    const inMiddle = () => seen['transactions']?.filter(id => !id.endsWith('-0')).length ?? 0
    await expect
      .poll(() => inMiddle() > 100 && (seen['events']?.length ?? 0) > 10, { timeout: 60_000 })
      .toBe(true)
    const until = await headHeight()
    // What a block holds comes one by one: it is all there when the next block's begins.
    const isThere = (ids: readonly string[] = []) => BigInt(ids.at(-1)?.split('-')[0] ?? 0) > until
    await expect
      .poll(() => [seen['blocks'], seen['transactions'], kept.ids].every(isThere), { timeout: 30_000 })
      .toBe(true)
    await expect
      .poll(async () => isThere(seen['events']) || (await headHeight()) > until + 20n, { timeout: 30_000 })
      .toBe(true)
    stop.abort()
    client.close()
    await kept.ended
    expect(proxy.connections).toBeGreaterThan(KILLS / 2)
    await proxy.close()

    const truth = await placesUntil(until)
    const upTo = (ids: readonly string[] = []) => ids.filter(id => BigInt(id.split('-')[0] ?? 0) <= until)
    expect(upTo(seen['blocks'])).toEqual(range(0n, Number(until) + 1).map(String))
    expect(upTo(seen['transactions'])).toEqual(truth.transactions)
    expect(upTo(kept.ids)).toEqual(truth.transactions)
    expect(upTo(seen['events'])).toEqual(truth.events)
    expect(truth.events.length).toBeGreaterThan(10)
    expect(truth.transactions.filter(id => !id.endsWith('-0')).length).toBeGreaterThan(100)
  }, 120_000)

  it('goes on at another start of the node where it was: the cursor is the client’s alone', async () => {
    const directory = await temporaryDirectory()
    const first = await startTestNode(directory)
    const { api } = first.client
    const pay: Action = { kind: 'transfer', to: bob, amount: 1n }
    const waitFor = async (running: RunningNode, nonce: bigint) => {
      const { bytes, id } = signedTransaction(loader, nonce, pay, { gasLimit: 400_000n })
      await running.client.api.transaction.submit.mutate({ transaction: `0x${toHex(bytes)}` })
      await running.client.api.transaction.wait.query({ id: `0x${toHex(id)}` })
    }
    for (let nonce = 0n; nonce < 3n; nonce++) await waitFor(first, nonce)
    const { transactions } = await api.transaction.list.query({
      by: { sender: formatAddress(loader.address) },
      order: 'oldest',
      limit: 2,
    })
    const [, second] = transactions
    const lastEventId = `${second?.height}-${second?.index}`
    await first.stop()
    const again = await startTestNode(directory)
    await waitFor(again, 3n)
    const kept: string[] = []
    for await (const event of readEvents(`${again.node.url}/api/streams/transactions`, { lastEventId })) {
      kept.push((JSON.parse(event.data) as { nonce: string }).nonce)
      if (kept.length === 2) break
    }
    expect(kept).toEqual(['2', '3'])
    await again.stop()
    await removeDirectory(directory)
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
