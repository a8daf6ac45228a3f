/** What consensus is told of bytes that should be a block. */
import { describe, expect, it } from 'vitest'
import { createApplication } from '../../node/application.ts'
import { headerToBlockRef } from '../../node/consensus/block-ref.ts'
import { merkleRoot } from '../../node/crypto/merkle.ts'
import { LIMITS } from '../../node/params.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import { blockCodec } from '../../node/types/block.ts'
import { bytesEqual } from '../../node/types/primitives.ts'
import { createEpochChain } from '../support/epoch-chain.ts'

const world = createEpochChain()
world.grow(1n)
const { header, transactions } = blockCodec.decode(world.blocks[1]?.bytes as Uint8Array)

const identify = (body: readonly Uint8Array[], held: readonly Uint8Array[] = []) => {
  const application = createApplication({
    chain: world.chain,
    mempool: { holds: (bytes: Uint8Array) => held.some(each => bytesEqual(each, bytes)) },
  } as unknown as Parameters<typeof createApplication>[0])
  const committed = { ...header, transactionsRoot: merkleRoot(body) }
  const ref = application.identifyBlock(blockCodec.encode({ header: committed, transactions: [...body] }))
  expect(ref === undefined || bytesEqual(ref.hash, headerToBlockRef(committed).hash)).toBe(true)
  return ref?.height
}

describe('a block', () => {
  it('is one whether the pool holds its transactions or not', () => {
    expect(transactions.length).toBeGreaterThan(1)
    expect(identify(transactions)).toBe(1n)
    expect(identify(transactions, transactions)).toBe(1n)
    expect(identify(transactions, transactions.slice(1))).toBe(1n)
  })

  it('is none with bytes that are no transaction, however many of the others the pool holds', () => {
    const rubbish = Uint8Array.of(1, 2, 3)
    expect(identify([...transactions, rubbish], transactions)).toBeUndefined()
    expect(identify([rubbish])).toBeUndefined()
  })

  it('is none whose transactions are not those that its header names', () => {
    const application = createApplication({
      chain: world.chain,
      mempool: { holds: () => true },
    } as unknown as Parameters<typeof createApplication>[0])
    expect(application.identifyBlock(blockCodec.encode({ header, transactions }))?.height).toBe(1n)
    expect(
      application.identifyBlock(blockCodec.encode({ header, transactions: transactions.slice(1) })),
    ).toBeUndefined()
    expect(application.identifyBlock(Uint8Array.of(1))).toBeUndefined()
  })
})

describe('a block of this node', () => {
  const takenBy = async (changes: {
    readonly isAskedFor?: boolean
    readonly params?: Partial<Genesis['params']>
  }): Promise<number> => {
    let taken = 0
    const { chain } = world
    const params = { ...chain.genesis.params, ...changes.params }
    const application = createApplication({
      chain: { genesis: { ...chain.genesis, params }, head: chain.head, state: chain.state },
      proposer: { address: header.proposer, vrfSecretKey: new Uint8Array(32).fill(1) },
      mempool: {
        size: 5_000,
        hasRunnable: () => true,
        select: ({ maxCount }: { maxCount: number }) => {
          taken = maxCount
          return []
        },
      },
      executor: {
        unfinished: () => undefined,
        isInUnfinished: () => () => false,
        build: async () => ({ header, bytes: new Uint8Array(0) }),
      },
      nowMs: () => Number(header.timeMs) + 100_000,
      room: async () => changes.isAskedFor === true,
      transactionArrives: async () => undefined,
    } as unknown as Parameters<typeof createApplication>[0])
    await application.buildBlock({
      epoch: 0n,
      view: 2n,
      parent: headerToBlockRef(header),
      parentView: 1n,
      certificate: undefined,
      signal: new AbortController().signal,
    })
    return taken
  }

  it('takes a part of what waits where nobody else votes, by the least time between blocks', async () => {
    expect(await takenBy({})).toBe(768)
    expect(await takenBy({ params: { minBlockIntervalMs: 50n } })).toBe(1_536)
  })

  it('takes all that waits if somebody asked for it', async () => {
    expect(await takenBy({ isAskedFor: true })).toBe(LIMITS.blockTransactions)
  })
})
