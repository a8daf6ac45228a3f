/** @event, @error and @struct classes: their fields for the ABI, and the methods that put them into BCS. */
import type { ClassDeclaration } from 'assemblyscript'
import type { AbiEvent, AbiEventField, AbiRevert, AbiStruct } from './contract-abi.ts'
import { type Declarations, instanceFields, type Problems } from './declarations.ts'
import { structOf, toAbiType, unwrapIndexed } from './type-names.ts'

/** A class with the members to add to it. `$vex` is the SDK. */
export interface Extended<T> {
  readonly node: ClassDeclaration
  readonly abi: T
  readonly members: string
}

const MAX_INDEXED_FIELDS = 3
/** One topic holds the name and its length byte. */
const MAX_EVENT_NAME = 63
const MAX_ERROR_NAME = 64

interface RecordField extends AbiEventField {
  /** The type in the author's words, which hold in the author's file. */
  readonly written: string
}

const readFields = (node: ClassDeclaration, declared: Declarations, problems: Problems): RecordField[] => {
  const name = node.name.text
  if (node.extendsType !== null)
    problems.at(node.extendsType, `${name} must not extend a class: write its fields out`)
  if (node.isGeneric) problems.at(node.name, `${name} must not be generic`)
  return instanceFields(node).flatMap(field => {
    if (field.type === null) {
      problems.at(field, `the field ${field.name.text} needs a type`)
      return []
    }
    const { type, indexed } = unwrapIndexed(field.type)
    const written = field.type.range.toString()
    return [{ name: field.name.text, type: toAbiType(type, declared, problems), indexed, written }]
  })
}

export const extendEvent = (
  node: ClassDeclaration,
  declared: Declarations,
  problems: Problems,
): Extended<AbiEvent> => {
  const name = node.name.text
  const fields = readFields(node, declared, problems)
  if (fields.filter(field => field.indexed).length > MAX_INDEXED_FIELDS)
    problems.at(node.name, `${name} has more than ${MAX_INDEXED_FIELDS} Indexed fields`)
  if (name.length > MAX_EVENT_NAME)
    problems.at(node.name, `the name of an event has at most ${MAX_EVENT_NAME} characters`)
  const writes = fields.map(field => `w.${field.indexed ? 'topic' : 'field'}(this.${field.name});`)
  return {
    node,
    abi: { name, fields: fields.map(({ name, type, indexed }) => ({ name, type, indexed })) },
    members: `__emit(): void { const w = new $vex.EventWriter("${name}"); ${writes.join(' ')} w.send(); }`,
  }
}

export const extendError = (
  node: ClassDeclaration,
  declared: Declarations,
  problems: Problems,
): Extended<AbiRevert> => {
  const name = node.name.text
  const fields = readFields(node, declared, problems)
  if (fields.some(field => field.indexed)) problems.at(node.name, 'only an @event has Indexed fields')
  if (name.length > MAX_ERROR_NAME)
    problems.at(node.name, `the name of an error has at most ${MAX_ERROR_NAME} characters`)
  const writes = fields.map(field => `$vex.encode<${field.written}>(w, this.${field.name});`)
  return {
    node,
    abi: { name, fields: fields.map(({ name, type }) => ({ name, type })) },
    members: `__error(): void { const w = $vex.startError("${name}"); ${writes.join(' ')} $vex.endError(w); }`,
  }
}

export const extendStruct = (
  node: ClassDeclaration,
  declared: Declarations,
  problems: Problems,
): Extended<AbiStruct> => {
  const name = node.name.text
  const fields = readFields(node, declared, problems)
  if (fields.length === 0) problems.at(node.name, `the struct ${name} needs a field`)
  if (fields.some(field => field.indexed)) problems.at(node.name, 'only an @event has Indexed fields')
  const each = (line: (field: RecordField) => string): string => fields.map(line).join(' ')
  return {
    node,
    abi: { name, fields: fields.map(({ name, type }) => ({ name, type })) },
    members: [
      `__encode(w: $vex.Writer): void { ${each(f => `$vex.encode<${f.written}>(w, this.${f.name});`)} }`,
      `__decode(r: $vex.Reader): void { ${each(f => `this.${f.name} = $vex.decode<${f.written}>(r);`)} }`,
      `__zero(): void { ${each(f => `this.${f.name} = $vex.zero<${f.written}>();`)} }`,
    ].join(' '),
  }
}

/** Refuses structs that contain themselves: nothing could bound how deep a value of theirs is. */
export const checkNesting = (structs: readonly Extended<AbiStruct>[], problems: Problems): void => {
  const byName = new Map(structs.map(struct => [struct.abi.name, struct]))
  const reaches = (from: string, target: string, seen: Set<string>): boolean =>
    (byName.get(from)?.abi.fields ?? []).some(({ type }) => {
      const inner = structOf(type)
      if (inner === undefined || seen.has(inner)) return false
      return inner === target || reaches(inner, target, seen.add(inner))
    })
  for (const { abi, node } of structs)
    if (reaches(abi.name, abi.name, new Set()))
      problems.at(
        node.name,
        `the struct ${abi.name} contains itself: refer to the other one by a number or a key`,
      )
}
