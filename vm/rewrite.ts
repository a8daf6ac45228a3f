/**
 * Rewrites one function body. A function gets two more parameters, `gas` (i64) and `stack` (i32, words left), and
 * one more result, the gas left. In between gas lives in the parameter, which the engine keeps in a register; it is
 * spilled to a global only around host calls and before a trap. Fixed functions (effects.ts) get neither: their
 * callers pay.
 *
 * Charges stand at region heads (regions.ts). The sign is looked at on function entry, at loop heads and by the
 * operations whose price depends on an operand, so at most one loop-free path runs on credit, and the host looks
 * before it does anything.
 *
 * A function that calls pays for its frame in words: 2 x parameters + locals + operands + 16. Leaf functions
 * do not: one leaf frame more is bounded.
 */
import type { OpList } from './body.ts'
import { EMPTY_BLOCK } from './body.ts'
import { type Effects, NOT_FIXED } from './effects.ts'
import {
  emitCharge,
  emitGasCheck,
  emitHostCall,
  emitStackCheck,
  emitStackLeft,
  type Threading,
} from './emit.ts'
import type { Layout } from './layout.ts'
import type { WasmModule } from './module.ts'
import { F32, F64, I32, OP } from './opcodes.ts'
import type { Probe } from './probe.ts'
import type { RegionList } from './regions.ts'
import type { Writer } from './writer.ts'

const FRAME_WORDS = 16

export interface RewriteSource {
  readonly module: WasmModule
  readonly effects: Effects
  readonly layout: Layout
  readonly ops: OpList
  readonly regions: RegionList
  /** See findNans; undefined if no instruction needs it. */
  readonly canonicalise: Uint8Array | undefined
  readonly probe: Probe | undefined
}

export function rewriteBody(source: RewriteSource, out: Writer): void {
  const { module, effects, layout, ops, regions, canonicalise, probe } = source
  const params = ops.type.params.length
  const words = ops.hasCalls ? 2 * params + ops.localCount + ops.maxHeight + FRAME_WORDS : 0
  const threading: Threading = { gas: params, stack: params + 1, words }
  const { gas, stack } = threading
  const scratch = writeLocals({ module, ops, canonicalise, added: 2 }, out)
  const copy = new CopyRun(module.bytes, out, probe)
  let region = 0
  let openBlocks = 0
  const charge = (): void => {
    const atLeast = regions.atLeast[region] as number
    const cost = regions.cost[region] as number
    if (atLeast > 0 || cost > 0 || probe !== undefined) copy.flush()
    probe?.region(out, region)
    region++
    if (atLeast > 0) emitGasCheck(out, layout, gas, atLeast)
    if (cost > 0) emitCharge(out, gas, cost)
  }

  charge()
  if (words > 0) emitStackCheck(out, layout, stack, words)
  // The body proper is a block whose label stands for the function's own: leaving it appends the gas.
  out.u8(OP.block)
  out.u8(ops.type.result ?? EMPTY_BLOCK)
  for (let i = 0; i < ops.count; i++) {
    if (region < regions.count && regions.head[region] === i) charge()

    const code = ops.code[i] as number
    const operand = ops.operand[i] as number
    switch (code) {
      case OP.localGet:
      case OP.localSet:
      case OP.localTee:
        if (operand < params) copy.add(ops, i)
        else {
          copy.flush()
          out.op(code, operand + 2)
        }
        break
      case OP.return:
        copy.flush()
        out.op(OP.br, openBlocks)
        break
      case OP.call:
        if (effects.fixedGas[operand] !== NOT_FIXED && probe === undefined) {
          copy.add(ops, i)
          break
        }
        copy.replace(ops, i)
        probe?.callBegins(out, ops.start[i] as number)
        if (effects.fixedGas[operand] !== NOT_FIXED) out.op(OP.call, operand)
        else if (operand < module.imports.length) emitHostCall(out, layout, operand, threading)
        else {
          out.op(OP.localGet, gas)
          emitStackLeft(out, stack, words)
          out.op(OP.call, operand)
          out.op(OP.localSet, gas)
        }
        probe?.callCameBack(out)
        break
      case OP.callIndirect:
        copy.replace(ops, i)
        probe?.callBegins(out, ops.start[i] as number)
        out.op(OP.localSet, scratch.index)
        out.op(OP.localGet, gas)
        emitStackLeft(out, stack, words)
        out.op(OP.localGet, scratch.index)
        out.op(OP.callIndirect, layout.threadedTypes + operand)
        out.u8(0)
        out.op(OP.localSet, gas)
        probe?.callCameBack(out)
        break
      case OP.memoryGrow:
      case OP.memoryCopy:
      case OP.memoryFill:
        copy.replace(ops, i)
        probe?.pricedBegins(out, ops.start[i] as number, gas)
        emitDynamic(out, code === OP.memoryGrow ? layout.growFunction : layout.bulkFunction, gas)
        probe?.pricedEnds(out, gas)
        if (code !== OP.memoryGrow) copy.add(ops, i)
        break
      case OP.block:
      case OP.loop:
      case OP.if:
        openBlocks++
        copy.add(ops, i)
        break
      case OP.end:
        openBlocks--
        copy.add(ops, i)
        break
      default:
        copy.add(ops, i)
    }
    canonicaliseAfter(i, canonicalise, scratch, copy, out)
  }
  copy.flush()
  out.op(OP.localGet, gas)
  out.u8(OP.end)
}

