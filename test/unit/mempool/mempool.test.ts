import { describe, expect, it } from 'vitest'
import { MEMPOOL_LIMITS, type NextBlock } from '../../../node/mempool/mempool.ts'
import { refuseByBlock } from '../../../node/transition/admission.ts'
import { shortIdOf } from '../../../node/types/short-id.ts'
import type { NamedTransaction, ParsedTransaction } from '../../../node/types/transaction.ts'
import { addressOf, kept, make, makePool, NEXT, type Wish } from './make.ts'

const SELECT_ALL = { baseFee: 0n, gasLimit: 1n << 40n, maxBytes: 1 << 30, maxCount: 1 << 20 }

const codeOf = (outcome: ReturnType<ReturnType<typeof makePool>['pool']['add']>): string =>
  outcome.kind === 'refused' ? outcome.code : outcome.kind

/** Adds one transaction for each wish; all must be taken. */
const fill = (pool: ReturnType<typeof makePool>['pool'], wishes: Wish[]): ParsedTransaction[] =>
  wishes.map(wish => {
    const parsed = make(wish)
    expect(codeOf(pool.add(parsed, NEXT))).toBe('added')
    return parsed
  })

describe('a transaction is taken', () => {
  it('once', () => {
    const { pool } = makePool()
    const [parsed] = fill(pool, [{}]) as [ParsedTransaction]
    expect(codeOf(pool.add(parsed, NEXT))).toBe('duplicate')
    expect([pool.size, pool.bytes, pool.get(parsed.id)]).toEqual([1, 100, kept(parsed)])
  })

  it('only if the rules allow it, with their code and message', () => {
    const { pool } = makePool({}, (_, { height, baseFee }) => ({
      code: 'expired',
      message: `${height} ${baseFee}`,
    }))
    expect(pool.add(make(), { height: 7n, baseFee: 3n })).toEqual({
      kind: 'refused',
      code: 'expired',
      message: '7 3',
    })
    expect(pool.size).toBe(0)
  })

  it('that was prepared only if the rules that follow the next block still allow it', () => {
    const { pool } = makePool({}, refuseByBlock)
    const parsed = make({ maxFee: 5n, validUntilHeight: 9n })
    const enter = (next: NextBlock) => codeOf(pool.enter(pool.prepare(parsed), next))
    expect(enter({ height: 9n, baseFee: 6n })).toBe('fee_below_base')
    expect(enter({ height: 10n, baseFee: 5n })).toBe('expired')
    expect(pool.size).toBe(0)
    expect(enter({ height: 9n, baseFee: 5n })).toBe('added')
    expect(enter({ height: 9n, baseFee: 5n })).toBe('duplicate')
    expect(pool.get(parsed.id)).toEqual(kept(parsed))
  })

  it('and has its sender in common with others of it', () => {
    const { pool } = makePool()
    const [first, second] = fill(pool, [{ nonce: 0n }, { nonce: 1n }]) as [
      ParsedTransaction,
      ParsedTransaction,
    ]
    expect(second.sender).not.toBe(first.sender)
    expect(pool.get(second.id)?.sender).toBe(first.sender)
  })

  it('only with a nonce that is not used', () => {
    const { pool, advance } = makePool()
    advance({ alice: { nonce: 5n } })
    expect(pool.add(make({ nonce: 4n }), NEXT)).toMatchObject({
      code: 'nonce_too_low',
      message: `nonce 4 is used; the account's next nonce is 5`,
    })
    expect(codeOf(pool.add(make({ nonce: 5n }), NEXT))).toBe('added')
  })

  it('ahead of missing nonces, up to the gap limit', () => {
    const { pool } = makePool({ nonceGap: 10 })
    fill(pool, [{ nonce: 0n }])
    expect(codeOf(pool.add(make({ nonce: 12n }), NEXT))).toBe('nonce_too_high')
    expect(codeOf(pool.add(make({ nonce: 11n }), NEXT))).toBe('added')
  })

  it('up to the limit for one account', () => {
    const { pool } = makePool({ transactionsPerAccount: 3 })
    fill(pool, [{ nonce: 0n }, { nonce: 1n }, { nonce: 2n }])
    expect(codeOf(pool.add(make({ nonce: 3n }), NEXT))).toBe('account_full')
    expect(codeOf(pool.add(make({ nonce: 0n, maxFee: 200n, tip: 20n }), NEXT))).toBe('added')
    expect(codeOf(pool.add(make({ from: 'carol' }), NEXT))).toBe('added')
  })

  it('only if the balance covers it together with all that waits', () => {
    const { pool, advance } = makePool()
    advance({ alice: { balance: 1000n } })
    // Each costs 2 x 100 for gas, and what it sends.
    fill(pool, [{ nonce: 0n, gasLimit: 2n, amount: 300n }])
    expect(pool.add(make({ nonce: 1n, gasLimit: 2n, amount: 301n }), NEXT)).toMatchObject({
      code: 'insufficient_balance',
      message: expect.stringContaining(
        'holds 1000 units; together with its waiting transactions this one may cost 1001',
      ),
    })
    expect(codeOf(pool.add(make({ nonce: 1n, gasLimit: 2n, amount: 300n }), NEXT))).toBe('added')
  })

  it('counting what every kind of action sends', () => {
    const { pool, advance } = makePool()
    advance({ alice: { balance: 104n } })
    const contract = addressOf('contract')
    const call = { kind: 'call', contract, method: 'm', args: new Uint8Array(), value: 3n } as const
    const transfer = { kind: 'transfer', to: contract, amount: 2n } as const
    const deploy = {
      kind: 'deploy',
      code: new Uint8Array(),
      args: new Uint8Array(),
      value: 5n,
      owner: undefined,
    } as const
    for (const action of [{ kind: 'batch' as const, actions: [call, transfer] }, deploy]) {
      expect(codeOf(pool.add(make({ action }), NEXT))).toBe('insufficient_balance')
    }
    expect(codeOf(pool.add(make({ action: call }), NEXT))).toBe('added')
  })

  it('against the account as it is now, before any revalidation', () => {
    const { pool, accounts } = makePool()
    const [first] = fill(pool, [{ nonce: 0n }]) as [ParsedTransaction]
    accounts.set(Buffer.from(addressOf('alice')).toString('latin1'), { nonce: 1n, balance: 100n })
    expect(codeOf(pool.add(make({ nonce: 1n }), NEXT))).toBe('added')
    expect(pool.get(first.id)).toBeUndefined()
  })
})

