/**
 * Every instruction the profile allows: the WebAssembly MVP, sign extension, saturating truncation,
 * memory.copy and memory.fill. An opcode that is not in this table is refused.
 */
import { OP_GAS as G } from './gas.ts'

export const I32 = 0x7f
export const I64 = 0x7e
export const F32 = 0x7d
export const F64 = 0x7c
export type ValueType = typeof I32 | typeof I64 | typeof F32 | typeof F64

export function isValueType(byte: number): byte is ValueType {
  return byte >= F64 && byte <= I32
}

/** What follows the opcode in the byte stream. */
export type Immediate =
  | 'none'
  | 'block'
  | 'label'
  | 'labels'
  | 'function'
  | 'type'
  | 'local'
  | 'global'
  | 'memarg'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  /** One or two zero bytes: memory indices. */
  | 'memory'
  | 'memories'

export interface Opcode {
  /** The byte, or 0x100 + the sub-opcode of the 0xfc prefix. */
  readonly code: number
  readonly name: string
  readonly immediate: Immediate
  /** Operand types popped and pushed: i = i32, I = i64, f = f32, F = f64, ? = given by the context. */
  readonly pops: string
  readonly pushes: string
  readonly gas: number
  /** The result may be a NaN whose bits the engine chooses. */
  readonly makesNan: boolean
}

/** Codes the decoder and the instrumenter treat by name. */
export const OP = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Store: 0x36,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32LtS: 0x48,
  i64LtS: 0x53,
  f32Le: 0x5f,
  f64Le: 0x65,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i64GtU: 0x56,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i32WrapI64: 0xa7,
  i64ExtendI32U: 0xad,
  i32Eq: 0x46,
  i32ShrU: 0x76,
  /** 0xfc 10 and 0xfc 11. */
  memoryCopy: 0x10a,
  memoryFill: 0x10b,
} as const

const NAN = true

/** [code, name, pops, pushes, gas, immediate = none, makesNan = false] */
type Row = readonly [number, string, string, string, number, Immediate?, boolean?]

