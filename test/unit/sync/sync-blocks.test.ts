/** A second chain made of what peers give: executed, block by block, and committed. */
import { describe, expect, it } from 'vitest'
import type { Chain } from '../../../node/chain/chain.ts'
import type { Requests } from '../../../node/network/ports.ts'
import { COLUMNS } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { verifyNative } from '../../../node/crypto/ed25519.ts'
import { blocksAnswerCodec } from '../../../node/sync/messages.ts'
import { createSyncHandlers } from '../../../node/sync/serve.ts'
import { type BlockSink, syncBlocks, type SyncProgress } from '../../../node/sync/sync-blocks.ts'
import { toHash } from '../../../node/types/primitives.ts'
import { createEpochChain, EPOCH_BLOCKS, openEpochChain } from '../../support/epoch-chain.ts'
import { createMemoryRequests, type MemoryPeer } from './memory-requests.ts'

const HEIGHT = 30n
const source = createEpochChain()
source.grow(HEIGHT)

const honest = (id: string): MemoryPeer => ({
  id,
  chain: source.chain,
  handlers: createSyncHandlers({ chain: source.chain }),
})
const liar: MemoryPeer = {
  ...honest('liar'),
  give: (name, answer) => {
    if (name !== 'blocks') return answer
    const { firstBytes, blocks } = blocksAnswerCodec.decode(answer)
    return blocksAnswerCodec.encode({
      firstBytes,
      blocks: blocks.map(block => block.map((byte, i) => (i === block.length - 1 ? byte ^ 1 : byte))),
    })
  },
}

/** As final-blocks.ts does it; or with every leader's proof verified once more. */
const sinkOf = (chain: Chain, isProofVerified = false): BlockSink => ({
  async commit(blocks, certificate) {
    for (const [i, { hash: final, bytes }] of blocks.entries()) {
      const { hash } = await chain.check(
        bytes,
        async transactions =>
          transactions.every(({ transaction, id }) =>
            verifyNative(transaction.body.sender, id, transaction.signature),
          ),
        isProofVerified ? undefined : final,
      )
      chain.commit(hash, i === blocks.length - 1 ? certificate : undefined)
    }
  },
})
const signal = new AbortController().signal

