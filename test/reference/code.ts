/** A module's function bodies as lists of instructions that know where their blocks end. */
import { OpList, readBody } from '../../vm/body.ts'
import type { Span, WasmModule } from '../../vm/module.ts'
import { F64, I64, OP, OPCODES } from '../../vm/opcodes.ts'
import { Reader } from '../../vm/reader.ts'
import type { Value } from './numbers.ts'

export interface Access {
  readonly offset: number
  readonly bytes: number
  readonly isSigned: boolean
  readonly is64: boolean
  readonly isStore: boolean
}

export interface Instruction {
  readonly code: number
  readonly gas: number
  readonly pops: number
  readonly makesNan: boolean
  /** The first immediate, see OpList. */
  readonly operand: number
  /** Of a constant. */
  readonly value: Value
  /** Of br_table, the default last. */
  readonly targets: readonly number[]
  /** Of loads and stores. */
  readonly access: Access | undefined
  /** Of block, loop, if, else: the matching `end`; of if also the `else`. */
  end: number
  otherwise: number | undefined
}

export interface Body {
  /** The locals that are not parameters. */
  readonly locals: readonly Value[]
  /** With parameters. */
  readonly localCount: number
  readonly code: readonly Instruction[]
  /** Of the contract stack; 0 if the function calls nothing. */
  readonly frameWords: number
}

const FRAME_WORDS = 16

export function readS64(reader: Reader): bigint {
  let value = 0n
  for (let shift = 0n; ; shift += 7n) {
    const byte = reader.u8()
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return BigInt.asIntN(Math.min(64, Number(shift) + 7), value)
  }
}

function readFixed(reader: Reader, bytes: number): bigint {
  let value = 0n
  for (let i = 0; i < bytes; i++) value |= BigInt(reader.u8()) << BigInt(8 * i)
  return BigInt.asIntN(8 * bytes, value)
}

/** The constant behind an opcode that makes one. */
export function readConstant(reader: Reader, code: number): Value {
  if (code === OP.i32Const) return reader.s32()
  if (code === OP.i64Const) return readS64(reader)
  if (code === OP.f32Const) return Number(readFixed(reader, 4))
  if (code === OP.f64Const) return readFixed(reader, 8)
  throw new Error(`opcode ${code} makes no constant`)
}

export const zero = (type: number): Value => (type === I64 || type === F64 ? 0n : 0)

function accessOf(name: string, reader: Reader): Access | undefined {
  const match = /^(.)(32|64)\.(load|store)(\d*)(_s)?/.exec(name)
  if (match === null) return undefined
  const [, , width, verb, narrow, signed] = match
  reader.u32()
  return {
    offset: reader.u32(),
    bytes: Number(narrow === '' ? width : narrow) / 8,
    isSigned: signed !== undefined || narrow === '',
    is64: width === '64',
    isStore: verb === 'store',
  }
}

const CONSTANTS: readonly number[] = [OP.i32Const, OP.i64Const, OP.f32Const, OP.f64Const]

function readInstruction(module: WasmModule, ops: OpList, k: number): Instruction {
  const code = ops.code[k] as number
  const opcode = OPCODES.get(code)
  if (opcode === undefined) throw new Error(`opcode ${code} is not in the table`)
  const reader = new Reader(module.bytes, (ops.start[k] as number) + 1)
  return {
    code,
    gas: opcode.gas,
    pops: opcode.pops.length,
    makesNan: opcode.makesNan,
    operand: ops.operand[k] as number,
    value: CONSTANTS.includes(code) ? readConstant(reader, code) : 0,
    targets: code === OP.brTable ? Array.from({ length: reader.u32() + 1 }, () => reader.u32()) : [],
    access: opcode.immediate === 'memarg' ? accessOf(opcode.name, reader) : undefined,
    end: 0,
    otherwise: undefined,
  }
}

function matchBlocks(code: readonly Instruction[]): void {
  const open: Instruction[] = []
  for (const [k, instruction] of code.entries()) {
    const innermost = open[open.length - 1]
    if ([OP.block, OP.loop, OP.if].includes(instruction.code as 2)) open.push(instruction)
    else if (instruction.code === OP.else && innermost !== undefined) innermost.otherwise = k
    else if (instruction.code === OP.end && innermost !== undefined) {
      open.pop()
      innermost.end = k
      if (innermost.otherwise !== undefined) (code[innermost.otherwise] as Instruction).end = k
    }
  }
}

function readLocals(module: WasmModule, { declarations, declarationCount }: OpList): Value[] {
  const reader = new Reader(module.bytes, declarations.start, declarations.end)
  return Array.from({ length: declarationCount }, () => {
    const count = reader.u32()
    const value = zero(reader.u8())
    return Array.from({ length: count }, () => value)
  }).flat()
}

export function readBodies(module: WasmModule): Body[] {
  const ops = new OpList()
  return module.bodies.map((span: Span, i): Body => {
    readBody(module, span, module.imports.length + i, ops)
    const code = Array.from({ length: ops.count }, (_, k) => readInstruction(module, ops, k))
    matchBlocks(code)
    return {
      locals: readLocals(module, ops),
      localCount: ops.localCount,
      code,
      frameWords: ops.hasCalls
        ? 2 * ops.type.params.length + ops.localCount + ops.maxHeight + FRAME_WORDS
        : 0,
    }
  })
}
