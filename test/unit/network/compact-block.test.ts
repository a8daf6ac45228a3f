/** The compact form of blocks: nothing but the block comes out, whatever the pool holds and whoever answers. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  answerTransactions,
  transactionsCodec,
  transactionsWantedCodec,
} from '../../../node/network/block-transactions.ts'
import { compactBlockCodec, Expansion, toCompact } from '../../../node/network/compact-block.ts'
import { REQUESTS } from '../../../node/network/request-table.ts'
import { LIMITS } from '../../../node/params.ts'
import { blockCodec, blockHash, headerCodec } from '../../../node/types/block.ts'
import { CodecError } from '../../../node/types/codec.ts'
import { fromHex, toHash, toHex, toLatin1 } from '../../../node/types/primitives.ts'
import { shortIdOf } from '../../../node/types/short-id.ts'
import { blockOf, headerOf, poolOf, slowShortId, transactionOf } from './blocks.ts'

const range = (length: number, from = 0) => Array.from({ length }, (_, i) => from + i)
const transactions = (count: number, from = 0) => range(count, from).map(seed => transactionOf(seed))
const pick = <T>(list: readonly T[], indexes: readonly number[]) => indexes.map(index => list[index] as T)

const expand = (compact: Uint8Array, pool: readonly Uint8Array[], usedBytes?: number): Expansion => {
  const expansion = new Expansion(compactBlockCodec.decode(compact), usedBytes)
  expansion.takeFrom(poolOf(pool, usedBytes))
  return expansion
}

/** Of a transaction: in the block, in the pool, sent in full; or, outside the block, in the pool. */
const part = fc.constantFrom('missing', 'pool', 'prefilled', 'both', 'stranger')

describe('a block in the compact form', () => {
  it('lacks what is neither in the pool nor sent in full, and with that is the block again', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), fc.boolean(), (parts, isReversed) => {
        const all = parts.map((kind, seed) => ({ kind, bytes: transactionOf(seed, 64 + seed) }))
        const block = blockOf(all.filter(({ kind }) => kind !== 'stranger').map(({ bytes }) => bytes))
        const pool = all.filter(({ kind }) => kind === 'pool' || kind === 'both' || kind === 'stranger')
        const prefilled = new Set(
          all.filter(({ kind }) => kind === 'prefilled' || kind === 'both').map(({ bytes }) => bytes),
        )
        const bytesOfPool = pool.map(({ bytes }) => bytes)
        const expansion = expand(
          toCompact(block, { isUnknown: bytes => prefilled.has(bytes) }),
          isReversed ? bytesOfPool.reverse() : bytesOfPool,
        )
        expect(expansion.hash).toEqual(block.hash)
        const missing = range(block.transactions.length).filter(index => {
          const bytes = block.transactions[index] as Uint8Array
          return !prefilled.has(bytes) && !bytesOfPool.includes(bytes)
        })
        if (missing.length > 0) {
          expect(expansion.outcome()).toEqual({ kind: 'missing', indexes: missing })
          expect(expansion.addAnswer(missing, pick(block.transactions, missing), true)).toBe(true)
        }
        const { bytes, transactions } = block
        expect(expansion.outcome()).toEqual({ kind: 'block', bytes, transactions })
      }),
    )
  })

  it.each([0, 1, 2, 3, 17])('of %i transactions can be asked for whole', count => {
    const block = blockOf(transactions(count))
    const expansion = expand(toCompact(block), [])
    if (count > 0) {
      expect(expansion.outcome()).toEqual({ kind: 'missing', indexes: range(count) })
      expect(expansion.addAnswer(range(count), block.transactions, true)).toBe(true)
    }
    expect(expansion.outcome()).toMatchObject({ kind: 'block', bytes: block.bytes })
  })

  it('names each transaction by sixteen bytes over its signature, in whatever block it is', () => {
    const block = blockOf(transactions(3))
    const { shortIds } = compactBlockCodec.decode(toCompact(block))
    expect(toLatin1(shortIds)).toBe(block.transactions.map(slowShortId).join(''))
    expect(block.transactions.map(shortIdOf)).toEqual(block.transactions.map(slowShortId))
    const other = blockOf(transactions(3), 43n)
    expect(compactBlockCodec.decode(toCompact(other)).shortIds).toEqual(shortIds)
  })

  it('does not take a second signature of the same body for the transaction', () => {
    const block = blockOf(transactions(2))
    const [first, second] = block.transactions as [Uint8Array, Uint8Array]
    const signedAgain = Uint8Array.from(second)
    signedAgain.set(transactionOf(99).subarray(-64), second.length - 64)
    expect(expand(toCompact(block), [first, signedAgain]).outcome()).toEqual({
      kind: 'missing',
      indexes: [1],
    })
  })

  it('has in full what is too short to end in a signature', () => {
    const block = blockOf([fromHex('aabb'), transactionOf(1)])
    const compact = compactBlockCodec.decode(toCompact(block))
    expect(compact.prefilled).toEqual([{ index: 0, transaction: fromHex('aabb') }])
    expect(expand(toCompact(block), [fromHex('aabb'), transactionOf(1)]).outcome()).toMatchObject({
      kind: 'block',
      bytes: block.bytes,
    })
  })
})

