/** A module that passed the decoder, as offsets into its bytes: what the instrumenter works from. */
import type { ValueType } from './opcodes.ts'

export interface FunctionType {
  readonly params: readonly ValueType[]
  /** Absent: no result. More than one is refused. */
  readonly result: ValueType | undefined
}

/** A stretch of the module's bytes: [start, end). */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface ImportedFunction {
  readonly name: string
  readonly typeIndex: number
}

export interface GlobalVariable {
  readonly type: ValueType
  readonly isMutable: boolean
}

export interface Export {
  readonly name: string
  readonly kind: number
  readonly index: number
}

export interface Memory {
  readonly initialPages: number
  /** As declared; the instrumenter caps it. */
  readonly maximumPages: number | undefined
}

export interface ElementSegment {
  /** The constant offset expression, as it stands. */
  readonly offset: Span
  readonly functions: readonly number[]
}

export interface WasmModule {
  readonly bytes: Uint8Array
  readonly types: readonly FunctionType[]
  readonly imports: readonly ImportedFunction[]
  /** Type index of every function, imports first. */
  readonly functionTypes: readonly number[]
  readonly tableEntries: number | undefined
  readonly memory: Memory | undefined
  readonly globals: readonly GlobalVariable[]
  /** The global section's entries without their count. */
  readonly globalSpan: Span | undefined
  readonly exports: readonly Export[]
  readonly elements: readonly ElementSegment[]
  /** The data section's contents, count included. */
  readonly dataSpan: Span | undefined
  /** Bodies of the functions that are not imported, without their length. */
  readonly bodies: readonly Span[]
  readonly customSections: ReadonlyMap<string, Uint8Array>
  /** Methods that may run while another call of the same contract does: what {@link REENTRANT_SECTION} names. */
  readonly reentrant: ReadonlySet<string>
}

/**
 * The custom section by which methods opt in to reentrancy: a count, then each method's name as its length and UTF-8,
 * ascending. Unlike other custom sections it means something, so it is read strictly.
 */
export const REENTRANT_SECTION = 'vex.reentrant'
/** The module all host functions are imported from: AssemblyScript names it after the file env.ts. */
export const HOST_MODULE = 'env'
/** Exports the instrumenter adds start with this; a contract's own may not. */
export const RESERVED_PREFIX = '$'
/** What `asc --exportStart` exports; it runs before the method, in the same call. */
export const START_EXPORT = '_start'

export const EXPORT_KIND = { function: 0, table: 1, memory: 2, global: 3 } as const

export function typeOfFunction(module: WasmModule, functionIndex: number): FunctionType {
  return module.types[module.functionTypes[functionIndex] as number] as FunctionType
}
