/**
 * Products and quotients of numbers of up to 256 bits, on limbs of 32 bits, lowest first, in memory. What u128 and
 * u256 are built on.
 */
import { require } from './errors'

function limb(at: usize, index: i32): u64 {
  return load<u32>(at + (index << 2))
}
function setLimb(at: usize, index: i32, value: u64): void {
  store<u32>(at + (index << 2), <u32>value)
}

/** How many limbs are left without the zeros at the top. */
function limbsOf(at: usize, bytes: i32): i32 {
  let count = bytes >> 2
  while (count > 0 && limb(at, count - 1) == 0) count--
  return count
}

/**
 * Adds the product of `a` and `b`, of `bytes` bytes each, to the zero of `outBytes` bytes at `out`; ends the call if it
 * does not fit. Cost: about 100 gas and 20 for each pair of limbs that are not zero at the top.
 */
export function multiplyWide(a: usize, b: usize, bytes: i32, out: usize, outBytes: i32): void {
  const aLimbs = limbsOf(a, bytes)
  const bLimbs = limbsOf(b, bytes)
  const outLimbs = outBytes >> 2
  if (aLimbs == 0 || bLimbs == 0) return
  require(aLimbs + bLimbs - 1 <= outLimbs, 'multiplication overflows')
  for (let i = 0; i < aLimbs; i++) {
    const factor = limb(a, i)
    let carry: u64 = 0
    for (let j = 0; j < bLimbs; j++) {
      const sum = factor * limb(b, j) + carry + limb(out, i + j)
      setLimb(out, i + j, sum)
      carry = sum >> 32
    }
    if (i + bLimbs < outLimbs) setLimb(out, i + bLimbs, carry)
    else require(carry == 0, 'multiplication overflows')
  }
}

/**
 * Divides numbers of `bytes` bytes; quotient and remainder go to two zeros of that size. Ends the call if the divisor
 * is zero. Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D. Cost: about 200 gas, 60 for each limb
 * of the quotient and 30 for each pair of one of its limbs with one of the divisor.
 */
export function divideWide(dividend: usize, divisor: usize, bytes: i32, quotient: usize, remainder: usize): void {
  const n = limbsOf(dividend, bytes)
  const m = limbsOf(divisor, bytes)
  require(m > 0, 'division by zero')
  if (n < m) {
    memory.copy(remainder, dividend, bytes)
    return
  }
  if (m == 1) {
    const by = limb(divisor, 0)
    let rest: u64 = 0
    for (let i = n - 1; i >= 0; i--) {
      const part = (rest << 32) | limb(dividend, i)
      setLimb(quotient, i, part / by)
      rest = part % by
    }
    setLimb(remainder, 0, rest)
    return
  }
  // Both are shifted so that the divisor's highest bit is set: a quotient's limb is then guessed at most two too high.
  const shift = clz<u32>(<u32>limb(divisor, m - 1))
  const u = memory.data(36)
  const v = memory.data(32)
  setLimb(u, n, shiftLeft(dividend, n, shift, u))
  shiftLeft(divisor, m, shift, v)
  const top = limb(v, m - 1)
  const second = limb(v, m - 2)
  for (let j = n - m; j >= 0; j--) {
    const at = u + (j << 2)
    const high = (limb(at, m) << 32) | limb(at, m - 1)
    let guess = high / top
    let rest = high % top
    while (guess >> 32 != 0 || guess * second > ((rest << 32) | limb(at, m - 2))) {
      guess--
      rest += top
      if (rest >> 32 != 0) break
    }
    if (subtractProduct(at, v, m, guess)) {
      guess--
      addBack(at, v, m)
    }
    setLimb(quotient, j, guess)
  }
  for (let i = 0; i < m; i++) setLimb(remainder, i, ((limb(u, i + 1) << 32) | limb(u, i)) >> shift)
}

/** Returns what is shifted out at the top. */
function shiftLeft(from: usize, limbs: i32, shift: u32, to: usize): u64 {
  let carry: u64 = 0
  for (let i = 0; i < limbs; i++) {
    const shifted = (limb(from, i) << shift) | carry
    setLimb(to, i, shifted)
    carry = shifted >> 32
  }
  return carry
}

/** Takes `factor` times the `m` limbs at `v` from the m + 1 at `at`; true if that went below zero. */
function subtractProduct(at: usize, v: usize, m: i32, factor: u64): bool {
  let borrow: i64 = 0
  for (let i = 0; i < m; i++) {
    const product = factor * limb(v, i)
    const rest = <i64>limb(at, i) - borrow - <i64>(product & 0xffff_ffff)
    setLimb(at, i, rest)
    borrow = <i64>(product >> 32) - (rest >> 32)
  }
  const rest = <i64>limb(at, m) - borrow
  setLimb(at, m, rest)
  return rest < 0
}

function addBack(at: usize, v: usize, m: i32): void {
  let carry: u64 = 0
  for (let i = 0; i < m; i++) {
    const sum = limb(at, i) + limb(v, i) + carry
    setLimb(at, i, sum)
    carry = sum >> 32
  }
  setLimb(at, m, limb(at, m) + carry)
}
