/**
 * Calls an exported function with the bits of its floats as integers, so that JavaScript never touches a NaN: a module
 * between the two reinterprets arguments and result.
 */
import type { Value } from '../reference/numbers.ts'
import type { FunctionType } from '../../vm/module.ts'
import { F32, F64, I32, I64, type ValueType } from '../../vm/opcodes.ts'
import { body, bytes, leb, section, text, vec } from '../unit/vm/bytes.ts'

const INTEGER: Readonly<Record<ValueType, number>> = { [I32]: I32, [I64]: I64, [F32]: I32, [F64]: I64 }
/** Opcodes from the integer to the value, and back. */
const TO_VALUE: Readonly<Record<ValueType, number[]>> = { [I32]: [], [I64]: [], [F32]: [0xbe], [F64]: [0xbf] }
const TO_BITS: Readonly<Record<ValueType, number[]>> = { [I32]: [], [I64]: [], [F32]: [0xbc], [F64]: [0xbd] }

const compiled = new Map<string, WebAssembly.Module>()

function between(type: FunctionType): WebAssembly.Module {
  const key = JSON.stringify(type)
  let module = compiled.get(key)
  if (module === undefined) {
    module = new WebAssembly.Module(assemble(type))
    compiled.set(key, module)
  }
  return module
}

function assemble({ params, result }: FunctionType): Uint8Array<ArrayBuffer> {
  const results = result === undefined ? [] : [result]
  const signature = (of: (type: ValueType) => number): number[] => [
    0x60,
    ...leb(params.length),
    ...params.map(of),
    results.length,
    ...results.map(of),
  ]
  const code = [
    ...params.flatMap((type, i) => [0x20, i, ...TO_VALUE[type]]),
    0x10,
    0,
    ...results.flatMap(type => TO_BITS[type]),
  ]
  return Uint8Array.from(
    bytes(
      section(1, vec([signature(type => type), signature(type => INTEGER[type])])),
      section(2, vec([[...text('m'), ...text('f'), 0, 0]])),
      section(3, vec([[1]])),
      section(7, vec([[...text('call'), 0, 1]])),
      section(10, vec([body([0], code)])),
    ),
  )
}

export type ExactFunction = (...args: readonly Value[]) => Value | undefined

export function exactly(fn: WebAssembly.ExportedFunction, type: FunctionType): ExactFunction {
  const { exports } = new WebAssembly.Instance(between(type), { m: { f: fn } })
  return exports['call'] as ExactFunction
}
