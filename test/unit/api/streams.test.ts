/** A block with more events than one message holds: sent in parts, and resumed inside it. */
import { describe, expect, it } from 'vitest'
import type { ApiBackend } from '../../../node/api/backend.ts'
import { apiRouter } from '../../../node/api/router.ts'
import { genesisBlock } from '../../../node/chain/genesis.ts'
import { devGenesis } from '../../../node/dev.ts'
import { toAddress, ZERO_HASH } from '../../../node/types/primitives.ts'
import { createValidatorKeys } from '../../../node/validator-keys.ts'
import { TEST_CHAIN_ID } from '../../support/transactions.ts'

const genesis = devGenesis(createValidatorKeys(), 0n, TEST_CHAIN_ID)
const first = genesisBlock(genesis, ZERO_HASH)
const contract = toAddress(new Uint8Array(32).fill(7))
const event = (name: string) => ({ contract, topics: [Buffer.from(name)], data: new Uint8Array(0) })

/** Three transactions in block 1: 700 events, none, 701. Every other one has the name B. */
const receipts = [700, 0, 701].map(count => ({
  transactionId: ZERO_HASH,
  events: Array.from({ length: count }, (_, i) => event(i % 2 === 0 ? 'A' : 'B')),
}))

interface Message {
  readonly events: readonly { readonly transactionIndex: number; readonly index: number }[]
}

const follow = async (input: { lastEventId?: string; name?: string }) => {
  const backend = {
    chain: {
      head: { header: { ...first.header, height: 1n } },
      store: {
        blockByHeight: () => ({ hash: ZERO_HASH, block: { header: { ...first.header, height: 1n } } }),
        receipts: () => receipts,
      },
    },
    stopping: new AbortController().signal,
  } as unknown as ApiBackend
  const caller = apiRouter.createCaller({ backend, hasMetrics: true, pace: async () => undefined })
  const ids: string[] = []
  const places: string[] = []
  const sizes: number[] = []
  const messages = await caller.subscribe.events({ fromHeight: '1', toHeight: '1', ...input })
  for await (const [id, message] of messages as unknown as AsyncIterable<[string, Message]>) {
    ids.push(id)
    sizes.push(message.events.length)
    places.push(...message.events.map(({ transactionIndex, index }) => `1-${transactionIndex}-${index}`))
  }
  return { ids, places, sizes }
}

describe('a block of 1401 events', () => {
  it('comes in three messages, each with the place of its last event', async () => {
    const { ids, places, sizes } = await follow({})
    expect(sizes).toEqual([500, 500, 401])
    expect(ids).toEqual(['1-0-499', '1-2-999', '1-2-1400'])
    expect(new Set(places).size).toBe(1401)
  })

  it.each([undefined, 'B'])('is whole after a break at any message (name: %s)', async name => {
    const filter = name === undefined ? {} : { name }
    const whole = await follow(filter)
    for (const [i, lastEventId] of whole.ids.entries()) {
      const rest = await follow({ ...filter, lastEventId })
      const seen = whole.sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0)
      expect(rest.places).toEqual(whole.places.slice(seen))
    }
  })
})