describe('a replacement', () => {
  const WAITING = { maxFee: 101n, tip: 11n }
  it.each([
    [{ maxFee: 112n, tip: 13n }, 'added'],
    [{ maxFee: 111n, tip: 13n }, 'replacement_underpriced'],
    [{ maxFee: 112n, tip: 12n }, 'replacement_underpriced'],
    [{ maxFee: 1000n, tip: 11n }, 'replacement_underpriced'],
  ])('of fee cap 101 and tip 11 by %o is %s: a tenth more of both', (offer, code) => {
    const { pool } = makePool()
    const [old] = fill(pool, [WAITING]) as [ParsedTransaction]
    const outcome = pool.add(make(offer), NEXT)
    expect(codeOf(outcome)).toBe(code)
    if (outcome.kind === 'added') expect(outcome.replaced).toEqual(old.id)
    expect([pool.size, pool.get(old.id)]).toEqual([1, code === 'added' ? undefined : kept(old)])
  })

  it('may not cost so much that the sender cannot pay for those behind it', () => {
    const { pool, advance } = makePool()
    advance({ alice: { balance: 1000n } })
    fill(pool, [{ nonce: 0n }, { nonce: 1n, amount: 700n }])
    expect(codeOf(pool.add(make({ nonce: 0n, maxFee: 201n, tip: 20n }), NEXT))).toBe('insufficient_balance')
    expect(pool.size).toBe(2)
  })
})

it('knows nothing by a short id where nobody asks for one', () => {
  const parsed = make({})
  const name = shortIdOf(parsed.bytes) ?? ''
  for (const isNamed of [true, false]) {
    const { pool } = makePool({}, undefined, isNamed)
    expect(pool.add(parsed, NEXT).kind).toBe('added')
    expect(pool.named(name)).toEqual(isNamed ? kept(parsed) : undefined)
    expect(pool.get(parsed.id)).toEqual(kept(parsed))
  }
})

it('holds what it was given byte for byte, and nothing else', () => {
  const parsed = make({})
  const resigned = Uint8Array.from(parsed.bytes)
  resigned[resigned.length - 1] = (resigned.at(-1) ?? 0) ^ 1
  const rebodied = Uint8Array.from(parsed.bytes)
  rebodied[20] = (rebodied[20] as number) ^ 1
  for (const isNamed of [true, false]) {
    const { pool } = makePool({}, undefined, isNamed)
    expect(pool.holds(parsed.bytes)).toBe(false)
    pool.add(parsed, NEXT)
    const held = [Uint8Array.from(parsed.bytes), resigned, rebodied, new Uint8Array(3)].map(each =>
      pool.holds(each),
    )
    expect(held).toEqual([isNamed, false, false, false])
  }
})

