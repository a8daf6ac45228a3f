/**
 * The decoder: a strict allow-list over WebAssembly's binary format, in linear time, with every limit of
 * profile.ts enforced before anything is allocated for it or handed to the engine. What passes is then
 * type-checked by the engine ({@link decodeAndValidate}); the engine alone is no gate, it accepts every proposal it
 * has shipped.
 */
import {
  importAdvice,
  MEMORY_ADVICE,
  MULTI_VALUE_ADVICE,
  MUTABLE_GLOBAL_ADVICE,
  PASSIVE_SEGMENT_ADVICE,
  START_SECTION_ADVICE,
  TABLE_ADVICE,
} from './advice.ts'
import { OpList, readBody, readValueType } from './body.ts'
import { functionName } from './function-name.ts'
import type {
  ElementSegment,
  Export,
  FunctionType,
  GlobalVariable,
  ImportedFunction,
  Memory,
  Span,
  WasmModule,
} from './module.ts'
import { EXPORT_KIND } from './module.ts'
import type { ValueType } from './opcodes.ts'
import { I32, OP } from './opcodes.ts'
import { LIMITS, ProfileError } from './profile.ts'
import { Reader } from './reader.ts'

export const HOST_MODULE = 'env'
/** Exports the instrumenter adds start with this; a contract's own may not. */
export const RESERVED_PREFIX = '$'

/** Host functions by name, as far as the decoder is concerned. */
export type ImportTypes = ReadonlyMap<string, FunctionType>

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

const PAGE_BYTES = 65_536

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
  return new Decoder(bytes, imports).run()
}

class Decoder {
  private readonly reader: Reader
  private readonly bytes: Uint8Array
  private readonly importTypes: ImportTypes
  private readonly types: FunctionType[] = []
  private readonly imports: ImportedFunction[] = []
  private readonly functionTypes: number[] = []
  private tableEntries: number | undefined
  private memory: Memory | undefined
  private readonly globals: GlobalVariable[] = []
  private globalSpan: Span | undefined
  private readonly exports: Export[] = []
  private readonly elements: ElementSegment[] = []
  private dataSpan: Span | undefined
  private dataCount: number | undefined
  private dataSegments = 0
  private readonly bodies: Span[] = []
  private readonly customSections = new Map<string, Uint8Array>()
  private customCount = 0

  constructor(bytes: Uint8Array, imports: ImportTypes) {
    this.bytes = bytes
    this.reader = new Reader(bytes)
    this.importTypes = imports
  }

  run(): WasmModule {
    this.readHeader()
    let last = -1
    while (this.reader.position < this.bytes.length) {
      const offset = this.reader.position
      const id = this.reader.u8()
      const size = this.reader.u32()
      const start = this.reader.position
      this.reader.skip(size)
      this.reader.position = start
      this.reader.end = start + size
      if (id !== SECTION.custom) {
        const place = SECTION_ORDER.indexOf(id)
        if (place < 0) {
          throw new ProfileError('forbidden_section', `section ${id} is not allowed`, {
            offset,
            advice: id === 13 ? 'Compile without exception-handling' : undefined,
          })
        }
        if (place <= last) {
          throw new ProfileError('malformed', `section ${id} is repeated or out of order`, { offset })
        }
        last = place
      }
      this.readSection(id, offset)
      if (this.reader.position !== this.reader.end) {
        throw this.reader.error('malformed', `section ${id} has bytes left over`)
      }
      this.reader.end = this.bytes.length
    }
    this.checkCounts()
    const module: WasmModule = {
      bytes: this.bytes,
      types: this.types,
      imports: this.imports,
      functionTypes: this.functionTypes,
      tableEntries: this.tableEntries,
      memory: this.memory,
      globals: this.globals,
      globalSpan: this.globalSpan,
      exports: this.exports,
      elements: this.elements,
      dataSpan: this.dataSpan,
      bodies: this.bodies,
      customSections: this.customSections,
    }
    this.readBodies(module)
    return module
  }

  private readHeader(): void {
    const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
    for (const [offset, byte] of header.entries()) {
      if (this.bytes[offset] !== byte) {
        const reason = offset < 4 ? 'this is not a WebAssembly module' : 'this is not WebAssembly version 1'
        throw new ProfileError('malformed', reason, { offset })
      }
    }
    this.reader.position = header.length
  }

