/**
 * Turns a decoded and validated module into one that meters itself: see rewrite.ts for what happens to a body,
 * layout.ts for what is added. The output depends on nothing but the input, the options and
 * {@link INSTRUMENTER_VERSION}, GAS_SCHEDULE_VERSION (gas.ts) and PROFILE_VERSION (profile.ts).
 */
import { OpList, readBody } from './body.ts'
import { type Effects, findEffects, NOT_FIXED } from './effects.ts'
import {
  emitBulkFunction,
  emitExportWrapper,
  emitFixedThunk,
  emitGrowFunction,
  emitHostThunk,
  emitResetFunction,
  emitSnapshotFunction,
} from './emit.ts'
import type { Layout } from './layout.ts'
import { planLayout, RESERVED_EXPORT } from './layout.ts'
import type { FunctionType, WasmModule } from './module.ts'
import { EXPORT_KIND, HOST_MODULE } from './module.ts'
import { findNans } from './nan.ts'
import { F32, F64, I32, I64, OP } from './opcodes.ts'
import { LIMITS, ProfileError } from './profile.ts'
import { findRegions, RegionList } from './regions.ts'
import { rewriteBody, rewriteFixedBody } from './rewrite.ts'
import { Writer } from './writer.ts'

export const INSTRUMENTER_VERSION = 2

export interface InstrumentOptions {
  /** Pages memory.grow may reach. */
  readonly memoryPages?: number
}

/** Buffers of the size of the largest body, reused: instrumenting is synchronous and does not nest. */
const ops = new OpList()
const regions = new RegionList()
const canonicalise = new Uint8Array(LIMITS.bodyBytes + 1)

