/**
 * Unsigned 256-bit integers. As with u128, every operation that would wrap around ends the call, instances do not
 * change, and `a + b` is `a.plus(b)`.
 */
import { require } from './errors'
import { u128 } from './u128'
import { divideWide, multiplyWide } from './wide'

const BYTES = 32

/**
 * An unsigned integer of 256 bits. What would wrap around ends the call; instances do not change. `a + b` is
 * `a.plus(b)`: the compiler takes both, an editor underlines the operator. It has four limbs of 64 bits, lowest first;
 * in memory and in BCS it is 32 bytes, lowest first.
 */
@final
export class u256 {
  /** Of its limbs, lowest first: `new u256()` is zero. Cost: about 170 gas. */
  constructor(
    readonly w0: u64 = 0,
    readonly w1: u64 = 0,
    readonly w2: u64 = 0,
    readonly w3: u64 = 0,
  ) {}

  /** Of any integer or a u128: `u256.from(5)`. A negative one ends the call. Cost: about 180 gas. */
  static from<T>(value: T): u256 {
    if (isInteger<T>()) {
      if (isSigned<T>()) require(value >= 0, 'a u256 is not negative')
      return new u256(<u64>value)
    } else if (idof<T>() == idof<u128>()) {
      const wide = changetype<u128>(value)
      return new u256(wide.low, wide.high)
    } else {
      ERROR('u256.from takes an integer or a u128')
      return new u256()
    }
  }

  /** The product of two 128-bit numbers, which always fits. Cost: up to 2,000 gas. */
  static product(a: u128, b: u128): u256 {
    const product = new u256()
    multiplyWide(changetype<usize>(a), changetype<usize>(b), 16, product.pointer, BYTES)
    return product
  }

  /** Of 32 bytes, highest first, as hashes and Ethereum's words are read. Cost: about 390 gas. */
  static fromBigEndian(bytes: Uint8Array): u256 {
    require(bytes.length == BYTES, 'a u256 takes 32 bytes')
    const at = bytes.dataStart
    return new u256(
      bswap<u64>(load<u64>(at, 24)),
      bswap<u64>(load<u64>(at, 16)),
      bswap<u64>(load<u64>(at, 8)),
      bswap<u64>(load<u64>(at)),
    )
  }
  /** Its 32 bytes, highest first. Cost: about 600 gas. */
  toBigEndian(): Uint8Array {
    const bytes = new Uint8Array(BYTES)
    const at = bytes.dataStart
    store<u64>(at, bswap<u64>(this.w3))
    store<u64>(at, bswap<u64>(this.w2), 8)
    store<u64>(at, bswap<u64>(this.w1), 16)
    store<u64>(at, bswap<u64>(this.w0), 24)
    return bytes
  }

  private get pointer(): usize {
    return changetype<usize>(this)
  }

  /** Whether it is zero. Cost: about 45 gas. */
  get isZero(): bool {
    return (this.w0 | this.w1 | this.w2 | this.w3) == 0
  }

  /** The same number in 64 bits; ends the call if it needs more. Cost: about 45 gas. */
  toU64(): u64 {
    require((this.w1 | this.w2 | this.w3) == 0, 'number does not fit 64 bits')
    return this.w0
  }
  /** The same number in 128 bits; ends the call if it needs more. Cost: about 210 gas. */
  toU128(): u128 {
    require((this.w2 | this.w3) == 0, 'number does not fit 128 bits')
    return new u128(this.w0, this.w1)
  }

  /** -1 if this is less than `other`, 0 if they are equal, 1 if it is more. Cost: about 180 gas. */
  compare(other: u256): i32 {
    for (let at: usize = BYTES; at > 0; at -= 8) {
      const a = load<u64>(this.pointer + at - 8)
      const b = load<u64>(other.pointer + at - 8)
      if (a != b) return a < b ? -1 : 1
    }
    return 0
  }

  /** `a == b`. Cost: about 180 gas. */
  @operator('==')
  equals(other: u256): bool {
    return this.compare(other) == 0
  }
  /** `a != b`. Cost: about 180 gas. */
  @operator('!=')
  differs(other: u256): bool {
    return this.compare(other) != 0
  }
  /** `a < b`. Cost: about 180 gas. */
  @operator('<')
  isLess(other: u256): bool {
    return this.compare(other) < 0
  }
  /** `a > b`. Cost: about 180 gas. */
  @operator('>')
  isGreater(other: u256): bool {
    return this.compare(other) > 0
  }
  /** `a <= b`. Cost: about 180 gas. */
  @operator('<=')
  isAtMost(other: u256): bool {
    return this.compare(other) <= 0
  }
  /** `a >= b`. Cost: about 180 gas. */
  @operator('>=')
  isAtLeast(other: u256): bool {
    return this.compare(other) >= 0
  }

  /** `a + b`; ends the call if it does not fit. Cost: about 440 gas. */
  @operator('+')
  plus(other: u256): u256 {
    const sum = new u256()
    let carry: u64 = 0
    for (let at: usize = 0; at < <usize>BYTES; at += 8) {
      const a = load<u64>(this.pointer + at)
      const partial = a + load<u64>(other.pointer + at)
      const total = partial + carry
      carry = u64(partial < a) | u64(total < partial)
      store<u64>(sum.pointer + at, total)
    }
    require(carry == 0, 'addition overflows')
    return sum
  }

  /** `a - b`; ends the call if it is below zero. Cost: about 440 gas. */
  @operator('-')
  minus(other: u256): u256 {
    const difference = new u256()
    let borrow: u64 = 0
    for (let at: usize = 0; at < <usize>BYTES; at += 8) {
      const a = load<u64>(this.pointer + at)
      const b = load<u64>(other.pointer + at)
      const partial = a - b
      store<u64>(difference.pointer + at, partial - borrow)
      borrow = u64(a < b) | u64(partial < borrow)
    }
    require(borrow == 0, 'subtraction goes below zero')
    return difference
  }

  /** `a * b`; ends the call if it does not fit. Cost: about 850 gas of small numbers, up to 2,400. */
  @operator('*')
  times(other: u256): u256 {
    const product = new u256()
    multiplyWide(this.pointer, other.pointer, BYTES, product.pointer, BYTES)
    return product
  }

  /** `a / b`, rounded down. Cost: about 840 gas of small numbers, up to 4,500. */
  @operator('/')
  dividedBy(divisor: u256): u256 {
    const quotient = new u256()
    divideWide(this.pointer, divisor.pointer, BYTES, quotient.pointer, memory.data(BYTES))
    return quotient
  }

  /** `a % b`, what the division leaves. Cost: about 840 gas of small numbers, up to 4,500. */
  @operator('%')
  modulo(divisor: u256): u256 {
    const remainder = new u256()
    divideWide(this.pointer, divisor.pointer, BYTES, memory.data(BYTES), remainder.pointer)
    return remainder
  }
}

/**
 * `a * b / divisor` of 128-bit numbers with the full product in between, rounded down.
 * Cost: about 1,850 gas of small numbers, up to 6,900.
 */
export function mulDiv128(a: u128, b: u128, divisor: u128): u128 {
  return u256.product(a, b).dividedBy(u256.from(divisor)).toU128()
}
