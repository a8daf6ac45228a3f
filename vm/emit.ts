/** The functions and checks an instrumented module carries on top of the contract's own. */
import { EMPTY_BLOCK } from './body.ts'
import { type Effects, NOT_FIXED } from './effects.ts'
import { MEMORY_BULK_SHIFT, MEMORY_PAGE_GAS } from './gas.ts'
import type { Layout } from './layout.ts'
import { STACK_SENTINEL } from './layout.ts'
import type { WasmModule } from './module.ts'
import { typeOfFunction } from './module.ts'
import { OP } from './opcodes.ts'
import type { Writer } from './writer.ts'

/** With less gas than `units` the gas global says so and the call traps. */
export function emitGasCheck(out: Writer, layout: Layout, gas: number, units: number): void {
  out.op(OP.localGet, gas)
  out.u8(OP.i64Const)
  out.s32(units)
  out.u8(OP.i64LtS)
  out.op(OP.if, EMPTY_BLOCK)
  out.u8(OP.i64Const)
  out.s32(-1)
  out.op(OP.globalSet, layout.gasGlobal)
  out.u8(OP.unreachable)
  out.u8(OP.end)
}

export function emitCharge(out: Writer, gas: number, units: number): void {
  out.op(OP.localGet, gas)
  out.u8(OP.i64Const)
  out.s32(units)
  out.u8(OP.i64Sub)
  out.op(OP.localSet, gas)
}

export function emitStackCheck(out: Writer, layout: Layout, stack: number, words: number): void {
  out.op(OP.localGet, stack)
  out.u8(OP.i32Const)
  out.s32(words)
  out.u8(OP.i32LtS)
  emitSentinelTrap(out, layout, STACK_SENTINEL.overflow)
}

/** What a callee may use: the words this function was given without those of its own frame. */
export function emitStackLeft(out: Writer, stack: number, words: number): void {
  out.op(OP.localGet, stack)
  if (words === 0) return
  out.u8(OP.i32Const)
  out.s32(words)
  out.u8(OP.i32Sub)
}

/** If the condition on the stack holds: leaves the reason in the stack global and traps. */
function emitSentinelTrap(out: Writer, layout: Layout, sentinel: number): void {
  out.op(OP.if, EMPTY_BLOCK)
  out.u8(OP.i32Const)
  out.s32(sentinel)
  out.op(OP.globalSet, layout.stackGlobal)
  out.u8(OP.unreachable)
  out.u8(OP.end)
}

/** The locals of a threaded function, and the words of its own frame. */
export interface Threading {
  readonly gas: number
  readonly stack: number
  readonly words: number
}

/** Gas and stack are in globals while the host runs; it leaves the gas there. */
export function emitHostCall(
  out: Writer,
  layout: Layout,
  fn: number,
  { gas, stack, words }: Threading,
): void {
  out.op(OP.localGet, gas)
  out.op(OP.globalSet, layout.gasGlobal)
  emitStackLeft(out, stack, words)
  out.op(OP.globalSet, layout.stackGlobal)
  out.op(OP.call, fn)
  out.op(OP.globalGet, layout.gasGlobal)
  out.op(OP.localSet, gas)
}

/** (pages, gas) -> (previous pages or -1, gas). Beyond the cap nothing is charged and nothing happens. */
export function emitGrowFunction(out: Writer, module: WasmModule, layout: Layout): void {
  const [pages, gas] = [0, 1]
  out.u32(0)
  if (module.memory !== undefined) {
    out.op(OP.localGet, pages)
    out.u8(OP.i64ExtendI32U)
    out.op(OP.memorySize, 0)
    out.u8(OP.i64ExtendI32U)
    out.u8(OP.i64Add)
    out.u8(OP.i64Const)
    out.s32(layout.memoryCapPages)
    out.u8(OP.i64GtU)
    out.op(OP.if, EMPTY_BLOCK)
    out.u8(OP.i32Const)
    out.s32(-1)
    out.op(OP.localGet, gas)
    out.u8(OP.return)
    out.u8(OP.end)

    out.op(OP.localGet, gas)
    out.op(OP.localGet, pages)
    out.u8(OP.i64ExtendI32U)
    out.u8(OP.i64Const)
    out.s32(MEMORY_PAGE_GAS)
    out.u8(OP.i64Mul)
    out.u8(OP.i64Sub)
    out.op(OP.localSet, gas)
    emitGasCheck(out, layout, gas, 0)

    out.op(OP.localGet, pages)
    out.op(OP.memoryGrow, 0)
    out.op(OP.localTee, pages)
    out.u8(OP.i32Const)
    out.s32(-1)
    out.u8(OP.i32Eq)
    emitSentinelTrap(out, layout, STACK_SENTINEL.engineOutOfMemory)
  }
  out.op(OP.localGet, pages)
  out.op(OP.localGet, gas)
  out.u8(OP.end)
}

