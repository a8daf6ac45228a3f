/**
 * Where everything stands in an instrumented module. Types and functions keep their indices; what the
 * instrumenter adds follows them.
 */
import { type Effects, NOT_FIXED } from './effects.ts'
import type { WasmModule } from './module.ts'
import { EXPORT_KIND } from './module.ts'

/** Exports the instrumenter adds for the host. */
export const RESERVED_EXPORT = {
  /** Mutable i64 global: gas left. Negative after a trap means out of gas. */
  gas: '$gas',
  /** Mutable i32 global: words of contract stack left, or one of STACK_SENTINEL after a trap. */
  stack: '$stack',
  memory: '$memory',
  /** [] -> []: remembers the mutable globals. */
  snapshot: '$snapshot',
  /** [] -> []: puts them back. */
  reset: '$reset',
} as const

export const STACK_SENTINEL = {
  overflow: -1,
  /** The engine refused memory the cap allows: the node's fault. */
  engineOutOfMemory: -2,
} as const

export interface Layout {
  /** Type of function type t with gas and stack threaded through: this + t. */
  readonly threadedTypes: number
  /** [i32, i64] -> [i32, i64]. */
  readonly dynamicType: number
  /** [] -> []. */
  readonly emptyType: number
  readonly gasGlobal: number
  readonly stackGlobal: number
  readonly firstShadowGlobal: number
  readonly mutableGlobals: readonly number[]
  readonly growFunction: number
  readonly bulkFunction: number
  readonly snapshotFunction: number
  readonly resetFunction: number
  /**
   * Added functions that a table holds in place of one without gas and stack (a host function or a fixed one), by the
   * index of that function: its type with both.
   */
  readonly thunks: ReadonlyMap<number, number>
  /** Added functions with the original type, by the index of the exported function. */
  readonly wrappers: ReadonlyMap<number, number>
  /** All of them: what a probe adds comes after. */
  readonly functionCount: number
  readonly memoryCapPages: number
}

export function planLayout(module: WasmModule, { fixedGas }: Effects, memoryPages: number): Layout {
  const types = module.types.length
  let next = module.functionTypes.length
  const growFunction = next++
  const bulkFunction = next++
  const snapshotFunction = next++
  const resetFunction = next++
  const wrappers = new Map<number, number>()
  for (const { kind, index } of module.exports) {
    if (kind === EXPORT_KIND.function && !wrappers.has(index)) wrappers.set(index, next++)
  }
  const thunks = new Map<number, number>()
  for (const index of module.elements.flatMap(element => element.functions)) {
    const isBare = index < module.imports.length || fixedGas[index] !== NOT_FIXED
    if (isBare && !thunks.has(index)) thunks.set(index, next++)
  }
  const gasGlobal = module.globals.length
  return {
    threadedTypes: types,
    dynamicType: 2 * types,
    emptyType: 2 * types + 1,
    gasGlobal,
    stackGlobal: gasGlobal + 1,
    firstShadowGlobal: gasGlobal + 2,
    mutableGlobals: module.globals.flatMap(({ isMutable }, index) => (isMutable ? [index] : [])),
    growFunction,
    bulkFunction,
    snapshotFunction,
    resetFunction,
    thunks,
    wrappers,
    functionCount: next,
    memoryCapPages: Math.min(memoryPages, module.memory?.maximumPages ?? memoryPages),
  }
}
