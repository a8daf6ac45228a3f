/**
 * Arithmetic by name. In a contract's own files `+ - *` on integers end the call instead of wrapping around (see
 * vex.ts); these say it in so many words, or say that wrapping around is meant.
 */
import { require } from './errors'

/** Unsigned. Cost: one comparison. */
export function checkedAdd<T>(a: T, b: T): T {
  if (!isInteger<T>() || isSigned<T>()) ERROR('checkedAdd takes unsigned integers')
  const sum = <T>(a + b)
  require(sum >= a, 'addition overflows')
  return sum
}

/** Unsigned. Cost: one comparison. */
export function checkedSub<T>(a: T, b: T): T {
  if (!isInteger<T>() || isSigned<T>()) ERROR('checkedSub takes unsigned integers')
  require(a >= b, 'subtraction goes below zero')
  return <T>(a - b)
}

/** Unsigned. Cost: a division. */
export function checkedMul<T>(a: T, b: T): T {
  if (!isInteger<T>() || isSigned<T>()) ERROR('checkedMul takes unsigned integers')
  const product = <T>(a * b)
  require(a == 0 || product / a == b, 'multiplication overflows')
  return product
}

/** `a + b` modulo the number of values of the type: 255 + 1 of a u8 is 0. Cost: as a plain addition. */
export function wrappingAdd<T>(a: T, b: T): T {
  if (!isInteger<T>()) ERROR('wrappingAdd takes integers')
  return <T>(a + b)
}

/** `a - b` modulo the number of values of the type: 0 - 1 of a u8 is 255. */
export function wrappingSub<T>(a: T, b: T): T {
  if (!isInteger<T>()) ERROR('wrappingSub takes integers')
  return <T>(a - b)
}

/** `a * b` modulo the number of values of the type. */
export function wrappingMul<T>(a: T, b: T): T {
  if (!isInteger<T>()) ERROR('wrappingMul takes integers')
  return <T>(a * b)
}

/** The same number in 8 bits; ends the call if it has no place in them. Cost: one comparison. */
export function toU8(value: u64): u8 {
  require(value <= u8.MAX_VALUE, 'the number does not fit u8')
  return <u8>value
}

/** The same number in 16 bits; ends the call if it has no place in them. Cost: one comparison. */
export function toU16(value: u64): u16 {
  require(value <= u16.MAX_VALUE, 'the number does not fit u16')
  return <u16>value
}

/** The same number in 32 bits; ends the call if it has no place in them. Cost: one comparison. */
export function toU32(value: u64): u32 {
  require(value <= u32.MAX_VALUE, 'the number does not fit u32')
  return <u32>value
}

/** The same number, signed, in 32 bits; ends the call if it has no place in them. Cost: two comparisons. */
export function toI32(value: i64): i32 {
  require(value >= i32.MIN_VALUE && value <= i32.MAX_VALUE, 'the number does not fit i32')
  return <i32>value
}
