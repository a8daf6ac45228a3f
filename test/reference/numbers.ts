/**
 * WebAssembly's arithmetic in plain JavaScript, written for being obviously right. A value is its bits: i32 and f32
 * are a number (signed 32 bits), i64 and f64 a bigint (signed 64 bits), so no NaN is ever touched on its way
 * through. What arithmetic makes a NaN is the canonical one, as the VM promises.
 */
import { OPCODES } from '../../vm/opcodes.ts'

export type Value = number | bigint

/** `message` is in the VM's words. */
export class Trap extends Error {
  readonly code: 'trapped' | 'stack_overflow'
  constructor(message: string, code: Trap['code'] = 'trapped') {
    super(message)
    this.code = code
  }
}

type Operation = (...args: Value[]) => Value
type Table = Readonly<Record<string, Operation>>

const CANONICAL_F32 = 0x7fc00000
const CANONICAL_F64 = 0x7ff8000000000000n
const SIGN_32 = -0x80000000
const SIGN_64 = -0x8000000000000000n

const scratch = new DataView(new ArrayBuffer(8))

function f32(bits: Value): number {
  scratch.setInt32(0, bits as number)
  return scratch.getFloat32(0)
}

function f32Bits(value: number): number {
  if (Number.isNaN(value)) return CANONICAL_F32
  scratch.setFloat32(0, value)
  return scratch.getInt32(0)
}

function f64(bits: Value): number {
  scratch.setBigInt64(0, bits as bigint)
  return scratch.getFloat64(0)
}

function f64Bits(value: number): bigint {
  if (Number.isNaN(value)) return CANONICAL_F64
  scratch.setFloat64(0, value)
  return scratch.getBigInt64(0)
}

/** Host functions and tests speak JavaScript's numbers where a value is a float. */
export const FLOAT_BITS = { f32, f32Bits, f64, f64Bits } as const

const bool = (value: boolean): number => (value ? 1 : 0)

function divide(a: bigint, b: bigint, bits: number): bigint {
  if (b === 0n) throw new Trap('division by zero')
  const quotient = a / b
  if (quotient === 1n << BigInt(bits - 1)) throw new Trap('integer overflow in a division')
  return quotient
}

function remainder(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Trap('division by zero')
  return a % b
}

function leadingZeros(value: bigint, bits: number): bigint {
  return BigInt(bits) - BigInt(value === 0n ? 0 : value.toString(2).length)
}

function trailingZeros(value: bigint, bits: number): bigint {
  let count = 0
  while (count < bits && ((value >> BigInt(count)) & 1n) === 0n) count++
  return BigInt(count)
}

/** Both widths at once: `s` and `u` are the operands as signed and unsigned numbers of `bits` bits. */
const INTEGER: Record<string, (s: bigint[], u: bigint[], bits: number) => bigint> = {
  add: ([a = 0n, b = 0n]) => a + b,
  sub: ([a = 0n, b = 0n]) => a - b,
  mul: ([a = 0n, b = 0n]) => a * b,
  div_s: ([a = 0n, b = 0n], _, bits) => divide(a, b, bits),
  div_u: (_, [a = 0n, b = 0n]) => divide(a, b, 65),
  rem_s: ([a = 0n, b = 0n]) => remainder(a, b),
  rem_u: (_, [a = 0n, b = 0n]) => remainder(a, b),
  and: ([a = 0n, b = 0n]) => a & b,
  or: ([a = 0n, b = 0n]) => a | b,
  xor: ([a = 0n, b = 0n]) => a ^ b,
  shl: ([a = 0n], [, b = 0n], bits) => a << (b % BigInt(bits)),
  shr_s: ([a = 0n], [, b = 0n], bits) => a >> (b % BigInt(bits)),
  shr_u: (_, [a = 0n, b = 0n], bits) => a >> (b % BigInt(bits)),
  rotl: (_, [a = 0n, b = 0n], bits) => (a << (b % BigInt(bits))) | (a >> (BigInt(bits) - (b % BigInt(bits)))),
  rotr: (_, [a = 0n, b = 0n], bits) => (a >> (b % BigInt(bits))) | (a << (BigInt(bits) - (b % BigInt(bits)))),
  clz: (_, [a = 0n], bits) => leadingZeros(a, bits),
  ctz: (_, [a = 0n], bits) => trailingZeros(a, bits),
  popcnt: (_, [a = 0n]) => BigInt(a.toString(2).replaceAll('0', '').length),
  extend8_s: ([a = 0n]) => BigInt.asIntN(8, a),
  extend16_s: ([a = 0n]) => BigInt.asIntN(16, a),
  extend32_s: ([a = 0n]) => BigInt.asIntN(32, a),
}