describe('a full pool', () => {
  const full = (wishes: Wish[]) => {
    const fixture = makePool({ transactions: wishes.length })
    return { ...fixture, waiting: fill(fixture.pool, wishes) }
  }
  const ids = (parsed: Iterable<NamedTransaction>) =>
    new Set([...parsed].map(({ id }) => Buffer.from(id).toString('hex')))

  it('gives up its cheapest for one that pays more', () => {
    const { pool, waiting } = full([
      { from: 'a', tip: 5n },
      { from: 'b', tip: 3n },
      { from: 'c', tip: 4n },
    ])
    expect(codeOf(pool.add(make({ from: 'd', tip: 4n }), NEXT))).toBe('added')
    expect(waiting.map(({ id }) => pool.get(id) !== undefined)).toEqual([true, false, true])
  })

  it('refuses one that pays only as much as its cheapest, and changes nothing', () => {
    const { pool } = full([
      { from: 'a', tip: 5n },
      { from: 'b', tip: 3n },
    ])
    const before = ids(pool.transactions())
    expect(pool.add(make({ from: 'd', tip: 3n }), NEXT)).toMatchObject({
      code: 'pool_full',
      message: expect.stringContaining('pays less (3 a unit of gas'),
    })
    expect(ids(pool.transactions())).toEqual(before)
  })

  it('compares what is left above the base fee, not the tip that was promised', () => {
    const { pool, waiting } = full([
      { from: 'a', maxFee: 52n, tip: 50n },
      { from: 'b', maxFee: 100n, tip: 4n },
    ])
    expect(codeOf(pool.add(make({ from: 'c', maxFee: 100n, tip: 3n }), { height: 1n, baseFee: 50n }))).toBe(
      'added',
    )
    expect(waiting.map(({ id }) => pool.get(id) !== undefined)).toEqual([false, true])
  })

  it('gives up the last of an account, so that no gap comes in front of one that stays', () => {
    const { pool, waiting } = full([
      { from: 'a', nonce: 0n, tip: 1n },
      { from: 'a', nonce: 1n, tip: 9n },
      { from: 'b', tip: 5n },
    ])
    fill(pool, [{ from: 'c', tip: 2n }])
    expect(waiting.map(({ id }) => pool.get(id) !== undefined)).toEqual([true, false, true])
  })

  it('does not let a dear last transaction shield the cheap ones in front of it', () => {
    const { pool, waiting } = full([
      { from: 'a', nonce: 0n, tip: 1n },
      { from: 'a', nonce: 1n, tip: 99n },
      { from: 'b', tip: 5n },
    ])
    fill(pool, [
      { from: 'c', tip: 6n },
      { from: 'd', tip: 6n },
    ])
    expect(waiting.map(({ id }) => pool.get(id) !== undefined)).toEqual([false, false, true])
  })

  it('gives up first what cannot run, whatever it offers', () => {
    const { pool, waiting } = full([
      { from: 'a', nonce: 3n, tip: 99n },
      { from: 'b', tip: 1n },
    ])
    fill(pool, [{ from: 'c', tip: 1n }])
    expect(waiting.map(({ id }) => pool.get(id) !== undefined)).toEqual([false, true])
  })

  it('does not let in what cannot run', () => {
    const { pool } = full([{ from: 'a', tip: 0n }])
    expect(codeOf(pool.add(make({ from: 'b', nonce: 1n, tip: 99n }), NEXT))).toBe('pool_full')
  })

  it('lets a sender push out only what pays less than each of its own: an attack gains nothing', () => {
    const honest = Array.from({ length: 20 }, (_, i) => ({ from: `honest ${i}`, tip: 10n }))
    const { pool, waiting } = full(honest)
    // A dear first, then as many cheap ones as the account may hold; and a dear one far ahead.
    const attack = [
      { nonce: 0n, tip: 100n },
      ...Array.from({ length: 30 }, (_, i) => ({ nonce: BigInt(i + 1), tip: 10n })),
      { nonce: 40n, tip: 100n },
    ]
    const outcomes = attack.map(wish => codeOf(pool.add(make({ from: 'mallory', ...wish }), NEXT)))
    expect(outcomes.filter(code => code === 'added')).toHaveLength(1)
    expect(waiting.filter(({ id }) => pool.get(id) !== undefined)).toHaveLength(19)
  })

  it('counts bytes, and gives up several small ones for a large one that pays more than each', () => {
    const { pool } = makePool({ bytes: 1000 })
    const small = fill(
      pool,
      Array.from({ length: 10 }, (_, i) => ({ from: `s${i}`, sizeBytes: 100, tip: BigInt(i) })),
    )
    expect(codeOf(pool.add(make({ from: 'big', sizeBytes: 350, tip: 3n }), NEXT))).toBe('pool_full')
    expect(pool.size).toBe(10)
    expect(codeOf(pool.add(make({ from: 'big', sizeBytes: 350, tip: 4n }), NEXT))).toBe('added')
    expect(small.map(({ id }) => pool.get(id) !== undefined)).toEqual([
      ...Array<boolean>(4).fill(false),
      ...Array<boolean>(6).fill(true),
    ])
    expect(pool.bytes).toBe(950)
  })

  it('takes a replacement without pushing anyone out, and keeps the old one if the new one does not fit', () => {
    const { pool, waiting } = full([
      { from: 'a', tip: 10n },
      { from: 'b', tip: 1n },
    ])
    expect(codeOf(pool.add(make({ from: 'a', maxFee: 200n, tip: 20n }), NEXT))).toBe('added')
    expect(pool.get((waiting[1] as ParsedTransaction).id)).toBeDefined()

    const narrow = makePool({ bytes: 200 })
    const [old] = fill(narrow.pool, [
      { from: 'a', tip: 1n },
      { from: 'b', tip: 50n },
    ]) as [ParsedTransaction]
    expect(codeOf(narrow.pool.add(make({ from: 'a', maxFee: 200n, tip: 2n, sizeBytes: 101 }), NEXT))).toBe(
      'pool_full',
    )
    expect(narrow.pool.get(old.id)).toEqual(kept(old))
    expect(narrow.pool.bytes).toBe(200)
  })
})

