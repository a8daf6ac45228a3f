/**
 * What a new version of a contract makes of the bytes that the old one stored.
 *
 * A slot is a place in a list, and so is a struct's field in its bytes: names are not stored. Whatever moves,
 * goes away or changes its type breaks what is there; what comes after all else does not. A name that changes
 * alone is told but does not break: only its author knows whether it still means the same.
 */
import type { Abi } from './types.ts'
import { parseValueType, type TypedField, type ValueType } from './value-type.ts'

export type LayoutChangeKind =
  | 'removed'
  | 'moved'
  /** New, but not after all that was there. */
  | 'inserted'
  /** Another class of the SDK. */
  | 'kind_changed'
  | 'type_changed'
  /** The same types by name, of structs that are not the same. */
  | 'struct_changed'
  | 'renamed'
  | 'appended'

export interface LayoutChange {
  readonly kind: LayoutChangeKind
  /** By the old name, unless it is new. */
  readonly field: string
  /** Where it was, unless it is new. */
  readonly slot: number
  readonly isBreaking: boolean
  readonly message: string
}

type StorageField = Abi['storage'][number]

/** `Mapping<address, u64>` */
const formatShape = ({ kind, types }: Pick<StorageField, 'kind' | 'types'>): string =>
  types.length === 0 ? kind : `${kind}<${types.join(', ')}>`

interface Named {
  readonly name: string
}

/** What became of each place of `before`; `undefined` where the name stayed. */
type Placement = { readonly kind: 'removed' | 'renamed' } | { readonly kind: 'moved'; readonly to: number }

const placementOf = (
  before: readonly Named[],
  after: readonly Named[],
  at: number,
): Placement | undefined => {
  const name = before[at]?.name
  const heir = after[at]
  if (heir?.name === name) return undefined
  const to = after.findIndex(entry => entry.name === name)
  if (to >= 0) return { kind: 'moved', to }
  const isNewName = heir !== undefined && !before.some(entry => entry.name === heir.name)
  return { kind: isNewName ? 'renamed' : 'removed' }
}

/** Every way in which the bytes of the types differ, `where` first; none if they read alike. */
const compareTypes = (
  before: TypedField,
  after: TypedField,
  where: string,
): { readonly isBreaking: boolean; readonly message: string }[] => {
  const retyped = {
    isBreaking: true,
    message: `${where} was ${before.typeName} and is ${after.typeName}`,
  }
  const [was, is] = [before.type, after.type]
  switch (was.kind) {
    case 'integer':
      return is.kind === 'integer' && is.bits === was.bits && is.isSigned === was.isSigned ? [] : [retyped]
    case 'vec':
    case 'option':
      if (is.kind !== was.kind) return [retyped]
      return compareTypes(elementOf(before, was), elementOf(after, is), where)
    case 'struct':
      if (is.kind !== 'struct') return [retyped]
      return compareStructs(was, is)
    case 'bool':
    case 'string':
    case 'address':
    case 'bytes':
      return is.kind === was.kind ? [] : [retyped]
  }
}

const elementOf = (
  { name, typeName }: TypedField,
  { element }: Extract<ValueType, { kind: 'vec' | 'option' }>,
): TypedField => ({ name, typeName: typeName.slice(typeName.indexOf('<') + 1, -1), type: element })

type StructType = Extract<ValueType, { kind: 'struct' }>

const compareStructs = (before: StructType, after: StructType) => {
  const changes = before.fields.flatMap((field, at) => {
    const where = `${before.name}.${field.name}`
    const placement = placementOf(before.fields, after.fields, at)
    const heir = after.fields[at]
    if (placement?.kind === 'moved')
      return [{ isBreaking: true, message: `${where} moved from place ${at + 1} to ${placement.to + 1}` }]
    if (placement?.kind === 'removed' || heir === undefined)
      return [{ isBreaking: true, message: `${where} is gone` }]
    const inner = compareTypes(field, heir, where)
    if (placement === undefined) return inner
    return inner.length > 0
      ? [{ isBreaking: true, message: `${where} is gone, ${after.name}.${heir.name} is in its place` }]
      : [{ isBreaking: false, message: `${where} is called ${heir.name} now` }]
  })
  const added = after.fields.slice(before.fields.length).filter(({ name }) => !hasName(before.fields, name))
  return [
    ...changes,
    ...added.map(({ name, typeName }) => ({
      isBreaking: true,
      message: `${after.name}.${name} (${typeName}) is new: a stored ${before.name} does not have it`,
    })),
  ]
}

