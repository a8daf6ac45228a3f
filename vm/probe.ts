/**
 * What the instrumenter adds for an observed call: the contract writes down where it is, in a memory and a global of
 * its own that it cannot reach otherwise. Gas, contract stack and results are those of the module without it.
 *
 * An event is one word, its kind in the two lowest bits: a region begins, a call begins, a call came back, and an
 * instruction whose price depends on an operand, which is followed by two words: the gas before and after.
 * When the memory is full, a function of the host in a table of its own takes the events.
 */
import type { OpList } from './body.ts'
import { functionEntryGas, LOOP_ITERATION_GAS } from './gas.ts'
import type { Layout } from './layout.ts'
import type { WasmModule } from './module.ts'
import { EMPTY_BLOCK } from './body.ts'
import { GAS_BY_CODE, OP } from './opcodes.ts'
import { PositionMap } from './positions.ts'
import type { RegionList } from './regions.ts'
import type { Writer } from './writer.ts'

export const EVENT = { region: 0, call: 1, back: 2, priced: 3 } as const
export const EVENT_SHIFT = 2
export const EVENT_BYTES = 65_536

/** What the module exports for the host, next to RESERVED_EXPORT. */
export const PROBE_EXPORT = { events: '$events', position: '$position', drain: '$drain' } as const

/** Gas of one instruction, by its offset in the original module. */
interface InstructionGas {
  readonly offset: number
  readonly gas: number
}

/** A region as the contract has it: its instructions run equally often, and no other pays for them. */
export interface ProbedRegion {
  readonly functionIndex: number
  readonly isEntry: boolean
  /** Its first instruction. */
  readonly offset: number
  readonly gas: number
  /** In the order of the instructions; what entering the function costs is the first of its first region. */
  readonly costs: readonly InstructionGas[]
}

/** Regions of one function, which follow one another. */
export interface RegionSpan {
  readonly first: number
  readonly count: number
}

export class Probe {
  readonly positions = new PositionMap()
  readonly regions: ProbedRegion[] = []
  /** By function. */
  readonly spans = new Map<number, RegionSpan>()
  readonly logType: number
  readonly positionGlobal: number
  readonly eventMemory: number
  readonly drainTable: number
  private readonly emptyType: number
  private readonly logFunction: number
  private firstRegion = 0

  constructor(module: WasmModule, layout: Layout) {
    this.emptyType = layout.emptyType
    this.logType = layout.emptyType + 1
    this.logFunction = layout.functionCount
    this.positionGlobal = layout.firstShadowGlobal + layout.mutableGlobals.length
    this.eventMemory = module.memory === undefined ? 0 : 1
    this.drainTable = module.tableEntries === undefined ? 0 : 1
  }

  /** Before the body of a function is written. */
  openFunction(functionIndex: number, ops: OpList, list: RegionList): void {
    this.firstRegion = this.regions.length
    this.spans.set(functionIndex, { first: this.firstRegion, count: list.count })
    const costs = Array.from({ length: list.count }, (): InstructionGas[] => [])
    costs[0]?.push({ offset: offsetOf(ops, 0), gas: functionEntryGas(ops.localCount) })
    for (let region = 1; region < list.count; region++) {
      const before = (list.head[region] as number) - 1
      if (ops.code[before] !== OP.loop) continue
      costs[region]?.push({ offset: offsetOf(ops, before), gas: LOOP_ITERATION_GAS })
    }
    for (let i = 0; i < ops.count; i++) {
      const gas = GAS_BY_CODE[ops.code[i] as number] as number
      if (gas > 0) costs[list.of[i] as number]?.push({ offset: offsetOf(ops, i), gas })
    }
    for (const [region, own] of costs.entries()) {
      this.regions.push({
        functionIndex,
        isEntry: region === 0,
        offset: offsetOf(ops, list.head[region] as number),
        gas: own.reduce((sum, { gas }) => sum + gas, 0),
        costs: own,
      })
    }
  }

  /** What follows, up to the next instruction, belongs to the region's first. */
  region(out: Writer, region: number): void {
    const index = this.firstRegion + region
    this.positions.inserted(out.length, (this.regions[index] as ProbedRegion).offset)
    this.log(out, EVENT.region, index)
  }

  callBegins(out: Writer, offset: number): void {
    this.log(out, EVENT.call, offset)
  }

  callCameBack(out: Writer): void {
    this.log(out, EVENT.back, 0)
  }

  pricedBegins(out: Writer, offset: number, gasLocal: number): void {
    this.log(out, EVENT.priced, offset)
    this.pricedEnds(out, gasLocal)
  }

  pricedEnds(out: Writer, gasLocal: number): void {
    out.op(OP.localGet, gasLocal)
    out.u8(OP.i32WrapI64)
    out.op(OP.call, this.logFunction)
  }

  private log(out: Writer, kind: number, value: number): void {
    out.u8(OP.i32Const)
    out.s32((value << EVENT_SHIFT) | kind)
    out.op(OP.call, this.logFunction)
  }

  /** (word): appends it, and has the events taken when the memory is full. */
  emitLogFunction(out: Writer): void {
    out.u32(0)
    out.op(OP.globalGet, this.positionGlobal)
    out.op(OP.localGet, 0)
    out.op(OP.i32Store, ALIGNED | WITH_MEMORY_INDEX)
    out.u32(this.eventMemory)
    out.u32(0)
    out.op(OP.globalGet, this.positionGlobal)
    out.u8(OP.i32Const)
    out.s32(4)
    out.u8(OP.i32Add)
    out.op(OP.globalSet, this.positionGlobal)
    out.op(OP.globalGet, this.positionGlobal)
    out.u8(OP.i32Const)
    out.s32(EVENT_BYTES)
    out.u8(OP.i32Eq)
    out.op(OP.if, EMPTY_BLOCK)
    out.u8(OP.i32Const)
    out.s32(0)
    out.op(OP.callIndirect, this.emptyType)
    out.u32(this.drainTable)
    out.u8(OP.end)
    out.u8(OP.end)
  }
}

/** Of a memory access: the alignment, 2^2, and the bit that says that the memory's index follows. */
const ALIGNED = 2
const WITH_MEMORY_INDEX = 0x40

/** A region may begin where the body ends. */
function offsetOf(ops: OpList, i: number): number {
  return i < ops.count ? (ops.start[i] as number) : (ops.end[ops.count - 1] as number)
}
