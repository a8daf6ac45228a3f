/** A DataView is the reference. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { getU32, getU64, putU32, putU64, u64Bytes } from '../../../node/types/big-endian.ts'

const u32 = fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0x7fff_ffff, 0x8000_0000, 0xffff_ffff))
const u64 = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.constantFrom(
    (1n << 32n) - 1n,
    1n << 32n,
    (1n << 53n) + 1n,
    (1n << 63n) - 1n,
    1n << 63n,
    (1n << 64n) - 1n,
  ),
)
const places = fc.nat(5)

test('numbers are written, and read, as a DataView does', () => {
  fc.assert(
    fc.property(u32, u64, places, (small, large, at) => {
      const [written, expected] = [new Uint8Array(20), new Uint8Array(20)]
      const view = new DataView(expected.buffer)
      putU32(written, small, at)
      view.setUint32(at, small)
      putU64(written, large, at + 4)
      view.setBigUint64(at + 4, large)
      expect(written).toEqual(expected)
      expect(getU32(written, at)).toBe(small)
      expect(getU64(written, at + 4)).toBe(large)
      expect(u64Bytes(large)).toEqual(expected.slice(at + 4, at + 12))
    }),
  )
})

test('what is above the range wraps, as in a DataView', () => {
  for (const value of [1n << 64n, (1n << 64n) + 5n, -1n]) {
    const expected = new Uint8Array(8)
    new DataView(expected.buffer).setBigUint64(0, value)
    expect(u64Bytes(value)).toEqual(expected)
  }
})
