/**
 * From a type as the author wrote it to its name in the ABI and back to AssemblyScript.
 * ABI names are those of Rust and BCS: `u64`, `string`, `address`, `bytes`, `vec<T>`, or a struct's name.
 */
import type { ClassDeclaration, NamedTypeNode, TypeNode } from 'assemblyscript'
import { isNamedType, positionOf } from './syntax.ts'
import type { Diagnostic } from './compile-error.ts'

const SCALARS: ReadonlyMap<string, string> = new Map([
  ...['bool', 'u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64', 'u128', 'string'].map(
    name => [name, name] as const,
  ),
  ['Address', 'address'],
  ['Uint8Array', 'bytes'],
])
const IN_ASSEMBLYSCRIPT = new Map([...SCALARS].map(([written, name]) => [name, written]))

const ADVICE: ReadonlyMap<string, string> = new Map([
  ['number', 'write the size you mean, for example u64'],
  ['boolean', 'write bool'],
  ['f32', 'a contract\'s values are integers: scale, for example to millionths in a u64'],
  ['f64', 'a contract\'s values are integers: scale, for example to millionths in a u64'],
  ['usize', 'write u32'],
  ['isize', 'write i32'],
  ['String', 'write string'],
  ['ArrayBuffer', 'write Uint8Array'],
  ['StaticArray', 'write Array or Uint8Array'],
  ['Map', 'take an Array of a @struct class'],
  ['Set', 'take an Array'],
])

/** What type names in the author's files may mean, beside the built-in ones. */
export interface TypeScope {
  readonly structs: ReadonlyMap<string, ClassDeclaration>
  readonly aliases: ReadonlyMap<string, TypeNode>
  readonly report: (problem: Diagnostic) => void
}

const plainName = (type: NamedTypeNode): string =>
  type.name.next === null ? type.name.identifier.text : type.range.toString()

/** The ABI name of a type; an unsupported type is reported and called `unknown`. */
export const toAbiType = (type: TypeNode, scope: TypeScope): string => {
  const refuse = (problem: string): string => {
    scope.report({ position: positionOf(type), message: problem })
    return 'unknown'
  }
  if (!isNamedType(type)) return refuse(`${type.range.toString()} cannot cross the contract's border`)
  const name = plainName(type)
  if (type.isNullable) return refuse(`${name} | null cannot cross the contract's border: take a bool beside it`)
  const scalar = SCALARS.get(name)
  if (scalar !== undefined) return scalar
  const element = type.typeArguments?.[0]
  if (name === 'Array' && element !== undefined) return `vec<${toAbiType(element, scope)}>`
  const alias = scope.aliases.get(name)
  if (alias !== undefined) return toAbiType(alias, scope)
  if (scope.structs.has(name)) return name
  return refuse(
    `the type ${name} cannot cross the contract's border: ${ADVICE.get(name) ?? 'mark its class @struct, or use bool, an integer, string, Address, u128, Uint8Array or Array'}`,
  )
}

/** The struct that an ABI type is made of, through any depth of `vec`; undefined for a built-in type. */
export const structOf = (abiType: string): string | undefined => {
  const inner = innermost(abiType)
  return IN_ASSEMBLYSCRIPT.has(inner) || inner === 'unknown' ? undefined : inner
}
const innermost = (abiType: string): string => /^vec<(.*)>$/.exec(abiType)?.[1]?.replace(/^.*$/, innermost) ?? abiType

/** Source text of the type in the generated entry file. `$vex` is the SDK's namespace there. */
export const toAssemblyScript = (abiType: string): string => {
  const element = /^vec<(.*)>$/.exec(abiType)?.[1]
  if (element !== undefined) return `Array<${toAssemblyScript(element)}>`
  const builtIn = IN_ASSEMBLYSCRIPT.get(abiType)
  if (builtIn === undefined) return `$${abiType}`
  return builtIn === 'Address' || builtIn === 'u128' ? `$vex.${builtIn}` : builtIn
}