const INTEGER_COMPARE: Record<string, (s: bigint[], u: bigint[]) => boolean> = {
  eqz: ([a]) => a === 0n,
  eq: ([a, b]) => a === b,
  ne: ([a, b]) => a !== b,
  lt_s: ([a = 0n, b = 0n]) => a < b,
  lt_u: (_, [a = 0n, b = 0n]) => a < b,
  gt_s: ([a = 0n, b = 0n]) => a > b,
  gt_u: (_, [a = 0n, b = 0n]) => a > b,
  le_s: ([a = 0n, b = 0n]) => a <= b,
  le_u: (_, [a = 0n, b = 0n]) => a <= b,
  ge_s: ([a = 0n, b = 0n]) => a >= b,
  ge_u: (_, [a = 0n, b = 0n]) => a >= b,
}

function integers(type: 'i32' | 'i64', bits: number): Table {
  const signed = (args: Value[]): bigint[] => args.map(value => BigInt.asIntN(bits, BigInt(value)))
  const unsigned = (args: Value[]): bigint[] => args.map(value => BigInt.asUintN(bits, BigInt(value)))
  const wrap = (value: bigint): Value =>
    type === 'i64' ? BigInt.asIntN(64, value) : Number(BigInt.asIntN(32, value))
  const table: Record<string, Operation> = {}
  for (const [verb, run] of Object.entries(INTEGER)) {
    table[`${type}.${verb}`] = (...args) => wrap(run(signed(args), unsigned(args), bits))
  }
  for (const [verb, run] of Object.entries(INTEGER_COMPARE)) {
    table[`${type}.${verb}`] = (...args) => bool(run(signed(args), unsigned(args)))
  }
  return table
}

/** Rounds half to even; what has no fraction, and the sign of zero, stay as they are. */
function nearest(x: number): number {
  if (!(Math.abs(x) < 2 ** 52)) return x
  const rounded = Math.abs(x) + 2 ** 52 - 2 ** 52
  return x < 0 || Object.is(x, -0) ? -rounded : rounded
}

/** Binary64 is wide enough that rounding its result again gives the right binary32. */
const FLOAT: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  max: Math.max,
  sqrt: Math.sqrt,
  ceil: Math.ceil,
  floor: Math.floor,
  trunc: Math.trunc,
  nearest,
}

const FLOAT_COMPARE: Record<string, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  ge: (a, b) => a >= b,
}

function floats(type: 'f32' | 'f64', read: (bits: Value) => number, bits: (value: number) => Value): Table {
  const table: Record<string, Operation> = {}
  for (const [verb, run] of Object.entries(FLOAT)) {
    table[`${type}.${verb}`] = (a = 0, b = a) => bits(run(read(a), read(b)))
  }
  for (const [verb, run] of Object.entries(FLOAT_COMPARE)) {
    table[`${type}.${verb}`] = (a = 0, b = 0) => bool(run(read(a), read(b)))
  }
  return table
}

/** These look at the sign bit only. */
const SIGNS: Table = {
  'f32.abs': a => (a as number) & ~SIGN_32,
  'f32.neg': a => (a as number) ^ SIGN_32,
  'f32.copysign': (a, b) => ((a as number) & ~SIGN_32) | ((b as number) & SIGN_32),
  'f64.abs': a => (a as bigint) & ~SIGN_64,
  'f64.neg': a => (a as bigint) ^ SIGN_64,
  'f64.copysign': (a, b) => ((a as bigint) & ~SIGN_64) | ((b as bigint) & SIGN_64),
}

