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
 * multiply and square stand in multiply.ts. Results may lie where operands do.
 */
export const LIMBS: usize = 10
export const VECTOR: usize = 16
export const FIELD: usize = LIMBS * VECTOR

@inline
export function times19(x: v128): v128 {
  return i32x4.mul(x, i32x4.splat(19))
}

@inline
export function twice(x: v128): v128 {
  return i32x4.add(x, x)
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
export function twicePrime(at: usize): v128 {
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
