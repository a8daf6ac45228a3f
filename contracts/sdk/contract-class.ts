/** The @contract class: its storage fields with their slots, and its methods. */
import type { ClassDeclaration, MethodDeclaration, ParameterNode, TypeNode } from 'assemblyscript'
import type { AbiField, AbiMethod, AbiStorage } from './contract-abi.ts'
import { type Declarations, instanceFields, type Problems } from './declarations.ts'
import {
  decoratorNames,
  isAccessor,
  isConstructor,
  isExported,
  isMethod,
  isNamedType,
  isOptional,
  isStatic,
} from './syntax.ts'
import { isList, REFUSED, structOf, toAbiType } from './type-names.ts'

/** The SDK's storage classes, each with how many types it takes. */
export const STORAGE_TYPES: ReadonlyMap<string, number> = new Map([
  ['Value', 1],
  ['Mapping', 2],
  ['PairMapping', 3],
  ['OrderedMap', 2],
  ['OrderedSet', 1],
  ['Vector', 1],
  ['Ownership', 0],
  ['Roles', 0],
  ['Pause', 0],
])
const noOrder = (typeName: string): string =>
  `a key of an ${typeName} has an order: bool, an integer, u128, u256, string, Address or Uint8Array`
const METHOD_KINDS = ['init', 'call', 'view', 'migrate'] as const
const MARKS: ReadonlySet<string> = new Set([...METHOD_KINDS, 'payable', 'reentrant'])
/** A slot is the first byte of a storage key. */
const MAX_SLOTS = 256
const MAX_NAME_LENGTH = 64
/** Exports of the module that are not methods of the class. */
const RESERVED_NAMES = new Set(['memory', 'init', 'migrate'])

export interface Method {
  readonly abi: AbiMethod
  readonly node?: MethodDeclaration
  /** What it is called in the author's class; undefined if there is nothing to run. */
  readonly property: string | undefined
}

/** Text to put into the author's file at an offset; in place of all up to `until` if there is one. */
export interface Insertion {
  readonly at: number
  readonly until?: number
  readonly text: string
}

/** A contract without @init is deployed without arguments. */
const PLAIN_INIT: Method = {
  abi: { name: 'init', kind: 'init', payable: false, reentrant: false, params: [], returns: 'void' },
  property: undefined,
}

export interface Slots {
  readonly abi: readonly AbiStorage[]
  /** The first value of each storage field: the object that reads and writes its slot. */
  readonly insertions: readonly Insertion[]
}

export const assignSlots = (node: ClassDeclaration, declared: Declarations, problems: Problems): Slots => {
  const contract = node.name.text
  if (!isExported(node)) problems.at(node.name, `write "@contract export class ${contract}"`)
  if (node.isGeneric) problems.at(node.name, `the contract ${contract} must not be generic`)
  if (node.extendsType !== null)
    problems.at(node.extendsType, 'a contract must not extend a class: put what they share into functions')
  const slots = instanceFields(node).flatMap(field => {
    const { type, initializer } = field
    const name = field.name.text
    const typeName = type !== null && isNamedType(type) ? type.name.identifier.text : ''
    if (type === null || !isNamedType(type) || !STORAGE_TYPES.has(typeName)) {
      problems.at(
        field,
        `${name} would be forgotten after each call: write "${name}: ${storageFor(type)}", or make it static readonly`,
      )
      return []
    }
    if (initializer !== null) {
      problems.at(
        initializer,
        `leave out the value of ${name}: the compiler gives it its slot; set what it holds in @init`,
      )
      return []
    }
    const given = type.typeArguments ?? []
    const wanted = STORAGE_TYPES.get(typeName)
    if (given.length !== wanted) {
      problems.at(field, `${typeName} takes ${wanted} type${wanted === 1 ? '' : 's'}, ${given.length} given`)
      return []
    }
    const types = given.map(argument => toAbiType(argument, declared, problems))
    const [first] = given
    if (typeName.startsWith('Ordered') && first !== undefined && !hasOrder(types[0] ?? REFUSED))
      problems.at(first, noOrder(typeName))
    return [{ range: type.range, abi: { name, kind: typeName, types } }]
  })
  if (slots.length > MAX_SLOTS)
    problems.at(node.name, `${contract} has ${slots.length} storage fields; the limit is ${MAX_SLOTS}`)
  return {
    abi: slots.map(({ abi }) => abi),
    insertions: slots.map(({ range }, slot) => ({ at: range.end, text: ` = new ${range.toString()}(${slot})` })),
  }
}

const hasOrder = (abiType: string): boolean =>
  abiType === REFUSED || (!isList(abiType) && structOf(abiType) === undefined)

