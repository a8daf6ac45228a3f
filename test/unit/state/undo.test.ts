import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeUndo, stateBefore } from '../../../node/state/undo.ts'
import type { StateChange } from '../../../node/state/view.ts'
import { fromLatin1, toLatin1 } from '../../../node/types/primitives.ts'
import { mapReader } from '../../support/map-reader.ts'

const key = fc.constantFrom('a', 'b', 'c', 'ca', 'd', '\xff', '\xff\0')
const value = fc.option(fc.uint8Array({ maxLength: 3 }), { nil: undefined })
const block = fc.dictionary(key, value, { noNullPrototype: true }).map(changes => Object.entries(changes))
type Values = Map<string, Uint8Array>

const replacedBy = (state: Values, changes: readonly (readonly [string, unknown])[]): StateChange[] =>
  changes.map(([name]) => ({ key: fromLatin1(name), value: state.get(name) }))

const apply = (state: Values, changes: readonly (readonly [string, Uint8Array | undefined])[]): Values => {
  const next = new Map(state)
  for (const [name, bytes] of changes) {
    if (bytes === undefined) next.delete(name)
    else next.set(name, bytes)
  }
  return next
}

describe('records of what blocks replaced', () => {
  it('give back every state of the past, read by key and in order, whatever the blocks did', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 8 }), key, key, fc.boolean(), (blocks, a, b, isReverse) => {
        const states: Values[] = [new Map()]
        const records: Uint8Array[] = []
        for (const changes of blocks) {
          const state = states.at(-1) ?? new Map()
          records.push(encodeUndo(replacedBy(state, changes)))
          states.push(apply(state, changes))
        }
        const now = mapReader(states.at(-1) ?? new Map())
        const range = { from: a < b ? a : b, to: a < b ? b : a, isReverse }
        for (const [height, state] of states.entries()) {
          const past = stateBefore(now, records.slice(height))
          const expected = mapReader(state)
          for (const name of ['a', 'b', 'c', 'ca', 'd', '\xff', '\xff\0', 'nobody'])
            expect(past.get(fromLatin1(name))).toEqual(expected.get(fromLatin1(name)))
          expect(past.first(range)).toEqual(expected.first(range))
        }
      }),
    )
  })

  it('know an empty value from none', () => {
    const record = encodeUndo([
      { key: fromLatin1('empty'), value: new Uint8Array(0) },
      { key: fromLatin1('none'), value: undefined },
    ])
    const now = mapReader(new Map([['none', Uint8Array.of(1)]]))
    const past = stateBefore(now, [record])
    expect(past.get(fromLatin1('empty'))).toEqual(new Uint8Array(0))
    expect(past.get(fromLatin1('none'))).toBeUndefined()
  })

  it('are refused when they end too early, at every length', () => {
    const record = encodeUndo([{ key: fromLatin1('key'), value: Uint8Array.of(1, 2, 3) }])
    for (let length = 1; length < record.length; length++)
      expect(() => stateBefore(mapReader(new Map()), [record.slice(0, length)]), toLatin1(record)).toThrow(
        RangeError,
      )
  })
})
