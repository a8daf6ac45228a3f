/**
 * The field of 2^255 - 19, four elements at a time: a vector's lane is an element.
 *
 * An element is ten limbs in radix 2^25.5, as in ref10 (Bernstein, Duif, Lange, Schwabe, Yang, 2011), but unsigned: limb i
 * counts 2^ceil(25.5 i) and is of 26 bits where i is even, of 25 where it is odd. Here FIELD bytes are four of them: ten
 * vectors, limb by limb. What an element's value is modulo 2^255 - 19 counts; a limb may hold somewhat more than its bits:
 *
 *   excess e: every even limb is below 2^(26 + e), every odd one below 2^(25 + e)
 *
 *   multiply(x, y)    takes x with e <= 2.5, y with e <= 1.75          gives e < 0.001 ("reduced")
 *   square(x)         takes e <= 1.75                                  gives reduced
 *   add(x, y)         what both may be adds up: of two reduced, e <= 1
 *   subtract(x, y)    adds 2 (2^255 - 19): takes y reduced; e <= 1.59 if x is reduced too, 2 if it has e <= 1
 *   reduce(x)         takes e <= 5                                     gives reduced
 *
 * Why multiply can: 19 y fits 32 bits with e <= 1.75, for 19 < 2^4.25. A column sums four products of even limbs and five
 * of odd ones, these doubled, all times 19 at worst: below 2^(56.25 + ex + ey) (4 + 5/2) < 2^(58.96 + ex + ey) < 2^63.3.
 *
 * Results may lie where operands do.
 */
const LIMBS: usize = 10
const VECTOR: usize = 16
export const FIELD: usize = LIMBS * VECTOR

@inline
function product(x: v128, y: v128, high: bool): v128 {
  return high ? i64x2.extmul_high_i32x4_u(x, y) : i64x2.extmul_low_i32x4_u(x, y)
}

@inline
function plus(sum: v128, x: v128, y: v128, high: bool): v128 {
  return i64x2.add(sum, product(x, y, high))
}

@inline
function times19(x: v128): v128 {
  return i32x4.mul(x, i32x4.splat(19))
}

@inline
function twice(x: v128): v128 {
  return i32x4.add(x, x)
}

@inline
function evenBits(x: v128): v128 {
  return v128.and(x, i64x2.splat(0x3ffffff))
}

@inline
function oddBits(x: v128): v128 {
  return v128.and(x, i64x2.splat(0x1ffffff))
}

/** Two results of 32 bits in each half to four. */
@inline
function join(out: usize, low: usize): void {
  v128.store(out, i32x4.shuffle(v128.load(low), v128.load(low + FIELD), 0, 2, 4, 6))
}

/** Both halves of a result before they are joined, 64 bits a lane. */
const HALVES: usize = memory.data(320, 16)

