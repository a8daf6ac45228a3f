/**
 * Reading ahead changes no answer: not of the head, not of blocks above it, not after they are final. And what makes a block
 * final is the same before its parent is.
 */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { LayeredState } from '../../../node/chain/layers.ts'
import { createMemoryDatabase } from '../../../node/storage/memory.ts'
import type { StateChange } from '../../../node/state/view.ts'
import { toLatin1 } from '../../../node/types/primitives.ts'

const KEYS = Array.from({ length: 12 }, (_, i) => Uint8Array.of(0x02, i))
const value = fc.option(fc.uint8Array({ minLength: 1, maxLength: 3 }), { nil: undefined })
/** At least one change, each of a key of its own. */
const changes = fc
  .dictionary(fc.integer({ min: 0, max: KEYS.length - 1 }).map(String), value, { minKeys: 1 })
  .map(byKey =>
    Object.entries(byKey).map(
      ([key, changed]): StateChange => ({ key: KEYS[Number(key)] as Uint8Array, value: changed }),
    ),
  )
const aheads = fc.array(fc.subarray(KEYS), { minLength: 4, maxLength: 4 })

/** What each key is on the way, for each of two blocks, and once the first is final. */
const readAll = (blocks: readonly StateChange[][], ahead: (step: number) => readonly Uint8Array[]) => {
  const database = createMemoryDatabase()
  const state = new LayeredState(database)
  const first = state.derive(undefined, 0n, blocks[0] ?? [])
  database.write(state.writes(first), { sync: true })
  state.committed(first)
  const read = (step: number, layer: Parameters<typeof state.reader>[0]) => {
    state.readAhead(new Map(ahead(step).map(key => [toLatin1(key), key])))
    return KEYS.map(key => state.reader(layer).get(key))
  }
  const seen = [read(0, undefined)]
  const second = state.derive(undefined, 1n, blocks[1] ?? [])
  const third = state.derive(second, 2n, blocks[2] ?? [])
  seen.push(read(1, second), read(2, third))
  database.write(state.writes(second), { sync: true })
  state.committed(second)
  third.parent = undefined
  seen.push(read(3, third), read(3, undefined))
  return { seen, roots: [first.root, second.root, third.root] }
}

it('gives the values, and the roots, that reading one by one gives', () => {
  fc.assert(
    fc.property(fc.tuple(changes, changes, changes), aheads, (blocks, keys) => {
      expect(readAll(blocks, step => keys[step] ?? [])).toEqual(readAll(blocks, () => []))
    }),
  )
})

it('gives the writes of a layer whose parent is not final yet, as they are when it is', () => {
  fc.assert(
    fc.property(fc.tuple(changes, changes, changes), blocks => {
      const database = createMemoryDatabase()
      const state = new LayeredState(database)
      const [first, second, third] = blocks
      const genesis = state.derive(undefined, 0n, first)
      database.write(state.writes(genesis), { sync: true })
      state.committed(genesis)
      const below = state.derive(undefined, 1n, second)
      const above = state.derive(below, 2n, third)
      const early = [...state.writes(above)]
      database.write(state.writes(below), { sync: true })
      state.committed(below)
      above.parent = undefined
      expect(early).toEqual([...state.writes(above)])
    }),
  )
})