const ROWS: readonly Row[] = [
  [0x00, 'unreachable', '', '', G.free],
  [0x01, 'nop', '', '', G.free],
  [0x02, 'block', '', '?', G.free, 'block'],
  [0x03, 'loop', '', '?', G.free, 'block'],
  [0x04, 'if', 'i', '?', G.branch, 'block'],
  [0x05, 'else', '?', '', G.free],
  [0x0b, 'end', '?', '?', G.free],
  [0x0c, 'br', '?', '', G.branch, 'label'],
  [0x0d, 'br_if', 'i', '', G.branch, 'label'],
  [0x0e, 'br_table', '?', '', G.branchTable, 'labels'],
  [0x0f, 'return', '?', '', G.branch],
  [0x10, 'call', '?', '?', G.call, 'function'],
  [0x11, 'call_indirect', '?', '?', G.callIndirect, 'type'],
  [0x1a, 'drop', '?', '', G.free],
  [0x1b, 'select', '??i', '?', G.select],
  [0x20, 'local.get', '', '?', G.simple, 'local'],
  [0x21, 'local.set', '?', '', G.simple, 'local'],
  [0x22, 'local.tee', '?', '?', G.simple, 'local'],
  [0x23, 'global.get', '', '?', G.global, 'global'],
  [0x24, 'global.set', '?', '', G.global, 'global'],
  [0x28, 'i32.load', 'i', 'i', G.load, 'memarg'],
  [0x29, 'i64.load', 'i', 'I', G.load, 'memarg'],
  [0x2a, 'f32.load', 'i', 'f', G.load, 'memarg'],
  [0x2b, 'f64.load', 'i', 'F', G.load, 'memarg'],
  [0x2c, 'i32.load8_s', 'i', 'i', G.load, 'memarg'],
  [0x2d, 'i32.load8_u', 'i', 'i', G.load, 'memarg'],
  [0x2e, 'i32.load16_s', 'i', 'i', G.load, 'memarg'],
  [0x2f, 'i32.load16_u', 'i', 'i', G.load, 'memarg'],
  [0x30, 'i64.load8_s', 'i', 'I', G.load, 'memarg'],
  [0x31, 'i64.load8_u', 'i', 'I', G.load, 'memarg'],
  [0x32, 'i64.load16_s', 'i', 'I', G.load, 'memarg'],
  [0x33, 'i64.load16_u', 'i', 'I', G.load, 'memarg'],
  [0x34, 'i64.load32_s', 'i', 'I', G.load, 'memarg'],
  [0x35, 'i64.load32_u', 'i', 'I', G.load, 'memarg'],
  [0x36, 'i32.store', 'ii', '', G.store, 'memarg'],
  [0x37, 'i64.store', 'iI', '', G.store, 'memarg'],
  [0x38, 'f32.store', 'if', '', G.store, 'memarg'],
  [0x39, 'f64.store', 'iF', '', G.store, 'memarg'],
  [0x3a, 'i32.store8', 'ii', '', G.store, 'memarg'],
  [0x3b, 'i32.store16', 'ii', '', G.store, 'memarg'],
  [0x3c, 'i64.store8', 'iI', '', G.store, 'memarg'],
  [0x3d, 'i64.store16', 'iI', '', G.store, 'memarg'],
  [0x3e, 'i64.store32', 'iI', '', G.store, 'memarg'],
  [0x3f, 'memory.size', '', 'i', G.memorySize, 'memory'],
  [0x40, 'memory.grow', 'i', 'i', G.memoryGrow, 'memory'],
  [0x41, 'i32.const', '', 'i', G.simple, 'i32'],
  [0x42, 'i64.const', '', 'I', G.simple, 'i64'],
  [0x43, 'f32.const', '', 'f', G.simple, 'f32'],
  [0x44, 'f64.const', '', 'F', G.simple, 'f64'],
  [0x45, 'i32.eqz', 'i', 'i', G.simple],
  [0x46, 'i32.eq', 'ii', 'i', G.simple],
  [0x47, 'i32.ne', 'ii', 'i', G.simple],
  [0x48, 'i32.lt_s', 'ii', 'i', G.simple],
  [0x49, 'i32.lt_u', 'ii', 'i', G.simple],
  [0x4a, 'i32.gt_s', 'ii', 'i', G.simple],
  [0x4b, 'i32.gt_u', 'ii', 'i', G.simple],
  [0x4c, 'i32.le_s', 'ii', 'i', G.simple],
  [0x4d, 'i32.le_u', 'ii', 'i', G.simple],
  [0x4e, 'i32.ge_s', 'ii', 'i', G.simple],
  [0x4f, 'i32.ge_u', 'ii', 'i', G.simple],
  [0x50, 'i64.eqz', 'I', 'i', G.simple],
  [0x51, 'i64.eq', 'II', 'i', G.simple],
  [0x52, 'i64.ne', 'II', 'i', G.simple],
  [0x53, 'i64.lt_s', 'II', 'i', G.simple],
  [0x54, 'i64.lt_u', 'II', 'i', G.simple],
  [0x55, 'i64.gt_s', 'II', 'i', G.simple],
  [0x56, 'i64.gt_u', 'II', 'i', G.simple],
  [0x57, 'i64.le_s', 'II', 'i', G.simple],
  [0x58, 'i64.le_u', 'II', 'i', G.simple],
  [0x59, 'i64.ge_s', 'II', 'i', G.simple],
  [0x5a, 'i64.ge_u', 'II', 'i', G.simple],
  [0x5b, 'f32.eq', 'ff', 'i', G.floatCompare],
  [0x5c, 'f32.ne', 'ff', 'i', G.floatCompare],
  [0x5d, 'f32.lt', 'ff', 'i', G.floatCompare],
  [0x5e, 'f32.gt', 'ff', 'i', G.floatCompare],
  [0x5f, 'f32.le', 'ff', 'i', G.floatCompare],
  [0x60, 'f32.ge', 'ff', 'i', G.floatCompare],
  [0x61, 'f64.eq', 'FF', 'i', G.floatCompare],
  [0x62, 'f64.ne', 'FF', 'i', G.floatCompare],
  [0x63, 'f64.lt', 'FF', 'i', G.floatCompare],
  [0x64, 'f64.gt', 'FF', 'i', G.floatCompare],
  [0x65, 'f64.le', 'FF', 'i', G.floatCompare],
  [0x66, 'f64.ge', 'FF', 'i', G.floatCompare],
  [0x67, 'i32.clz', 'i', 'i', G.countZeros],
  [0x68, 'i32.ctz', 'i', 'i', G.countZeros],
  [0x69, 'i32.popcnt', 'i', 'i', G.popcount],
  [0x6a, 'i32.add', 'ii', 'i', G.simple],
  [0x6b, 'i32.sub', 'ii', 'i', G.simple],
  [0x6c, 'i32.mul', 'ii', 'i', G.mul],
  [0x6d, 'i32.div_s', 'ii', 'i', G.div32],
  [0x6e, 'i32.div_u', 'ii', 'i', G.div32],
  [0x6f, 'i32.rem_s', 'ii', 'i', G.div32],
  [0x70, 'i32.rem_u', 'ii', 'i', G.div32],
  [0x71, 'i32.and', 'ii', 'i', G.simple],
  [0x72, 'i32.or', 'ii', 'i', G.simple],
  [0x73, 'i32.xor', 'ii', 'i', G.simple],
  [0x74, 'i32.shl', 'ii', 'i', G.simple],
  [0x75, 'i32.shr_s', 'ii', 'i', G.simple],
  [0x76, 'i32.shr_u', 'ii', 'i', G.simple],
  [0x77, 'i32.rotl', 'ii', 'i', G.rotate],
  [0x78, 'i32.rotr', 'ii', 'i', G.rotate],
  [0x79, 'i64.clz', 'I', 'I', G.countZeros],
  [0x7a, 'i64.ctz', 'I', 'I', G.countZeros],
  [0x7b, 'i64.popcnt', 'I', 'I', G.popcount],
  [0x7c, 'i64.add', 'II', 'I', G.simple],
  [0x7d, 'i64.sub', 'II', 'I', G.simple],
  [0x7e, 'i64.mul', 'II', 'I', G.mul],
  [0x7f, 'i64.div_s', 'II', 'I', G.div64],
  [0x80, 'i64.div_u', 'II', 'I', G.div64],
  [0x81, 'i64.rem_s', 'II', 'I', G.div64],
  [0x82, 'i64.rem_u', 'II', 'I', G.div64],
  [0x83, 'i64.and', 'II', 'I', G.simple],
  [0x84, 'i64.or', 'II', 'I', G.simple],
  [0x85, 'i64.xor', 'II', 'I', G.simple],
  [0x86, 'i64.shl', 'II', 'I', G.simple],
  [0x87, 'i64.shr_s', 'II', 'I', G.simple],
  [0x88, 'i64.shr_u', 'II', 'I', G.simple],
  [0x89, 'i64.rotl', 'II', 'I', G.rotate],
  [0x8a, 'i64.rotr', 'II', 'I', G.rotate],
  [0x8b, 'f32.abs', 'f', 'f', G.floatSign],
  [0x8c, 'f32.neg', 'f', 'f', G.floatSign],
  [0x8d, 'f32.ceil', 'f', 'f', G.floatRound, 'none', NAN],
  [0x8e, 'f32.floor', 'f', 'f', G.floatRound, 'none', NAN],
  [0x8f, 'f32.trunc', 'f', 'f', G.floatRound, 'none', NAN],
  [0x90, 'f32.nearest', 'f', 'f', G.floatRound, 'none', NAN],
  [0x91, 'f32.sqrt', 'f', 'f', G.floatDivSqrt, 'none', NAN],
  [0x92, 'f32.add', 'ff', 'f', G.floatArith, 'none', NAN],
  [0x93, 'f32.sub', 'ff', 'f', G.floatArith, 'none', NAN],
  [0x94, 'f32.mul', 'ff', 'f', G.floatArith, 'none', NAN],
  [0x95, 'f32.div', 'ff', 'f', G.floatDivSqrt, 'none', NAN],
  [0x96, 'f32.min', 'ff', 'f', G.floatMinMax, 'none', NAN],
  [0x97, 'f32.max', 'ff', 'f', G.floatMinMax, 'none', NAN],
  [0x98, 'f32.copysign', 'ff', 'f', G.floatSign],
  [0x99, 'f64.abs', 'F', 'F', G.floatSign],
  [0x9a, 'f64.neg', 'F', 'F', G.floatSign],
  [0x9b, 'f64.ceil', 'F', 'F', G.floatRound, 'none', NAN],
  [0x9c, 'f64.floor', 'F', 'F', G.floatRound, 'none', NAN],
  [0x9d, 'f64.trunc', 'F', 'F', G.floatRound, 'none', NAN],
  [0x9e, 'f64.nearest', 'F', 'F', G.floatRound, 'none', NAN],
  [0x9f, 'f64.sqrt', 'F', 'F', G.floatDivSqrt, 'none', NAN],
  [0xa0, 'f64.add', 'FF', 'F', G.floatArith, 'none', NAN],
  [0xa1, 'f64.sub', 'FF', 'F', G.floatArith, 'none', NAN],
  [0xa2, 'f64.mul', 'FF', 'F', G.floatArith, 'none', NAN],
  [0xa3, 'f64.div', 'FF', 'F', G.floatDivSqrt, 'none', NAN],
  [0xa4, 'f64.min', 'FF', 'F', G.floatMinMax, 'none', NAN],
  [0xa5, 'f64.max', 'FF', 'F', G.floatMinMax, 'none', NAN],
  [0xa6, 'f64.copysign', 'FF', 'F', G.floatSign],
  [0xa7, 'i32.wrap_i64', 'I', 'i', G.simple],
  [0xa8, 'i32.trunc_f32_s', 'f', 'i', G.floatToInt],
  [0xa9, 'i32.trunc_f32_u', 'f', 'i', G.floatToInt],
  [0xaa, 'i32.trunc_f64_s', 'F', 'i', G.floatToInt],
  [0xab, 'i32.trunc_f64_u', 'F', 'i', G.floatToInt],
  [0xac, 'i64.extend_i32_s', 'i', 'I', G.simple],
  [0xad, 'i64.extend_i32_u', 'i', 'I', G.simple],
  [0xae, 'i64.trunc_f32_s', 'f', 'I', G.floatToInt],
  [0xaf, 'i64.trunc_f32_u', 'f', 'I', G.floatToInt],
  [0xb0, 'i64.trunc_f64_s', 'F', 'I', G.floatToInt],
  [0xb1, 'i64.trunc_f64_u', 'F', 'I', G.floatToInt],
  [0xb2, 'f32.convert_i32_s', 'i', 'f', G.intToFloat],
  [0xb3, 'f32.convert_i32_u', 'i', 'f', G.intToFloat],
  [0xb4, 'f32.convert_i64_s', 'I', 'f', G.intToFloat],
  [0xb5, 'f32.convert_i64_u', 'I', 'f', G.intToFloat],
  [0xb6, 'f32.demote_f64', 'F', 'f', G.floatArith, 'none', NAN],
  [0xb7, 'f64.convert_i32_s', 'i', 'F', G.intToFloat],
  [0xb8, 'f64.convert_i32_u', 'i', 'F', G.intToFloat],
  [0xb9, 'f64.convert_i64_s', 'I', 'F', G.intToFloat],
  [0xba, 'f64.convert_i64_u', 'I', 'F', G.intToFloat],
  [0xbb, 'f64.promote_f32', 'f', 'F', G.floatArith, 'none', NAN],
  [0xbc, 'i32.reinterpret_f32', 'f', 'i', G.simple],
  [0xbd, 'i64.reinterpret_f64', 'F', 'I', G.simple],
  [0xbe, 'f32.reinterpret_i32', 'i', 'f', G.simple],
  [0xbf, 'f64.reinterpret_i64', 'I', 'F', G.simple],
  [0xc0, 'i32.extend8_s', 'i', 'i', G.simple],
  [0xc1, 'i32.extend16_s', 'i', 'i', G.simple],
  [0xc2, 'i64.extend8_s', 'I', 'I', G.simple],
  [0xc3, 'i64.extend16_s', 'I', 'I', G.simple],
  [0xc4, 'i64.extend32_s', 'I', 'I', G.simple],
  [0x100, 'i32.trunc_sat_f32_s', 'f', 'i', G.floatToInt],
  [0x101, 'i32.trunc_sat_f32_u', 'f', 'i', G.floatToInt],
  [0x102, 'i32.trunc_sat_f64_s', 'F', 'i', G.floatToInt],
  [0x103, 'i32.trunc_sat_f64_u', 'F', 'i', G.floatToInt],
  [0x104, 'i64.trunc_sat_f32_s', 'f', 'I', G.floatToInt],
  [0x105, 'i64.trunc_sat_f32_u', 'f', 'I', G.floatToInt],
  [0x106, 'i64.trunc_sat_f64_s', 'F', 'I', G.floatToInt],
  [0x107, 'i64.trunc_sat_f64_u', 'F', 'I', G.floatToInt],
  [0x10a, 'memory.copy', 'iii', '', G.memoryBulk, 'memories'],
  [0x10b, 'memory.fill', 'iii', '', G.memoryBulk, 'memory'],
]