/** Of lanes 0 and 1, or of 2 and 3. `d` is twice a limb, `n` 19 times one. */
@inline
function multiplyHalf(out: usize, a: usize, b: usize, high: bool): void {
  const a0 = v128.load(a + 0 * VECTOR)
  const a1 = v128.load(a + 1 * VECTOR)
  const a2 = v128.load(a + 2 * VECTOR)
  const a3 = v128.load(a + 3 * VECTOR)
  const a4 = v128.load(a + 4 * VECTOR)
  const a5 = v128.load(a + 5 * VECTOR)
  const a6 = v128.load(a + 6 * VECTOR)
  const a7 = v128.load(a + 7 * VECTOR)
  const a8 = v128.load(a + 8 * VECTOR)
  const a9 = v128.load(a + 9 * VECTOR)
  const b0 = v128.load(b + 0 * VECTOR)
  const b1 = v128.load(b + 1 * VECTOR)
  const b2 = v128.load(b + 2 * VECTOR)
  const b3 = v128.load(b + 3 * VECTOR)
  const b4 = v128.load(b + 4 * VECTOR)
  const b5 = v128.load(b + 5 * VECTOR)
  const b6 = v128.load(b + 6 * VECTOR)
  const b7 = v128.load(b + 7 * VECTOR)
  const b8 = v128.load(b + 8 * VECTOR)
  const b9 = v128.load(b + 9 * VECTOR)
  const d1 = twice(a1)
  const d3 = twice(a3)
  const d5 = twice(a5)
  const d7 = twice(a7)
  const d9 = twice(a9)
  const n1 = times19(b1)
  const n2 = times19(b2)
  const n3 = times19(b3)
  const n4 = times19(b4)
  const n5 = times19(b5)
  const n6 = times19(b6)
  const n7 = times19(b7)
  const n8 = times19(b8)
  const n9 = times19(b9)
  let c0 = product(a0, b0, high)
  let c1 = product(a0, b1, high)
  let c2 = product(a0, b2, high)
  let c3 = product(a0, b3, high)
  let c4 = product(a0, b4, high)
  let c5 = product(a0, b5, high)
  let c6 = product(a0, b6, high)
  let c7 = product(a0, b7, high)
  let c8 = product(a0, b8, high)
  let c9 = product(a0, b9, high)
  c1 = plus(c1, a1, b0, high)
  c2 = plus(c2, d1, b1, high)
  c3 = plus(c3, a1, b2, high)
  c4 = plus(c4, d1, b3, high)
  c5 = plus(c5, a1, b4, high)
  c6 = plus(c6, d1, b5, high)
  c7 = plus(c7, a1, b6, high)
  c8 = plus(c8, d1, b7, high)
  c9 = plus(c9, a1, b8, high)
  c0 = plus(c0, d1, n9, high)
  c2 = plus(c2, a2, b0, high)
  c3 = plus(c3, a2, b1, high)
  c4 = plus(c4, a2, b2, high)
  c5 = plus(c5, a2, b3, high)
  c6 = plus(c6, a2, b4, high)
  c7 = plus(c7, a2, b5, high)
  c8 = plus(c8, a2, b6, high)
  c9 = plus(c9, a2, b7, high)
  c0 = plus(c0, a2, n8, high)
  c1 = plus(c1, a2, n9, high)
  c3 = plus(c3, a3, b0, high)
  c4 = plus(c4, d3, b1, high)
  c5 = plus(c5, a3, b2, high)
  c6 = plus(c6, d3, b3, high)
  c7 = plus(c7, a3, b4, high)
  c8 = plus(c8, d3, b5, high)
  c9 = plus(c9, a3, b6, high)
  c0 = plus(c0, d3, n7, high)
  c1 = plus(c1, a3, n8, high)
  c2 = plus(c2, d3, n9, high)
  c4 = plus(c4, a4, b0, high)
  c5 = plus(c5, a4, b1, high)
  c6 = plus(c6, a4, b2, high)
  c7 = plus(c7, a4, b3, high)
  c8 = plus(c8, a4, b4, high)
  c9 = plus(c9, a4, b5, high)
  c0 = plus(c0, a4, n6, high)
  c1 = plus(c1, a4, n7, high)
  c2 = plus(c2, a4, n8, high)
  c3 = plus(c3, a4, n9, high)
  c5 = plus(c5, a5, b0, high)
  c6 = plus(c6, d5, b1, high)
  c7 = plus(c7, a5, b2, high)
  c8 = plus(c8, d5, b3, high)
  c9 = plus(c9, a5, b4, high)
  c0 = plus(c0, d5, n5, high)
  c1 = plus(c1, a5, n6, high)
  c2 = plus(c2, d5, n7, high)
  c3 = plus(c3, a5, n8, high)
  c4 = plus(c4, d5, n9, high)
  c6 = plus(c6, a6, b0, high)
  c7 = plus(c7, a6, b1, high)
  c8 = plus(c8, a6, b2, high)
  c9 = plus(c9, a6, b3, high)
  c0 = plus(c0, a6, n4, high)
  c1 = plus(c1, a6, n5, high)
  c2 = plus(c2, a6, n6, high)
  c3 = plus(c3, a6, n7, high)
  c4 = plus(c4, a6, n8, high)
  c5 = plus(c5, a6, n9, high)
  c7 = plus(c7, a7, b0, high)
  c8 = plus(c8, d7, b1, high)
  c9 = plus(c9, a7, b2, high)
  c0 = plus(c0, d7, n3, high)
  c1 = plus(c1, a7, n4, high)
  c2 = plus(c2, d7, n5, high)
  c3 = plus(c3, a7, n6, high)
  c4 = plus(c4, d7, n7, high)
  c5 = plus(c5, a7, n8, high)
  c6 = plus(c6, d7, n9, high)
  c8 = plus(c8, a8, b0, high)
  c9 = plus(c9, a8, b1, high)
  c0 = plus(c0, a8, n2, high)
  c1 = plus(c1, a8, n3, high)
  c2 = plus(c2, a8, n4, high)
  c3 = plus(c3, a8, n5, high)
  c4 = plus(c4, a8, n6, high)
  c5 = plus(c5, a8, n7, high)
  c6 = plus(c6, a8, n8, high)
  c7 = plus(c7, a8, n9, high)
  c9 = plus(c9, a9, b0, high)
  c0 = plus(c0, d9, n1, high)
  c1 = plus(c1, a9, n2, high)
  c2 = plus(c2, d9, n3, high)
  c3 = plus(c3, a9, n4, high)
  c4 = plus(c4, d9, n5, high)
  c5 = plus(c5, a9, n6, high)
  c6 = plus(c6, d9, n7, high)
  c7 = plus(c7, a9, n8, high)
  c8 = plus(c8, d9, n9, high)
  // Two chains side by side, then what goes over the top comes back times 19.
  c1 = i64x2.add(c1, i64x2.shr_u(c0, 26))
  c0 = evenBits(c0)
  c5 = i64x2.add(c5, i64x2.shr_u(c4, 26))
  c4 = evenBits(c4)
  c2 = i64x2.add(c2, i64x2.shr_u(c1, 25))
  c1 = oddBits(c1)
  c6 = i64x2.add(c6, i64x2.shr_u(c5, 25))
  c5 = oddBits(c5)
  c3 = i64x2.add(c3, i64x2.shr_u(c2, 26))
  c2 = evenBits(c2)
  c7 = i64x2.add(c7, i64x2.shr_u(c6, 26))
  c6 = evenBits(c6)
  c4 = i64x2.add(c4, i64x2.shr_u(c3, 25))
  c3 = oddBits(c3)
  c8 = i64x2.add(c8, i64x2.shr_u(c7, 25))
  c7 = oddBits(c7)
  c5 = i64x2.add(c5, i64x2.shr_u(c4, 26))
  c4 = evenBits(c4)
  c9 = i64x2.add(c9, i64x2.shr_u(c8, 26))
  c8 = evenBits(c8)
  const top = i64x2.shr_u(c9, 25)
  c9 = oddBits(c9)
  c0 = i64x2.add(c0, i64x2.add(top, i64x2.add(i64x2.shl(top, 1), i64x2.shl(top, 4))))
  c1 = i64x2.add(c1, i64x2.shr_u(c0, 26))
  c0 = evenBits(c0)
  v128.store(out + 0 * VECTOR, c0)
  v128.store(out + 1 * VECTOR, c1)
  v128.store(out + 2 * VECTOR, c2)
  v128.store(out + 3 * VECTOR, c3)
  v128.store(out + 4 * VECTOR, c4)
  v128.store(out + 5 * VECTOR, c5)
  v128.store(out + 6 * VECTOR, c6)
  v128.store(out + 7 * VECTOR, c7)
  v128.store(out + 8 * VECTOR, c8)
  v128.store(out + 9 * VECTOR, c9)
}

