/**
 * Points of edwards25519 (-x^2 + y^2 = 1 + d x^2 y^2), four at a time.
 *
 *   POINT   X, Y, Z, T of FIELD bytes each, with x = X/Z, y = Y/Z, xy = T/Z; reduced
 *   FACTOR  what is added to a point: y + x, y - x, 2dxy, in this order
 *   ENTRY   one lane of a FACTOR, limb by limb: what a table holds
 *
 * The formulas are Hisil, Wong, Carter and Dawson's (2008; RFC 8032, 5.1.4). They are complete on this curve: they hold
 * for any two of its points, those of small order and equal ones too, so that nothing here asks which points these are.
 */
import { hasBytes, isOdd, isZero, putBytes } from './bytes'
import { add, choose, FIELD, negateWhere, reduce, spread, subtract } from './field'
import { multiply, square } from './multiply'
import { invert, powerForRoot } from './power'

export const POINT: usize = 4 * FIELD
export const LANES: usize = 4
/** With 8 bytes of no use, so that it is whole vectors. */
export const ENTRY: usize = 128
const FACTOR: usize = LANES * ENTRY
/** Bytes of a point as RFC 8032 writes it. */
export const POINT_BYTES: usize = 32

const X: usize = 0
const Y: usize = FIELD
const Z: usize = 2 * FIELD
const T: usize = 3 * FIELD

const SUM: usize = 0
const DIFFERENCE: usize = FIELD
const XY2D: usize = 2 * FIELD

// prettier-ignore
const D_LIMBS: usize = memory.data<u32>([
  0x35978a3, 0x0d37284, 0x3156ebd, 0x06a0a0e, 0x001c029, 0x179e898, 0x3a03cbb, 0x1ce7198, 0x2e2b6ff, 0x1480db3,
])
// prettier-ignore
const D2_LIMBS: usize = memory.data<u32>([
  0x2b2f159, 0x1a6e509, 0x22add7a, 0x0d4141d, 0x0038052, 0x0f3d130, 0x3407977, 0x19ce331, 0x1c56dff, 0x0901b67,
])
/** 2^((p - 1) / 4) */
// prettier-ignore
const ROOT_OF_MINUS_ONE_LIMBS: usize = memory.data<u32>([
  0x20ea0b0, 0x186c9d2, 0x08f189d, 0x035697f, 0x0bd0c60, 0x1fbd7a7, 0x2804c9e, 0x1e16569, 0x004fc1d, 0x0ae0c92,
])
const ONE_LIMBS: usize = memory.data<u32>([1, 0, 0, 0, 0, 0, 0, 0, 0, 0])

const D: usize = memory.data(160, 16)
const D2: usize = memory.data(160, 16)
const ROOT_OF_MINUS_ONE: usize = memory.data(160, 16)
const ONE: usize = memory.data(160, 16)
const ZERO: usize = memory.data(160, 16)

/** The neutral point's: 1, 1, 0. */
const NEUTRAL: usize = memory.data(128, 16)

const SCRATCH: usize = memory.data(1280, 16)
const A: usize = SCRATCH
const B: usize = SCRATCH + FIELD
const C: usize = SCRATCH + 2 * FIELD
const E: usize = SCRATCH + 3 * FIELD
const F: usize = SCRATCH + 4 * FIELD
const G: usize = SCRATCH + 5 * FIELD
const H: usize = SCRATCH + 6 * FIELD

/** Once. */
export function preparePoints(): void {
  spread(D, D_LIMBS)
  spread(D2, D2_LIMBS)
  spread(ROOT_OF_MINUS_ONE, ROOT_OF_MINUS_ONE_LIMBS)
  spread(ONE, ONE_LIMBS)
  store<u32>(NEUTRAL, 1)
  store<u32>(NEUTRAL + FIELD / LANES, 1)
}

export function setNeutral(point: usize): void {
  memory.fill(point, 0, POINT)
  memory.copy(point + Y, ONE, FIELD)
  memory.copy(point + Z, ONE, FIELD)
}

/** What both formulas end with. */
function putResult(point: usize): void {
  multiply(point + X, F, E)
  multiply(point + Y, G, H)
  multiply(point + Z, F, G)
  multiply(point + T, E, H)
}

/** point = 2 point */
export function double(point: usize): void {
  square(A, point + X)
  square(B, point + Y)
  square(C, point + Z)
  add(C, C, C)
  add(E, point + X, point + Y)
  square(E, E)
  add(H, A, B) // e = 1
  subtract(E, H, E) // 2
  reduce(E, E)
  subtract(G, A, B) // 1.59
  add(F, C, G) // 2.33
  putResult(point)
}