/** A fixed function: nothing but its NaNs. Its regions count only if there is a probe. */
export function rewriteFixedBody(
  { module, ops, regions, canonicalise, probe }: Omit<RewriteSource, 'effects' | 'layout'>,
  out: Writer,
): void {
  const scratch = writeLocals({ module, ops, canonicalise, added: 0 }, out)
  const copy = new CopyRun(module.bytes, out, probe)
  let region = 0
  for (let i = 0; i < ops.count; i++) {
    if (probe !== undefined && region < regions.count && regions.head[region] === i) {
      copy.flush()
      probe.region(out, region++)
    }
    copy.add(ops, i)
    canonicaliseAfter(i, canonicalise, scratch, copy, out)
  }
  copy.flush()
}

/** Copies instructions as they stand, those that follow one another at once. */
class CopyRun {
  private readonly bytes: Uint8Array
  private readonly out: Writer
  private readonly probe: Probe | undefined
  private start = 0
  private end = 0

  constructor(bytes: Uint8Array, out: Writer, probe: Probe | undefined) {
    this.bytes = bytes
    this.out = out
    this.probe = probe
  }

  add(ops: OpList, i: number): void {
    const start = ops.start[i] as number
    if (start !== this.end) {
      this.flush()
      this.start = start
    }
    this.end = ops.end[i] as number
  }

  /** What is written next stands for instruction i. */
  replace(ops: OpList, i: number): void {
    this.flush()
    this.probe?.positions.inserted(this.out.length, ops.start[i] as number)
  }

  flush(): void {
    if (this.end > this.start) {
      this.probe?.positions.copied(this.out.length, this.start)
      this.out.copy(this.bytes, this.start, this.end)
    }
    this.start = this.end = 0
  }
}

/** Locals a body needs on top of its own. */
interface Scratch {
  /** Holds the table index of a call_indirect. */
  readonly index: number
  readonly f32: number
  readonly f64: number
}

/** The original declarations and the scratch locals, which stand behind all others. */
function writeLocals(
  {
    module,
    ops,
    canonicalise,
    added,
  }: Pick<RewriteSource, 'module' | 'ops' | 'canonicalise'> & {
    /** Parameters the function gets. */
    readonly added: number
  },
  out: Writer,
): Scratch {
  const extra: number[] = []
  const next = ops.localCount + added
  const add = (wanted: boolean, type: number): number => (wanted ? next + extra.push(type) - 1 : -1)
  const uses = (type: number): boolean => canonicalise?.subarray(0, ops.count).includes(type) === true
  const scratch = {
    index: add(ops.hasIndirectCalls, I32),
    f32: add(uses(F32), F32),
    f64: add(uses(F64), F64),
  }
  out.u32(ops.declarationCount + extra.length)
  out.copy(module.bytes, ops.declarations.start, ops.declarations.end)
  for (const type of extra) out.op(1, type)
  return scratch
}

/** Calls a helper that looks at the topmost operand, charges for it and hands it back. */
function emitDynamic(out: Writer, helper: number, gas: number): void {
  out.op(OP.localGet, gas)
  out.op(OP.call, helper)
  out.op(OP.localSet, gas)
}

const CANONICAL_F32 = [OP.f32Const, 0x00, 0x00, 0xc0, 0x7f]
const CANONICAL_F64 = [OP.f64Const, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0x7f]

/** select(x, canonical NaN, x <= x), if instruction i needs it: one branch on x64, where x == x takes two. */
function canonicaliseAfter(
  i: number,
  canonicalise: Uint8Array | undefined,
  scratch: Scratch,
  copy: CopyRun,
  out: Writer,
): void {
  const type = canonicalise?.[i]
  if (type === undefined || type === 0) return
  copy.flush()
  const local = type === F32 ? scratch.f32 : scratch.f64
  out.op(OP.localTee, local)
  out.raw(type === F32 ? CANONICAL_F32 : CANONICAL_F64)
  out.op(OP.localGet, local)
  out.op(OP.localGet, local)
  out.u8(type === F32 ? OP.f32Le : OP.f64Le)
  out.u8(OP.select)
}