/** The storage type for what the author meant to keep. */
const storageFor = (type: TypeNode | null): string => {
  if (type === null) return 'Value<T>'
  if (isNamedType(type)) {
    const [key, value] = (type.typeArguments ?? []).map(argument => argument.range.toString())
    const name = type.name.identifier.text
    if (name === 'Map' && key !== undefined && value !== undefined) return `Mapping<${key}, ${value}>`
    if (name === 'Set' && key !== undefined) return `OrderedSet<${key}>`
  }
  return `Value<${type.range.toString()}>`
}

export const readMethods = (node: ClassDeclaration, declared: Declarations, problems: Problems): Method[] => {
  const marked = node.members.filter(isMethod).filter(isForOutside)
  const methods = marked.flatMap(method => readMethod(method, declared, problems) ?? [])
  const contract = node.name.text
  if (marked.length === 0)
    problems.at(node.name, `${contract} has no method for the outside: mark one @call or @view`)
  const inits = methods.filter(method => method.abi.kind === 'init').length
  if (inits > 1) problems.at(node.name, `${contract} has ${inits} @init methods; a contract starts once`)
  const migrations = methods.filter(method => method.abi.kind === 'migrate').length
  if (migrations > 1)
    problems.at(node.name, `${contract} has ${migrations} @migrate methods; an upgrade runs one`)
  return inits === 0 ? [PLAIN_INIT, ...methods] : methods
}

const isForOutside = (node: MethodDeclaration): boolean =>
  isConstructor(node) || decoratorNames(node).some(mark => MARKS.has(mark))

/** Undefined for a method that cannot be one. */
const readMethod = (
  node: MethodDeclaration,
  declared: Declarations,
  problems: Problems,
): Method | undefined => {
  const property = node.name.text
  const marks = decoratorNames(node)
  const kinds = METHOD_KINDS.filter(kind => marks.includes(kind))
  const payable = marks.includes('payable')
  const reentrant = marks.includes('reentrant')
  const refuse = (message: string): undefined => problems.at(node.name, message) as undefined

  if (isConstructor(node)) return refuse('a contract has no constructor: set what it holds at first in @init')
  const [kind] = kinds
  if (kind === undefined)
    return refuse(`${property} is @${payable ? 'payable: add @call or @init' : 'reentrant: add @call or @view'}`)
  if (kinds.length > 1) return refuse(`${property} is @${kinds.join(' and @')}: choose one`)
  if (kind === 'view' && payable) return refuse(`${property} is a @view, which cannot be @payable: use @call`)
  if (kind === 'migrate' && payable) return refuse(`${property} is @migrate, which cannot be @payable`)
  if (reentrant && kind !== 'call' && kind !== 'view')
    return refuse(`${property} is @${kind}, which runs once: @reentrant goes with @call or @view`)
  if (isAccessor(node)) return refuse(`${property} is a getter or setter: write a method "${property}()"`)
  if (isStatic(node)) return refuse(`${property} must not be static`)
  if ((node.typeParameters ?? []).length > 0) return refuse(`${property} must not be generic`)
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(property) || property.length > MAX_NAME_LENGTH)
    return refuse(`a method's name is a letter and up to ${MAX_NAME_LENGTH - 1} letters, digits and _`)
  if (property === 'migrate' && kind !== 'migrate')
    return refuse('migrate is what an upgrade runs: mark it @migrate, or give the method another name')
  if (kind !== 'init' && kind !== 'migrate' && RESERVED_NAMES.has(property))
    return refuse(`${property} is reserved: give the method another name`)

  const params = node.signature.parameters.map(param => readParameter(param, declared, problems))
  const { returnType } = node.signature
  const written = returnType.range.toString()
  const returns = written === 'void' ? 'void' : toAbiType(returnType, declared, problems)
  if ((kind === 'init' || kind === 'migrate') && returns !== 'void')
    return refuse(`${property} is @${kind} and must return void`)
  if (kind === 'view' && returns === 'void') return refuse(`${property} is a @view and must return something`)
  const name = kind === 'init' || kind === 'migrate' ? kind : property
  return { property, node, abi: { name, kind, payable, reentrant, params, returns } }
}

const readParameter = (param: ParameterNode, declared: Declarations, problems: Problems): AbiField => {
  const name = param.name.text
  const refuse = (message: string): AbiField => {
    problems.at(param, message)
    return { name, type: REFUSED }
  }
  const written = param.type.range.toString()
  if (param.initializer !== null) return refuse(`${name} cannot have a default: callers send it always`)
  if (isOptional(param))
    return refuse(`${name} cannot be left out: write "${name}: ${written}"; callers send it always`)
  if (written === '') return refuse(`${name} needs a type: write "${name}: u64" or another`)
  return { name, type: toAbiType(param.type, declared, problems) }
}
