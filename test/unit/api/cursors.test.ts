import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../node/api/api-error.ts'
import {
  eventCursor,
  readBlockCursor,
  readEventCursor,
  readTransactionCursor,
  transactionCursor,
} from '../../../node/api/cursors.ts'

describe('a cursor', () => {
  it('gives back the place that it was made of', () => {
    const place = { height: 12n, transactionIndex: 3, index: 40 }
    expect(readEventCursor('x', eventCursor(place))).toEqual(place)
    expect(readTransactionCursor('x', transactionCursor({ height: 7n, index: 0 }))).toEqual({
      height: 7n,
      index: 0,
    })
    expect(readBlockCursor('x', '18')).toBe(18n)
  })

  it.each([
    '',
    'x',
    '-1',
    '1-',
    '1--2',
    '1-2-3-4',
    '1.5',
    '1 ',
    '1e3',
    '9'.repeat(20),
    `1-${'9'.repeat(10)}`,
  ])('that is %j is none, of any kind', text => {
    for (const read of [readBlockCursor, readTransactionCursor, readEventCursor])
      expect(() => read('lastEventId', text)).toThrow(ApiError)
  })

  it('of another stream is none', () => {
    expect(() => readBlockCursor('x', '1-0')).toThrow(ApiError)
    expect(() => readTransactionCursor('x', '1')).toThrow(ApiError)
    expect(() => readTransactionCursor('x', '1-0-0')).toThrow(ApiError)
    expect(() => readEventCursor('x', '1-0')).toThrow(ApiError)
  })
})
