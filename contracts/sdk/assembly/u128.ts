/**
 * Unsigned 128-bit integers for sums and products that do not fit 64 bits. Every operation that would wrap
 * around ends the call. Instances do not change.
 *
 * `a + b` is `a.plus(b)`. The compiler takes both; an editor, which reads contracts as TypeScript, knows no
 * operators on objects and underlines `+ - * /`: write plus, minus, times and dividedBy where that disturbs.
 */
import { require } from './errors'

/** The full product of two 64-bit numbers. Cost: about 30 gas. */
function wideMul(a: u64, b: u64): u128 {
  const aLow = a & 0xffff_ffff
  const aHigh = a >> 32
  const bLow = b & 0xffff_ffff
  const bHigh = b >> 32
  const low = aLow * bLow
  const middle = aHigh * bLow + (low >> 32)
  const cross = aLow * bHigh + (middle & 0xffff_ffff)
  return new u128((cross << 32) | (low & 0xffff_ffff), aHigh * bHigh + (middle >> 32) + (cross >> 32))
}

@final
export class u128 {
  constructor(
    readonly low: u64 = 0,
    readonly high: u64 = 0,
  ) {}

  /** Of any integer: `u128.from(5)`. A negative one ends the call. */
  static from<T>(value: T): u128 {
    if (!isInteger<T>()) ERROR('u128.from takes an integer')
    if (isSigned<T>()) require(value >= 0, 'a u128 is not negative')
    return new u128(<u64>value)
  }

  /** The product, which always fits. */
  static product(a: u64, b: u64): u128 {
    return wideMul(a, b)
  }

  /** Ends the call if the number needs more than 64 bits. */
  toU64(): u64 {
    require(this.high == 0, 'number does not fit 64 bits')
    return this.low
  }

  @operator('==')
  equals(other: u128): bool {
    return this.low == other.low && this.high == other.high
  }
  @operator('!=')
  differs(other: u128): bool {
    return !this.equals(other)
  }
  @operator('<')
  isLess(other: u128): bool {
    return this.high == other.high ? this.low < other.low : this.high < other.high
  }
  @operator('>')
  isGreater(other: u128): bool {
    return other.isLess(this)
  }
  @operator('<=')
  isAtMost(other: u128): bool {
    return !other.isLess(this)
  }
  @operator('>=')
  isAtLeast(other: u128): bool {
    return !this.isLess(other)
  }

  @operator('+')
  plus(other: u128): u128 {
    const low = this.low + other.low
    const carry: u64 = low < this.low ? 1 : 0
    const high = this.high + other.high + carry
    require(high > this.high || (high == this.high && (other.high | carry) == 0), 'addition overflows')
    return new u128(low, high)
  }

  @operator('-')
  minus(other: u128): u128 {
    require(!this.isLess(other), 'subtraction goes below zero')
    const borrow: u64 = this.low < other.low ? 1 : 0
    return new u128(this.low - other.low, this.high - other.high - borrow)
  }

  @operator('*')
  times(other: u128): u128 {
    require(this.high == 0 || other.high == 0, 'multiplication overflows')
    const product = wideMul(this.low, other.low)
    const cross = wideMul(this.high | other.high, this.high == 0 ? this.low : other.low)
    const high = product.high + cross.low
    require(cross.high == 0 && high >= product.high, 'multiplication overflows')
    return new u128(product.low, high)
  }

  /** Quotient, rounded down. Cost: about 2,500 gas, whatever the numbers. */
  @operator('/')
  dividedBy(divisor: u128): u128 {
    require((divisor.low | divisor.high) != 0, 'division by zero')
    let quotientLow: u64 = 0
    let quotientHigh: u64 = 0
    let low: u64 = 0
    let high: u64 = 0
    for (let bit = 127; bit >= 0; bit--) {
      const shiftedOut = high >> 63
      high = (high << 1) | (low >> 63)
      low = (low << 1) | (((bit >= 64 ? this.high : this.low) >> (bit & 63)) & 1)
      if (shiftedOut != 0 || high > divisor.high || (high == divisor.high && low >= divisor.low)) {
        const borrow: u64 = low < divisor.low ? 1 : 0
        low -= divisor.low
        high -= divisor.high + borrow
        if (bit >= 64) quotientHigh |= (<u64>1) << (bit - 64)
        else quotientLow |= (<u64>1) << bit
      }
    }
    return new u128(quotientLow, quotientHigh)
  }
}

/** `a * b / divisor` with the full product in between, rounded down: shares and prices without overflow. */
export function mulDiv(a: u64, b: u64, divisor: u64): u64 {
  return wideMul(a, b).dividedBy(new u128(divisor)).toU64()
}