describe('colliding short ids', () => {
  it('never make another block, and end in the block when the sender answers', () => {
    const seen = { missing: 0, mismatch: 0, prefilled: 0 }
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }),
        (count, pooled) => {
          const block = blockOf(transactions(count))
          const compact = toCompact(block, { usedBytes: 1 })
          seen.prefilled += compactBlockCodec.decode(compact).prefilled.length
          const expansion = expand(
            compact,
            pooled.map(seed => transactionOf(seed)),
            1,
          )
          for (let asks = 0; asks < 2; asks++) {
            const outcome = expansion.outcome()
            if (outcome.kind === 'block') break
            seen[outcome.kind]++
            expect(outcome.indexes.length).toBeGreaterThan(0)
            const answer = pick(block.transactions, outcome.indexes)
            expect(expansion.addAnswer(outcome.indexes, answer, true)).toBe(true)
          }
          expect(expansion.outcome()).toMatchObject({ kind: 'block', bytes: block.bytes })
        },
      ),
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5)
  })

  /** The first stranger whose short id in the block, cut to a byte, is that of transaction `index`. */
  const twinOf = (block: ReturnType<typeof blockOf>, index: number): Uint8Array => {
    const byteOf = (bytes: Uint8Array) => slowShortId(bytes)[0]
    const wanted = byteOf(block.transactions[index] as Uint8Array)
    return transactions(5000, 1000).find(bytes => byteOf(bytes) === wanted) as Uint8Array
  }

  it('of two transactions in the pool give one of them, and the sender is asked if it is the wrong one', () => {
    const block = blockOf(transactions(2))
    const [first, second] = block.transactions as [Uint8Array, Uint8Array]
    const twin = twinOf(block, 0)
    const compact = toCompact(block, { usedBytes: 1 })
    expect(expand(compact, [twin, first, second], 1).outcome().kind).toBe('block')
    const expansion = expand(compact, [first, twin, second], 1)
    expect(expansion.outcome()).toEqual({ kind: 'mismatch', indexes: [0, 1] })
    expect(expansion.addAnswer([0, 1], [first, second], true)).toBe(true)
    expect(expansion.outcome()).toMatchObject({ kind: 'block', bytes: block.bytes })
  })

  it('of one transaction in the pool are found out by the root, and all that is not from the sender is asked of it', () => {
    const block = blockOf(transactions(3))
    const [first, second, third] = block.transactions as [Uint8Array, Uint8Array, Uint8Array]
    const compact = toCompact(block, { usedBytes: 1, isUnknown: bytes => bytes === second })
    const expansion = expand(compact, [twinOf(block, 0), third], 1)
    expect(expansion.outcome()).toEqual({ kind: 'mismatch', indexes: [0, 2] })
    const twins = [twinOf(block, 0), third]
    expect(expansion.addAnswer([0, 2], twins, false)).toBe(true)
    expect(expansion.outcome()).toEqual({ kind: 'mismatch', indexes: [0, 2] })
    expect(expansion.addAnswer([0, 2], twins, true)).toBe(true)
    expect(expansion.outcome()).toEqual({ kind: 'mismatch', indexes: [] })
    expect(expansion.addAnswer([0], [first], true)).toBe(true)
    expect(expansion.outcome()).toMatchObject({ kind: 'block', bytes: block.bytes })
  })
})

