/**
 * Unsigned 128-bit integers for sums and products that do not fit 64 bits. Every operation that would wrap
 * around ends the call. Instances do not change.
 *
 * `a + b` is `a.plus(b)`. The compiler takes both; an editor, which reads contracts as TypeScript, knows no
 * operators on objects and underlines `+ - * /`: write plus, minus, times and dividedBy where that disturbs.
 */
import { require } from './errors'
import { divideWide } from './wide'

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

/**
 * An unsigned integer of 128 bits. What would wrap around ends the call; instances do not change. `a + b` is
 * `a.plus(b)`: the compiler takes both, an editor underlines the operator.
 */
@final
export class u128 {
  /** Of its halves: `new u128()` is zero. Cost: about 155 gas. */
  constructor(
    readonly low: u64 = 0,
    readonly high: u64 = 0,
  ) {}

  /** Of any integer: `u128.from(5)`. A negative one ends the call. Cost: about 160 gas. */
  static from<T>(value: T): u128 {
    if (!isInteger<T>()) ERROR('u128.from takes an integer')
    if (isSigned<T>()) require(value >= 0, 'a u128 is not negative')
    return new u128(<u64>value)
  }

  /** The product of two 64-bit numbers, which always fits. Cost: about 210 gas. */
  static product(a: u64, b: u64): u128 {
    return wideMul(a, b)
  }

  /** Of 16 bytes, highest first. Cost: about 290 gas. */
  static fromBigEndian(bytes: Uint8Array): u128 {
    require(bytes.length == 16, 'a u128 takes 16 bytes')
    return new u128(bswap<u64>(load<u64>(bytes.dataStart, 8)), bswap<u64>(load<u64>(bytes.dataStart)))
  }
  /** Its 16 bytes, highest first. Cost: about 500 gas. */
  toBigEndian(): Uint8Array {
    const bytes = new Uint8Array(16)
    store<u64>(bytes.dataStart, bswap<u64>(this.high))
    store<u64>(bytes.dataStart, bswap<u64>(this.low), 8)
    return bytes
  }

  /** Whether it is zero. Cost: about 25 gas. */
  get isZero(): bool {
    return (this.low | this.high) == 0
  }

  /** The same number in 64 bits; ends the call if it needs more. Cost: about 25 gas. */
  toU64(): u64 {
    require(this.high == 0, 'number does not fit 64 bits')
    return this.low
  }

  /** -1 if this is less than `other`, 0 if they are equal, 1 if it is more. Cost: about 100 gas. */
  compare(other: u128): i32 {
    return this.isLess(other) ? -1 : this.equals(other) ? 0 : 1
  }

  /** `a == b`. Cost: about 40 gas. */
  @operator('==')
  equals(other: u128): bool {
    return this.low == other.low && this.high == other.high
  }
  /** `a != b`. Cost: about 40 gas. */
  @operator('!=')
  differs(other: u128): bool {
    return !this.equals(other)
  }
  /** `a < b`. Cost: about 60 gas. */
  @operator('<')
  isLess(other: u128): bool {
    return this.high == other.high ? this.low < other.low : this.high < other.high
  }
  /** `a > b`. Cost: about 60 gas. */
  @operator('>')
  isGreater(other: u128): bool {
    return other.isLess(this)
  }
  /** `a <= b`. Cost: about 60 gas. */
  @operator('<=')
  isAtMost(other: u128): bool {
    return !other.isLess(this)
  }
  /** `a >= b`. Cost: about 60 gas. */
  @operator('>=')
  isAtLeast(other: u128): bool {
    return !this.isLess(other)
  }

  /** `a + b`; ends the call if it does not fit. Cost: about 270 gas. */
  @operator('+')
  plus(other: u128): u128 {
    const low = this.low + other.low
    const carry: u64 = low < this.low ? 1 : 0
    const high = this.high + other.high + carry
    require(high > this.high || (high == this.high && (other.high | carry) == 0), 'addition overflows')
    return new u128(low, high)
  }

  /** `a - b`; ends the call if it is below zero. Cost: about 300 gas. */
  @operator('-')
  minus(other: u128): u128 {
    require(!this.isLess(other), 'subtraction goes below zero')
    const borrow: u64 = this.low < other.low ? 1 : 0
    return new u128(this.low - other.low, this.high - other.high - borrow)
  }

  /** `a * b`; ends the call if it does not fit. Cost: about 760 gas. */
  @operator('*')
  times(other: u128): u128 {
    require(this.high == 0 || other.high == 0, 'multiplication overflows')
    const product = wideMul(this.low, other.low)
    const cross = wideMul(this.high | other.high, this.high == 0 ? this.low : other.low)
    const high = product.high + cross.low
    require(cross.high == 0 && high >= product.high, 'multiplication overflows')
    return new u128(product.low, high)
  }

  /** `a / b`, rounded down. Cost: about 250 gas if both fit 64 bits, else up to 2,200. */
  @operator('/')
  dividedBy(divisor: u128): u128 {
    if ((this.high | divisor.high) == 0 && divisor.low != 0) return new u128(this.low / divisor.low)
    const quotient = new u128()
    divideWide(changetype<usize>(this), changetype<usize>(divisor), 16, changetype<usize>(quotient), memory.data(16))
    return quotient
  }

  /** `a % b`, what the division leaves. Cost: about 250 gas if both fit 64 bits, else up to 2,200. */
  @operator('%')
  modulo(divisor: u128): u128 {
    if ((this.high | divisor.high) == 0 && divisor.low != 0) return new u128(this.low % divisor.low)
    const remainder = new u128()
    divideWide(changetype<usize>(this), changetype<usize>(divisor), 16, memory.data(16), changetype<usize>(remainder))
    return remainder
  }
}

/**
 * `a * b / divisor` with the full product in between, rounded down: shares and prices without overflow.
 * Cost: about 650 gas, or up to 2,700 where the product takes more than 64 bits.
 */
export function mulDiv(a: u64, b: u64, divisor: u64): u64 {
  return wideMul(a, b).dividedBy(new u128(divisor)).toU64()
}

/** The integer square root: the highest number whose square is at most `n`. Cost: up to 3,200 gas. */
export function sqrt(n: u128): u64 {
  if (n.isZero) return 0
  // The float is right in its 52 first bits. One step of Newton's method makes it at most one too high.
  const near = f64.sqrt(<f64>n.high * 18446744073709551616.0 + <f64>n.low)
  const estimate: u64 = near < 18446744073709549568.0 ? <u64>near : 18446744073709549568
  const quotient = n.dividedBy(new u128(estimate))
  const sum = quotient.plus(new u128(estimate))
  const root: u64 = (sum.low >> 1) | (sum.high << 63)
  if (sum.high > 1) return u64.MAX_VALUE
  return wideMul(root, root).isGreater(n) ? root - 1 : root
}
