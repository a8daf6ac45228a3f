import { describe, expect, test } from 'vitest'
import {
  bytesEqual,
  fromHex,
  fromLatin1,
  toAddress,
  toHash,
  toHex,
  toLatin1,
} from '../../../node/types/primitives.ts'

describe('primitives', () => {
  test.each(['0', '0x0', 'zz', '0xzz', ' 00', '00 ', '00\n', '0x0x00', '00-1'])('%j is not hex', text => {
    expect(() => fromHex(text)).toThrow(TypeError)
  })

  test('hex with and without 0x, in either case', () => {
    expect(toHex(fromHex('0xaBcD'))).toBe('abcd')
    expect(fromHex('')).toEqual(new Uint8Array(0))
  })

  test.each([0, 31, 33])('%d bytes are neither a hash nor an address', length => {
    expect(() => toHash(new Uint8Array(length))).toThrow(/a hash must be 32 bytes/)
    expect(() => toAddress(new Uint8Array(length))).toThrow(/an address must be 32 bytes/)
  })

  test('latin1 holds every byte and sorts as the bytes do', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    expect(fromLatin1(toLatin1(bytes))).toEqual(bytes)
    expect(toLatin1(fromHex('7f')) < toLatin1(fromHex('80'))).toBe(true)
    expect(toLatin1(fromHex('80')) < toLatin1(fromHex('8000'))).toBe(true)
    expect(toLatin1(fromHex('00aabb00').subarray(1, 3))).toBe(toLatin1(fromHex('aabb')))
  })

  test('equality is by content and length', () => {
    expect(bytesEqual(fromHex('aabb'), fromHex('ffaabb').subarray(1))).toBe(true)
    expect(bytesEqual(fromHex('aabb'), fromHex('aabbcc'))).toBe(false)
  })
})
