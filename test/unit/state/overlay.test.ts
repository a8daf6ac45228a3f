import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Overlay } from '../../../node/state/overlay.ts'
import type { StateReader } from '../../../node/state/view.ts'
import { fromHex, toLatin1 } from '../../../node/types/primitives.ts'
import { mapReader } from '../../support/map-reader.ts'

const key = (n: number) => Uint8Array.of(0x01, n, 0xff)
const value = (n: number) => Uint8Array.of(n)

const parentOf = (entries: Record<number, number>): StateReader => {
  return mapReader(new Map(Object.entries(entries).map(([k, v]) => [toLatin1(key(Number(k))), value(v)])))
}

describe('overlay', () => {
  test('a write is read back, and the parent does not see it', () => {
    const parent = parentOf({ 1: 10 })
    const overlay = new Overlay(parent)
    overlay.set(key(1), value(11))
    overlay.set(key(2), value(12))
    expect(overlay.get(key(1))).toEqual(value(11))
    expect(overlay.get(key(2))).toEqual(value(12))
    expect(overlay.get(key(3))).toBeUndefined()
    expect(parent.get(key(1))).toEqual(value(10))
  })

  test('a deleted key hides the parent value and is a change; an untouched key is neither', () => {
    const overlay = new Overlay(parentOf({ 1: 10, 2: 20 }))
    overlay.delete(key(1))
    expect(overlay.get(key(1))).toBeUndefined()
    expect(overlay.get(key(2))).toEqual(value(20))
    expect(overlay.changes()).toEqual([{ key: key(1), value: undefined }])
  })

  test('what is settled stays, and no mark before it can be gone back to', () => {
    const overlay = new Overlay(parentOf({ 1: 10 }))
    overlay.set(key(1), value(11))
    const before = overlay.checkpoint()
    overlay.settle()
    expect(() => overlay.revertTo(before)).toThrow('checkpoint 1 does not exist')
    const mark = overlay.checkpoint()
    overlay.set(key(1), value(12))
    overlay.set(key(2), value(20))
    overlay.revertTo(mark)
    expect(overlay.changes()).toEqual([{ key: key(1), value: value(11) }])
  })

  test('an empty value is a value', () => {
    const overlay = new Overlay(parentOf({}))
    overlay.set(key(1), new Uint8Array(0))
    expect(overlay.get(key(1))).toEqual(new Uint8Array(0))
  })

  test('reverting a deletion brings the parent value back and leaves no change behind', () => {
    const overlay = new Overlay(parentOf({ 1: 10 }))
    const mark = overlay.checkpoint()
    overlay.delete(key(1))
    overlay.revertTo(mark)
    expect(overlay.get(key(1))).toEqual(value(10))
    expect(overlay.changes()).toEqual([])
  })

  test('an overlay may lie over another', () => {
    const block = new Overlay(parentOf({ 1: 10 }))
    block.set(key(2), value(20))
    const transaction = new Overlay(block)
    transaction.delete(key(2))
    expect(transaction.get(key(2))).toBeUndefined()
    expect(transaction.get(key(1))).toEqual(value(10))
    expect(block.get(key(2))).toEqual(value(20))
  })

  test('a key given as a view into a larger buffer is its own bytes only', () => {
    const overlay = new Overlay(parentOf({}))
    overlay.set(fromHex('00aabb00').subarray(1, 3), value(1))
    expect(overlay.get(fromHex('aabb'))).toEqual(value(1))
    expect(overlay.changes()).toEqual([{ key: fromHex('aabb'), value: value(1) }])
  })

  test.each([-1, 1, 0.5])('a checkpoint that was never made is refused: %d', mark => {
    expect(() => new Overlay(parentOf({})).revertTo(mark)).toThrow(/checkpoint .* does not exist/)
  })

  test('any run of writes, checkpoints and reverts equals a stack of copied maps', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('set' as const), k: fc.nat(6), v: fc.nat(255) }),
      fc.record({ do: fc.constant('delete' as const), k: fc.nat(6) }),
      fc.record({ do: fc.constant('checkpoint' as const) }),
      fc.record({ do: fc.constant('revert' as const), depth: fc.nat(3) }),
      fc.record({ do: fc.constant('commit' as const) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const start = { 0: 1, 1: 2, 2: 3 }
        const overlay = new Overlay(parentOf(start))
        type Model = Map<number, number | undefined>
        let model: Model = new Map()
        const stack: { mark: number; copy: Model }[] = []
        for (const s of steps) {
          if (s.do === 'set') {
            overlay.set(key(s.k), value(s.v))
            model.set(s.k, s.v)
          } else if (s.do === 'delete') {
            overlay.delete(key(s.k))
            model.set(s.k, undefined)
          } else if (s.do === 'checkpoint') {
            stack.push({ mark: overlay.checkpoint(), copy: new Map(model) })
          } else if (s.do === 'commit') {
            stack.pop()
          } else {
            const target = stack[stack.length - 1 - s.depth]
            if (target === undefined) continue
            overlay.revertTo(target.mark)
            model = new Map(target.copy)
            stack.length -= s.depth
          }
          for (let k = 0; k <= 6; k++) {
            const expected = model.has(k) ? model.get(k) : (start as Record<number, number>)[k]
            expect(overlay.get(key(k))?.[0]).toBe(expected)
          }
        }
        const changes = new Map(overlay.changes().map(c => [c.key[1] as number, c.value?.[0]]))
        expect(changes).toEqual(model)
      }),
    )
  })
})
