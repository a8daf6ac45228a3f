import { expect, it } from 'vitest'
import { createValidatorSet } from '../../../node/types/validator-set.ts'
import { toAddress } from '../../../node/types/primitives.ts'

const setOf = (powers: bigint[]) =>
  createValidatorSet(
    powers.map((power, i) => ({
      address: toAddress(new Uint8Array(32).fill(i)),
      voteKey: new Uint8Array(48).fill(i),
      vrfKey: new Uint8Array(32).fill(i),
      power,
    })),
  )

it('needs more than two thirds: exactly two thirds are no quorum', () => {
  const six = setOf([1n, 1n, 1n, 1n, 1n, 1n])
  expect(six.isQuorum(4n)).toBe(false)
  expect(six.isQuorum(5n)).toBe(true)
  expect(setOf([1n]).isQuorum(1n)).toBe(true)
  const large = setOf([1n << 59n, 1n << 59n, 1n << 59n])
  expect(large.isQuorum(1n << 60n)).toBe(false)
  expect(large.isQuorum((1n << 60n) + 1n)).toBe(true)
})

it('turns signers into a bitmap and back', () => {
  const set = setOf(Array.from({ length: 11 }, () => 1n))
  expect(set.toBitmap([0, 8, 10])).toEqual(Uint8Array.of(0b1, 0b101))
  expect(set.fromBitmap(Uint8Array.of(0b1, 0b101))).toEqual([0, 8, 10])
  expect(set.powerOf([0, 8, 10])).toBe(3n)
})

it('refuses a bitmap of another length, or with a bit beyond the set', () => {
  const set = setOf(Array.from({ length: 11 }, () => 1n))
  expect(set.fromBitmap(Uint8Array.of(1))).toBeUndefined()
  expect(set.fromBitmap(Uint8Array.of(1, 1, 0))).toBeUndefined()
  expect(set.fromBitmap(Uint8Array.of(0, 0b1000))).toBeUndefined()
})
