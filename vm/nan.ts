/**
 * Which values need their NaN made canonical, and where. Engines and tiers choose the bits of a NaN that arithmetic
 * makes; a contract could read them. So the canonical form is imposed, but as late as possible and only where
 * somebody looks: a store, a global, a reinterpretation, a call, a branch, the end of a block or function. Nobody looks
 * where the value goes into more arithmetic, a comparison, a conversion to an integer or a drop.
 *
 * A local is **lazy** if every value ever put into it is one that arithmetic made (or one that is no NaN): then what is
 * read from it counts as made by arithmetic, and setting it needs nothing. A local that may also hold a NaN of the
 * contract's own, whose bits it is entitled to see again, takes only canonical ones from arithmetic.
 */
import type { OpList } from './body.ts'
import type { FunctionType, WasmModule } from './module.ts'
import { typeOfFunction } from './module.ts'
import {
  F32,
  F64,
  IGNORES_NAN_BITS,
  NAN_TYPE_BY_CODE,
  OP,
  OPCODE_BY_CODE,
  POPS_BY_CODE,
  PUSHES_BY_CODE,
} from './opcodes.ts'
import { LIMITS } from './profile.ts'
import { Reader } from './reader.ts'

/** Any bits, the contract's own if it is a NaN; and everything that is no float. */
const OWN = -1
/** Not a NaN: making it canonical changes nothing. */
const NUMBER = -2

/** For each operand on the stack OWN, NUMBER, or the instruction after which its NaN can be made canonical. */
const maker = new Int32Array(LIMITS.operands + 1)
const base = new Uint32Array(LIMITS.nesting + 2)
const hasResult = new Uint8Array(LIMITS.nesting + 2)
const localType = new Uint8Array(LIMITS.locals)
const isLazy = new Uint8Array(LIMITS.locals)

/** Each round finds locals that are not lazy because another is not; after this many no local is. */
const ROUNDS = 4

/** Sets `needed[i]` for every instruction i of `ops`: the type of the NaN to make canonical after it, or 0. */
export function findNans(module: WasmModule, ops: OpList, needed: Uint8Array): boolean {
  needed.fill(0, 0, ops.count)
  if (!makesNans(ops)) return false
  readLocalTypes(module.bytes, ops)
  for (let round = 1; ; round++) {
    if (round === ROUNDS) isLazy.fill(0)
    if (walk(module, ops, needed)) break
    needed.fill(0, 0, ops.count)
  }
  for (let i = 0; i < ops.count; i++) if (needed[i] !== 0) return true
  return false
}

function makesNans(ops: OpList): boolean {
  for (let i = 0; i < ops.count; i++) if (NAN_TYPE_BY_CODE[ops.code[i] as number] !== 0) return true
  return false
}

/** A parameter holds what the caller gave, so it is never lazy. */
function readLocalTypes(bytes: Uint8Array, ops: OpList): void {
  let count = ops.type.params.length
  isLazy.fill(0, 0, count)
  const reader = new Reader(bytes, ops.declarations.start, ops.declarations.end)
  for (let i = 0; i < ops.declarationCount; i++) {
    const more = reader.u32()
    const type = reader.u8()
    localType.fill(type, count, count + more)
    isLazy.fill(type === F32 || type === F64 ? 1 : 0, count, count + more)
    count += more
  }
}

/** One pass with the locals that `isLazy` names. False if one of them is not: it is struck off, and the pass is void. */
function walk(module: WasmModule, ops: OpList, needed: Uint8Array): boolean {
  let holds = true
  let height = 0
  let depth = 0
  const typeMadeBy = (i: number): number => {
    const code = ops.code[i] as number
    const isLocal = code === OP.localGet || code === OP.localTee
    return isLocal ? (localType[ops.operand[i] as number] as number) : (NAN_TYPE_BY_CODE[code] as number)
  }
  const look = (slot: number): void => {
    const i = slot >= 0 ? (maker[slot] as number) : OWN
    if (i >= 0) needed[i] = typeMadeBy(i)
  }
  const push = (by: number): void => {
    maker[height++] = by
  }
  const consume = (count: number, ignoresBits: boolean): void => {
    for (let k = 0; k < count; k++) {
      height--
      if (!ignoresBits) look(height)
    }
  }
  const call = (type: FunctionType, extra: number): void => {
    consume(type.params.length + extra, false)
    if (type.result !== undefined) push(OWN)
  }
  const enter = (result: boolean): void => {
    base[depth] = height
    hasResult[depth] = result ? 1 : 0
    depth++
  }
  /** What stands on top of the stack goes into a local. */
  const set = (local: number): void => {
    if (isLazy[local] === 0) look(height - 1)
    else if (maker[height - 1] === OWN) {
      isLazy[local] = 0
      holds = false
    }
  }

  enter(ops.type.result !== undefined)
  for (let i = 0; i < ops.count; i++) {
    const code = ops.code[i] as number
    const operand = ops.operand[i] as number
    switch (code) {
      case OP.block:
      case OP.loop:
        enter(operand !== 0x40)
        break
      case OP.if:
        height--
        enter(operand !== 0x40)
        break
      case OP.else:
        if (hasResult[depth - 1] === 1) look(height - 1)
        height = base[depth - 1] as number
        break
      case OP.end:
        depth--
        if (hasResult[depth] === 1) look(height - 1)
        height = base[depth] as number
        if (hasResult[depth] === 1) push(OWN)
        break
      case OP.brIf:
        height--
        if (hasResult[depth - 1 - operand] === 1) look(height - 1)
        break
      case OP.brTable:
        look(height - 2)
        break
      case OP.br:
      case OP.return:
        look(height - 1)
        break
      case OP.call:
        call(typeOfFunction(module, operand), 0)
        break
      case OP.callIndirect:
        call(module.types[operand] as FunctionType, 1)
        break
      case OP.localGet:
        push(isLazy[operand] === 1 ? i : OWN)
        break
      case OP.localSet:
        set(operand)
        height--
        break
      case OP.localTee:
        set(operand)
        maker[height - 1] = isLazy[operand] === 1 ? i : OWN
        break
      default:
        consume(POPS_BY_CODE[code] as number, IGNORES_NAN_BITS[code] === 1)
        if (PUSHES_BY_CODE[code] === 1) push(made(module.bytes, ops, i))
    }
  }
  return holds
}

/** What instruction i leaves on the stack. */
function made(bytes: Uint8Array, ops: OpList, i: number): number {
  const code = ops.code[i] as number
  if (NAN_TYPE_BY_CODE[code] !== 0) return i
  if (code === OP.f32Const || code === OP.f64Const)
    return isNanConstant(bytes, ops.end[i] as number, code) ? OWN : NUMBER
  return CONVERTS_INTEGER[code] === 1 ? NUMBER : OWN
}

/** The exponent stands in the last two bytes, all ones in a NaN (and in an infinity). */
function isNanConstant(bytes: Uint8Array, end: number, code: number): boolean {
  const top = (((bytes[end - 1] as number) << 8) | (bytes[end - 2] as number)) & 0x7fff
  return code === OP.f32Const ? top >= 0x7f80 : top >= 0x7ff0
}

const CONVERTS_INTEGER = Uint8Array.from(OPCODE_BY_CODE, op =>
  op?.name.includes('.convert_i') === true ? 1 : 0,
)