describe('after a block', () => {
  it('what it used up is gone, and what follows can be selected', () => {
    const { pool, advance } = makePool()
    const waiting = fill(pool, [{ nonce: 0n }, { nonce: 1n }, { nonce: 2n }])
    advance({ alice: { nonce: 2n } })
    expect(pool.select(SELECT_ALL)).toEqual(waiting.slice(2, 3).map(kept))
    expect([pool.size, pool.bytes]).toEqual([1, 100])
  })

  it('what the balance no longer covers is gone, with all behind it', () => {
    const { pool, advance } = makePool()
    const waiting = fill(pool, [{ nonce: 0n }, { nonce: 1n, amount: 500n }, { nonce: 2n }])
    advance({ alice: { balance: 650n } })
    expect(pool.select(SELECT_ALL)).toEqual(waiting.slice(0, 1).map(kept))
    expect(pool.size).toBe(1)
  })

  it('what has expired is gone, and only that', () => {
    const { pool, advance } = makePool()
    const waiting = fill(pool, [
      { from: 'a', validUntilHeight: 5n },
      { from: 'b', validUntilHeight: 6n },
      { from: 'c', validUntilHeight: 900n },
    ])
    const alive = () => waiting.map(({ id }) => pool.get(id) !== undefined)
    advance({}, 5n)
    expect(alive()).toEqual([true, true, true])
    advance({}, 6n)
    expect(alive()).toEqual([false, true, true])
    advance({}, 800n)
    expect(alive()).toEqual([false, false, true])
    advance({}, 901n)
    expect([pool.size, pool.bytes]).toEqual([0, 0])
  })
})

describe('the nonce to sign next', () => {
  it('is the first that is neither used nor waiting', () => {
    const { pool, advance } = makePool()
    advance({ alice: { nonce: 7n } })
    expect(pool.pendingNonce(addressOf('alice'))).toBe(7n)
    fill(pool, [{ nonce: 7n }, { nonce: 8n }, { nonce: 10n }])
    expect(pool.pendingNonce(addressOf('alice'))).toBe(9n)
    fill(pool, [{ nonce: 9n }])
    expect(pool.pendingNonce(addressOf('alice'))).toBe(11n)
  })
})

/** Of this process: what others do on the machine does not count. */
/** Of this thread alone: the garbage that other tests left is collected by others. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

describe('at its real limits', () => {
  it('a pool selects 5,000 of 50,000 in far less than a block time, and evicts without a scan', () => {
    const { pool } = makePool(MEMPOOL_LIMITS)
    const { transactions } = MEMPOOL_LIMITS
    for (let i = 0; i < transactions; i++)
      pool.add(make({ from: `s${i}`, tip: BigInt((i * 7919) % 1000) }), NEXT)
    expect(pool.size).toBe(transactions)
    const selectStart = cpuMs()
    expect(pool.select({ ...SELECT_ALL, maxCount: 5000 })).toHaveLength(5000)
    const selectMs = cpuMs() - selectStart
    const dear = Array.from({ length: 2000 }, (_, i) => make({ from: `n${i}`, maxFee: 5000n, tip: 2000n }))
    const addStart = cpuMs()
    for (const parsed of dear) pool.add(parsed, NEXT)
    const addMs = cpuMs() - addStart
    expect(pool.size).toBe(transactions)
    // More than ten times what they take: a quadratic step takes hundreds of times as long.
    expect(selectMs).toBeLessThan(1000)
    expect(addMs).toBeLessThan(2000)
  })
})