/** Exactly rounded: bits that do not fit binary64 are folded into one that keeps the rounding right. */
function integerToF32(value: bigint): number {
  const magnitude = value < 0n ? -value : value
  if (magnitude < 1n << 53n) return Math.fround(Number(value))
  const sticky = (magnitude & 0xfffn) === 0n ? 0n : 1n
  const rounded = Math.fround(Number((magnitude >> 12n) | sticky)) * 4096
  return value < 0n ? -rounded : rounded
}

/** Float to integer of `bits` bits; out of range traps, or saturates. */
function truncate(x: number, bits: number, isSigned: boolean, saturates: boolean): bigint {
  const [least, most] = isSigned
    ? [-(1n << BigInt(bits - 1)), (1n << BigInt(bits - 1)) - 1n]
    : [0n, (1n << BigInt(bits)) - 1n]
  const outside = (saturated: bigint): bigint => {
    if (!saturates) throw new Trap('a float does not fit the integer it is converted to')
    return saturated
  }
  if (Number.isNaN(x)) return outside(0n)
  if (x === Number.POSITIVE_INFINITY) return outside(most)
  if (x === Number.NEGATIVE_INFINITY) return outside(least)
  const whole = BigInt(Math.trunc(x))
  if (whole > most) return outside(most)
  return whole < least ? outside(least) : whole
}

function truncations(): Table {
  const table: Record<string, Operation> = {}
  for (const [from, read] of [
    ['f32', f32],
    ['f64', f64],
  ] as const) {
    for (const sign of ['s', 'u']) {
      for (const trunc of ['trunc', 'trunc_sat']) {
        const run = (bits: Value, width: number): bigint =>
          truncate(read(bits), width, sign === 's', trunc === 'trunc_sat')
        table[`i32.${trunc}_${from}_${sign}`] = (a = 0) => Number(BigInt.asIntN(32, run(a, 32)))
        table[`i64.${trunc}_${from}_${sign}`] = (a = 0) => BigInt.asIntN(64, run(a, 64))
      }
    }
  }
  return table
}

const CONVERSIONS: Table = {
  'i32.wrap_i64': a => Number(BigInt.asIntN(32, a as bigint)),
  'i64.extend_i32_s': a => BigInt(a),
  'i64.extend_i32_u': a => BigInt((a as number) >>> 0),
  'f32.convert_i32_s': a => f32Bits(a as number),
  'f32.convert_i32_u': a => f32Bits((a as number) >>> 0),
  'f32.convert_i64_s': a => f32Bits(integerToF32(a as bigint)),
  'f32.convert_i64_u': a => f32Bits(integerToF32(BigInt.asUintN(64, a as bigint))),
  'f64.convert_i32_s': a => f64Bits(a as number),
  'f64.convert_i32_u': a => f64Bits((a as number) >>> 0),
  'f64.convert_i64_s': a => f64Bits(Number(a)),
  'f64.convert_i64_u': a => f64Bits(Number(BigInt.asUintN(64, a as bigint))),
  'f32.demote_f64': a => f32Bits(f64(a)),
  'f64.promote_f32': a => f64Bits(f32(a)),
  'i32.reinterpret_f32': a => a,
  'f32.reinterpret_i32': a => a,
  'i64.reinterpret_f64': a => a,
  'f64.reinterpret_i64': a => a,
}

const BY_NAME: Table = {
  ...integers('i32', 32),
  ...integers('i64', 64),
  ...floats('f32', f32, f32Bits),
  ...floats('f64', f64, f64Bits),
  ...SIGNS,
  ...truncations(),
  ...CONVERSIONS,
}

/** Every instruction that maps operands to a result and does nothing else, by opcode. */
export const NUMERIC: ReadonlyMap<number, Operation> = new Map(
  [...OPCODES.values()].flatMap(({ code, name }) => {
    const operation = BY_NAME[name]
    return operation === undefined ? [] : [[code, operation] as const]
  }),
)
