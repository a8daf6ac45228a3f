/** The sections that say what a module wants from and offers to the outside: types, imports, exports, custom sections. */
import { importAdvice, MULTI_VALUE_ADVICE, MUTABLE_GLOBAL_ADVICE, TABLE_ADVICE } from './advice.ts'
import { readValueType } from './body.ts'
import type { ModuleDraft } from './draft.ts'
import {
  type Export,
  EXPORT_KIND,
  type FunctionType,
  HOST_MODULE,
  REENTRANT_SECTION,
  RESERVED_PREFIX,
  START_EXPORT,
} from './module.ts'
import { I32, type ValueType } from './opcodes.ts'
import { LIMITS, ProfileError } from './profile.ts'
import type { Reader } from './reader.ts'

export function readCustom(reader: Reader, draft: ModuleDraft): void {
  if (++draft.customCount > LIMITS.customSections) {
    throw reader.error('limit', `more than ${LIMITS.customSections} custom sections`)
  }
  const name = reader.name(LIMITS.customSectionNameBytes, 'the name of a custom section')
  if (name === REENTRANT_SECTION) return readReentrant(reader, draft)
  const contents = reader.take(reader.end - reader.position)
  if (!isDebugSection(name) && !draft.customSections.has(name)) draft.customSections.set(name, contents)
}

function readReentrant(reader: Reader, draft: ModuleDraft): void {
  if (draft.reentrant.size > 0) throw reader.error('malformed', `a second section ${REENTRANT_SECTION}`)
  let last = ''
  for (let count = reader.count(LIMITS.exports, 'reentrant methods'); count > 0; count--) {
    const offset = reader.position
    const name = reader.name(LIMITS.exportNameBytes, 'the name of a reentrant method')
    if (name <= last) {
      throw new ProfileError('malformed', `the names in ${REENTRANT_SECTION} do not ascend`, { offset })
    }
    draft.reentrant.add(name)
    last = name
  }
}

export function readTypes(reader: Reader, draft: ModuleDraft): void {
  for (let count = reader.count(LIMITS.types, 'types'); count > 0; count--) {
    const form = reader.u8()
    if (form !== 0x60) {
      throw reader.error(
        'forbidden_type',
        `type form 0x${form.toString(16)} is not a function type`,
        -1,
        'Compile without gc',
      )
    }
    const params: ValueType[] = []
    for (let left = reader.count(LIMITS.params, 'parameters'); left > 0; left--) {
      params.push(readValueType(reader) as ValueType)
    }
    const offset = reader.position
    const results = reader.u32()
    if (results > 1) {
      throw new ProfileError('forbidden_type', `a function type with ${results} results`, {
        offset,
        advice: MULTI_VALUE_ADVICE,
      })
    }
    draft.types.push({ params, result: results === 1 ? (readValueType(reader) as ValueType) : undefined })
  }
}

export function readImports(reader: Reader, draft: ModuleDraft): void {
  for (let count = reader.count(LIMITS.imports, 'imports'); count > 0; count--) {
    const offset = reader.position
    const module = reader.name(LIMITS.exportNameBytes, 'the module of an import')
    const name = reader.name(LIMITS.exportNameBytes, 'the name of an import')
    const what = JSON.stringify(`${module}.${name}`)
    const kind = reader.u8()
    if (kind !== EXPORT_KIND.function) {
      throw new ProfileError('forbidden_import', `${what} imports a ${kindName(kind)}`, {
        offset,
        advice: importAdvice(
          module,
          kind === EXPORT_KIND.table ? 'table' : kind === EXPORT_KIND.memory ? 'memory' : name,
        ),
      })
    }
    const typeIndex = readTypeIndex(reader, draft)
    const wanted = module === HOST_MODULE ? draft.importTypes.get(name) : undefined
    if (wanted === undefined) {
      throw new ProfileError('forbidden_import', `there is no host function ${what}`, {
        offset,
        advice: importAdvice(module, name),
      })
    }
    const found = draft.types[typeIndex] as FunctionType
    if (!isSameType(found, wanted)) {
      throw new ProfileError('import_type', `${what} is ${showType(wanted)}, not ${showType(found)}`, {
        offset,
        advice: 'Declare it exactly as the SDK’s env.ts does',
      })
    }
    draft.imports.push({ name, typeIndex })
    draft.functionTypes.push(typeIndex)
  }
}

function readTypeIndex(reader: Reader, draft: ModuleDraft): number {
  const index = reader.u32()
  if (index >= draft.types.length) throw reader.error('invalid', `there is no type ${index}`, -1)
  return index
}

export function readFunctions(reader: Reader, draft: ModuleDraft): void {
  for (let count = reader.count(LIMITS.functions, 'functions'); count > 0; count--) {
    draft.functionTypes.push(readTypeIndex(reader, draft))
  }
}

export function readExports(reader: Reader, draft: ModuleDraft): void {
  for (let count = reader.count(LIMITS.exports, 'exports'); count > 0; count--) {
    const offset = reader.position
    const name = reader.name(LIMITS.exportNameBytes, 'the name of an export')
    const kind = reader.u8()
    const index = reader.u32()
    checkExport(draft, { name, kind, index }, offset)
    draft.exports.push({ name, kind, index })
  }
}

function checkExport(draft: ModuleDraft, { name, kind, index }: Export, offset: number): void {
  const what = `export ${JSON.stringify(name)}`
  const refuse = (reason: string, advice?: string): ProfileError =>
    new ProfileError('forbidden_export', `${what}: ${reason}`, { offset, advice })
  if (name.startsWith(RESERVED_PREFIX)) throw refuse(`names that start with ${RESERVED_PREFIX} are reserved`)
  if (kind === EXPORT_KIND.function) {
    if (index < draft.imports.length) throw refuse('a host function may not be exported again')
    if (index >= draft.functionTypes.length) throw refuse(`there is no function ${index}`)
    const type = draft.types[draft.functionTypes[index] as number] as FunctionType
    if (name === START_EXPORT && (type.params.length > 0 || type.result !== undefined)) {
      throw refuse('the start function takes no parameters and has no result')
    }
  } else if (kind === EXPORT_KIND.table) {
    throw refuse('a table may not be exported', TABLE_ADVICE)
  } else if (kind === EXPORT_KIND.memory) {
    if (draft.memory === undefined || index !== 0) throw refuse(`there is no memory ${index}`)
  } else if (kind === EXPORT_KIND.global) {
    const global = draft.globals[index]
    if (global === undefined) throw refuse(`there is no global ${index}`)
    if (global.isMutable) throw refuse('a mutable global may not be exported', MUTABLE_GLOBAL_ADVICE)
  } else {
    throw refuse(`a ${kindName(kind)} may not be exported`)
  }
}

function isDebugSection(name: string): boolean {
  return (
    name === 'name' ||
    name === 'sourceMappingURL' ||
    name === 'external_debug_info' ||
    name.startsWith('.debug')
  )
}

function isSameType(a: FunctionType, b: FunctionType): boolean {
  return (
    a.result === b.result &&
    a.params.length === b.params.length &&
    a.params.every((type, i) => type === b.params[i])
  )
}

function showType({ params, result }: FunctionType): string {
  return `(${params.map(showValueType).join(', ')}) -> ${result === undefined ? 'nothing' : showValueType(result)}`
}

function showValueType(type: ValueType): string {
  return ['f64', 'f32', 'i64', 'i32'][type - (I32 - 3)] as string
}

function kindName(kind: number): string {
  return ['function', 'table', 'memory', 'global', 'tag'][kind] ?? `thing of kind ${kind}`
}
