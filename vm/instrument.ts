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
import { Probe, PROBE_EXPORT } from './probe.ts'
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
  const out = write({ module, effects, layout: planLayout(module, effects, memoryPages), probe: undefined })
  if (out.length > LIMITS.instrumentedBytes) {
    throw new ProfileError(
      'limit',
      `with metering the module has ${out.length} bytes, the limit is ${LIMITS.instrumentedBytes}`,
    )
  }
  return out.finish()
}

/** For one observed call: see probe.ts. Whatever `instrument` accepts is accepted here. */
export function instrumentWithProbe(module: WasmModule): {
  readonly wasm: Uint8Array<ArrayBuffer>
  readonly probe: Probe
} {
  const effects = findEffects(module)
  const layout = planLayout(module, effects, LIMITS.memoryPages)
  const probe = new Probe(module, layout)
  return { wasm: write({ module, effects, layout, probe }).finish(), probe }
}

/** What the sections are written from. */
interface Plan {
  readonly module: WasmModule
  readonly effects: Effects
  readonly layout: Layout
  readonly probe: Probe | undefined
}

function write(plan: Plan): Writer {
  const { module, layout, probe } = plan
  const out = new Writer(module.bytes.length * 3 + 4096)
  out.raw([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00])
  section(out, 1, () => writeTypes(out, plan))
  section(out, 2, () => writeImports(out, module))
  section(out, 3, () => writeFunctions(out, plan))
  const tables = [module.tableEntries, probe && 1].filter(entries => entries !== undefined)
  if (tables.length > 0) section(out, 4, () => writeTables(out, tables))
  if (module.memory !== undefined || probe !== undefined) section(out, 5, () => writeMemories(out, plan))
  section(out, 6, () => writeGlobals(out, plan))
  section(out, 7, () => writeExports(out, plan))
  section(out, 9, () => writeElements(out, module, layout))
  section(out, 10, () => writeCode(out, plan))
  if (module.dataSpan !== undefined) {
    const { start, end } = module.dataSpan
    section(out, 11, () => out.copy(module.bytes, start, end))
  }
  return out
}

function section(out: Writer, id: number, write: () => void): void {
  out.u8(id)
  const mark = out.openSized()
  write()
  out.closeSized(mark)
}

function writeTypes(out: Writer, { module: { types }, probe }: Plan): void {
  out.u32(2 * types.length + 2 + (probe === undefined ? 0 : 1))
  for (const type of types) writeType(out, type.params, resultsOf(type))
  for (const type of types) writeType(out, [...type.params, I64, I32], [...resultsOf(type), I64])
  writeType(out, [I32, I64], [I32, I64])
  writeType(out, [], [])
  if (probe !== undefined) writeType(out, [I32], [])
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
function writeFunctions(out: Writer, { module, effects: { fixedGas }, layout, probe }: Plan): void {
  const { imports, functionTypes } = module
  out.u32(functionsWritten({ module, layout, probe }))
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
  if (probe !== undefined) out.u32(probe.logType)
}

function functionsWritten({ module, layout, probe }: Pick<Plan, 'module' | 'layout' | 'probe'>): number {
  return layout.functionCount - module.imports.length + (probe === undefined ? 0 : 1)
}

function writeTables(out: Writer, tables: readonly number[]): void {
  out.u32(tables.length)
  for (const entries of tables) {
    out.raw([0x70, 1])
    out.u32(entries)
    out.u32(entries)
  }
}

function writeMemories(out: Writer, { module: { memory }, layout, probe }: Plan): void {
  const limits: (readonly [initial: number, maximum: number])[] = []
  if (memory !== undefined) {
    limits.push([memory.initialPages, Math.max(memory.initialPages, layout.memoryCapPages)])
  }
  if (probe !== undefined) limits.push([1, 1])
  out.u32(limits.length)
  for (const [initial, maximum] of limits) {
    out.u8(1)
    out.u32(initial)
    out.u32(maximum)
  }
}

function writeGlobals(out: Writer, { module, layout, probe }: Plan): void {
  out.u32(module.globals.length + 2 + layout.mutableGlobals.length + (probe === undefined ? 0 : 1))
  if (module.globalSpan !== undefined) out.copy(module.bytes, module.globalSpan.start, module.globalSpan.end)
  writeMutableGlobal(out, I64)
  writeMutableGlobal(out, I32)
  for (const index of layout.mutableGlobals) writeMutableGlobal(out, module.globals[index]?.type ?? I32)
  if (probe !== undefined) writeMutableGlobal(out, I32)
}

function writeMutableGlobal(out: Writer, type: number): void {
  out.op(type, 1)
  if (type === F32) out.raw([OP.f32Const, 0, 0, 0, 0])
  else if (type === F64) out.raw([OP.f64Const, 0, 0, 0, 0, 0, 0, 0, 0])
  else out.op(type === I64 ? OP.i64Const : OP.i32Const, 0)
  out.u8(OP.end)
}

function writeExports(out: Writer, { module, layout, probe }: Plan): void {
  const reserved: [string, number, number][] = [
    [RESERVED_EXPORT.gas, EXPORT_KIND.global, layout.gasGlobal],
    [RESERVED_EXPORT.stack, EXPORT_KIND.global, layout.stackGlobal],
    [RESERVED_EXPORT.snapshot, EXPORT_KIND.function, layout.snapshotFunction],
    [RESERVED_EXPORT.reset, EXPORT_KIND.function, layout.resetFunction],
  ]
  if (module.memory !== undefined) reserved.push([RESERVED_EXPORT.memory, EXPORT_KIND.memory, 0])
  if (probe !== undefined) {
    reserved.push(
      [PROBE_EXPORT.events, EXPORT_KIND.memory, probe.eventMemory],
      [PROBE_EXPORT.position, EXPORT_KIND.global, probe.positionGlobal],
      [PROBE_EXPORT.drain, EXPORT_KIND.table, probe.drainTable],
    )
  }
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

function writeCode(out: Writer, { module, effects, layout, probe }: Plan): void {
  const sized = (write: () => void): void => {
    const mark = out.openSized()
    write()
    out.closeSized(mark)
  }
  out.u32(functionsWritten({ module, layout, probe }))
  for (const [i, span] of module.bodies.entries()) {
    const fn = module.imports.length + i
    readBody(module, span, fn, ops)
    const floats = findNans(module, ops, canonicalise) ? canonicalise : undefined
    const isFixed = effects.fixedGas[fn] !== NOT_FIXED
    if (!isFixed || probe !== undefined) {
      findRegions({ bytes: module.bytes, ops, effects, checksEntry: effects.light[fn] === 0 }, regions)
      probe?.openFunction(fn, ops, regions)
    }
    const source = { module, effects, layout, ops, regions, canonicalise: floats, probe }
    sized(() => (isFixed ? rewriteFixedBody(source, out) : rewriteBody(source, out)))
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
  if (probe !== undefined) sized(() => probe.emitLogFunction(out))
}
