/** Unsigned arithmetic that ends the call instead of wrapping around. Cost: one comparison; `checkedMul` a division. */
import { require } from './errors'

export function checkedAdd<T>(a: T, b: T): T {
  if (!isInteger<T>() || isSigned<T>()) ERROR('checkedAdd takes unsigned integers')
  const sum = <T>(a + b)
  require(sum >= a, 'addition overflows')
  return sum
}

export function checkedSub<T>(a: T, b: T): T {
  if (!isInteger<T>() || isSigned<T>()) ERROR('checkedSub takes unsigned integers')
  require(a >= b, 'subtraction goes below zero')
  return <T>(a - b)
}

export function checkedMul<T>(a: T, b: T): T {
  if (!isInteger<T>() || isSigned<T>()) ERROR('checkedMul takes unsigned integers')
  const product = <T>(a * b)
  require(a == 0 || product / a == b, 'multiplication overflows')
  return product
}
