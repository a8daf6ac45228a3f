/** The sections that say what a module is made of: table, memory, globals, segments, bodies. */
import { MEMORY_ADVICE, PASSIVE_SEGMENT_ADVICE } from './advice.ts'
import { readValueType } from './body.ts'
import type { ModuleDraft } from './draft.ts'
import type { Span } from './module.ts'
import { OP, type ValueType } from './opcodes.ts'
import { LIMITS, ProfileError } from './profile.ts'
import type { Reader } from './reader.ts'

const PAGE_BYTES = 65_536

export function readTable(reader: Reader, draft: ModuleDraft): void {
  const count = reader.count(1, 'tables')
  if (count === 0) return
  const offset = reader.position
  if (reader.u8() !== 0x70) {
    throw new ProfileError('forbidden_table', 'a table of something else than functions', {
      offset,
      advice: 'Compile without reference-types',
    })
  }
  const flags = reader.u8()
  if (flags > 1) throw new ProfileError('forbidden_table', `table flags ${flags} are not allowed`, { offset })
  draft.tableEntries = reader.count(LIMITS.tableEntries, 'table entries')
  if (flags === 1) reader.u32()
}

export function readMemory(reader: Reader, draft: ModuleDraft): void {
  const offset = reader.position
  const count = reader.u32()
  if (count === 0) return
  if (count > 1) {
    throw new ProfileError('forbidden_memory', `${count} memories`, {
      offset,
      advice: 'Compile without multi-memory',
    })
  }
  const flags = reader.u8()
  if (flags > 1) {
    throw new ProfileError('forbidden_memory', 'a shared or 64-bit memory', {
      offset,
      advice: MEMORY_ADVICE,
    })
  }
  const initialPages = reader.u32()
  if (initialPages > LIMITS.memoryInitialPages) {
    throw new ProfileError(
      'limit',
      `${initialPages} initial memory pages, the limit is ${LIMITS.memoryInitialPages}`,
      { offset, advice: MEMORY_ADVICE },
    )
  }
  draft.memory = { initialPages, maximumPages: flags === 1 ? reader.u32() : undefined }
}

export function readGlobals(reader: Reader, draft: ModuleDraft): void {
  const count = reader.count(LIMITS.globals, 'globals')
  const start = reader.position
  for (let i = 0; i < count; i++) {
    const type = readValueType(reader) as ValueType
    const mutability = reader.u8()
    if (mutability > 1) throw reader.error('malformed', `global mutability ${mutability}`, -1)
    readConstant(reader)
    draft.globals.push({ type, isMutable: mutability === 1 })
  }
  draft.globalSpan = { start, end: reader.position }
}

/** One constant and `end`. Returns the value of an i32.const, undefined for another type. */
function readConstant(reader: Reader): number | undefined {
  const offset = reader.position
  const opcode = reader.u8()
  let value: number | undefined
  if (opcode === OP.i32Const) value = reader.s32()
  else if (opcode === OP.i64Const) reader.skipS64()
  else if (opcode === OP.f32Const) reader.skip(4)
  else if (opcode === OP.f64Const) reader.skip(8)
  else {
    throw new ProfileError('forbidden_opcode', `opcode 0x${opcode.toString(16)} in a constant expression`, {
      offset,
      advice: 'Only a single constant may stand here: compile without extended-const and reference-types',
    })
  }
  if (reader.u8() !== OP.end) {
    throw reader.error(
      'forbidden_opcode',
      'a constant expression of more than one constant',
      -1,
      'Compile without extended-const',
    )
  }
  return value
}

export function readElements(reader: Reader, draft: ModuleDraft): void {
  for (let count = reader.count(LIMITS.elementSegments, 'element segments'); count > 0; count--) {
    const start = reader.position
    if (reader.u32() !== 0) {
      throw new ProfileError('forbidden_segment', 'an element segment that is not active on table 0', {
        offset: start,
        advice: 'Compile without reference-types',
      })
    }
    const expression = reader.position
    const offset = readConstant(reader)
    const span: Span = { start: expression, end: reader.position }
    const length = reader.count(LIMITS.tableEntries, 'functions in an element segment')
    checkSegment(offset, length, draft.tableEntries ?? 0, 'entries of the table', start)
    const functions: number[] = []
    for (let i = 0; i < length; i++) {
      const index = reader.u32()
      if (index >= draft.functionTypes.length)
        throw reader.error('invalid', `there is no function ${index}`, -1)
      functions.push(index)
    }
    draft.elements.push({ offset: span, functions })
  }
}

export function readCode(reader: Reader, draft: ModuleDraft): void {
  const expected = draft.functionTypes.length - draft.imports.length
  const count = reader.count(LIMITS.functions, 'function bodies')
  if (count !== expected) {
    throw reader.error('malformed', `${count} function bodies for ${expected} functions`)
  }
  for (let i = 0; i < count; i++) {
    const size = reader.count(LIMITS.bodyBytes, 'bytes in a function body')
    const start = reader.position
    reader.skip(size)
    draft.bodies.push({ start, end: start + size })
  }
}

export function readData(reader: Reader, draft: ModuleDraft): void {
  const sectionStart = reader.position
  draft.dataSegments = reader.count(LIMITS.dataSegments, 'data segments')
  const memoryBytes = (draft.memory?.initialPages ?? 0) * PAGE_BYTES
  for (let i = 0; i < draft.dataSegments; i++) {
    const start = reader.position
    if (reader.u32() !== 0) {
      throw new ProfileError('forbidden_segment', 'a data segment that is not active on memory 0', {
        offset: start,
        advice: PASSIVE_SEGMENT_ADVICE,
      })
    }
    const offset = readConstant(reader)
    const length = reader.u32()
    reader.skip(length)
    checkSegment(offset, length, memoryBytes, 'bytes of initial memory', start)
  }
  draft.dataSpan = { start: sectionStart, end: reader.position }
}

/** Instantiation then cannot fail, and a contract cannot look different after a failed one. */
function checkSegment(
  from: number | undefined,
  length: number,
  size: number,
  what: string,
  offset: number,
): void {
  if (from === undefined) throw new ProfileError('invalid', 'a segment offset that is not an i32', { offset })
  if ((from >>> 0) + length > size) {
    throw new ProfileError(
      'segment_out_of_bounds',
      `a segment at ${from >>> 0} with length ${length} does not fit the ${size} ${what}`,
      { offset, advice: what.includes('memory') ? 'Compile with a larger --initialMemory' : undefined },
    )
  }
}