  private readSection(id: number, offset: number): void {
    switch (id) {
      case SECTION.custom:
        return this.readCustom()
      case SECTION.type:
        return this.readTypes()
      case SECTION.import:
        return this.readImports()
      case SECTION.function:
        return this.readFunctions()
      case SECTION.table:
        return this.readTable()
      case SECTION.memory:
        return this.readMemory()
      case SECTION.global:
        return this.readGlobals()
      case SECTION.export:
        return this.readExports()
      case SECTION.element:
        return this.readElements()
      case SECTION.code:
        return this.readCode()
      case SECTION.data:
        return this.readData()
      case SECTION.dataCount:
        this.dataCount = this.reader.count(LIMITS.dataSegments, 'data segments')
        return
      default:
        throw new ProfileError('start_section', 'the module has a start function', {
          offset,
          advice: START_SECTION_ADVICE,
        })
    }
  }

  private readCustom(): void {
    if (++this.customCount > LIMITS.customSections) {
      throw this.reader.error('limit', `more than ${LIMITS.customSections} custom sections`)
    }
    const name = this.reader.name(LIMITS.customSectionNameBytes, 'the name of a custom section')
    const contents = this.reader.take(this.reader.end - this.reader.position)
    if (!isDebugSection(name) && !this.customSections.has(name)) this.customSections.set(name, contents)
  }

