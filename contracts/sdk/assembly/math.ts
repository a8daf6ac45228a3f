/**
 * Arithmetic by name. In a contract's own files `+ - *` on integers end the call instead of wrapping around (see
 * vex.ts); these say it in so many words, or say that wrapping around is meant.
 */
import { require } from './errors'

/** `a + b` of unsigned integers; ends the call if it does not fit. Cost: about 10 gas. */
export function checkedAdd<T>(a: T, b: T): T {
  if (!isInteger<T>() || isSigned<T>()) ERROR('checkedAdd takes unsigned integers')
  const sum = <T>(a + b)
  require(sum >= a, 'addition overflows')
  return sum
}

/** `a - b` of unsigned integers; ends the call if it is below zero. Cost: about 10 gas. */
export function checkedSub<T>(a: T, b: T): T {
  if (!isInteger<T>() || isSigned<T>()) ERROR('checkedSub takes unsigned integers')
  require(a >= b, 'subtraction goes below zero')
  return <T>(a - b)
}

/** `a * b` of unsigned integers; ends the call if it does not fit. Cost: about 30 gas. */
export function checkedMul<T>(a: T, b: T): T {
  if (!isInteger<T>() || isSigned<T>()) ERROR('checkedMul takes unsigned integers')
  const product = <T>(a * b)
  require(a == 0 || product / a == b, 'multiplication overflows')
  return product
}

/** `a + b` modulo the number of values of the type: 255 + 1 of a u8 is 0. Cost: as one instruction. */
export function wrappingAdd<T>(a: T, b: T): T {
  if (!isInteger<T>()) ERROR('wrappingAdd takes integers')
  return <T>(a + b)
}

/** `a - b` modulo the number of values of the type: 0 - 1 of a u8 is 255. Cost: as one instruction. */
export function wrappingSub<T>(a: T, b: T): T {
  if (!isInteger<T>()) ERROR('wrappingSub takes integers')
  return <T>(a - b)
}

/** `a * b` modulo the number of values of the type. Cost: as one instruction. */
export function wrappingMul<T>(a: T, b: T): T {
  if (!isInteger<T>()) ERROR('wrappingMul takes integers')
  return <T>(a * b)
}

/** Whether `value` is from `least` to `most`. */
function isWithin<T>(value: T, least: i64, most: u64): bool {
  if (isSigned<T>() && value < 0) return <i64>value >= least
  return <u64>value <= most
}

/** The same number as a u8, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export function toU8<T>(value: T): u8 {
  if (isInteger<T>()) {
    require(isWithin<T>(value, 0, u8.MAX_VALUE), 'the number does not fit u8')
    return <u8>value
  } else if (isDefined(value.toU64)) return toU8<u64>(value.toU64())
  ERROR('toU8 takes an integer, u128 or u256')
}

/** The same number as a u16, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export function toU16<T>(value: T): u16 {
  if (isInteger<T>()) {
    require(isWithin<T>(value, 0, u16.MAX_VALUE), 'the number does not fit u16')
    return <u16>value
  } else if (isDefined(value.toU64)) return toU16<u64>(value.toU64())
  ERROR('toU16 takes an integer, u128 or u256')
}

/** The same number as a u32, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export function toU32<T>(value: T): u32 {
  if (isInteger<T>()) {
    require(isWithin<T>(value, 0, u32.MAX_VALUE), 'the number does not fit u32')
    return <u32>value
  } else if (isDefined(value.toU64)) return toU32<u64>(value.toU64())
  ERROR('toU32 takes an integer, u128 or u256')
}

/** The same number as a u64, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export function toU64<T>(value: T): u64 {
  if (isInteger<T>()) {
    require(isWithin<T>(value, 0, u64.MAX_VALUE), 'the number does not fit u64')
    return <u64>value
  } else if (isDefined(value.toU64)) return toU64<u64>(value.toU64())
  ERROR('toU64 takes an integer, u128 or u256')
}

/** The same number as an i8, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export function toI8<T>(value: T): i8 {
  if (isInteger<T>()) {
    require(isWithin<T>(value, i8.MIN_VALUE, i8.MAX_VALUE), 'the number does not fit i8')
    return <i8>value
  } else if (isDefined(value.toU64)) return toI8<u64>(value.toU64())
  ERROR('toI8 takes an integer, u128 or u256')
}

/** The same number as an i16, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export function toI16<T>(value: T): i16 {
  if (isInteger<T>()) {
    require(isWithin<T>(value, i16.MIN_VALUE, i16.MAX_VALUE), 'the number does not fit i16')
    return <i16>value
  } else if (isDefined(value.toU64)) return toI16<u64>(value.toU64())
  ERROR('toI16 takes an integer, u128 or u256')
}

/** The same number as an i32, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export function toI32<T>(value: T): i32 {
  if (isInteger<T>()) {
    require(isWithin<T>(value, i32.MIN_VALUE, i32.MAX_VALUE), 'the number does not fit i32')
    return <i32>value
  } else if (isDefined(value.toU64)) return toI32<u64>(value.toU64())
  ERROR('toI32 takes an integer, u128 or u256')
}

/** The same number as an i64, of any integer, u128 or u256; ends the call if it does not fit. Cost: about 10 gas. */
export function toI64<T>(value: T): i64 {
  if (isInteger<T>()) {
    require(isWithin<T>(value, i64.MIN_VALUE, i64.MAX_VALUE), 'the number does not fit i64')
    return <i64>value
  } else if (isDefined(value.toU64)) return toI64<u64>(value.toU64())
  ERROR('toI64 takes an integer, u128 or u256')
}