describe('a sender that lies', () => {
  it('is left with nothing to ask for when all is its own word', () => {
    const [honest, other] = [blockOf(transactions(2)), blockOf(transactions(2, 7))]
    const { shortIds } = compactBlockCodec.decode(toCompact(other))
    const lie = compactBlockCodec.encode({ header: honest.header, shortIds, prefilled: [] })
    const expansion = expand(lie, [])
    expect(expansion.outcome()).toEqual({ kind: 'missing', indexes: [0, 1] })
    expect(expansion.addAnswer([0, 1], honest.transactions, true)).toBe(false)
    expect(expansion.addAnswer([0, 1], other.transactions, true)).toBe(true)
    expect(expansion.outcome()).toEqual({ kind: 'mismatch', indexes: [] })
    const prefilled = other.transactions.map((transaction, index) => ({ index, transaction }))
    const open = expand(
      compactBlockCodec.encode({ header: honest.header, shortIds: new Uint8Array(), prefilled }),
      [],
    )
    expect(open.outcome()).toEqual({ kind: 'mismatch', indexes: [] })
  })

  it('gets not this block by changing any byte, and another only of the header that it sent', () => {
    const block = blockOf(transactions(4))
    const compact = toCompact(block, { isUnknown: bytes => bytes === block.transactions[2] })
    const headerBytes = headerCodec.encode(block.header).length
    for (let at = 0; at < compact.length; at++) {
      const tampered = Uint8Array.from(compact)
      tampered[at] = (tampered[at] as number) ^ 1
      let expansion: Expansion
      try {
        expansion = expand(tampered, block.transactions)
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError)
        continue
      }
      const outcome = expansion.outcome()
      if (outcome.kind !== 'block') continue
      expect(at).toBeLessThan(headerBytes)
      const made = blockCodec.decode(outcome.bytes)
      expect(blockHash(made.header)).toEqual(expansion.hash)
      expect(expansion.hash).not.toEqual(block.hash)
      expect(made.header.transactionsRoot).toEqual(block.header.transactionsRoot)
      expect(made.transactions).toEqual(block.transactions)
    }
  })

  it('gets nothing that is longer than a block', () => {
    const size = LIMITS.transactionBytes
    const list = range(27).map(seed => transactionOf(seed, size))
    const header = headerOf(list)
    const compact = toCompact({ header, transactions: list })
    expect(27 * size).toBeGreaterThan(LIMITS.blockBytes)
    const expansion = expand(compact, list)
    expect(expansion.outcome()).toEqual({ kind: 'mismatch', indexes: range(27) })
    expect(expansion.addAnswer(range(27), list, true)).toBe(false)
  })
})

describe('an answer', () => {
  const block = blockOf(transactions(4))
  const [first, second, third] = block.transactions as [Uint8Array, Uint8Array, Uint8Array]

  it('changes nothing if it is no answer', () => {
    const expansion = expand(toCompact(block), [first])
    expect(expansion.addAnswer([1, 2], [third, second], true)).toBe(false)
    expect(expansion.addAnswer([1, 2], [second, first], true)).toBe(false)
    expect(expansion.addAnswer([1], [second, third], true)).toBe(false)
    expect(expansion.addAnswer([9], [second], true)).toBe(false)
    expect(expansion.addAnswer([1], [second, fromHex('00')], true)).toBe(false)
    expect(expansion.addAnswer([1], [fromHex('00')], true)).toBe(false)
    expect(expansion.outcome()).toEqual({ kind: 'missing', indexes: [1, 2, 3] })
  })

  it('may be the first of what was asked for', () => {
    const expansion = expand(toCompact(block), [first])
    expect(expansion.addAnswer([1, 2, 3], [second], true)).toBe(true)
    expect(expansion.outcome()).toEqual({ kind: 'missing', indexes: [2, 3] })
  })

  it('does not replace what the sender sent in full', () => {
    const prefilled = expand(toCompact(block, { isUnknown: () => true }), [])
    expect(prefilled.addAnswer([0], [first], true)).toBe(false)
    expect(prefilled.addAnswer([0], [fromHex('00')], true)).toBe(false)
  })

  it('holds as many as it may, in order', () => {
    const list = range(30).map(seed => transactionOf(seed, LIMITS.transactionBytes))
    const answer = answerTransactions(list, range(29, 1)) as Uint8Array
    const answered = transactionsCodec.decode(answer)
    expect(answered).toEqual(list.slice(1, 1 + answered.length))
    expect(answer.length).toBeLessThanOrEqual(REQUESTS.blockTransactions.maxAnswerBytes)
    expect(answer.length).toBeGreaterThan(
      REQUESTS.blockTransactions.maxAnswerBytes - LIMITS.transactionBytes - 100,
    )
    expect(answerTransactions(list, [0, 30])).toBeUndefined()
    const small = range(5).map(seed => transactionOf(seed))
    expect(transactionsCodec.decode(answerTransactions(small, [1, 3]) as Uint8Array)).toEqual([
      small[1],
      small[3],
    ])
  })
})