  private readTypes(): void {
    const { reader } = this
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
      this.types.push({ params, result: results === 1 ? (readValueType(reader) as ValueType) : undefined })
    }
  }

  private readImports(): void {
    const { reader } = this
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
      const typeIndex = this.readTypeIndex()
      const wanted = module === HOST_MODULE ? this.importTypes.get(name) : undefined
      if (wanted === undefined) {
        throw new ProfileError('forbidden_import', `there is no host function ${what}`, {
          offset,
          advice: importAdvice(module, name),
        })
      }
      const found = this.types[typeIndex] as FunctionType
      if (!isSameType(found, wanted)) {
        throw new ProfileError('import_type', `${what} is ${showType(wanted)}, not ${showType(found)}`, {
          offset,
          advice: 'Declare it exactly as the SDK’s env.ts does',
        })
      }
      this.imports.push({ name, typeIndex })
      this.functionTypes.push(typeIndex)
    }
  }

  private readTypeIndex(): number {
    const index = this.reader.u32()
    if (index >= this.types.length) throw this.reader.error('invalid', `there is no type ${index}`, -1)
    return index
  }

  private readFunctions(): void {
    for (let count = this.reader.count(LIMITS.functions, 'functions'); count > 0; count--) {
      this.functionTypes.push(this.readTypeIndex())
    }
  }

  private readTable(): void {
    const { reader } = this
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
    if (flags > 1)
      throw new ProfileError('forbidden_table', `table flags ${flags} are not allowed`, { offset })
    this.tableEntries = reader.count(LIMITS.tableEntries, 'table entries')
    if (flags === 1) reader.u32()
  }

  private readMemory(): void {
    const { reader } = this
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
    this.memory = { initialPages, maximumPages: flags === 1 ? reader.u32() : undefined }
  }

  private readGlobals(): void {
    const { reader } = this
    const count = reader.count(LIMITS.globals, 'globals')
    const start = reader.position
    for (let i = 0; i < count; i++) {
      const type = readValueType(reader) as ValueType
      const mutability = reader.u8()
      if (mutability > 1) throw reader.error('malformed', `global mutability ${mutability}`, -1)
      this.readConstant()
      this.globals.push({ type, isMutable: mutability === 1 })
    }
    this.globalSpan = { start, end: reader.position }
  }

  /** One constant and `end`. Returns the value of an i32.const, undefined for another type. */
  private readConstant(): number | undefined {
    const { reader } = this
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

  private readExports(): void {
    const { reader } = this
    for (let count = reader.count(LIMITS.exports, 'exports'); count > 0; count--) {
      const offset = reader.position
      const name = reader.name(LIMITS.exportNameBytes, 'the name of an export')
      const kind = reader.u8()
      const index = reader.u32()
      this.checkExport({ name, kind, index }, offset)
      this.exports.push({ name, kind, index })
    }
  }

  private checkExport({ name, kind, index }: Export, offset: number): void {
    const what = `export ${JSON.stringify(name)}`
    const refuse = (reason: string, advice?: string): ProfileError =>
      new ProfileError('forbidden_export', `${what}: ${reason}`, { offset, advice })
    if (name.startsWith(RESERVED_PREFIX))
      throw refuse(`names that start with ${RESERVED_PREFIX} are reserved`)
    if (kind === EXPORT_KIND.function) {
      if (index < this.imports.length) throw refuse('a host function may not be exported again')
      if (index >= this.functionTypes.length) throw refuse(`there is no function ${index}`)
      const type = this.types[this.functionTypes[index] as number] as FunctionType
      if (name === START_EXPORT && (type.params.length > 0 || type.result !== undefined)) {
        throw refuse('the start function takes no parameters and has no result')
      }
    } else if (kind === EXPORT_KIND.table) {
      throw refuse('a table may not be exported', TABLE_ADVICE)
    } else if (kind === EXPORT_KIND.memory) {
      if (this.memory === undefined || index !== 0) throw refuse(`there is no memory ${index}`)
    } else if (kind === EXPORT_KIND.global) {
      const global = this.globals[index]
      if (global === undefined) throw refuse(`there is no global ${index}`)
      if (global.isMutable) throw refuse('a mutable global may not be exported', MUTABLE_GLOBAL_ADVICE)
    } else {
      throw refuse(`a ${kindName(kind)} may not be exported`)
    }
  }

  private readElements(): void {
    const { reader } = this
    for (let count = reader.count(LIMITS.elementSegments, 'element segments'); count > 0; count--) {
      const start = reader.position
      if (reader.u32() !== 0) {
        throw new ProfileError('forbidden_segment', 'an element segment that is not active on table 0', {
          offset: start,
          advice: 'Compile without reference-types',
        })
      }
      const expression = reader.position
      const offset = this.readConstant()
      const span: Span = { start: expression, end: reader.position }
      const length = reader.count(LIMITS.tableEntries, 'functions in an element segment')
      this.checkSegment(offset, length, this.tableEntries ?? 0, 'entries of the table', start)
      const functions: number[] = []
      for (let i = 0; i < length; i++) {
        const index = reader.u32()
        if (index >= this.functionTypes.length)
          throw reader.error('invalid', `there is no function ${index}`, -1)
        functions.push(index)
      }
      this.elements.push({ offset: span, functions })
    }
  }

  private readCode(): void {
    const { reader } = this
    const expected = this.functionTypes.length - this.imports.length
    const count = reader.count(LIMITS.functions, 'function bodies')
    if (count !== expected) {
      throw reader.error('malformed', `${count} function bodies for ${expected} functions`)
    }
    for (let i = 0; i < count; i++) {
      const size = reader.count(LIMITS.bodyBytes, 'bytes in a function body')
      const start = reader.position
      reader.skip(size)
      this.bodies.push({ start, end: start + size })
    }
  }

  private readData(): void {
    const { reader } = this
    const sectionStart = reader.position
    this.dataSegments = reader.count(LIMITS.dataSegments, 'data segments')
    const memoryBytes = (this.memory?.initialPages ?? 0) * PAGE_BYTES
    for (let i = 0; i < this.dataSegments; i++) {
      const start = reader.position
      if (reader.u32() !== 0) {
        throw new ProfileError('forbidden_segment', 'a data segment that is not active on memory 0', {
          offset: start,
          advice: PASSIVE_SEGMENT_ADVICE,
        })
      }
      const offset = this.readConstant()
      const length = reader.u32()
      reader.skip(length)
      this.checkSegment(offset, length, memoryBytes, 'bytes of initial memory', start)
    }
    this.dataSpan = { start: sectionStart, end: reader.position }
  }

  /** Instantiation then cannot fail, and a contract cannot look different after a failed one. */
  private checkSegment(
    from: number | undefined,
    length: number,
    size: number,
    what: string,
    offset: number,
  ): void {
    if (from === undefined)
      throw new ProfileError('invalid', 'a segment offset that is not an i32', { offset })
    if ((from >>> 0) + length > size) {
      throw new ProfileError(
        'segment_out_of_bounds',
        `a segment at ${from >>> 0} with length ${length} does not fit the ${size} ${what}`,
        { offset, advice: what.includes('memory') ? 'Compile with a larger --initialMemory' : undefined },
      )
    }
  }

  private checkCounts(): void {
    const expected = this.functionTypes.length - this.imports.length
    if (this.bodies.length !== expected) {
      throw new ProfileError('malformed', `${this.bodies.length} function bodies for ${expected} functions`)
    }
    if (this.dataCount !== undefined && this.dataCount !== this.dataSegments) {
      throw new ProfileError(
        'malformed',
        `${this.dataSegments} data segments, but ${this.dataCount} were announced`,
      )
    }
  }

  private readBodies(module: WasmModule): void {
    const ops = new OpList()
    let loops = 0
    let localsTimesControl = 0
    for (const [i, span] of this.bodies.entries()) {
      const index = this.imports.length + i
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
        throw error.inFunction(index, functionName(this.bytes, index, this.exports))
      }
    }
  }
}

/** What `asc --exportStart` exports; it runs before the method, in the same call. */
export const START_EXPORT = '_start'

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