function joinHalves(out: usize): void {
  join(out + 0 * VECTOR, HALVES + 0 * VECTOR)
  join(out + 1 * VECTOR, HALVES + 1 * VECTOR)
  join(out + 2 * VECTOR, HALVES + 2 * VECTOR)
  join(out + 3 * VECTOR, HALVES + 3 * VECTOR)
  join(out + 4 * VECTOR, HALVES + 4 * VECTOR)
  join(out + 5 * VECTOR, HALVES + 5 * VECTOR)
  join(out + 6 * VECTOR, HALVES + 6 * VECTOR)
  join(out + 7 * VECTOR, HALVES + 7 * VECTOR)
  join(out + 8 * VECTOR, HALVES + 8 * VECTOR)
  join(out + 9 * VECTOR, HALVES + 9 * VECTOR)
}

export function multiply(out: usize, a: usize, b: usize): void {
  multiplyHalf(HALVES, a, b, false)
  multiplyHalf(HALVES + FIELD, a, b, true)
  joinHalves(out)
}

/** `d` is twice a limb, `n` 19 times one, `w` 38 times one. */
@inline
function squareHalf(out: usize, a: usize, high: bool): void {
  const a0 = v128.load(a + 0 * VECTOR)
  const a1 = v128.load(a + 1 * VECTOR)
  const a2 = v128.load(a + 2 * VECTOR)
  const a3 = v128.load(a + 3 * VECTOR)
  const a4 = v128.load(a + 4 * VECTOR)
  const a5 = v128.load(a + 5 * VECTOR)
  const a6 = v128.load(a + 6 * VECTOR)
  const a7 = v128.load(a + 7 * VECTOR)
  const a8 = v128.load(a + 8 * VECTOR)
  const a9 = v128.load(a + 9 * VECTOR)
  const d0 = twice(a0)
  const d1 = twice(a1)
  const d2 = twice(a2)
  const d3 = twice(a3)
  const d4 = twice(a4)
  const d5 = twice(a5)
  const d6 = twice(a6)
  const d7 = twice(a7)
  const d8 = twice(a8)
  const d9 = twice(a9)
  const n5 = times19(a5)
  const n6 = times19(a6)
  const n7 = times19(a7)
  const n8 = times19(a8)
  const n9 = times19(a9)
  const w5 = twice(n5)
  const w7 = twice(n7)
  const w9 = twice(n9)
  let c0 = product(a0, a0, high)
  let c1 = product(d0, a1, high)
  let c2 = product(d0, a2, high)
  let c3 = product(d0, a3, high)
  let c4 = product(d0, a4, high)
  let c5 = product(d0, a5, high)
  let c6 = product(d0, a6, high)
  let c7 = product(d0, a7, high)
  let c8 = product(d0, a8, high)
  let c9 = product(d0, a9, high)
  c2 = plus(c2, a1, d1, high)
  c3 = plus(c3, d1, a2, high)
  c4 = plus(c4, d1, d3, high)
  c5 = plus(c5, d1, a4, high)
  c6 = plus(c6, d1, d5, high)
  c7 = plus(c7, d1, a6, high)
  c8 = plus(c8, d1, d7, high)
  c9 = plus(c9, d1, a8, high)
  c0 = plus(c0, d1, w9, high)
  c4 = plus(c4, a2, a2, high)
  c5 = plus(c5, d2, a3, high)
  c6 = plus(c6, d2, a4, high)
  c7 = plus(c7, d2, a5, high)
  c8 = plus(c8, d2, a6, high)
  c9 = plus(c9, d2, a7, high)
  c0 = plus(c0, d2, n8, high)
  c1 = plus(c1, d2, n9, high)
  c6 = plus(c6, a3, d3, high)
  c7 = plus(c7, d3, a4, high)
  c8 = plus(c8, d3, d5, high)
  c9 = plus(c9, d3, a6, high)
  c0 = plus(c0, d3, w7, high)
  c1 = plus(c1, d3, n8, high)
  c2 = plus(c2, d3, w9, high)
  c8 = plus(c8, a4, a4, high)
  c9 = plus(c9, d4, a5, high)
  c0 = plus(c0, d4, n6, high)
  c1 = plus(c1, d4, n7, high)
  c2 = plus(c2, d4, n8, high)
  c3 = plus(c3, d4, n9, high)
  c0 = plus(c0, a5, w5, high)
  c1 = plus(c1, d5, n6, high)
  c2 = plus(c2, d5, w7, high)
  c3 = plus(c3, d5, n8, high)
  c4 = plus(c4, d5, w9, high)
  c2 = plus(c2, a6, n6, high)
  c3 = plus(c3, d6, n7, high)
  c4 = plus(c4, d6, n8, high)
  c5 = plus(c5, d6, n9, high)
  c4 = plus(c4, a7, w7, high)
  c5 = plus(c5, d7, n8, high)
  c6 = plus(c6, d7, w9, high)
  c6 = plus(c6, a8, n8, high)
  c7 = plus(c7, d8, n9, high)
  c8 = plus(c8, a9, w9, high)
  // Two chains side by side, then what goes over the top comes back times 19.
  c1 = i64x2.add(c1, i64x2.shr_u(c0, 26))
  c0 = evenBits(c0)
  c5 = i64x2.add(c5, i64x2.shr_u(c4, 26))
  c4 = evenBits(c4)
  c2 = i64x2.add(c2, i64x2.shr_u(c1, 25))
  c1 = oddBits(c1)
  c6 = i64x2.add(c6, i64x2.shr_u(c5, 25))
  c5 = oddBits(c5)
  c3 = i64x2.add(c3, i64x2.shr_u(c2, 26))
  c2 = evenBits(c2)
  c7 = i64x2.add(c7, i64x2.shr_u(c6, 26))
  c6 = evenBits(c6)
  c4 = i64x2.add(c4, i64x2.shr_u(c3, 25))
  c3 = oddBits(c3)
  c8 = i64x2.add(c8, i64x2.shr_u(c7, 25))
  c7 = oddBits(c7)
  c5 = i64x2.add(c5, i64x2.shr_u(c4, 26))
  c4 = evenBits(c4)
  c9 = i64x2.add(c9, i64x2.shr_u(c8, 26))
  c8 = evenBits(c8)
  const top = i64x2.shr_u(c9, 25)
  c9 = oddBits(c9)
  c0 = i64x2.add(c0, i64x2.add(top, i64x2.add(i64x2.shl(top, 1), i64x2.shl(top, 4))))
  c1 = i64x2.add(c1, i64x2.shr_u(c0, 26))
  c0 = evenBits(c0)
  v128.store(out + 0 * VECTOR, c0)
  v128.store(out + 1 * VECTOR, c1)
  v128.store(out + 2 * VECTOR, c2)
  v128.store(out + 3 * VECTOR, c3)
  v128.store(out + 4 * VECTOR, c4)
  v128.store(out + 5 * VECTOR, c5)
  v128.store(out + 6 * VECTOR, c6)
  v128.store(out + 7 * VECTOR, c7)
  v128.store(out + 8 * VECTOR, c8)
  v128.store(out + 9 * VECTOR, c9)
}