describe('the pool', () => {
  it('is asked once for each short id, and for nothing else', () => {
    const block = blockOf(transactions(5))
    const asked: string[] = []
    const find = (shortId: string) => {
      asked.push(shortId)
      return poolOf(transactions(1000))(shortId)
    }
    const isUnknown = (bytes: Uint8Array) => bytes === block.transactions[2]
    const expansion = new Expansion(compactBlockCodec.decode(toCompact(block, { isUnknown })))
    expansion.takeFrom(find)
    expect(expansion.outcome().kind).toBe('block')
    expect(asked).toEqual(block.transactions.filter(bytes => !isUnknown(bytes)).map(slowShortId))
  })
})

describe('what comes from outside', () => {
  const { header, transactions: list } = blockOf(transactions(3))
  const ids = range(48).map(i => i + 1)
  const shapes: [string, object, RegExp][] = [
    ['a part of a short id', { shortIds: Uint8Array.from(ids.slice(1)) }, /cut off/],
    ['one short id twice', { shortIds: new Uint8Array(32) }, /alike/],
    [
      'more transactions than a block holds',
      {
        shortIds: Uint8Array.from({ length: 16 * LIMITS.blockTransactions }, (_, i) =>
          i % 16 < 2 ? (Math.floor(i / 16) >> (8 * (i % 16))) & 0xff : 0,
        ),
        prefilled: [{ index: 0, transaction: new Uint8Array(64) }],
      },
      /too many/,
    ],
    ['an index beyond the last', { prefilled: [{ index: 4, transaction: new Uint8Array(64) }] }, /beyond/],
    [
      'an index twice',
      { prefilled: [0, 0].map(index => ({ index, transaction: new Uint8Array(64) })) },
      /out of order/,
    ],
  ]
  it.each(shapes)('is refused: %s', (_, change, message) => {
    const value = { header, shortIds: Uint8Array.from(ids), prefilled: [], ...change }
    expect(() => compactBlockCodec.encode(value)).toThrow(message)
  })

  it('is refused when read, too', () => {
    const whole = compactBlockCodec.encode({ header, shortIds: Uint8Array.from(ids), prefilled: [] })
    const twice = Uint8Array.from(whole)
    twice.copyWithin(whole.length - 17, whole.length - 33, whole.length - 17)
    expect(() => compactBlockCodec.decode(twice)).toThrow(/alike/)
    const long = Buffer.alloc(compactBlockCodec.maxBytes + 1)
    expect(() => compactBlockCodec.decode(long)).toThrow(/the limit is/)
  })

  it('asks for transactions in order, at least one', () => {
    const hash = toHash(new Uint8Array(32).fill(1))
    for (const indexes of [[], [1, 1], [2, 1]])
      expect(() => transactionsWantedCodec.encode({ hash, indexes })).toThrow(/asked for|out of order/)
    expect(() => transactionsWantedCodec.decode(fromHex(`${'01'.repeat(32)}0201000100`))).toThrow(
      /out of order/,
    )
    expect(() => transactionsWantedCodec.decode(fromHex(`${'01'.repeat(32)}00`))).toThrow(/nothing/)
    const all = { hash, indexes: range(LIMITS.blockTransactions) }
    expect(transactionsWantedCodec.decode(transactionsWantedCodec.encode(all))).toEqual(all)
  })

  it('has golden bytes', () => {
    const block = blockOf(list)
    const compact = toHex(toCompact(block, { isUnknown: bytes => bytes === list[1] }))
    const head = blockCodec.encode({ header, transactions: [] })
    expect(compact.startsWith(toHex(head.subarray(0, -1)))).toBe(true)
    expect(compact.slice(2 * (head.length - 1))).toBe(
      `20${Buffer.from(slowShortId(list[0] as Uint8Array) + slowShortId(list[2] as Uint8Array), 'latin1').toString('hex')}01010064${toHex(list[1] as Uint8Array)}`,
    )
    expect(compact.slice(2 * (head.length - 1), 2 * (head.length - 1) + 66)).toBe(
      '204f15e17724dd2a4cd6425799df4a49861908ae4a67825650505f81a2763eae12',
    )
    const hash = toHash(new Uint8Array(32).fill(5))
    expect(toHex(transactionsWantedCodec.encode({ hash, indexes: [1, 515] }))).toBe(
      `${'05'.repeat(32)}0201000302`,
    )
    expect(toHex(transactionsCodec.encode([fromHex('aabb'), fromHex('')]))).toBe('0202aabb00')
  })
})
