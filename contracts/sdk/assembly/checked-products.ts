/** Products of 64 bits and powers that end the call if they do not fit: what the compiler calls for `*` and `**`. */
import { revert } from './errors'

function overflow(): void {
  revert('multiplication overflows')
}

export function multiplyUnsigned(a: u64, b: u64): u64 {
  if ((a | b) >> 32 != 0 && b != 0 && a > u64.MAX_VALUE / b) overflow()
  return a * b
}

export function multiplySigned(a: i64, b: i64): i64 {
  const product = a * b
  if (a == <i64>(<i32>a) && b == <i64>(<i32>b)) return product
  // The one quotient that does not fit is taken care of first.
  if (a == -1 ? b == i64.MIN_VALUE : a != 0 && product / a != b) overflow()
  return product
}

/** `base ** exponent`, at most `max`. */
export function powerUnsigned(base: u64, exponent: u64, max: u64): u64 {
  let power: u64 = 1
  let square = base
  while (exponent != 0) {
    if ((exponent & 1) != 0) power = multiplyUnsigned(power, square)
    exponent >>= 1
    // A square that is not used may overflow.
    if (exponent != 0) square = multiplyUnsigned(square, square)
  }
  if (power > max) overflow()
  return power
}

/** `base ** exponent`, from -max - 1 to `max`. */
export function powerSigned(base: i64, exponent: i64, max: i64): i64 {
  if (exponent < 0) revert('the exponent is below zero')
  let power: i64 = 1
  let square = base
  while (exponent != 0) {
    if ((exponent & 1) != 0) power = multiplySigned(power, square)
    exponent >>= 1
    if (exponent != 0) square = multiplySigned(square, square)
  }
  if (power > max || power < -max - 1) overflow()
  return power
}