export function square(out: usize, a: usize): void {
  squareHalf(HALVES, a, false)
  squareHalf(HALVES + FIELD, a, true)
  joinHalves(out)
}

/** `count` times. */
export function squares(out: usize, a: usize, count: i32): void {
  square(out, a)
  for (let i = 1; i < count; i++) square(out, out)
}

@inline
function addLimb(out: usize, a: usize, b: usize): void {
  v128.store(out, i32x4.add(v128.load(a), v128.load(b)))
}

export function add(out: usize, a: usize, b: usize): void {
  addLimb(out + 0 * VECTOR, a + 0 * VECTOR, b + 0 * VECTOR)
  addLimb(out + 1 * VECTOR, a + 1 * VECTOR, b + 1 * VECTOR)
  addLimb(out + 2 * VECTOR, a + 2 * VECTOR, b + 2 * VECTOR)
  addLimb(out + 3 * VECTOR, a + 3 * VECTOR, b + 3 * VECTOR)
  addLimb(out + 4 * VECTOR, a + 4 * VECTOR, b + 4 * VECTOR)
  addLimb(out + 5 * VECTOR, a + 5 * VECTOR, b + 5 * VECTOR)
  addLimb(out + 6 * VECTOR, a + 6 * VECTOR, b + 6 * VECTOR)
  addLimb(out + 7 * VECTOR, a + 7 * VECTOR, b + 7 * VECTOR)
  addLimb(out + 8 * VECTOR, a + 8 * VECTOR, b + 8 * VECTOR)
  addLimb(out + 9 * VECTOR, a + 9 * VECTOR, b + 9 * VECTOR)
}

