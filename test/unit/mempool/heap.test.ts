import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Heap } from '../../../node/mempool/heap.ts'

const isLess = (a: number, b: number): boolean => a < b

const drain = (heap: Heap<number>): number[] => {
  const values: number[] = []
  for (let top = heap.peek(); top !== undefined; top = heap.peek()) {
    expect(heap.pop()).toBe(top)
    values.push(top)
  }
  return values
}

it('gives back what it was built from and what was pushed, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.array(fc.integer()), (built, pushed) => {
      const heap = new Heap(isLess, [...built])
      for (const value of pushed) heap.push(value)
      expect(heap.size).toBe(built.length + pushed.length)
      expect(drain(heap)).toEqual([...built, ...pushed].sort((a, b) => a - b))
    }),
  )
})

it('replaces its top as a pop and a push would', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.integer(), (built, value) => {
      const heap = new Heap(isLess, [...built])
      heap.replaceTop(value)
      const [, ...rest] = built.toSorted((a, b) => a - b)
      expect(drain(heap)).toEqual([...rest, value].sort((a, b) => a - b))
    }),
  )
})