export const OPCODES: ReadonlyMap<number, Opcode> = new Map(
  ROWS.map(([code, name, pops, pushes, gas, immediate = 'none', makesNan = false]) => [
    code,
    { code, name, immediate, pops, pushes, gas, makesNan },
  ]),
)

/** Dense copies of the table for the inner loops, indexed by code. */
const SIZE = 0x112
export const OPCODE_BY_CODE: readonly (Opcode | undefined)[] = Array.from({ length: SIZE }, (_, code) =>
  OPCODES.get(code),
)
export const GAS_BY_CODE = Uint8Array.from(OPCODE_BY_CODE, op => op?.gas ?? 0)
export const POPS_BY_CODE = Uint8Array.from(OPCODE_BY_CODE, op => op?.pops.length ?? 0)
export const PUSHES_BY_CODE = Uint8Array.from(OPCODE_BY_CODE, op => op?.pushes.length ?? 0)

/** 0 = no, else the value type of the NaN. */
export const NAN_TYPE_BY_CODE = Uint8Array.from(OPCODE_BY_CODE, op =>
  op?.makesNan === true ? (op.pushes === 'f' ? F32 : F64) : 0,
)

/**
 * 1 for instructions whose result does not depend on the bits of a NaN operand: those whose own NaN is
 * canonicalised, float comparisons, float to integer conversions, drop.
 */
export const IGNORES_NAN_BITS = Uint8Array.from(OPCODE_BY_CODE, op => {
  if (op === undefined) return 0
  if (op.makesNan || op.code === OP.drop) return 1
  const fromFloatToInt = /f/i.test(op.pops) && /i/i.test(op.pushes)
  return fromFloatToInt && !op.name.includes('reinterpret') ? 1 : 0
})
