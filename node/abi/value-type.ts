/**
 * The types of values that cross a contract's border, from their names:
 * `bool`, `u8`…`u256`, `i8`…`i64`, `string`, `address`, `bytes`, `vec<T>`, `option<T>` or a struct's name.
 */
import { AbiError } from './error.ts'

export type ValueType =
  | { readonly kind: 'bool' | 'string' | 'address' | 'bytes' }
  | { readonly kind: 'integer'; readonly bits: 8 | 16 | 32 | 64 | 128 | 256; readonly isSigned: boolean }
  | { readonly kind: 'vec' | 'option'; readonly element: ValueType }
  | { readonly kind: 'struct'; readonly name: string; readonly fields: readonly TypedField[] }

export interface TypedField {
  readonly name: string
  /** As the ABI writes it, for messages. */
  readonly typeName: string
  readonly type: ValueType
}

interface StructDefinition {
  readonly name: string
  readonly fields: readonly { readonly name: string; readonly type: string }[]
}

/** Types inside one another: `vec<vec<T>>` is 3 deep. Keeps every walk over a type short. */
const MAX_DEPTH = 8
/** Types in one type, a struct counted each time it is used: structs of structs would multiply without end. */
const MAX_PARTS = 512

const integer = (bits: 8 | 16 | 32 | 64 | 128 | 256, isSigned: boolean): [string, ValueType] => [
  `${isSigned ? 'i' : 'u'}${bits}`,
  { kind: 'integer', bits, isSigned },
]
const INTEGERS: ReadonlyMap<string, ValueType> = new Map([
  ...([8, 16, 32, 64, 128, 256] as const).map(bits => integer(bits, false)),
  ...([8, 16, 32, 64] as const).map(bits => integer(bits, true)),
])

/** Throws an AbiError `bad_abi` for a name that means nothing, and for structs that contain themselves. */
export const parseValueType = (typeName: string, structs: readonly StructDefinition[]): ValueType => {
  let parts = 0
  const parse = (name: string, depth: number): ValueType => {
    if (depth > MAX_DEPTH)
      throw new AbiError(
        'bad_abi',
        `${typeName} is more than ${MAX_DEPTH} types deep: does it contain itself?`,
      )
    if (++parts > MAX_PARTS)
      throw new AbiError('bad_abi', `${typeName} is made of more than ${MAX_PARTS} types`)
    if (name === 'bool' || name === 'string' || name === 'address' || name === 'bytes') return { kind: name }
    const found = INTEGERS.get(name)
    if (found !== undefined) return found
    const [, outer, inner] = /^(vec|option)<(.+)>$/.exec(name) ?? []
    if (outer !== undefined && inner !== undefined)
      return { kind: outer as 'vec' | 'option', element: parse(inner, depth + 1) }
    const struct = structs.find(entry => entry.name === name)
    if (struct === undefined) throw new AbiError('bad_abi', `unknown type ${JSON.stringify(name)}`)
    const fields = struct.fields.map(field => ({
      name: field.name,
      typeName: field.type,
      type: parse(field.type, depth + 1),
    }))
    return { kind: 'struct', name, fields }
  }
  return parse(typeName, 1)
}