/** 2 (2^255 - 19), whose limbs are above all that `b` may have. */
@inline
function twicePrime(at: usize): v128 {
  return at == 0
    ? i32x4.splat(0x7ffffda)
    : (at & VECTOR) == 0
      ? i32x4.splat(0x7fffffe)
      : i32x4.splat(0x3fffffe)
}

@inline
function subtractLimb(i: usize, out: usize, a: usize, b: usize): void {
  const at = i * VECTOR
  const raised = i32x4.add(v128.load(a + at), twicePrime(at))
  v128.store(out + at, i32x4.sub(raised, v128.load(b + at)))
}

export function subtract(out: usize, a: usize, b: usize): void {
  subtractLimb(0, out, a, b)
  subtractLimb(1, out, a, b)
  subtractLimb(2, out, a, b)
  subtractLimb(3, out, a, b)
  subtractLimb(4, out, a, b)
  subtractLimb(5, out, a, b)
  subtractLimb(6, out, a, b)
  subtractLimb(7, out, a, b)
  subtractLimb(8, out, a, b)
  subtractLimb(9, out, a, b)
}

/**
 * Negated in the lanes where the word at `mask` is all ones, `a` itself in those where it is zero. Takes reduced, gives
 * e <= 1.
 */
export function negateWhere(out: usize, a: usize, mask: usize): void {
  const negative = v128.load(mask)
  for (let at: usize = 0; at < FIELD; at += VECTOR) {
    const limb = v128.load(a + at)
    v128.store(out + at, v128.bitselect(i32x4.sub(twicePrime(at), limb), limb, negative))
  }
}

