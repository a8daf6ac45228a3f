/**
 * Rewrites one function body. Every function gets two more parameters, `gas` (i64) and `stack` (i32, words left), and
 * one more result, the gas left. In between gas lives in the parameter, which the engine keeps in a
 * register; it is spilled to a global only around host calls and before a trap.
 *
 * Charges stand at region heads (regions.ts). The sign is checked at function entry, at loop heads and by the operations
 * whose price depends on an operand, so at most one loop-free path runs on credit, and the host checks before it
 * does anything.
 *
 * A function that calls pays for its frame in words: 2 x parameters + locals + operands + 16. Leaf functions
 * do not: one leaf frame more is bounded.
 */
import type { OpList } from './body.ts'
import { EMPTY_BLOCK } from './body.ts'
import { emitExhaustedCheck, emitHostCall, emitStackCheck } from './emit.ts'
import type { Layout } from './layout.ts'
import type { WasmModule } from './module.ts'
import { F32, F64, I32, NAN_TYPE_BY_CODE, OP } from './opcodes.ts'
import type { RegionList } from './regions.ts'
import type { Writer } from './writer.ts'

const FRAME_WORDS = 16

/** Scratch locals a body needs on top of its own. */
interface Scratch {
  /** Holds the table index of a call_indirect. */
  readonly index: number
  readonly f32: number
  readonly f64: number
}

export function rewriteBody(
  module: WasmModule,
  layout: Layout,
  ops: OpList,
  regions: RegionList,
  /** See findNans; undefined if no instruction needs it. */
  canonicalise: Uint8Array | undefined,
  out: Writer,
): void {
  const params = ops.type.params.length
  const gas = params
  const stack = params + 1
  const scratch = writeLocals(module, ops, canonicalise, out)
  let region = 0
  let openBlocks = 0
  /** Source bytes [pendingStart, pendingEnd) are still to be copied as they are. */
  let pendingStart = 0
  let pendingEnd = 0
  const flush = (): void => {
    if (pendingEnd > pendingStart) out.copy(module.bytes, pendingStart, pendingEnd)
    pendingStart = pendingEnd = 0
  }

  const entryCost = regions.cost[0] as number
  if (entryCost > 0) {
    emitCharge(out, gas, entryCost)
    emitExhaustedCheck(out, layout, gas)
  }
  region = 1
  if (ops.hasCalls) {
    const words = 2 * params + ops.localCount + ops.maxHeight + FRAME_WORDS
    emitStackCheck(out, layout, stack, words)
  }

  // The body proper is a block whose label stands for the function's own: leaving it appends the gas.
  out.u8(OP.block)
  out.u8(ops.type.result ?? EMPTY_BLOCK)
  for (let i = 0; i < ops.count; i++) {
    if (region < regions.count && regions.head[region] === i) {
      const cost = regions.cost[region] as number
      if (cost > 0) {
        flush()
        emitCharge(out, gas, cost)
        if (ops.code[i - 1] === OP.loop) emitExhaustedCheck(out, layout, gas)
        else out.op(OP.localSet, gas)
      }
      region++
    }

    const code = ops.code[i] as number
    const operand = ops.operand[i] as number
    switch (code) {
      case OP.localGet:
      case OP.localSet:
      case OP.localTee:
        if (operand >= params) {
          flush()
          out.op(code, operand + 2)
          continue
        }
        break
      case OP.return:
        flush()
        out.op(OP.br, openBlocks)
        continue
      case OP.call:
        flush()
        if (operand < module.imports.length) emitHostCall(out, layout, operand, gas, stack)
        else {
          out.op(OP.localGet, gas)
          out.op(OP.localGet, stack)
          out.op(OP.call, operand)
          out.op(OP.localSet, gas)
        }
        continue
      case OP.callIndirect:
        flush()
        out.op(OP.localSet, scratch.index)
        out.op(OP.localGet, gas)
        out.op(OP.localGet, stack)
        out.op(OP.localGet, scratch.index)
        out.op(OP.callIndirect, layout.threadedTypes + operand)
        out.u8(0)
        out.op(OP.localSet, gas)
        continue
      case OP.memoryGrow:
        flush()
        emitDynamic(out, layout.growFunction, gas)
        continue
      case OP.memoryCopy:
      case OP.memoryFill:
        flush()
        emitDynamic(out, layout.bulkFunction, gas)
        break
      case OP.block:
      case OP.loop:
      case OP.if:
        openBlocks++
        break
      case OP.end:
        openBlocks--
        break
      default:
    }

    const start = ops.start[i] as number
    if (start !== pendingEnd) {
      flush()
      pendingStart = start
    }
    pendingEnd = ops.end[i] as number
    if (canonicalise?.[i] === 1) {
      flush()
      emitCanonicalNan(out, NAN_TYPE_BY_CODE[code] as number, scratch)
    }
  }
  flush()
  out.op(OP.localGet, gas)
  out.u8(OP.end)
}

/** The original declarations and the scratch locals, which stand behind all others. */
function writeLocals(
  module: WasmModule,
  ops: OpList,
  canonicalise: Uint8Array | undefined,
  out: Writer,
): Scratch {
  const extra: number[] = []
  const next = ops.localCount + 2
  const add = (wanted: boolean, type: number): number => (wanted ? next + extra.push(type) - 1 : -1)
  const scratch = {
    index: add(ops.hasIndirectCalls, I32),
    f32: add(canonicalise !== undefined && usesNan(ops, canonicalise, F32), F32),
    f64: add(canonicalise !== undefined && usesNan(ops, canonicalise, F64), F64),
  }
  out.u32(ops.declarationCount + extra.length)
  out.copy(module.bytes, ops.declarations.start, ops.declarations.end)
  for (const type of extra) out.op(1, type)
  return scratch
}

function usesNan(ops: OpList, canonicalise: Uint8Array, type: number): boolean {
  for (let i = 0; i < ops.count; i++) {
    if (canonicalise[i] === 1 && NAN_TYPE_BY_CODE[ops.code[i] as number] === type) return true
  }
  return false
}

/** Leaves the reduced gas on the stack. */
function emitCharge(out: Writer, gas: number, cost: number): void {
  out.op(OP.localGet, gas)
  out.u8(OP.i64Const)
  out.s32(cost)
  out.u8(OP.i64Sub)
}

/** Calls a helper that looks at the topmost operand, charges for it and hands it back. */
function emitDynamic(out: Writer, helper: number, gas: number): void {
  out.op(OP.localGet, gas)
  out.op(OP.call, helper)
  out.op(OP.localSet, gas)
}

const CANONICAL_F32 = [OP.f32Const, 0x00, 0x00, 0xc0, 0x7f]
const CANONICAL_F64 = [OP.f64Const, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0x7f]

/** select(x, canonical NaN, x == x). */
function emitCanonicalNan(out: Writer, type: number, scratch: Scratch): void {
  const local = type === F32 ? scratch.f32 : scratch.f64
  out.op(OP.localTee, local)
  out.raw(type === F32 ? CANONICAL_F32 : CANONICAL_F64)
  out.op(OP.localGet, local)
  out.op(OP.localGet, local)
  out.u8(type === F32 ? OP.f32Eq : OP.f64Eq)
  out.u8(OP.select)
}
