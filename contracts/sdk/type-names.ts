/**
 * From a type as the author wrote it to its name in the ABI, and from there to the type in the generated
 * code. The names are those of contract-abi.ts.
 */
import type { NamedTypeNode, TypeNode } from 'assemblyscript'
import type { Declarations, Problems } from './declarations.ts'
import { isNamedType } from './syntax.ts'

const SAME_NAME = ['bool', 'u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64', 'string', 'u128', 'u256']
/** What the compiler takes from the SDK by its name, besides the storage types (contract-class.ts). */
export const NAMED_SDK_TYPES = ['Address', 'u128', 'u256', 'Indexed']
const ABI_NAMES: ReadonlyMap<string, string> = new Map([
  ...SAME_NAME.map(name => [name, name] as const),
  ['Address', 'address'],
  ['Uint8Array', 'bytes'],
])
const WRITTEN_NAMES: ReadonlyMap<string, string> = new Map(
  [...ABI_NAMES].map(([written, name]) => [name, written]),
)
/** Built-in types that come from the SDK. */
const SDK_TYPES = new Set(['Address', 'u128', 'u256'])

const USE_INTEGERS = 'values are integers: scale, for example to millionths in a u64'
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['number', 'write the size you mean, for example u64'],
  ['boolean', 'write bool'],
  ['bigint', 'bigint is not available; write u64, or u128 or u256 for more than 64 bits'],
  ['f32', USE_INTEGERS],
  ['f64', USE_INTEGERS],
  ['usize', 'write u32'],
  ['isize', 'write i32'],
  ['String', 'write string'],
  ['ArrayBuffer', 'write Uint8Array'],
  ['StaticArray', 'write Array or Uint8Array'],
  ['Map', 'use an Array of a @struct class'],
  ['Set', 'use an Array'],
])
const ANY_OTHER =
  'mark its class @struct, or use bool, an integer, string, Address, u128, u256, Uint8Array or Array'

/** Stands for a type that was refused; nothing is generated from it. */
export const REFUSED = '?'

const nameOf = (type: NamedTypeNode): string =>
  type.name.next === null ? type.name.identifier.text : type.range.toString()

/** The ABI name of a type; a type that has no BCS form becomes a problem. */
export const toAbiType = (type: TypeNode, declared: Declarations, problems: Problems): string => {
  const refuse = (advice: string): string => {
    problems.at(type, `${type.range.toString()} cannot be stored, taken or returned: ${advice}`)
    return REFUSED
  }
  if (!isNamedType(type)) return refuse(ANY_OTHER)
  if (type.isNullable) return refuse('a value may not be null; use an empty one, or a bool beside it')
  const name = nameOf(type)
  const builtIn = ABI_NAMES.get(name)
  if (builtIn !== undefined) return builtIn
  const element = type.typeArguments?.[0]
  if (name === 'Array' && element !== undefined) return `vec<${toAbiType(element, declared, problems)}>`
  const alias = declared.aliases.get(name)
  if (alias !== undefined) return toAbiType(alias, declared, problems)
  if (declared.structs.has(name)) return name
  if (type.name.next !== null) return refuse('import it by its own name')
  if (declared.callers.has(name)) return refuse(`take its Address, and write "at<${name}>(address)"`)
  return refuse(ADVICE.get(name) ?? ANY_OTHER)
}

/** `Indexed<T>` of an event's field. */
export const unwrapIndexed = (type: TypeNode): { type: TypeNode; indexed: boolean } => {
  const inner = isNamedType(type) && nameOf(type) === 'Indexed' ? type.typeArguments?.[0] : undefined
  return inner === undefined ? { type, indexed: false } : { type: inner, indexed: true }
}

const elementOf = (abiType: string): string | undefined => /^vec<(.*)>$/.exec(abiType)?.[1]

export const isList = (abiType: string): boolean => elementOf(abiType) !== undefined

/** The struct that an ABI type is made of, through any depth of `vec`; undefined if there is none. */
export const structOf = (abiType: string): string | undefined => {
  const element = elementOf(abiType)
  if (element !== undefined) return structOf(element)
  return WRITTEN_NAMES.has(abiType) || abiType === 'void' ? undefined : abiType
}

/** The type in the generated entry file, where the SDK is `$vex` and a struct `Order` is `$Order`. */
export const toAssemblyScript = (abiType: string): string => {
  const element = elementOf(abiType)
  if (element !== undefined) return `Array<${toAssemblyScript(element)}>`
  const written = WRITTEN_NAMES.get(abiType)
  if (written === undefined) return `$${abiType}`
  return SDK_TYPES.has(written) ? `$vex.${written}` : written
}
