/** The compiled module, one compilation a thread, and what it exports. */
import { WASM_BASE64 } from './build/wasm.ts'

/** Addresses and counts are unsigned 32-bit integers. See assembly/update.ts. */
export interface TreeCoreExports {
  readonly memory: WebAssembly.Memory
  /** Bytes of a change. */
  readonly CHANGE: WebAssembly.Global
  /** Where the chains of pages begin. */
  readonly records: WebAssembly.Global
  readonly stale: WebAssembly.Global
  prepare(cacheBytes: number): void
  room(bytes: number): number
  begin(
    changes: number,
    count: number,
    version: bigint,
    hasPrevious: number,
    previous: bigint,
    depth: number,
  ): void
  descend(): number
  firstWanted(): number
  nextWanted(wanted: number): number
  wantedVersion(wanted: number): bigint
  wantedDepth(wanted: number): number
  wantedPath(wanted: number): number
  supplyInner(wanted: number, present: number, leaves: number, isCacheable: number): number
  supplyLeaf(wanted: number): number
  supplyEmpty(wanted: number): void
  ascend(): void
  /** Returns where the hash of what stands at the top is. */
  putRoot(): number
  isTopLeaf(): number
  end(): void
  /** Returns the bytes of the records that are whole. */
  absorb(records: number, bytes: number, version: bigint): number
  forgetStale(stale: number, bytes: number): void
}

let compiled: WebAssembly.Module | undefined

/** With a memory of its own. */
export const createTreeCore = (cacheBytes: number): TreeCoreExports => {
  compiled ??= new WebAssembly.Module(Buffer.from(WASM_BASE64, 'base64'))
  const exports = new WebAssembly.Instance(compiled, {}).exports as unknown as TreeCoreExports
  exports.prepare(cacheBytes)
  return exports
}
