/** Where instructions stand in a module. */
import { OpList, readBody } from '../../../vm/body.ts'
import { decode } from '../../../vm/decode.ts'
import { HOST_IMPORT_TYPES } from '../../../vm/host-table.ts'
import type { WasmModule } from '../../../vm/module.ts'
import { OPCODES } from '../../../vm/opcodes.ts'

const ops = new OpList()

/** Offset of the first instruction of that name in a function (imports count), or of a later one. */
export function offsetOf(code: Uint8Array, functionIndex: number, name: string, nth = 0): number {
  const module: WasmModule = decode(code, HOST_IMPORT_TYPES)
  const body = module.bodies[functionIndex - module.imports.length]
  if (body === undefined) throw new Error(`function ${functionIndex} has no body`)
  readBody(module, body, functionIndex, ops)
  const found = Array.from(ops.start.subarray(0, ops.count)).filter(
    (_, i) => OPCODES.get(ops.code[i] as number)?.name === name,
  )[nth]
  if (found === undefined) throw new Error(`function ${functionIndex} has no ${name} ${nth}`)
  return found
}
