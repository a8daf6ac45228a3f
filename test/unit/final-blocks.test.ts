import { describe, expect, it } from 'vitest'
import type { BlockExecutor } from '../../node/execution/blocks.ts'
import { createFinalBlocks } from '../../node/final-blocks.ts'
import { blockCodec } from '../../node/types/block.ts'
import { bytesEqual, toHex } from '../../node/types/primitives.ts'
import { loneCertificate } from '../support/placed-block.ts'
import { createEpochChain } from '../support/epoch-chain.ts'
import { TEST_CHAIN_ID } from '../support/transactions.ts'
import { createValidatorKeys } from '../../node/validator-keys.ts'

const world = createEpochChain()
world.grow(6n)
const blocks = world.blocks.slice(1).map(({ hash, bytes }) => ({ hash, bytes }))
const [first] = blocks as [(typeof blocks)[0]]
const certificate = loneCertificate(
  TEST_CHAIN_ID,
  createValidatorKeys(new Uint8Array(64).fill(9)),
  { hash: first.hash, epoch: 0n, view: 1n },
  'finalize',
)

/** Notes what it is asked, in order; knows `executed` already. */
const recorded = (
  executed: number,
  isValid: (call: number) => boolean = () => true,
  isKnown: (transaction: Uint8Array) => boolean = () => false,
) => {
  const calls: string[] = []
  const proved: number[] = []
  let verified = 0
  const at = (bytes: Uint8Array): number => blocks.findIndex(block => bytesEqual(block.bytes, bytes)) + 1
  const heightOf = (hash: Uint8Array): number => blocks.findIndex(block => bytesEqual(block.hash, hash)) + 1
  const executor: Partial<BlockExecutor> = {
    unfinished: hash => (heightOf(hash) <= executed ? (blocks[heightOf(hash) - 1] as never) : undefined),
    async check(bytes, final) {
      calls.push(`check ${at(bytes)}`)
      if (final !== undefined) proved.push(heightOf(final))
      return { kind: 'valid', block: blocks[at(bytes) - 1] as never }
    },
    async commit(hash, given) {
      calls.push(`commit ${heightOf(hash)}${given === undefined ? '' : ' with its certificate'}`)
      return { hash } as never
    },
  }
  const committed: string[] = []
  /** Whose signatures. */
  const asked: string[] = []
  const finalBlocks = createFinalBlocks({
    executor: executor as BlockExecutor,
    isKnown,
    areSignaturesValid: async transactions => {
      asked.push(...transactions.map(({ bytes }) => toHex(bytes)))
      return isValid(++verified)
    },
    onCommit: ({ hash }) => committed.push(toHex(hash)),
  })
  return { finalBlocks, calls, proved, committed, asked, verified: () => verified }
}

describe('final blocks', () => {
  it('are executed where they were not, and committed in order, the last with its certificate', async () => {
    const { finalBlocks, calls, proved, committed, verified } = recorded(2)
    await finalBlocks.commit(blocks.slice(0, 4), certificate)
    expect(calls).toEqual([
      'commit 1',
      'commit 2',
      'check 3',
      'commit 3',
      'check 4',
      'commit 4 with its certificate',
    ])
    expect(committed).toEqual(blocks.slice(0, 4).map(({ hash }) => toHex(hash)))
    expect(verified()).toBe(2)
    expect(proved).toEqual([3, 4])
  })

  it('are taken for proved final only when they are committed', async () => {
    const { finalBlocks, calls, proved } = recorded(0)
    await finalBlocks.check(blocks[0]?.bytes as Uint8Array)
    expect([calls, proved]).toEqual([['check 1'], []])
  })

  it('are asked only for the signatures of transactions that are not known', async () => {
    const { transactions } = blockCodec.decode(first.bytes)
    expect(transactions.length).toBeGreaterThan(1)
    const [known, ...others] = transactions.map(toHex)
    const { finalBlocks, asked, calls } = recorded(0, undefined, bytes => toHex(bytes) === known)
    await finalBlocks.check(first.bytes)
    expect([asked, calls]).toEqual([others, ['check 1']])
  })

  it('with a bad signature are not executed, nor is anything after them', async () => {
    const { finalBlocks, calls } = recorded(0, call => call !== 3)
    await expect(finalBlocks.commit(blocks, certificate)).rejects.toThrow(
      'a final block is invalid here: the block holds a transaction with a bad signature',
    )
    expect(calls).toEqual(['check 1', 'commit 1', 'check 2', 'commit 2'])
    expect(await finalBlocks.check(Uint8Array.of(1))).toEqual({
      kind: 'invalid',
      message: 'the block cannot be decoded',
    })
  })
})
