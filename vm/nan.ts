/**
 * Which instructions need their NaN result made canonical. Engines and tiers choose the bits of a NaN that
 * arithmetic makes; a contract could read them. The canonical form is imposed after each operation that can make
 * one, except where nobody looks: the only consumer is itself canonicalised, compares, converts to an integer or
 * drops the value.
 */
import type { OpList } from './body.ts'
import type { FunctionType, WasmModule } from './module.ts'
import { typeOfFunction } from './module.ts'
import { IGNORES_NAN_BITS, NAN_TYPE_BY_CODE, OP, POPS_BY_CODE, PUSHES_BY_CODE } from './opcodes.ts'
import { LIMITS } from './profile.ts'

const NOBODY = -1
/** For each operand on the stack, the instruction that made it if that may be a NaN. */
const maker = new Int32Array(LIMITS.operands + 1)
const base = new Uint32Array(LIMITS.nesting + 2)
const hasResult = new Uint8Array(LIMITS.nesting + 2)

/** Sets `needed[i]` for every instruction i of `ops` to be canonicalised. Returns whether there is any. */
export function findNans(module: WasmModule, ops: OpList, needed: Uint8Array): boolean {
  let found = false
  for (let i = 0; i < ops.count; i++) {
    needed[i] = 0
    if (NAN_TYPE_BY_CODE[ops.code[i] as number] !== 0) found = true
  }
  if (!found) return false

  let any = false
  let height = 0
  let depth = 0
  const read = (slot: number): void => {
    const index = slot >= 0 ? (maker[slot] as number) : NOBODY
    if (index === NOBODY) return
    needed[index] = 1
    any = true
  }
  const push = (by: number): void => {
    maker[height++] = by
  }
  const consume = (count: number, ignoresBits: boolean): void => {
    for (let k = 0; k < count; k++) {
      height--
      if (!ignoresBits) read(height)
    }
  }
  const call = (type: FunctionType, extra: number): void => {
    consume(type.params.length + extra, false)
    if (type.result !== undefined) push(NOBODY)
  }
  const enter = (result: boolean): void => {
    base[depth] = height
    hasResult[depth] = result ? 1 : 0
    depth++
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
        read(height - 1)
        height = base[depth - 1] as number
        break
      case OP.end:
        read(height - 1)
        depth--
        height = base[depth] as number
        if (hasResult[depth] === 1) push(NOBODY)
        break
      case OP.brIf:
        height--
        read(height - 1)
        break
      case OP.brTable:
        read(height - 2)
        break
      case OP.br:
      case OP.return:
        read(height - 1)
        break
      case OP.call:
        call(typeOfFunction(module, operand), 0)
        break
      case OP.callIndirect:
        call(module.types[operand] as FunctionType, 1)
        break
      default:
        consume(POPS_BY_CODE[code] as number, IGNORES_NAN_BITS[code] === 1)
        if (PUSHES_BY_CODE[code] === 1) push(NAN_TYPE_BY_CODE[code] === 0 ? NOBODY : i)
    }
  }
  return any
}
