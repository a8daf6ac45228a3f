/**
 * The host functions: everything a contract can ask of its chain, in one table. It drives import checking, the
 * imports of an instance, the SDK's env.ts check, the documentation and the tests.
 *
 * Pointers and lengths are unsigned 32-bit, addresses are 32 bytes at a pointer. Every function charges
 * HOST_CALL_GAS (gas.ts) + base first, then the prices per item and per byte, before the work those pay for; only
 * the bytes of a stored value are known after the read. A fault ends the call as `failed` with exact gas: `trapped`
 * for bytes outside the memory, `limit_exceeded` for more than HOST_LIMITS, `static_violation` for a change in a
 * static call.
 */
import type { ImportTypes } from './draft.ts'
import { HOST_CALL_GAS } from './gas.ts'
import { CALL_FUNCTIONS } from './host-calls.ts'
import { CONTEXT_FUNCTIONS } from './host-context.ts'
import { CRYPTO_FUNCTIONS } from './host-crypto.ts'
import type { HostFunction } from './host-function.ts'
import { OUTPUT_FUNCTIONS } from './host-output.ts'
import { STORAGE_FUNCTIONS } from './host-storage.ts'
import type { FunctionType } from './module.ts'
import { F64, I32, I64 } from './opcodes.ts'

export const HOST_TABLE: readonly HostFunction[] = [
  ...CONTEXT_FUNCTIONS,
  ...STORAGE_FUNCTIONS,
  ...OUTPUT_FUNCTIONS,
  ...CALL_FUNCTIONS,
  ...CRYPTO_FUNCTIONS,
]

export const HOST_FUNCTIONS: ReadonlyMap<string, HostFunction> = new Map(HOST_TABLE.map(fn => [fn.name, fn]))

const WASM_TYPE = { i32: I32, i64: I64, f64: F64 } as const

/** The table as the decoder checks imports against it. */
export const HOST_IMPORT_TYPES: ImportTypes = new Map(
  HOST_TABLE.map(({ name, params, result }): [string, FunctionType] => [
    name,
    {
      params: params.map(type => WASM_TYPE[type]),
      result: result === undefined ? undefined : WASM_TYPE[result],
    },
  ]),
)

/** The price as a formula, for the documentation. */
export function hostGasFormula({ gas }: HostFunction): string {
  const fixed = `${gas.base + HOST_CALL_GAS}`
  const items = gas.items === undefined ? '' : ` + ${gas.perItem} per ${gas.items}`
  const bytes = gas.bytes === undefined ? '' : ` + ${gas.perByte} per byte of ${gas.bytes}`
  return fixed + items + bytes
}