/** `b` in the lanes where the word at `mask` is all ones, `a` in those where it is zero. */
export function choose(out: usize, a: usize, b: usize, mask: usize): void {
  const isB = v128.load(mask)
  for (let at: usize = 0; at < FIELD; at += VECTOR)
    v128.store(out + at, v128.bitselect(v128.load(b + at), v128.load(a + at), isB))
}

/** Every limb hands over at once: what a limb gets is below 2^6 (19 times that, the first). */
export function reduce(out: usize, a: usize): void {
  let carry = times19(i32x4.shr_u(v128.load(a + 9 * VECTOR), 25))
  for (let at: usize = 0; at < FIELD; at += VECTOR) {
    const limb = v128.load(a + at)
    const isOdd = (at & VECTOR) != 0
    const kept = isOdd ? v128.and(limb, i32x4.splat(0x1ffffff)) : v128.and(limb, i32x4.splat(0x3ffffff))
    v128.store(out + at, i32x4.add(kept, carry))
    carry = isOdd ? i32x4.shr_u(limb, 25) : i32x4.shr_u(limb, 26)
  }
}

/** The same element, of ten limbs of 32 bits, in every lane. */
export function spread(out: usize, limbs: usize): void {
  for (let i: usize = 0; i < LIMBS; i++)
    v128.store(out + i * VECTOR, v128.load_splat<u32>(limbs + i * sizeof<u32>()))
}

const P58: usize = memory.data(480, 16)

/** To the power of (p - 5) / 8 = 2^252 - 3, for square roots (RFC 8032, 5.1.3). `out` may not be `a`. Takes reduced. */
export function powerForRoot(out: usize, a: usize): void {
  const a9 = P58
  const run = P58 + FIELD
  const longer = P58 + 2 * FIELD
  squares(run, a, 1)
  squares(a9, run, 2)
  multiply(a9, a9, a) // 9
  multiply(run, run, a9) // 11
  squares(run, run, 1) // 22
  multiply(run, run, a9) // 2^5 - 1
  squares(longer, run, 5)
  multiply(run, longer, run) // 2^10 - 1
  squares(longer, run, 10)
  multiply(longer, longer, run) // 2^20 - 1
  squares(out, longer, 20)
  multiply(longer, out, longer) // 2^40 - 1
  squares(longer, longer, 10)
  multiply(run, longer, run) // 2^50 - 1
  squares(longer, run, 50)
  multiply(longer, longer, run) // 2^100 - 1
  squares(out, longer, 100)
  multiply(longer, out, longer) // 2^200 - 1
  squares(longer, longer, 50)
  multiply(run, longer, run) // 2^250 - 1
  squares(run, run, 2)
  multiply(out, run, a)
}