const hasName = (entries: readonly Named[], name: string): boolean =>
  entries.some(entry => entry.name === name)

/** The change of a field that stayed where it was. */
const compareShapes = (
  before: StorageField,
  after: StorageField,
  { slot, structs }: { slot: number; structs: readonly [Abi['structs'], Abi['structs']] },
): LayoutChange[] => {
  const at = { field: before.name, slot, isBreaking: true }
  const changed = `${before.name} was ${formatShape(before)} and is ${formatShape(after)}`
  if (before.kind !== after.kind) return [{ ...at, kind: 'kind_changed', message: changed }]
  if (before.types.length !== after.types.length) return [{ ...at, kind: 'type_changed', message: changed }]
  const [structsBefore, structsAfter] = structs
  const found = before.types.flatMap((typeBefore, i) => {
    const typeAfter = after.types[i] as string
    const typed = (typeName: string, known: Abi['structs']): TypedField => ({
      name: before.name,
      typeName,
      type: parseValueType(typeName, known),
    })
    const changes = compareTypes(
      typed(typeBefore, structsBefore),
      typed(typeAfter, structsAfter),
      before.name,
    )
    return changes.map(change => ({ ...change, isNamedAlike: typeBefore === typeAfter }))
  })
  const breaking = found.filter(({ isBreaking }) => isBreaking)
  // A struct that stands in two of its types changes once.
  const words = (changes: readonly { message: string }[]): string =>
    [...new Set(changes.map(({ message }) => message))].join('; ')
  if (breaking.some(({ isNamedAlike }) => !isNamedAlike))
    return [{ ...at, kind: 'type_changed', message: changed }]
  if (breaking.length > 0)
    return [
      { ...at, kind: 'struct_changed', message: `${before.name} holds another struct: ${words(breaking)}` },
    ]
  if (found.length > 0)
    return [{ ...at, kind: 'renamed', isBreaking: false, message: `${before.name}: ${words(found)}` }]
  return []
}

/** Of the fields that were there, in the order of their slots; then of those that are new. */
export const compareLayouts = (before: Abi, after: Abi): LayoutChange[] => {
  const structs = [before.structs, after.structs] as const
  const changes = before.storage.flatMap((field, slot): LayoutChange[] => {
    const { name } = field
    const at = { field: name, slot, isBreaking: true }
    const placement = placementOf(before.storage, after.storage, slot)
    const heir = after.storage[slot]
    if (placement?.kind === 'moved') {
      const message = `${name} moved from slot ${slot} to slot ${placement.to}`
      const moved = after.storage[placement.to] as StorageField
      return [{ ...at, kind: 'moved', message }, ...compareShapes(field, moved, { slot, structs })]
    }
    if (placement?.kind === 'removed' || heir === undefined) {
      const message = `${name} (slot ${slot}, ${formatShape(field)}) is gone${heir === undefined ? '' : `, ${heir.name} is in its slot`}`
      return [{ ...at, kind: 'removed', message }]
    }
    const inner = compareShapes(field, heir, { slot, structs })
    if (placement === undefined) return inner
    if (inner.some(({ isBreaking }) => isBreaking)) {
      const message = `${name} (slot ${slot}, ${formatShape(field)}) is gone, ${heir.name} (${formatShape(heir)}) is in its slot`
      return [{ ...at, kind: 'removed', message }]
    }
    const message = `${name} is called ${heir.name} now; it reads what ${name} held (slot ${slot})`
    return [{ ...at, kind: 'renamed', isBreaking: false, message }, ...inner]
  })
  const added = after.storage.flatMap((field, slot): LayoutChange[] => {
    if (hasName(before.storage, field.name)) return []
    const place = `${field.name} (slot ${slot}, ${formatShape(field)}) is new`
    const at = { field: field.name, slot }
    if (slot >= before.storage.length) return [{ ...at, kind: 'appended', isBreaking: false, message: place }]
    // Where the old field is gone or renamed, that says it all.
    if (placementOf(before.storage, after.storage, slot)?.kind !== 'moved') return []
    const message = `${place}, but not after all that was there: new fields go last`
    return [{ ...at, kind: 'inserted', isBreaking: true, message }]
  })
  return [...changes, ...added]
}
