/** Before a node votes: it syncs as far as there is somebody to sync from, and nobody keeps it from voting. */
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { catchUp } from '../../node/catch-up.ts'
import type { Chain } from '../../node/chain/chain.ts'
import type { NetworkPeer, Requests } from '../../node/network/ports.ts'
import { createMemoryDatabase } from '../../node/storage/memory.ts'
import { createSyncHandlers } from '../../node/sync/serve.ts'
import { createEpochChain, openEpochChain } from '../support/epoch-chain.ts'
import { createMemoryRequests, type MemoryPeer } from './sync/memory-requests.ts'

const HEIGHT = 45n
const source = createEpochChain()
source.grow(HEIGHT)
const honest: MemoryPeer = {
  id: 'honest',
  chain: source.chain,
  handlers: createSyncHandlers({ chain: source.chain }),
}

/** Somebody who is a million blocks ahead and gives none of them. */
const withBoaster = (requests: Requests): Requests => {
  const boaster: NetworkPeer = {
    id: 'boaster',
    kind: 'full',
    head: { height: 1_000_000n, hash: source.chain.head.hash },
    keptFrom: 1n,
  }
  return { ...requests, peers: () => [boaster, ...requests.peers()] }
}

const run = async (
  chain: Chain,
  requests: Requests,
  options: Partial<Parameters<typeof catchUp>[0]> = {},
) => {
  const lines: string[] = []
  await catchUp({
    requests,
    chain,
    sink: {
      async commit(blocks, certificate) {
        for (const [i, { bytes }] of blocks.entries()) {
          const { hash } = await chain.check(bytes, () => Promise.resolve(true))
          chain.commit(hash, i === blocks.length - 1 ? certificate : undefined)
        }
      },
    },
    checkpoint: undefined,
    patienceMs: 200,
    logger: pino(
      { level: 'info' },
      { write: line => void lines.push((JSON.parse(line) as { msg: string }).msg) },
    ),
    signal: new AbortController().signal,
    ...options,
  })
  return lines
}

it('a node that is far behind ends near the head of its peers', async () => {
  const chain = openEpochChain(createMemoryDatabase())
  expect(await run(chain, createMemoryRequests([honest]))).toContain('synced')
  expect(chain.head.header.height).toBeGreaterThanOrEqual(HEIGHT - 8n)
})

it('one that is a few blocks behind leaves them to consensus', async () => {
  const near = createEpochChain()
  near.grow(20n)
  const chain = openEpochChain(createMemoryDatabase())
  const peer = { id: 'near', chain: near.chain, handlers: createSyncHandlers({ chain: near.chain }) }
  expect(await run(chain, createMemoryRequests([peer]))).toEqual([])
  expect(chain.head.header.height).toBe(0n)
})

it('a peer that boasts of blocks which it does not give keeps nobody from voting, nor from the blocks of others', async () => {
  const alone = openEpochChain(createMemoryDatabase())
  const lines = await run(alone, withBoaster(createMemoryRequests([])))
  expect(lines).toContain('a sync found no way to the head that peers claim')
  const chain = openEpochChain(createMemoryDatabase())
  await run(chain, withBoaster(createMemoryRequests([honest])))
  expect(chain.head.header.height).toBeGreaterThanOrEqual(HEIGHT - 8n)
})

it('a block that the user trusts and the chain does not have ends it', async () => {
  const chain = openEpochChain(createMemoryDatabase())
  const checkpoint = { height: 12n, hash: source.chain.head.hash }
  await expect(run(chain, createMemoryRequests([honest]), { checkpoint })).rejects.toThrow(/trusted/)
})

it('ends when the node stops', async () => {
  const stop = new AbortController()
  const chain = openEpochChain(createMemoryDatabase())
  const running = run(chain, createMemoryRequests([]), { signal: stop.signal })
  stop.abort()
  await running
})