/** 1 / a, to the power of p - 2 = 8 (2^252 - 3) + 3. `out` may not be `a`. Takes reduced. */
export function invert(out: usize, a: usize): void {
  powerForRoot(out, a)
  squares(out, out, 3)
  square(P58, a)
  multiply(P58, P58, a)
  multiply(out, out, P58)
}

/** Of a number of 255 bits in 32 bytes, little-endian. */
@inline
function limbOf(bytes: usize, i: usize): u32 {
  const bit: usize = (51 * i + 1) >> 1
  // Not beyond the 32 bytes.
  const from = min(bit >> 3, 24)
  const word = load<u64>(bytes + from) >> <u64>(bit - from * 8)
  return <u32>word & ((i & 1) != 0 ? 0x1ffffff : 0x3ffffff)
}

/** A number of 255 bits, little-endian, into one lane. The top bit of its 32 bytes is left out. */
export function putBytes(out: usize, lane: usize, bytes: usize): void {
  for (let i: usize = 0; i < LIMBS; i++)
    store<u32>(out + lane * sizeof<u32>() + i * VECTOR, limbOf(bytes, i))
}

/** The limbs of one lane as they are below 2^255 - 19. */
const CANONICAL: usize = memory.data(80, 16)

/** Takes e <= 5. */
function canonical(a: usize, lane: usize): void {
  const at = a + lane * sizeof<u32>()
  // What goes over the top comes back times 19: up to 2^12 the first time, up to 1 the second, after which it is below 2^255.
  let carry: u64 = 0
  for (let i: usize = 0; i < LIMBS; i++)
    carry = putLimb(i, carry + load<u32>(at + i * VECTOR))
  carry *= 19
  for (let i: usize = 0; i < LIMBS; i++) carry = putLimb(i, carry + load<u64>(CANONICAL + i * sizeof<u64>()))
  carry *= 19
  for (let i: usize = 0; i < LIMBS; i++) carry = putLimb(i, carry + load<u64>(CANONICAL + i * sizeof<u64>()))
  // Is it 2^255 - 19 or more? Then adding 19 goes over the top, which is left out.
  carry = 19
  for (let i: usize = 0; i < LIMBS; i++)
    carry = (carry + load<u64>(CANONICAL + i * sizeof<u64>())) >> ((i & 1) != 0 ? 25 : 26)
  carry *= 19
  for (let i: usize = 0; i < LIMBS; i++) carry = putLimb(i, carry + load<u64>(CANONICAL + i * sizeof<u64>()))
}

@inline
function putLimb(i: usize, limb: u64): u64 {
  const isOdd = (i & 1) != 0
  store<u64>(CANONICAL + i * sizeof<u64>(), limb & (isOdd ? 0x1ffffff : 0x3ffffff))
  return limb >> (isOdd ? 25 : 26)
}

export function isZero(a: usize, lane: usize): bool {
  canonical(a, lane)
  let all: u64 = 0
  for (let i: usize = 0; i < LIMBS; i++) all |= load<u64>(CANONICAL + i * sizeof<u64>())
  return all == 0
}

/** Are these the 255 bits of its smallest number? */
export function hasBytes(a: usize, lane: usize, bytes: usize): bool {
  canonical(a, lane)
  let difference: u64 = 0
  for (let i: usize = 0; i < LIMBS; i++)
    difference |= load<u64>(CANONICAL + i * sizeof<u64>()) ^ <u64>limbOf(bytes, i)
  return difference == 0
}

export function isOdd(a: usize, lane: usize): bool {
  canonical(a, lane)
  return (load<u64>(CANONICAL) & 1) != 0
}
