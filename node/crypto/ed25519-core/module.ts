/** The compiled module and what it exports. */
import { WASM_BASE64 } from './build/wasm.ts'

/** Addresses and counts are unsigned 32-bit integers. See assembly/index.ts. */
export interface Ed25519CoreExports {
  readonly memory: WebAssembly.Memory
  /** Signatures of one {@link verify} at most. */
  readonly CAPACITY: WebAssembly.Global
  /** Bytes of a signature. */
  readonly SIGNATURE: WebAssembly.Global
  readonly signatures: WebAssembly.Global
  readonly answers: WebAssembly.Global
  readonly newKeys: WebAssembly.Global
  prepare(): void
  takeTable(): number
  putKeys(tableA: number, tableB: number, tableC: number, tableD: number): number
  verify(count: number): void
}

/** With a memory of its own. Blocks for 6 ms: the base point's table. */
export const createEd25519Core = (): Ed25519CoreExports => {
  const module = new WebAssembly.Module(Buffer.from(WASM_BASE64, 'base64'))
  const exports = new WebAssembly.Instance(module, {}).exports as unknown as Ed25519CoreExports
  exports.prepare()
  return exports
}