describe('an empty node', () => {
  it('has the same state, blocks, receipts and hand-overs as its peers after it has caught up', async () => {
    const db = createMemoryDatabase()
    const chain = openEpochChain(db)
    const requests = createMemoryRequests([honest('a'), liar, honest('b')])
    const heard: SyncProgress[] = []
    const onProgress = (progress: SyncProgress) => heard.push(progress)
    const result = await syncBlocks({
      requests,
      chain,
      sink: sinkOf(chain),
      nearBlocks: 0n,
      onProgress,
      signal,
    })
    expect(result).toEqual({ height: HEIGHT })
    expect(chain.head).toEqual(source.chain.head)
    for (const column of [COLUMNS.state, COLUMNS.blocks, COLUMNS.receipts, COLUMNS.boundaryHeaders])
      expect(db.range(column, {})).toEqual(source.db.range(column, {}))
    for (let height = EPOCH_BLOCKS; height <= HEIGHT; height += EPOCH_BLOCKS)
      expect(chain.store.certificate(height)).toEqual(source.chain.store.certificate(height))
    expect(chain.store.certificate(HEIGHT)).toEqual(source.chain.store.certificate(HEIGHT))
    chain.verifyState()
    expect(heard.at(-1)).toMatchObject({ height: HEIGHT, target: HEIGHT })
    // It is asked for something else first, and may not get to lie before all is there.
    if (requests.asked.includes('blocks of liar'))
      expect(requests.reports).toEqual([expect.stringMatching(/^invalid of liar: blocks up to \d+: /)])
  })

  it('has the same database whether it verifies the proofs of leaders again or not', async () => {
    const databases = []
    for (const isProofVerified of [true, false]) {
      const db = createMemoryDatabase()
      const chain = openEpochChain(db)
      const sink = sinkOf(chain, isProofVerified)
      const requests = createMemoryRequests([honest('a')])
      await syncBlocks({ requests, chain, sink, nearBlocks: 0n, signal })
      expect(chain.head).toEqual(source.chain.head)
      databases.push(Object.values(COLUMNS).map(column => db.range(column, {})))
    }
    expect(databases[0]?.flat().length).toBeGreaterThan(100)
    expect(databases[1]).toEqual(databases[0])
  })

  it('goes on where it was stopped: in the middle of an epoch, and at its end', async () => {
    const db = createMemoryDatabase()
    for (const stopAt of [6n, 12n, 13n]) {
      const chain = openEpochChain(db)
      const stopping = new AbortController()
      const sink = sinkOf(chain)
      const stopped: BlockSink = {
        async commit(blocks, certificate) {
          for (const [i, block] of blocks.entries()) {
            if (chain.head.header.height >= stopAt) return stopping.abort()
            await sink.commit([block], i === blocks.length - 1 ? certificate : undefined)
          }
        },
      }
      const sync = syncBlocks({
        requests: createMemoryRequests([honest('a')]),
        chain,
        sink: stopped,
        nearBlocks: 0n,
        signal: stopping.signal,
      })
      await expect(sync).rejects.toMatchObject({ name: 'SyncError', code: 'aborted' })
      expect(chain.head.header.height).toBe(stopAt)
    }
    const chain = openEpochChain(db)
    await syncBlocks({
      requests: createMemoryRequests([honest('a')]),
      chain,
      sink: sinkOf(chain),
      nearBlocks: 0n,
      signal,
    })
    expect(chain.head).toEqual(source.chain.head)
  })

  it('follows a chain that grows meanwhile, with peers that come and go', async () => {
    const growing = createEpochChain()
    growing.grow(9n)
    const peer = (id: string): MemoryPeer => ({
      id,
      chain: growing.chain,
      handlers: createSyncHandlers({ chain: growing.chain }),
    })
    const [a, b] = [createMemoryRequests([peer('a')]), createMemoryRequests([peer('b')])]
    let asked = 0
    const requests: Requests = {
      peers: () => (asked % 7 < 4 ? a.peers() : b.peers()),
      request: (id, ...rest) =>
        asked++ % 5 === 4 ? a.request('gone', ...rest) : (id === 'a' ? a : b).request(id, ...rest),
      report: () => {},
    }
    const chain = openEpochChain(createMemoryDatabase())
    const sink = sinkOf(chain)
    const growingSink: BlockSink = {
      async commit(blocks, certificate) {
        if (growing.chain.head.header.height < 22n) growing.grow(growing.chain.head.header.height + 2n)
        await sink.commit(blocks, certificate)
      },
    }
    await syncBlocks({ requests, chain, sink: growingSink, nearBlocks: 0n, signal })
    expect(growing.chain.head.header.height).toBeGreaterThanOrEqual(13n)
    expect(chain.head).toEqual(growing.chain.head)
  })

  it('is told what its own chain refuses, and commits nothing beyond it', async () => {
    const chain = openEpochChain(createMemoryDatabase())
    const sink = sinkOf(chain)
    const failing: BlockSink = {
      commit: (blocks, certificate) =>
        chain.head.header.height >= 8n
          ? Promise.reject(new Error('the disk is full'))
          : sink.commit(blocks, certificate),
    }
    const requests = createMemoryRequests([honest('a')])
    await expect(syncBlocks({ requests, chain, sink: failing, signal })).rejects.toThrow('the disk is full')
    expect(requests.reports).toEqual([])
  })

  it('refuses a checkpoint that its own chain contradicts', async () => {
    const { chain } = source
    const checkpoint = { height: 5n, hash: toHash(new Uint8Array(32)) }
    const requests = createMemoryRequests([honest('a')])
    await expect(
      syncBlocks({ requests, chain, sink: sinkOf(chain), checkpoint, signal }),
    ).rejects.toMatchObject({ code: 'wrong_checkpoint' })
  })
})
