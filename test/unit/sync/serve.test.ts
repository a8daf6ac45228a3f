/** What a node answers to peers that are behind: no more than was asked for, and nothing with a hole. */
import { describe, expect, it } from 'vitest'
import type { ChainView } from '../../../node/chain/chain-view.ts'
import type { NetworkPeer } from '../../../node/network/ports.ts'
import { REQUESTS, type RequestName } from '../../../node/network/request-table.ts'
import {
  blocksAnswerCodec,
  blocksRequestCodec,
  handOversAnswerCodec,
  handOversRequestCodec,
  headersAnswerCodec,
  headersRequestCodec,
  MOST,
} from '../../../node/sync/messages.ts'
import { createSyncHandlers } from '../../../node/sync/serve.ts'
import { blockCodec, headerCodec } from '../../../node/types/block.ts'
import { handOverCodec } from '../../../node/types/hand-over.ts'
import { createEpochChain, EPOCH_BLOCKS } from '../../support/epoch-chain.ts'

const HEIGHT = 14n
const world = createEpochChain()
world.grow(HEIGHT)
const { chain, blocks } = world

const ask = async (
  name: RequestName,
  body: Uint8Array,
  of: ChainView = chain,
): Promise<Uint8Array | undefined> => {
  const { hash } = of.head
  const peer: NetworkPeer = { id: 'x', kind: 'full', head: { height: 1n, hash }, keptFrom: 1n }
  const answer = await createSyncHandlers({ chain: of })[name]?.(body, peer, new AbortController().signal)
  expect(answer?.length ?? 0).toBeLessThanOrEqual(REQUESTS[name].maxAnswerBytes)
  return answer
}
const headers = async (from: bigint, count: number, of: ChainView = chain) => {
  const answer = await ask('headers', headersRequestCodec.encode({ version: 1, from, count }), of)
  return answer && headersAnswerCodec.decode(answer)
}
const wanted = async (from: bigint, count: number, skip = 0, of: ChainView = chain) => {
  const answer = await ask('blocks', blocksRequestCodec.encode({ version: 1, from, count, skip }), of)
  return answer && blocksAnswerCodec.decode(answer)
}
const handOvers = async (fromEpoch: bigint) => {
  const answer = await ask('handOvers', handOversRequestCodec.encode({ version: 1, fromEpoch }))
  return answer && handOversAnswerCodec.decode(answer).handOvers.map(bytes => handOverCodec.decode(bytes))
}

/** The chain as it would be with something else in the database. */
const withStore = (other: Partial<ChainView['store']>): ChainView => {
  const { genesis, head, state, store } = chain
  const own = {
    keptFrom: () => store.keptFrom(),
    blockBytes: (height: bigint) => store.blockBytes(height),
    headerBytes: (height: bigint) => store.headerBytes(height),
    certificate: (height: bigint) => store.certificate(height),
  }
  return { genesis, head, state, store: { ...own, ...other } as ChainView['store'] }
}
const withBlocks = (bytes: number): ChainView => withStore({ blockBytes: () => new Uint8Array(bytes) })

describe('headers', () => {
  it('are those asked for, with the certificate of the last', async () => {
    const answer = await headers(3n, 4)
    expect(answer?.headers.map(bytes => headerCodec.decode(bytes))).toEqual(
      blocks.slice(3, 7).map(({ header }) => header),
    )
    expect(answer?.certificate).toEqual(chain.store.certificate(6n))
  })

  it('end with the head, and are refused outside of what is kept', async () => {
    expect((await headers(HEIGHT - 1n, 100))?.headers).toHaveLength(2)
    expect(await headers(HEIGHT + 1n, 1)).toBeUndefined()
    expect(await headers(0n, 1)).toBeUndefined()
    expect(await headers(1n, 0)).toBeUndefined()
    const pruned = withStore({ keptFrom: () => 5n })
    expect(await headers(4n, 3, pruned)).toBeUndefined()
  })
})

describe('blocks', () => {
  it('are the bytes in the database', async () => {
    const answer = await wanted(3n, 2)
    expect(answer?.blocks).toEqual(blocks.slice(3, 5).map(({ bytes }) => bytes))
    expect(blockCodec.decode(answer?.blocks[0] ?? new Uint8Array()).header.height).toBe(3n)
    const [first = new Uint8Array()] = answer?.blocks ?? []
    expect(await wanted(3n, 1, 10)).toEqual({ firstBytes: first.length, blocks: [first.subarray(10)] })
    expect(await wanted(3n, 1, first.length)).toBeUndefined()
    expect(await wanted(HEIGHT + 1n, 1)).toBeUndefined()
    expect(await wanted(0n, 1)).toBeUndefined()
  })

  it('fill an answer and no more', async () => {
    const MiB = 1 << 20
    expect((await wanted(1n, 9, 0, withBlocks(MiB)))?.blocks.map(({ length }) => length)).toEqual([MiB, MiB])
    const large = withBlocks(4 * MiB)
    const cut = await wanted(1n, 9, 0, large)
    expect(cut?.firstBytes).toBe(4 * MiB)
    expect(cut?.blocks).toHaveLength(1)
    const had = cut?.blocks[0]?.length ?? 0
    expect(had).toBeGreaterThan(MOST.blockBytes - 10)
    const rest = await wanted(1n, 9, had, large)
    expect(rest?.blocks.map(({ length }) => length)).toEqual([4 * MiB - had])
  })
})

describe('hand-overs', () => {
  it('go from an epoch to the last that has ended', async () => {
    const found = await handOvers(1n)
    expect(found?.map(({ header }) => header.height)).toEqual([2n * EPOCH_BLOCKS, 3n * EPOCH_BLOCKS])
    expect(await handOvers(3n)).toBeUndefined()
    expect(await handOvers(1n << 60n)).toBeUndefined()
  })
})

describe('a request that is none', () => {
  it('throws, so that the network refuses it', async () => {
    await expect(ask('headers', Uint8Array.of(1))).rejects.toThrow('ends early')
  })
})
