/**
 * Ed25519 signatures under keys that sign often, four at a time: what ../../ed25519-many.ts calls. Who calls has checked rules 1
 * to 4 of ../../ed25519-policy.ts and hashed. Rule 6 is computed as it is written: [s]B - [h]A for each signature alone, and
 * its bytes compared. So the answer is the single verifier's, without chance and for each.
 *
 * What is saved is the doubling: a key has a table of multiples of -A, 2^16 A, 2^32 A and so on, so that 16 digits of h, one
 * of each part, are doubled together, and B has one as well (Lim and Lee, 1994):
 *
 *   h = sum of 2^(16 p + 4 j) h(p, j),  0 <= p < 16, 0 <= j < 4,  -8 <= h(p, j) < 8
 *   s = sum of 2^(16 p + 8 j) s(p, j),  0 <= p < 16, 0 <= j < 2,  -128 <= s(p, j) < 128
 */
import {
  addDigits,
  AT_ONCE,
  decompress,
  divide,
  double,
  ENTRY,
  isWritten,
  LANES,
  multiples,
  negate,
  POINT,
  POINT_BYTES,
  preparePoints,
  putTables,
  setNeutral,
  settle,
} from './point'
import { putDigits, reduceWide } from './scalar'

const PARTS: usize = 16
const PART_BITS: usize = 16

const KEY_DIGIT: usize = 4
const KEY_DIGITS: usize = 64
/** Multiples of a part: 1 to 8. */
const KEY_MULTIPLES: usize = 8
const KEY_TABLE: usize = PARTS * KEY_MULTIPLES * ENTRY

const BASE_DIGIT: usize = 8
const BASE_DIGITS: usize = 32
const BASE_MULTIPLES: usize = 128
const BASE_PART: usize = BASE_MULTIPLES * ENTRY

/** Signatures of one call at most. */
export const CAPACITY: usize = AT_ONCE * LANES
/** 32 bytes R | 32 s | 64 h | u32 address of the key's table | 12 of no use */
export const SIGNATURE: usize = 144
const S: usize = 32
const H: usize = 64
const TABLE: usize = 128

// prettier-ignore
const BASE_BYTES: usize = memory.data<u8>([
  0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
  0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
])

/** Where signatures are handed over. */
export let signatures: usize = 0
/** For each signature a byte: 1 if it is valid. */
export let answers: usize = 0
/** Where four keys are handed over, POINT_BYTES each. */
export const newKeys: usize = memory.data(128, 16)

let baseTable: usize = 0
let points: usize = 0
let parts: usize = 0
let end: usize = 0

const P: usize = memory.data(640, 16)
const REDUCED: usize = memory.data(32, 16)
const KEY_DIGITS_AT: usize = memory.data(256, 16)
const BASE_DIGITS_AT: usize = memory.data(128, 16)

/** Memory for good, in whole vectors. */
function take(bytes: usize): usize {
  const at = end
  end = at + ((bytes + 15) & ~15)
  const pages = <i32>((end + 65535) >> 16)
  if (pages > memory.size() && memory.grow(pages - memory.size()) < 0) throw new Error('out of memory')
  return at
}

/** Once. */
export function prepare(): void {
  end = (__heap_base + 15) & ~15
  signatures = take(CAPACITY * SIGNATURE)
  answers = take(CAPACITY)
  points = take(AT_ONCE * POINT)
  parts = take(PARTS * POINT)
  baseTable = take(PARTS * BASE_PART)
  preparePoints()
  decompress(P, BASE_BYTES, BASE_BYTES, BASE_BYTES, BASE_BYTES)
  putParts()
  for (let part: usize = 0; part < PARTS; part++) {
    multiples(points, BASE_MULTIPLES, parts + part * POINT)
    divide(points, BASE_MULTIPLES)
    const table = baseTable + part * BASE_PART
    putTables(table, table, table, table, points, BASE_MULTIPLES)
  }
}