/** (bytes, gas) -> (bytes, gas). */
export function emitBulkFunction(out: Writer, layout: Layout): void {
  const [bytes, gas] = [0, 1]
  out.u32(0)
  out.op(OP.localGet, gas)
  out.op(OP.localGet, bytes)
  out.u8(OP.i32Const)
  out.s32(MEMORY_BULK_SHIFT)
  out.u8(OP.i32ShrU)
  out.u8(OP.i64ExtendI32U)
  out.u8(OP.i64Sub)
  out.op(OP.localSet, gas)
  emitGasCheck(out, layout, gas, 0)
  out.op(OP.localGet, bytes)
  out.op(OP.localGet, gas)
  out.u8(OP.end)
}

/** Copies the mutable globals to their shadows. */
export function emitSnapshotFunction(out: Writer, layout: Layout): void {
  out.u32(0)
  for (const [i, global] of layout.mutableGlobals.entries()) {
    out.op(OP.globalGet, global)
    out.op(OP.globalSet, layout.firstShadowGlobal + i)
  }
  out.u8(OP.end)
}

/** Copies the shadows back. */
export function emitResetFunction(out: Writer, layout: Layout): void {
  out.u32(0)
  for (const [i, global] of layout.mutableGlobals.entries()) {
    out.op(OP.globalGet, layout.firstShadowGlobal + i)
    out.op(OP.globalSet, global)
  }
  out.u8(OP.end)
}

/** What the host calls: takes gas and stack from the globals and leaves the gas there. The host looks at the sign. */
export function emitExportWrapper(
  out: Writer,
  module: WasmModule,
  { fixedGas }: Effects,
  layout: Layout,
  fn: number,
): void {
  const units = fixedGas[fn] as number
  out.u32(0)
  if (units !== NOT_FIXED) {
    out.op(OP.globalGet, layout.gasGlobal)
    out.u8(OP.i64Const)
    out.s32(units)
    out.u8(OP.i64Sub)
    out.op(OP.globalSet, layout.gasGlobal)
    for (const i of typeOfFunction(module, fn).params.keys()) out.op(OP.localGet, i)
    out.op(OP.call, fn)
    out.u8(OP.end)
    return
  }
  for (const i of typeOfFunction(module, fn).params.keys()) out.op(OP.localGet, i)
  out.op(OP.globalGet, layout.gasGlobal)
  out.op(OP.globalGet, layout.stackGlobal)
  out.op(OP.call, fn)
  out.op(OP.globalSet, layout.gasGlobal)
  out.u8(OP.end)
}

/** A host function for tables: the threaded type around the plain import. */
export function emitHostThunk(out: Writer, module: WasmModule, layout: Layout, fn: number): void {
  const { params } = typeOfFunction(module, fn)
  out.u32(0)
  for (const i of params.keys()) out.op(OP.localGet, i)
  emitHostCall(out, layout, fn, { gas: params.length, stack: params.length + 1, words: 0 })
  out.op(OP.localGet, params.length)
  out.u8(OP.end)
}

/** The same for a fixed function: it charges what a caller that knows it would. */
export function emitFixedThunk(out: Writer, module: WasmModule, fn: number, units: number): void {
  const { params } = typeOfFunction(module, fn)
  out.u32(0)
  for (const i of params.keys()) out.op(OP.localGet, i)
  out.op(OP.call, fn)
  out.op(OP.localGet, params.length)
  out.u8(OP.i64Const)
  out.s32(units)
  out.u8(OP.i64Sub)
  out.u8(OP.end)
}