/** point = point + factor */
function addFactor(point: usize, factor: usize): void {
  subtract(A, point + Y, point + X) // 1.59
  multiply(A, A, factor + DIFFERENCE)
  add(B, point + Y, point + X) // 1
  multiply(B, B, factor + SUM)
  multiply(C, point + T, factor + XY2D)
  add(F, point + Z, point + Z) // 1
  subtract(E, B, A) // 1.59
  add(H, B, A) // 1
  add(G, F, C) // 1.59
  subtract(F, F, C) // 2
  putResult(point)
}

/** Four vectors of a row each to four of a column each. */
@inline
function transpose(a: v128, b: v128, c: v128, d: v128, out0: usize, out1: usize, out2: usize, out3: usize): void {
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5)
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5)
  const ab2 = i32x4.shuffle(a, b, 2, 6, 3, 7)
  const cd2 = i32x4.shuffle(c, d, 2, 6, 3, 7)
  v128.store(out0, i64x2.shuffle(ab, cd, 0, 2))
  v128.store(out1, i64x2.shuffle(ab, cd, 1, 3))
  v128.store(out2, i64x2.shuffle(ab2, cd2, 0, 2))
  v128.store(out3, i64x2.shuffle(ab2, cd2, 1, 3))
}

function putEntries(a: usize, b: usize, c: usize, d: usize, factor: usize): void {
  for (let at: usize = 0; at < ENTRY; at += 16) {
    const from = factor + at * LANES
    transpose(
      v128.load(from),
      v128.load(from + 16),
      v128.load(from + 32),
      v128.load(from + 48),
      a + at,
      b + at,
      c + at,
      d + at,
    )
  }
}

const TAKEN: usize = memory.data(512, 16)
const NEGATIVE: usize = memory.data(16, 16)

/** The entry of a digit's absolute value in a table of the 1-, 2-, 3-fold and so on. */
@inline
function entryOf(table: usize, digit: i32): usize {
  return digit == 0 ? NEUTRAL : table + (<usize>abs(digit) - 1) * ENTRY
}

/** To each lane of `point` as many times the point of its table as its digit says. -(x, y) is (-x, y). */
export function addDigits(
  point: usize,
  tableA: usize,
  tableB: usize,
  tableC: usize,
  tableD: usize,
  digitA: i32,
  digitB: i32,
  digitC: i32,
  digitD: i32,
): void {
  const a = entryOf(tableA, digitA)
  const b = entryOf(tableB, digitB)
  const c = entryOf(tableC, digitC)
  const d = entryOf(tableD, digitD)
  for (let at: usize = 0; at < ENTRY; at += 16) {
    const to = TAKEN + at * LANES
    transpose(
      v128.load(a + at),
      v128.load(b + at),
      v128.load(c + at),
      v128.load(d + at),
      to,
      to + 16,
      to + 32,
      to + 48,
    )
  }
  store<i32>(NEGATIVE, digitA >> 31)
  store<i32>(NEGATIVE, digitB >> 31, 4)
  store<i32>(NEGATIVE, digitC >> 31, 8)
  store<i32>(NEGATIVE, digitD >> 31, 12)
  choose(A, TAKEN + SUM, TAKEN + DIFFERENCE, NEGATIVE)
  choose(TAKEN + DIFFERENCE, TAKEN + DIFFERENCE, TAKEN + SUM, NEGATIVE)
  memory.copy(TAKEN + SUM, A, FIELD)
  negateWhere(TAKEN + XY2D, TAKEN + XY2D, NEGATIVE)
  addFactor(point, TAKEN)
}

/**
 * RFC 8032, 5.1.3, of the bytes at the four addresses, whose y has to be below p and not of a point of small order.
 * Returns a bit for each lane that holds a point; what is in the others is of no use.
 */