/** 2^0, 2^16, 2^32 and so on times P, to {@link parts}. */
function putParts(): void {
  for (let part: usize = 0; part < PARTS; part++) {
    memory.copy(parts + part * POINT, P, POINT)
    for (let i: usize = 0; i < PART_BITS; i++) double(P)
  }
  divide(parts, PARTS)
  for (let part: usize = 0; part < PARTS; part++) settle(parts + part * POINT)
}

/** For a key's table. */
export function takeTable(): usize {
  return take(KEY_TABLE)
}

/** Of the {@link newKeys}. Returns a bit for each that is a point of the curve; the tables of the others are of no use. */
export function putKeys(tableA: usize, tableB: usize, tableC: usize, tableD: usize): u32 {
  const valid = decompress(P, newKeys, newKeys + POINT_BYTES, newKeys + 2 * POINT_BYTES, newKeys + 3 * POINT_BYTES)
  negate(P)
  putParts()
  for (let part: usize = 0; part < PARTS; part++)
    multiples(points + part * KEY_MULTIPLES * POINT, KEY_MULTIPLES, parts + part * POINT)
  divide(points, PARTS * KEY_MULTIPLES)
  putTables(tableA, tableB, tableC, tableD, points, PARTS * KEY_MULTIPLES)
  return valid
}

/** [s]B - [h]A of four signatures, not divided. */
function combine(point: usize, four: usize): void {
  for (let lane: usize = 0; lane < LANES; lane++) {
    const signature = four + lane * SIGNATURE
    reduceWide(REDUCED, signature + H)
    putDigits(KEY_DIGITS_AT + lane * KEY_DIGITS, REDUCED, KEY_DIGIT)
    putDigits(BASE_DIGITS_AT + lane * BASE_DIGITS, signature + S, BASE_DIGIT)
  }
  const a = <usize>load<u32>(four, TABLE)
  const b = <usize>load<u32>(four + SIGNATURE, TABLE)
  const c = <usize>load<u32>(four + 2 * SIGNATURE, TABLE)
  const d = <usize>load<u32>(four + 3 * SIGNATURE, TABLE)
  setNeutral(point)
  for (let j: usize = PART_BITS / KEY_DIGIT; j-- > 0; ) {
    for (let i: usize = 0; i < KEY_DIGIT; i++) double(point)
    for (let part: usize = 0; part < PARTS; part++) {
      const table = part * KEY_MULTIPLES * ENTRY
      const digits = KEY_DIGITS_AT + part * (PART_BITS / KEY_DIGIT) + j
      addDigits(
        point,
        a + table,
        b + table,
        c + table,
        d + table,
        load<i8>(digits),
        load<i8>(digits + KEY_DIGITS),
        load<i8>(digits + 2 * KEY_DIGITS),
        load<i8>(digits + 3 * KEY_DIGITS),
      )
    }
    if ((j & 1) != 0) continue
    for (let part: usize = 0; part < PARTS; part++) {
      const table = baseTable + part * BASE_PART
      const digits = BASE_DIGITS_AT + part * (PART_BITS / BASE_DIGIT) + (j >> 1)
      addDigits(
        point,
        table,
        table,
        table,
        table,
        load<i8>(digits),
        load<i8>(digits + BASE_DIGITS),
        load<i8>(digits + 2 * BASE_DIGITS),
        load<i8>(digits + 3 * BASE_DIGITS),
      )
    }
  }
}

/** The first `count` of {@link signatures}, one at least, to {@link answers}. */
export function verify(count: usize): void {
  const fours = (count + LANES - 1) / LANES
  // Lanes of their own, but all of a lane are divided together, so what fills the last four has to be a signature as well.
  const last = signatures + (count - 1) * SIGNATURE
  for (let i = count; i < fours * LANES; i++) memory.copy(signatures + i * SIGNATURE, last, SIGNATURE)
  for (let i: usize = 0; i < fours; i++) combine(points + i * POINT, signatures + i * LANES * SIGNATURE)
  divide(points, fours)
  for (let i: usize = 0; i < count; i++) {
    const isValid = isWritten(points + (i / LANES) * POINT, i % LANES, signatures + i * SIGNATURE)
    store<u8>(answers + i, <u8>isValid)
  }
}
