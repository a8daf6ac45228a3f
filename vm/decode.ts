/**
 * The decoder: a strict allow-list over WebAssembly's binary format, in linear time, with every limit of
 * profile.ts enforced before anything is allocated for it or handed to the engine. What passes is then
 * type-checked by the engine ({@link decodeAndValidate}); the engine alone is no gate, it accepts every proposal it
 * has shipped.
 */
import { START_SECTION_ADVICE } from './advice.ts'
import { OpList, readBody } from './body.ts'
import { type ImportTypes, ModuleDraft } from './draft.ts'
import { functionName } from './function-name.ts'
import type { WasmModule } from './module.ts'
import { LIMITS, ProfileError } from './profile.ts'
import { Reader } from './reader.ts'
import { readCode, readData, readElements, readGlobals, readMemory, readTable } from './sections-contents.ts'
import { readCustom, readExports, readFunctions, readImports, readTypes } from './sections-interface.ts'

const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const

/** Sections in the order they must have; the data count stands before the code. */
const SECTION_ORDER: readonly number[] = [
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.table,
  SECTION.memory,
  SECTION.global,
  SECTION.export,
  SECTION.start,
  SECTION.element,
  SECTION.dataCount,
  SECTION.code,
  SECTION.data,
]

/** Throws a ProfileError for whatever is outside the profile. */
export function decodeAndValidate(bytes: Uint8Array, imports: ImportTypes): WasmModule {
  const module = decode(bytes, imports)
  if (!WebAssembly.validate(bytes as Uint8Array<ArrayBuffer>)) {
    throw new ProfileError('invalid', engineReason(bytes))
  }
  return module
}

/** The engine's own words, for the deployer only: they change between engine versions. */
function engineReason(bytes: Uint8Array): string {
  try {
    // oxlint-disable-next-line no-new -- validate() gives no reason, the constructor does
    new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>)
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return `the module is not valid: ${error.message}`
  }
  return 'the module is not valid WebAssembly'
}

/** Structure and limits only; the types of operands are left to the engine. */
export function decode(bytes: Uint8Array, imports: ImportTypes): WasmModule {
  if (bytes.length > LIMITS.moduleBytes) {
    throw new ProfileError(
      'limit',
      `the module has ${bytes.length} bytes, the limit is ${LIMITS.moduleBytes}`,
    )
  }
  const draft = new ModuleDraft(bytes, imports)
  const reader = new Reader(bytes)
  readHeader(reader)
  let last = -1
  while (reader.position < bytes.length) {
    const offset = reader.position
    const id = reader.u8()
    const size = reader.u32()
    const start = reader.position
    reader.skip(size)
    reader.position = start
    reader.end = start + size
    if (id !== SECTION.custom) last = checkOrder(id, last, offset)
    readSection(reader, draft, id, offset)
    if (reader.position !== reader.end) throw reader.error('malformed', `section ${id} has bytes left over`)
    reader.end = bytes.length
  }
  checkCounts(draft)
  readBodies(draft)
  return draft
}

function readHeader(reader: Reader): void {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
  for (const [offset, byte] of header.entries()) {
    if (reader.bytes[offset] !== byte) {
      const reason = offset < 4 ? 'this is not a WebAssembly module' : 'this is not WebAssembly version 1'
      throw new ProfileError('malformed', reason, { offset })
    }
  }
  reader.position = header.length
}

/** Returns the section's place in the order. */
function checkOrder(id: number, last: number, offset: number): number {
  const place = SECTION_ORDER.indexOf(id)
  if (place < 0) {
    throw new ProfileError('forbidden_section', `section ${id} is not allowed`, {
      offset,
      advice: id === 13 ? 'Compile without exception-handling' : undefined,
    })
  }
  if (place <= last)
    throw new ProfileError('malformed', `section ${id} is repeated or out of order`, { offset })
  return place
}

function readSection(reader: Reader, draft: ModuleDraft, id: number, offset: number): void {
  switch (id) {
    case SECTION.custom:
      return readCustom(reader, draft)
    case SECTION.type:
      return readTypes(reader, draft)
    case SECTION.import:
      return readImports(reader, draft)
    case SECTION.function:
      return readFunctions(reader, draft)
    case SECTION.table:
      return readTable(reader, draft)
    case SECTION.memory:
      return readMemory(reader, draft)
    case SECTION.global:
      return readGlobals(reader, draft)
    case SECTION.export:
      return readExports(reader, draft)
    case SECTION.element:
      return readElements(reader, draft)
    case SECTION.code:
      return readCode(reader, draft)
    case SECTION.data:
      return readData(reader, draft)
    case SECTION.dataCount:
      draft.dataCount = reader.count(LIMITS.dataSegments, 'data segments')
      return
    default:
      throw new ProfileError('start_section', 'the module has a start function', {
        offset,
        advice: START_SECTION_ADVICE,
      })
  }
}

function checkCounts({ functionTypes, imports, bodies, dataCount, dataSegments }: ModuleDraft): void {
  const expected = functionTypes.length - imports.length
  if (bodies.length !== expected) {
    throw new ProfileError('malformed', `${bodies.length} function bodies for ${expected} functions`)
  }
  if (dataCount !== undefined && dataCount !== dataSegments) {
    throw new ProfileError('malformed', `${dataSegments} data segments, but ${dataCount} were announced`)
  }
}

/** Reused: decoding is synchronous and does not nest. */
const ops = new OpList()

function readBodies(module: WasmModule): void {
  let loops = 0
  let localsTimesControl = 0
  for (const [i, span] of module.bodies.entries()) {
    const index = module.imports.length + i
    try {
      readBody(module, span, index, ops)
      loops += ops.loopCount
      localsTimesControl += ops.localCount * ops.controlCount
      if (loops > LIMITS.loopsPerModule) {
        throw new ProfileError('limit', `more than ${LIMITS.loopsPerModule} loops in the module`)
      }
      if (localsTimesControl > LIMITS.localsTimesControlPerModule) {
        const limit = LIMITS.localsTimesControlPerModule
        throw new ProfileError('limit', `locals times control instructions exceed ${limit} in the module`)
      }
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error
      throw error.inFunction(index, functionName(module.bytes, index, module.exports))
    }
  }
}