export function decompress(point: usize, a: usize, b: usize, c: usize, d: usize): u32 {
  putBytes(point + Y, 0, a)
  putBytes(point + Y, 1, b)
  putBytes(point + Y, 2, c)
  putBytes(point + Y, 3, d)
  memory.copy(point + Z, ONE, FIELD)
  const u = A
  const v = B
  square(C, point + Y)
  subtract(u, C, ONE)
  reduce(u, u)
  multiply(v, C, D)
  add(v, v, ONE)
  reduce(v, v)
  // x = u v^3 (u v^7)^((p - 5) / 8), or that times the root of -1
  square(C, v)
  multiply(C, C, v) // v^3
  square(E, C)
  multiply(E, E, v) // v^7
  multiply(E, E, u)
  powerForRoot(F, E)
  multiply(C, C, u)
  multiply(point + X, C, F)
  square(C, point + X)
  multiply(C, C, v)
  subtract(E, C, u)
  add(F, C, u)
  multiply(G, point + X, ROOT_OF_MINUS_ONE)
  let valid: u32 = 0
  const turned = SCRATCH + 7 * FIELD
  for (let lane: usize = 0; lane < LANES; lane++) {
    const isRoot = isZero(E, lane)
    const isTurned = !isRoot && isZero(F, lane)
    if (isRoot || isTurned) valid |= 1 << (<u32>lane)
    store<i32>(turned + lane * sizeof<i32>(), isTurned ? -1 : 0)
  }
  choose(point + X, point + X, G, turned)
  const negative = turned
  for (let lane: usize = 0; lane < LANES; lane++) {
    const bytes = lane == 0 ? a : lane == 1 ? b : lane == 2 ? c : d
    const sign = load<u8>(bytes + POINT_BYTES - 1) >> 7 != 0
    store<i32>(negative + lane * sizeof<i32>(), isOdd(point + X, lane) != sign ? -1 : 0)
  }
  negateWhere(point + X, point + X, negative)
  reduce(point + X, point + X)
  multiply(point + T, point + X, point + Y)
  return valid
}

/** point = -point */
export function negate(point: usize): void {
  subtract(point + X, ZERO, point + X)
  reduce(point + X, point + X)
  subtract(point + T, ZERO, point + T)
  reduce(point + T, point + T)
}

/** Points of one call of {@link divide} at most. */
export const AT_ONCE: usize = 128
const PRODUCTS: usize = memory.data(20480, 16)
const INVERSE: usize = memory.data(160, 16)
const QUOTIENT: usize = memory.data(160, 16)

/**
 * X and Y of `count` points become x and y: all divisions by Z cost one, and three multiplications each (Montgomery, 1987).
 * No Z is zero, for the formulas are complete.
 */
export function divide(points: usize, count: usize): void {
  memory.copy(PRODUCTS, points + Z, FIELD)
  for (let i: usize = 1; i < count; i++)
    multiply(PRODUCTS + i * FIELD, PRODUCTS + (i - 1) * FIELD, points + i * POINT + Z)
  invert(INVERSE, PRODUCTS + (count - 1) * FIELD)
  for (let i = count - 1; i > 0; i--) {
    const point = points + i * POINT
    multiply(QUOTIENT, PRODUCTS + (i - 1) * FIELD, INVERSE)
    multiply(INVERSE, INVERSE, point + Z)
    multiply(point + X, point + X, QUOTIENT)
    multiply(point + Y, point + Y, QUOTIENT)
  }
  multiply(points + X, points + X, INVERSE)
  multiply(points + Y, points + Y, INVERSE)
}

/** Z and T of a point that was divided. */
export function settle(point: usize): void {
  memory.copy(point + Z, ONE, FIELD)
  multiply(point + T, point + X, point + Y)
}

const FACTORS: usize = memory.data(512, 16)

/** Of `count` points that were divided, four at a time: a lane's to its table, in turn. */
export function putTables(a: usize, b: usize, c: usize, d: usize, points: usize, count: usize): void {
  for (let i: usize = 0; i < count; i++) {
    toFactor(FACTORS, points + i * POINT)
    const at = i * ENTRY
    putEntries(a + at, b + at, c + at, d + at, FACTORS)
  }
}

/** Of a point that was divided. */
function toFactor(factor: usize, point: usize): void {
  add(factor + SUM, point + Y, point + X) // 1
  subtract(factor + DIFFERENCE, point + Y, point + X) // 1.59
  multiply(factor + XY2D, point + X, point + Y)
  multiply(factor + XY2D, factor + XY2D, D2)
}

const SINGLE: usize = memory.data(512, 16)

/** The 1- to `count`-fold of `point`, whose Z is 1, to `points`, where it is not. */
export function multiples(points: usize, count: usize, point: usize): void {
  toFactor(SINGLE, point)
  memory.copy(points, point, POINT)
  for (let i: usize = 1; i < count; i++) {
    memory.copy(points + i * POINT, points + (i - 1) * POINT, POINT)
    addFactor(points + i * POINT, SINGLE)
  }
}

/** Is what stands in a lane of a point that was divided, as RFC 8032 writes it, these bytes? They are canonical. */
export function isWritten(point: usize, lane: usize, bytes: usize): bool {
  const sign = load<u8>(bytes + POINT_BYTES - 1) >> 7 != 0
  return hasBytes(point + Y, lane, bytes) && isOdd(point + X, lane) == sign
}
