import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { genesisBlock } from '../../../node/chain/genesis.ts'
import { devGenesis } from '../../../node/dev.ts'
import { Moments } from '../../../node/execution/moments.ts'
import { COLUMNS, type Database } from '../../../node/storage/database.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import { toLatin1, ZERO_HASH } from '../../../node/types/primitives.ts'
import { createValidatorKeys } from '../../../node/validator-keys.ts'

const { header } = genesisBlock(devGenesis(createValidatorKeys(), 0n), ZERO_HASH)
const [first, second] = [{ ...header }, { ...header, height: 1n }]
const key = Uint8Array.of(1, 2)

/** The same database, and how many snapshots of it are open. */
const counted = () => {
  const database = createMemoryDatabase()
  const counts = { taken: 0, open: 0 }
  const snapshot: Database['snapshot'] = column => {
    counts.taken++
    counts.open++
    const taken = database.snapshot(column)
    return {
      ...taken,
      close() {
        counts.open--
        taken.close()
      },
    }
  }
  const watched = new Proxy(database, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name)
      if (name === 'snapshot') return snapshot
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
  return { database: watched, counts }
}

let { database, counts } = counted()
let height = 0n
let moments: Moments
const write = (at: Uint8Array, value: Uint8Array | undefined): void =>
  database.write([{ column: COLUMNS.state, key: at, value }], { sync: false })

beforeEach(() => {
  vi.useFakeTimers()
  ;({ database, counts } = counted())
  height = 0n
  moments = new Moments(database, { head: () => ({ height, hash: ZERO_HASH }) })
})
afterEach(() => vi.useRealTimers())

describe('the state at a head', () => {
  it('stays as it is while that head is named, and is the next one under the next', () => {
    write(key, Uint8Array.of(1))
    const before = moments.at(first)
    expect([before.state.get(key), before.height]).toEqual([Uint8Array.of(1), 0n])
    write(key, Uint8Array.of(2))
    height = 1n
    expect(moments.at(first).state.get(key)).toEqual(Uint8Array.of(1))
    expect(moments.at(first).state.first({ from: '', to: '\xff', isReverse: false })?.value).toEqual(
      Uint8Array.of(1),
    )
    const after = moments.at(second)
    expect([after.state.get(key), after.height]).toEqual([Uint8Array.of(2), 1n])
    expect(counts).toEqual({ taken: 2, open: 1 })
  })

  it('is of one block, though another is written while the snapshot is taken', () => {
    const heights = [0n, 1n, 1n, 1n]
    const torn = new Moments(database, { head: () => ({ height: heights.shift() ?? 1n, hash: ZERO_HASH }) })
    expect(torn.at(first).height).toBe(1n)
    expect(counts).toEqual({ taken: 2, open: 1 })
  })

  it('is let go when nobody has asked for a moment, and taken again', () => {
    write(key, Uint8Array.of(1))
    moments.at(first)
    vi.advanceTimersByTime(99)
    moments.at(first)
    vi.advanceTimersByTime(99)
    expect(counts).toEqual({ taken: 1, open: 1 })
    vi.advanceTimersByTime(1)
    expect(counts).toEqual({ taken: 1, open: 0 })
    write(key, Uint8Array.of(2))
    expect(moments.at(first).state.get(key)).toEqual(Uint8Array.of(2))
    vi.advanceTimersByTime(100)
    expect(counts).toEqual({ taken: 2, open: 0 })
  })

  it('reads as the snapshot does, whatever was read before', () => {
    const keys = fc.uint8Array({ minLength: 1, maxLength: 2 })
    const values = fc.oneof(
      fc.constant(undefined),
      fc.uint8Array({ maxLength: 4 }),
      fc.uint8Array({ minLength: 510, maxLength: 515 }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, values)), fc.array(keys), (writes, reads) => {
        const head = { ...header }
        for (const [at, value] of writes) write(at, value)
        const { state } = moments.at(head)
        const snapshot = database.snapshot(COLUMNS.state)
        // Later writes are not seen.
        for (const [at] of writes) write(at, Uint8Array.of(7))
        for (const at of [...reads, ...reads, ...writes.map(([written]) => written)]) {
          expect(state.get(at)).toEqual(snapshot.get(at))
          const [found] = [snapshot.atOrAfter(at)]
          const range = { from: toLatin1(at), to: '\xff\xff\xff', isReverse: false }
          expect(state.first(range)?.value).toEqual(found?.[1])
        }
      }),
      { numRuns: 50 },
    )
  })
})