export function instrument(
  module: WasmModule,
  { memoryPages = LIMITS.memoryPages }: InstrumentOptions = {},
): Uint8Array<ArrayBuffer> {
  const effects = findEffects(module)
  const layout = planLayout(module, effects, memoryPages)
  const out = new Writer(module.bytes.length * 3 + 4096)
  out.raw([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
  section(out, 1, () => writeTypes(out, module))
  section(out, 2, () => writeImports(out, module))
  section(out, 3, () => writeFunctions(out, module, effects, layout))
  if (module.tableEntries !== undefined) section(out, 4, () => writeTable(out, module.tableEntries as number))
  if (module.memory !== undefined) section(out, 5, () => writeMemory(out, module, layout))
  section(out, 6, () => writeGlobals(out, module, layout))
  section(out, 7, () => writeExports(out, module, layout))
  section(out, 9, () => writeElements(out, module, layout))
  section(out, 10, () => writeCode(out, module, effects, layout))
  if (module.dataSpan !== undefined) {
    const { start, end } = module.dataSpan
    section(out, 11, () => out.copy(module.bytes, start, end))
  }
  if (out.length > LIMITS.instrumentedBytes) {
    throw new ProfileError(
      'limit',
      `with metering the module has ${out.length} bytes, the limit is ${LIMITS.instrumentedBytes}`,
    )
  }
  return out.finish()
}

function section(out: Writer, id: number, write: () => void): void {
  out.u8(id)
  const mark = out.openSized()
  write()
  out.closeSized(mark)
}

function writeTypes(out: Writer, { types }: WasmModule): void {
  out.u32(2 * types.length + 2)
  for (const type of types) writeType(out, type.params, resultsOf(type))
  for (const type of types) writeType(out, [...type.params, I64, I32], [...resultsOf(type), I64])
  writeType(out, [I32, I64], [I32, I64])
  writeType(out, [], [])
}

function resultsOf({ result }: FunctionType): number[] {
  return result === undefined ? [] : [result]
}

function writeType(out: Writer, params: readonly number[], results: readonly number[]): void {
  out.u8(0x60)
  out.u32(params.length)
  out.raw(params)
  out.u32(results.length)
  out.raw(results)
}

function writeImports(out: Writer, module: WasmModule): void {
  out.u32(module.imports.length)
  for (const { name, typeIndex } of module.imports) {
    out.name(HOST_MODULE)
    out.name(name)
    out.op(EXPORT_KIND.function, typeIndex)
  }
}

/** In the order planLayout numbers them. */
function writeFunctions(out: Writer, module: WasmModule, { fixedGas }: Effects, layout: Layout): void {
  const { imports, functionTypes } = module
  out.u32(module.bodies.length + 4 + layout.wrappers.size + layout.thunks.size)
  for (let i = imports.length; i < functionTypes.length; i++) {
    const type = functionTypes[i] as number
    out.u32(fixedGas[i] === NOT_FIXED ? layout.threadedTypes + type : type)
  }
  out.u32(layout.dynamicType)
  out.u32(layout.dynamicType)
  out.u32(layout.emptyType)
  out.u32(layout.emptyType)
  for (const fn of layout.wrappers.keys()) out.u32(functionTypes[fn] as number)
  for (const fn of layout.thunks.keys()) out.u32(layout.threadedTypes + (functionTypes[fn] as number))
}

function writeTable(out: Writer, entries: number): void {
  out.raw([1, 0x70, 1])
  out.u32(entries)
  out.u32(entries)
}

function writeMemory(out: Writer, { memory }: WasmModule, layout: Layout): void {
  const initial = memory?.initialPages ?? 0
  out.raw([1, 1])
  out.u32(initial)
  out.u32(Math.max(initial, layout.memoryCapPages))
}

function writeGlobals(out: Writer, module: WasmModule, layout: Layout): void {
  out.u32(module.globals.length + 2 + layout.mutableGlobals.length)
  if (module.globalSpan !== undefined) out.copy(module.bytes, module.globalSpan.start, module.globalSpan.end)
  writeMutableGlobal(out, I64)
  writeMutableGlobal(out, I32)
  for (const index of layout.mutableGlobals) writeMutableGlobal(out, module.globals[index]?.type ?? I32)
}

function writeMutableGlobal(out: Writer, type: number): void {
  out.op(type, 1)
  if (type === F32) out.raw([OP.f32Const, 0, 0, 0, 0])
  else if (type === F64) out.raw([OP.f64Const, 0, 0, 0, 0, 0, 0, 0, 0])
  else out.op(type === I64 ? OP.i64Const : OP.i32Const, 0)
  out.u8(OP.end)
}

function writeExports(out: Writer, module: WasmModule, layout: Layout): void {
  const reserved: [string, number, number][] = [
    [RESERVED_EXPORT.gas, EXPORT_KIND.global, layout.gasGlobal],
    [RESERVED_EXPORT.stack, EXPORT_KIND.global, layout.stackGlobal],
    [RESERVED_EXPORT.snapshot, EXPORT_KIND.function, layout.snapshotFunction],
    [RESERVED_EXPORT.reset, EXPORT_KIND.function, layout.resetFunction],
  ]
  if (module.memory !== undefined) reserved.push([RESERVED_EXPORT.memory, EXPORT_KIND.memory, 0])
  out.u32(module.exports.length + reserved.length)
  for (const { name, kind, index } of module.exports) {
    out.name(name)
    out.op(kind, kind === EXPORT_KIND.function ? (layout.wrappers.get(index) as number) : index)
  }
  for (const [name, kind, index] of reserved) {
    out.name(name)
    out.op(kind, index)
  }
}

function writeElements(out: Writer, module: WasmModule, layout: Layout): void {
  out.u32(module.elements.length)
  for (const { offset, functions } of module.elements) {
    out.u32(0)
    out.copy(module.bytes, offset.start, offset.end)
    out.u32(functions.length)
    for (const fn of functions) out.u32(layout.thunks.get(fn) ?? fn)
  }
}

function writeCode(out: Writer, module: WasmModule, effects: Effects, layout: Layout): void {
  const sized = (write: () => void): void => {
    const mark = out.openSized()
    write()
    out.closeSized(mark)
  }
  out.u32(module.bodies.length + 4 + layout.wrappers.size + layout.thunks.size)
  for (const [i, span] of module.bodies.entries()) {
    const fn = module.imports.length + i
    readBody(module, span, fn, ops)
    const floats = findNans(module, ops, canonicalise) ? canonicalise : undefined
    if (effects.fixedGas[fn] !== NOT_FIXED) {
      sized(() => rewriteFixedBody(module, ops, floats, out))
      continue
    }
    findRegions({ bytes: module.bytes, ops, effects, checksEntry: effects.light[fn] === 0 }, regions)
    sized(() => rewriteBody({ module, effects, layout, ops, regions, canonicalise: floats }, out))
  }
  sized(() => emitGrowFunction(out, module, layout))
  sized(() => emitBulkFunction(out, layout))
  sized(() => emitSnapshotFunction(out, layout))
  sized(() => emitResetFunction(out, layout))
  for (const fn of layout.wrappers.keys()) sized(() => emitExportWrapper(out, module, effects, layout, fn))
  for (const fn of layout.thunks.keys()) {
    const gas = effects.fixedGas[fn] as number
    sized(() =>
      gas === NOT_FIXED ? emitHostThunk(out, module, layout, fn) : emitFixedThunk(out, module, fn, gas),
    )
  }
}
